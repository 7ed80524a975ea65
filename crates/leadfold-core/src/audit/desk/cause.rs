//! What made an event break the rules: the earlier events without which it would not have, or
//! not so.

use super::super::deals::Trace;
use super::{Desk, is_sales_generated};
use crate::fact::Field;
use crate::fold::Deal;
use crate::machine::{Cell, Kind};
use crate::{Decision, Finding, FindingCode, Handoff, Reason, State};

impl Desk<'_> {
    /// The positions of the causes of a finding, if they are other events than the one that it is
    /// about; 0 for none.
    pub(super) fn causes(&self, finding: &Finding) -> [u64; 2] {
        match (finding.code, finding.reason) {
            (FindingCode::OutOfOrder, _) => [self.mark.began, 0],
            (FindingCode::NegativeDuration, _) => [or(self.past().customer, self.mark.began), 0],
            (FindingCode::UnknownStage, _) => self.pipeline(),
            (_, Some(Reason::AlreadyCaptured)) => [or(self.past().captured, self.mark.began), 0],
            (_, Some(Reason::OpportunityClosed)) => {
                let closed = self.rows.deals.meant(self.seen.deal()).map_or(0, Trace::closed);
                [closed, 0]
            }
            (_, Some(Reason::NotOwner)) => [self.owner(), self.pending(Reason::NotOwner)],
            (_, Some(Reason::HandoffPending)) => [self.pending(Reason::HandoffPending), 0],
            (_, Some(reason)) => [self.state(reason), 0],
            (_, None) => [0, 0],
        }
    }

    /// The hand-off that waits for an answer, or what brought the lead to where one does.
    fn pending(&self, reason: Reason) -> u64 {
        match self.offer() {
            Some((handoff, Decision::Pending)) => handoff.position,
            _ => self.state(reason),
        }
    }

    /// The newest hand-off before the event, and how it stood then.
    fn offer(&self) -> Option<(&Handoff, Decision)> {
        let episode = self.rows.episodes.newest(self.trail.episodes)?;
        Some((self.seen.handoff(episode.handoff), episode.decision))
    }

    /// What gave the lead to its owner, unless the offer did so again.
    fn owner(&self) -> u64 {
        let [given, _] = self.trail.owners;
        let offered = self.rows.episodes.newest(self.trail.episodes);
        if offered.is_some_and(|episode| episode.given == given) {
            return 0;
        }
        self.rows.tenures.newest(given).map_or(0, |tenure| tenure.from)
    }

    /// What opened the deal, and put it into its pipeline if the event names none and the deal
    /// would be in one without it that knows the event's stage.
    fn pipeline(&self) -> [u64; 2] {
        let step = self.seen.step();
        let Some(deal) = self.rows.deals.meant(self.seen.deal()) else { return [0, 0] };
        let is_named = step.code_of(Field::Pipeline).is_some();
        let is_why = !is_named && self.book.stages.know(deal.pipeline_before, step.b());
        [deal.opened, if is_why { deal.piped } else { 0 }]
    }

    /// What brought the lead into its state, if the event would have met no such refusal without
    /// it. A lead that is not known yet begins as new, whatever happens.
    fn state(&self, reason: Reason) -> u64 {
        let before = self.seen.state_before_visit().unwrap_or(State::New);
        let would_be_so = self.refusal_in(before) == Some(reason);
        if would_be_so || self.seen.from() == Some(before) { 0 } else { self.mark.came() }
    }

    /// The refusal that the event would meet in another state.
    fn refusal_in(&self, state: State) -> Option<Reason> {
        match self.seen.kind().cell(state) {
            Cell::No(reason) => Some(reason),
            Cell::If(shortcut, _, reason) => {
                let is_sales_generated = is_sales_generated(self.seen);
                let is_open = shortcut.is_open(&self.book.playbook.rules, is_sales_generated);
                let is_clear = !matches!(self.seen.deal(), Deal::Ambiguous(_));
                (!is_open || !is_clear).then_some(reason)
            }
            Cell::Pending => {
                let differs = |(handoff, _): &(&Handoff, _)| handoff.to != self.seen.step().a();
                self.offer().filter(differs).map(|_| Reason::HandoffPending)
            }
            Cell::Deal => (!self.has_deal()).then_some(Reason::UnknownOpportunity),
            Cell::To(_) | Cell::Stay | Cell::Nop | Cell::Owner(_) | Cell::Route => None,
        }
    }

    /// Whether the lead has the deal that the event needs.
    fn has_deal(&self) -> bool {
        match self.seen.deal() {
            Deal::Open(_) => true,
            Deal::Closed(_) => self.seen.kind() == Kind::OpportunityReopened,
            Deal::Absent | Deal::Ambiguous(_) => false,
        }
    }
}

/// The first of two positions that is there.
fn or(position: u64, other: u64) -> u64 {
    if position == 0 { other } else { position }
}
