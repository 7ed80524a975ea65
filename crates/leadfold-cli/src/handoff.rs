//! A hand-off as reports show it.

use leadfold_core::{Code, Handoff, Timestamp};
use serde::Serialize;

/// A hand-off with its names.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct HandoffReport {
    /// Which one of the lead's it is, from 1.
    number: usize,
    key: Option<String>,
    to: Option<String>,
    offered_at: Timestamp,
    decision: &'static str,
    decided_at: Option<Timestamp>,
    by: Option<String>,
    reason: Option<String>,
    decision_due: Option<Timestamp>,
    touch_due: Option<Timestamp>,
}

impl HandoffReport {
    /// The hand-off at an index of its lead's.
    pub(crate) fn new(
        index: usize,
        handoff: &Handoff,
        name: impl Fn(Code) -> Option<String>,
    ) -> Self {
        Self {
            number: index + 1,
            key: name(handoff.key),
            to: name(handoff.to),
            offered_at: handoff.offered_at,
            decision: handoff.decision.name(),
            decided_at: handoff.decided_at,
            by: name(handoff.by),
            reason: name(handoff.reason),
            decision_due: handoff.decision_due,
            touch_due: handoff.touch_due,
        }
    }

    /// For one line: to whom and since when.
    pub(crate) fn line(&self) -> String {
        let to = self.to.as_deref().unwrap_or("nobody");
        let due = self.decision_due.map_or_else(String::new, |due| format!(", due {due}"));
        format!("to {to}, offered {}{due}", self.offered_at)
    }
}

/// The codes that a hand-off names.
pub(crate) fn codes(handoff: &Handoff) -> [Code; 4] {
    [handoff.key, handoff.to, handoff.by, handoff.reason]
}
