//! A command on the desk: the questions that are asked of it, in their order.

use super::trial::{TRIAL, trial};
use super::{Detail, Refusal};
use crate::case::Case;
use crate::event::Event;
use crate::fact::{Facts, LeadIndex};
use crate::fold::{Court, Step, Verdict};
use crate::machine::Kind;
use crate::tables::{CAPTURED, CAPTURED_ITSELF};
use crate::{Lead, LeadKey, Reason, State, Timestamp};

pub(super) struct Desk<'a> {
    pub(super) case: &'a Case,
    pub(super) event: &'a Event,
    pub(super) key: &'a LeadKey,
}

impl Desk<'_> {
    /// Whether the event is to be stored.
    pub(super) fn decide(&self) -> Result<bool, Refusal> {
        let mut local = self.case.local.clone();
        let mut facts = self.case.facts.clone();
        let own = facts.event_count();
        let position = self.case.fold.position() + 1;
        local.forget_early(TRIAL);
        local.lower(&trial(self.event.clone(), position), &mut facts);
        let kind = facts.kind_of(own);
        if matches!(kind, Kind::Other | Kind::SnapshotImported) {
            return Err(self.refuse(kind, None, Reason::NotACommand, Detail::None));
        }
        let index = LeadIndex(facts.lead[own]);
        let Some(lead) = self.case.tables().lead(index) else {
            self.check_first(&Step::of(&facts, own, index.0))?;
            return self.try_conduct(kind, None, local, &facts, own);
        };
        self.check_place(kind, &lead)?;
        match kind {
            Kind::Merged | Kind::Unmerged | Kind::Corrected => {
                self.try_out(&lead, local, &facts, own)
            }
            _ => Ok(self.judge(kind, &lead, &facts, own)?
                && self.try_conduct(kind, Some(&lead), local, &facts, own)?),
        }
    }

    /// What holds where the lead has not begun: it is captured, and costs may have come before.
    fn check_first(&self, step: &Step<'_>) -> Result<(), Refusal> {
        let kind = step.kind();
        if kind != Kind::Captured {
            return Err(self.refuse(kind, None, Reason::NotCaptured, Detail::None));
        }
        if self.is_known_at_its_origin(step) {
            return Err(self.refuse(kind, None, Reason::DuplicateExternalId, Detail::None));
        }
        Ok(())
    }

    /// What holds for every command: the lead is there to take it, and time runs forwards.
    fn check_place(&self, kind: Kind, lead: &Lead<'_>) -> Result<(), Refusal> {
        let state = Some(lead.state());
        if let Some(survivor) = lead.merged_into() {
            self.check_survivor(kind, lead, self.root_of(survivor))?;
        }
        if lead.state() == State::Erased && kind != Kind::Erased {
            return Err(self.refuse(kind, state, Reason::ErasedLead, Detail::None));
        }
        let row = &self.case.tables().leads[lead.index().0 as usize];
        // A lead that only others were captured for, which are part of it, may be captured itself.
        let may_be_captured = row.has(CAPTURED) && !row.has(CAPTURED_ITSELF);
        if kind == Kind::Captured && !may_be_captured {
            return Err(self.refuse(kind, state, Reason::AlreadyCaptured, Detail::None));
        }
        // Effective events only: one that was taken back holds nobody up.
        let (last, found) = (Timestamp::from_micros(row.last_at), self.event.occurred_at.at);
        if found < last && kind != Kind::Corrected {
            return Err(self.refuse(kind, state, Reason::BackDated, Detail::Time { last, found }));
        }
        Ok(())
    }

    /// A merged lead takes no command but to be one of its own again. Taken out of an erased family
    /// it would be there with all that was to be forgotten.
    fn check_survivor(&self, kind: Kind, lead: &Lead<'_>, root: LeadIndex) -> Result<(), Refusal> {
        let survivor = self.case.tables().lead(root);
        let is_erased = survivor.is_some_and(|survivor| survivor.state() == State::Erased);
        let reason = match kind {
            Kind::Unmerged if is_erased => Reason::ErasedLead,
            Kind::Unmerged => return Ok(()),
            _ => Reason::MergedInto,
        };
        let detail = self.case.key(root).cloned().map_or(Detail::None, Detail::Survivor);
        Err(self.refuse(kind, Some(lead.state()), reason, detail))
    }

    fn root_of(&self, lead: LeadIndex) -> LeadIndex {
        let parent =
            |index: &LeadIndex| self.case.tables().lead(*index).and_then(|lead| lead.merged_into());
        std::iter::successors(Some(lead), parent).last().unwrap_or(lead)
    }

    fn judge(
        &self,
        kind: Kind,
        lead: &Lead<'_>,
        facts: &Facts,
        own: usize,
    ) -> Result<bool, Refusal> {
        let index = lead.index().0;
        let step = Step::of(facts, own, index);
        if self.is_known_at_its_origin(&step) {
            let state = Some(lead.state());
            return Err(self.refuse(kind, state, Reason::DuplicateExternalId, Detail::None));
        }
        let rules = &self.case.playbook.rules;
        let state = lead.state();
        if rules.lacks_reason(&step) {
            return Err(self.refuse(kind, Some(state), Reason::MissingReason, Detail::None));
        }
        let fold = &self.case.fold;
        let court = Court::of(step.lead, fold.tables(), fold.deals(), fold.law());
        match court.judge(&step) {
            // Sales put the lead to rest; that marketing takes it up is another thing.
            Verdict::Nop if kind == Kind::Recycled => {
                Ok(self.case.ledger().awaits_recycling(lead.index()))
            }
            Verdict::Nop => Ok(false),
            Verdict::Legal { .. } => self.check_stage(kind, lead, &step).map(|()| true),
            Verdict::Illegal { reason, .. } => {
                Err(self.refuse(kind, Some(state), reason, self.detail(kind, lead, reason)))
            }
        }
    }

    /// Whether the lead's stream has an event with the same identity in its system of origin.
    pub(super) fn is_known_at_its_origin(&self, step: &Step<'_>) -> bool {
        let Some((system, hash)) = step.external else { return false };
        let tables = self.case.tables();
        let mut known = tables.rows.externals.iter().map(|(_, external)| external);
        known.any(|e| (e.stream, e.system, e.hash) == (step.stream, system, hash))
    }

    pub(super) fn refuse(
        &self,
        kind: Kind,
        state: Option<State>,
        reason: Reason,
        detail: Detail,
    ) -> Refusal {
        Refusal { reason, kind, lead: Some(self.key.clone()), state, detail }
    }
}
