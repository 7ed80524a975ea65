//! All that the sections of a report need beside the tables, watched in one fold.

use leadfold_core::due::Diary;
use leadfold_core::metrics::DealTrail;
use leadfold_core::{Code, Glance, Grown, LeadIndex, Observer, Playbook, Seen, Sharded, Timestamp};

/// The diary, which has the ledger of the audit, and the trail of deals.
pub(super) struct Watch {
    pub(super) diary: Diary,
    pub(super) trail: DealTrail,
}

impl Watch {
    pub(super) fn under(playbook: Playbook) -> Self {
        let trail = DealTrail::under(playbook.rules.illegal);
        Self { diary: Diary::new(playbook), trail }
    }
}

/// The trail wants no event that changes no table, and watches no lead: what the diary says of both
/// holds for the two of them.
impl Observer for Watch {
    fn learn<E>(
        &mut self,
        code_of: &mut impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<(), E> {
        self.diary.learn(code_of)
    }

    fn make_room(&mut self, times: usize) {
        self.diary.make_room(times);
    }

    fn warm_up(&self, leads: &[LeadIndex]) {
        self.diary.warm_up(leads);
    }

    fn wants(&self, glance: Glance<'_>) -> bool {
        self.diary.wants(glance)
    }

    fn wants_next(&self, glance: Glance<'_>) -> bool {
        self.diary.wants_next(glance)
    }

    fn forget(&mut self, lead: LeadIndex) {
        self.diary.forget(lead);
        self.trail.forget(lead);
    }

    fn refused(&mut self, lead: LeadIndex, at: Timestamp, position: u64, because: u64) {
        self.diary.refused(lead, at, position, because);
    }

    fn absorbed(&mut self, lead: LeadIndex) {
        self.diary.absorbed(lead);
        self.trail.absorbed(lead);
    }

    fn saw(&mut self, seen: &Seen<'_>) -> bool {
        self.trail.saw(seen);
        self.diary.saw(seen)
    }
}

impl Sharded for Watch {
    fn shard(&self, first: LeadIndex) -> Self {
        Self { diary: self.diary.shard(first), trail: self.trail.shard(first) }
    }

    fn append(&mut self, shard: Self, grown: Grown) {
        self.diary.append(shard.diary, grown);
        self.trail.append(shard.trail, grown);
    }
}
