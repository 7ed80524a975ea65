//! What a playbook's trial needs to know of the fold.

use std::collections::BTreeSet;

use super::rule::{HandoffRule, HandoffRuleError};
use super::trace::Trace;
use crate::audit::Ledger;
use crate::fold::{Glance, Observer, Seen, Sharded};
use crate::machine::Kind;
use crate::tables::Grown;
use crate::{Code, FindingCode, Illegal, LeadIndex, Playbook, State, Timestamp};

/// Watches a fold under a playbook: for the hand-off audit, and for what the leads were and did.
///
/// What it collects is the effective history's: late events, corrections and merges are in their
/// place. Of a lead that is erased it takes nothing from then on; of an event that the playbook
/// skips, nothing at all.
#[derive(Clone, Debug)]
pub struct Watch {
    pub(super) playbook: Playbook,
    pub(super) rule: HandoffRule,
    pub(super) trace: Trace,
    ledger: Ledger,
}

impl Watch {
    /// An empty one.
    ///
    /// # Errors
    /// When the playbook does not say by what it hands off.
    pub fn new(playbook: Playbook) -> Result<Self, HandoffRuleError> {
        let rule = HandoffRule::of(&playbook)?;
        let ledger = Ledger::new(playbook.clone());
        Ok(Self { playbook, rule, trace: Trace::default(), ledger })
    }

    /// By what the playbook hands off.
    pub fn rule(&self) -> &HandoffRule {
        &self.rule
    }

    /// For the hand-off audit.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The strings of the log that a trial needs.
    pub fn codes(&self) -> BTreeSet<Code> {
        self.trace.codes().filter(|code| code.is_some()).collect()
    }

    fn scores(&self) -> bool {
        self.rule.model().is_some()
    }

    /// Whether it may change a score, if there are any.
    fn is_scored(&self, glance: Glance<'_>) -> bool {
        matches!(glance.kind(), Kind::Touched | Kind::ProfileUpdated) && self.scores()
    }

    /// Whether the event has no effect at all, because it is illegal.
    fn skips(&self, seen: &Seen<'_>) -> bool {
        self.playbook.rules.illegal == Illegal::Skip
            && seen
                .findings()
                .any(|found| matches!(found.code, FindingCode::Illegal | FindingCode::UnknownStage))
    }
}

impl Sharded for Watch {
    fn shard(&self, first: LeadIndex) -> Self {
        Self {
            playbook: self.playbook.clone(),
            rule: self.rule.clone(),
            trace: Trace::from(first),
            ledger: self.ledger.shard(first),
        }
    }

    fn append(&mut self, shard: Self, grown: Grown) {
        self.trace.append(shard.trace);
        self.ledger.append(shard.ledger, grown);
    }
}

impl Observer for Watch {
    fn learn<E>(
        &mut self,
        code_of: &mut impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<(), E> {
        self.ledger.learn(code_of)
    }

    #[inline]
    fn wants(&self, glance: Glance<'_>) -> bool {
        self.is_scored(glance) || self.ledger.wants(glance)
    }

    #[inline]
    fn wants_next(&self, glance: Glance<'_>) -> bool {
        self.is_scored(glance) || self.ledger.wants_next(glance)
    }

    fn forget(&mut self, lead: LeadIndex) {
        self.trace.forget(lead);
        self.ledger.forget(lead);
    }

    fn absorbed(&mut self, lead: LeadIndex) {
        self.ledger.absorbed(lead);
    }

    fn make_room(&mut self, times: usize) {
        self.ledger.make_room(times);
    }

    fn warm_up(&self, leads: &[LeadIndex]) {
        self.ledger.warm_up(leads);
    }

    fn refused(&mut self, lead: LeadIndex, at: Timestamp, position: u64, because: u64) {
        self.ledger.refused(lead, at, position, because);
    }

    fn saw(&mut self, seen: &Seen<'_>) -> bool {
        if seen.from() != Some(State::Erased) && !self.skips(seen) {
            if self.scores() {
                self.trace.take_signal(seen);
            }
            self.trace.take_probability(seen);
        }
        self.ledger.saw(seen)
    }
}
