//! What made an event break the rules: the earlier event without which it would not have.

use super::episode::{Mark, Trail};
use crate::fold::Seen;
use crate::machine::Cell;
use crate::{Finding, FindingCode, Reason, State};

/// The cause of a finding, if it is another event than the one that it is about.
pub(super) fn of(
    finding: &Finding,
    seen: &Seen<'_>,
    mark: &Mark,
    trail: &Trail,
    offered: Option<u64>,
) -> Option<u64> {
    let cause = match (finding.code, finding.reason) {
        (FindingCode::OutOfOrder, _) => Some(mark.began),
        (_, Some(Reason::NotOwner)) => Some(trail.owners[0].1),
        (_, Some(Reason::HandoffPending)) => offered,
        (_, Some(Reason::OpportunityClosed)) => Some(trail.closed),
        (_, Some(Reason::AlreadyCaptured)) => Some(mark.began),
        (_, Some(reason)) => made_by_state(reason, seen).then_some(mark.entered),
        (_, None) => None,
    };
    cause.filter(|position| *position != 0)
}

/// Whether the event would have been judged otherwise in the state before.
fn made_by_state(reason: Reason, seen: &Seen<'_>) -> bool {
    let before: Option<State> = seen.state_before_visit();
    before.is_some_and(|state| seen.kind().cell(state) != Cell::No(reason))
}
