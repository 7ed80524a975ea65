//! Random bodies that move a lead between marketing and sales.

use leadfold_core::event::{
    Accepted, Assigned, AssignmentCause, Body, Disqualified, DisqualifiedClass, HandedOff, Level,
    Qualified, Reassigned, Recycled, Rejected, Reopened, ReturnTarget, Returned, Unassigned,
};

use super::dials::Dials;
use super::words::{self, HANDOFFS, REASONS};

const TARGETS: [ReturnTarget; 3] =
    [ReturnTarget::Nurture, ReturnTarget::Mql, ReturnTarget::Disqualified];
const CAUSES: [AssignmentCause; 3] =
    [AssignmentCause::Rule, AssignmentCause::PoolClaim, AssignmentCause::Leaver];

/// The body of a type of this group.
pub(super) fn body(kind: &str, d: &mut Dials<'_>) -> Option<Body> {
    Some(match kind {
        "qualified" => qualified(d),
        "disqualified" => disqualified(d),
        "handed_off" => handed_off(d),
        "accepted" => Accepted { by: d.maybe_owner(), handoff: d.maybe_word(&HANDOFFS) }.into(),
        "rejected" => Rejected {
            reason: d.word(&REASONS),
            by: d.maybe_owner(),
            handoff: d.maybe_word(&HANDOFFS),
            to: d.maybe(&TARGETS),
        }
        .into(),
        "returned" => Returned {
            reason: d.word(&REASONS),
            by: d.maybe_owner(),
            handoff: d.maybe_word(&HANDOFFS),
            to: d.maybe(&TARGETS),
        }
        .into(),
        "recycled" => recycled(d),
        "reopened" => Reopened { reason: d.maybe_word(&REASONS) }.into(),
        "assigned" | "reassigned" | "unassigned" => assignment(kind, d),
        _ => return None,
    })
}

fn qualified(d: &mut Dials<'_>) -> Body {
    Qualified {
        level: d.pick(&[Level::Mql, Level::Sql]),
        definition: d.maybe_word(&["b2b/2"]),
        by: d.maybe_owner(),
    }
    .into()
}

fn disqualified(d: &mut Dials<'_>) -> Body {
    let classes = [
        DisqualifiedClass::Junk,
        DisqualifiedClass::NoFit,
        DisqualifiedClass::NoBudget,
        DisqualifiedClass::Competitor,
        DisqualifiedClass::Duplicate,
        DisqualifiedClass::Unreachable,
        DisqualifiedClass::Other,
    ];
    Disqualified { reason: d.word(&REASONS), class: d.maybe(&classes) }.into()
}

fn handed_off(d: &mut Dials<'_>) -> Body {
    HandedOff {
        to: d.owner(),
        handoff: d.maybe_word(&HANDOFFS),
        decision_due: words::maybe_when(d),
        touch_due: words::maybe_when(d),
        reason: d.maybe_word(&REASONS),
    }
    .into()
}

fn recycled(d: &mut Dials<'_>) -> Body {
    Recycled {
        programme: d.maybe_word(&["drip"]),
        until: words::maybe_when(d),
        reason: d.maybe_word(&REASONS),
    }
    .into()
}

fn assignment(kind: &str, d: &mut Dials<'_>) -> Body {
    let (to, from, cause) = (d.maybe_owner(), d.maybe_owner(), d.maybe(&CAUSES));
    match kind {
        "assigned" => Assigned { to, from, cause }.into(),
        "reassigned" => Reassigned { to, from, cause }.into(),
        _ => Unassigned { to, from, cause }.into(),
    }
}
