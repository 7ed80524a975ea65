//! Two observers of one fold.

use super::observer::{Glance, Observer, Seen, Sharded};
use crate::Timestamp;
use crate::fact::{Code, LeadIndex};
use crate::tables::Grown;

/// Both watch, as each would by itself: a log is folded once for the two of them. Each is shown what
/// either wants, and a lead counts as watched at least while either watches it.
///
/// ```
/// # use leadfold_core::audit::Ledger;
/// # use leadfold_core::metrics::DealTrail;
/// # use leadfold_core::{Bounds, LeadFacts, Playbook, fold_leads_watched};
/// let playbook = Playbook::default();
/// let both = (Ledger::new(playbook.clone()), DealTrail::under(playbook.rules.illegal));
/// let parts = [LeadFacts::default()]; // a log lead by lead
/// let (tables, (ledger, trail)) = fold_leads_watched(&parts, &playbook, Bounds::default(), both);
/// # let _ = (tables, ledger, trail);
/// ```
impl<A: Observer, B: Observer> Observer for (A, B) {
    const WATCHES: bool = A::WATCHES || B::WATCHES;

    fn learn<E>(
        &mut self,
        code_of: &mut impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<(), E> {
        self.0.learn(code_of)?;
        self.1.learn(code_of)
    }

    fn make_room(&mut self, times: usize) {
        self.0.make_room(times);
        self.1.make_room(times);
    }

    fn warm_up(&self, leads: &[LeadIndex]) {
        self.0.warm_up(leads);
        self.1.warm_up(leads);
    }

    #[inline]
    fn wants(&self, glance: Glance<'_>) -> bool {
        self.0.wants(glance) || self.1.wants(glance)
    }

    #[inline]
    fn wants_next(&self, glance: Glance<'_>) -> bool {
        self.0.wants_next(glance) || self.1.wants_next(glance)
    }

    fn forget(&mut self, lead: LeadIndex) {
        self.0.forget(lead);
        self.1.forget(lead);
    }

    fn refused(&mut self, lead: LeadIndex, at: Timestamp, position: u64, because: u64) {
        self.0.refused(lead, at, position, because);
        self.1.refused(lead, at, position, because);
    }

    fn absorbed(&mut self, lead: LeadIndex) {
        self.0.absorbed(lead);
        self.1.absorbed(lead);
    }

    #[inline]
    fn saw(&mut self, seen: &Seen<'_>) -> bool {
        // Not one or the other: both have to see it.
        self.0.saw(seen) | self.1.saw(seen)
    }
}

impl<A: Sharded, B: Sharded> Sharded for (A, B) {
    fn shard(&self, first: LeadIndex) -> Self {
        (self.0.shard(first), self.1.shard(first))
    }

    fn append(&mut self, shard: Self, grown: Grown) {
        self.0.append(shard.0, grown);
        self.1.append(shard.1, grown);
    }
}
