//! Events that move a lead between marketing and sales.

use leadfold_core::event::{
    Accepted, Assigned, AssignmentCause, Body, Disqualified, HandedOff, Level, Qualified,
    Reassigned, Recycled, Rejected, ReturnTarget, Returned, Scored,
};

use super::super::calendar::HOUR;
use super::super::company::{DISQUALIFICATIONS, RETURN_REASONS};
use super::{Pen, instant, word};

impl Pen {
    /// A queue is slower than a person, so the offer says when an answer is due.
    pub(super) fn handed_to_queue(self, at: i64) -> Body {
        let due = |hours: i64| Some(instant(at + hours * HOUR).into());
        let to = self.profile.region().queue.into();
        HandedOff { to, handoff: None, decision_due: due(24), touch_due: due(48), reason: None }
            .into()
    }
}

pub(super) fn handed_off(to: String) -> Body {
    HandedOff { to, handoff: None, decision_due: None, touch_due: None, reason: None }.into()
}

pub(super) fn scored(total: u8) -> Body {
    let band = match total {
        75.. => "A",
        50.. => "B",
        25.. => "C",
        _ => "D",
    };
    Scored {
        model: "b2b".into(),
        model_version: "3".into(),
        total: f64::from(total),
        fit: None,
        behaviour: None,
        band: Some(band.into()),
    }
    .into()
}

pub(super) fn qualified(level: Level, by: Option<String>) -> Body {
    Qualified { level, definition: None, by }.into()
}

pub(super) fn disqualified(reason: u8) -> Body {
    let (reason, class) = DISQUALIFICATIONS[usize::from(reason)];
    Disqualified { reason: reason.into(), class: Some(class) }.into()
}

pub(super) fn accepted(by: String) -> Body {
    Accepted { by: Some(by), handoff: None }.into()
}

pub(super) fn rejected(by: String, reason: u8, to: Option<ReturnTarget>) -> Body {
    Rejected { reason: word(&RETURN_REASONS, reason), by: Some(by), handoff: None, to }.into()
}

pub(super) fn returned(by: String, reason: u8) -> Body {
    Returned { reason: word(&RETURN_REASONS, reason), by: Some(by), handoff: None, to: None }.into()
}

pub(super) fn recycled() -> Body {
    Recycled { programme: Some("nurture".into()), until: None, reason: None }.into()
}

pub(super) fn assigned(to: String) -> Body {
    Assigned { to: Some(to), from: None, cause: Some(AssignmentCause::RoundRobin) }.into()
}

pub(super) fn reassigned(from: String, to: String) -> Body {
    Reassigned { to: Some(to), from: Some(from), cause: Some(AssignmentCause::Manual) }.into()
}
