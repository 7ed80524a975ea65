//! What made an event break the rules: the earlier events without which it would not have, or
//! not so.

use super::deals::Meant;
use super::episode::{Mark, Trail};
use crate::fact::Field;
use crate::fold::Seen;
use crate::machine::{Cell, Kind};
use crate::playbook::Rules;
use crate::{Decision, Finding, FindingCode, Handoff, Reason, State};

/// What the audit knows of a lead when an event of it is found to be wrong.
pub(super) struct Past<'a> {
    pub(super) seen: &'a Seen<'a>,
    pub(super) rules: Rules,
    pub(super) is_sales_generated: bool,
    pub(super) mark: Mark,
    pub(super) trail: Trail,
    /// The newest hand-off before the event, and how it stood then.
    pub(super) handoff: Option<(&'a Handoff, Decision)>,
    /// What had brought the lead's owner before that; 0 for none.
    pub(super) given: u64,
    /// The deal that the event means.
    pub(super) deal: Meant,
    /// What put it into the pipeline that does not know the event's stage, if the one before
    /// would have known it.
    pub(super) piped: u64,
}

impl Past<'_> {
    /// The positions of the causes of a finding, if they are other events than the one that it is
    /// about; 0 for none.
    pub(super) fn causes(&self, finding: &Finding) -> [u64; 2] {
        match (finding.code, finding.reason) {
            (FindingCode::OutOfOrder, _) => [self.mark.began, 0],
            (FindingCode::NegativeDuration, _) => [or(self.trail.customer, self.mark.began), 0],
            (FindingCode::UnknownStage, _) => self.pipeline(),
            (_, Some(Reason::AlreadyCaptured)) => [or(self.trail.captured, self.mark.began), 0],
            (_, Some(Reason::OpportunityClosed)) => match self.deal {
                Meant::Closed(deal) => [deal.closed, 0],
                _ => [0, 0],
            },
            (_, Some(Reason::NotOwner)) => [self.owner(), self.pending(Reason::NotOwner)],
            (_, Some(Reason::HandoffPending)) => [self.pending(Reason::HandoffPending), 0],
            (_, Some(reason)) => [self.state(reason), 0],
            (_, None) => [0, 0],
        }
    }

    /// The hand-off that waits for an answer, or what brought the lead to where one does.
    fn pending(&self, reason: Reason) -> u64 {
        match self.handoff {
            Some((handoff, Decision::Pending)) => handoff.position,
            _ => self.state(reason),
        }
    }

    /// What gave the lead to its owner, unless the offer did so again.
    fn owner(&self) -> u64 {
        let given = self.trail.owners[0].1;
        if self.given == given { 0 } else { given }
    }

    /// What opened the deal, and put it into its pipeline if the event names none.
    fn pipeline(&self) -> [u64; 2] {
        let is_named = self.seen.step().code_of(Field::Pipeline).is_some();
        match self.deal {
            _ if self.seen.kind() == Kind::OpportunityOpened => [0, 0],
            Meant::Open(deal) | Meant::Closed(deal) => {
                [deal.opened, if is_named { 0 } else { self.piped }]
            }
            Meant::Absent | Meant::Ambiguous => [0, 0],
        }
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
                let is_open = shortcut.is_open(&self.rules, self.is_sales_generated);
                let is_clear = self.deal != Meant::Ambiguous;
                (!is_open || !is_clear).then_some(reason)
            }
            Cell::Pending => {
                let differs = |(handoff, _): &(&Handoff, _)| handoff.to != self.seen.step().a();
                self.handoff.filter(differs).map(|_| Reason::HandoffPending)
            }
            Cell::Deal => (!self.has_deal()).then_some(Reason::UnknownOpportunity),
            Cell::To(_) | Cell::Stay | Cell::Nop | Cell::Owner(_) | Cell::Route => None,
        }
    }

    /// Whether the lead has the deal that the event needs.
    fn has_deal(&self) -> bool {
        match self.deal {
            Meant::Open(_) => true,
            Meant::Closed(_) => self.seen.kind() == Kind::OpportunityReopened,
            Meant::Absent | Meant::Ambiguous => false,
        }
    }
}

/// The first of two positions that is there.
fn or(position: u64, other: u64) -> u64 {
    if position == 0 { other } else { position }
}
