//! A finding in the names of its log.

use leadfold_core::audit::{AuditCode, AuditFinding, Detail};
use leadfold_core::{EventId, LeadIndex, LeadKey, Timestamp};

/// A finding with its lead, its owner and its events by name.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Found {
    /// What it is.
    pub code: AuditCode,
    /// The lead's key; none for an event without a lead.
    pub lead: Option<LeadKey>,
    /// Whose it is: who had the lead.
    pub owner: Option<String>,
    /// When it came about: the event's time, or the time that something was due.
    pub at: Timestamp,
    /// When something was due, if that is the matter.
    pub due: Option<Timestamp>,
    /// Positions of the events that prove it, oldest first.
    pub evidence: Vec<u64>,
    /// The ids of these events.
    pub ids: Vec<EventId>,
    /// What happened, and to whom, in a sentence.
    pub sentence: String,
    pub(super) index: Option<LeadIndex>,
}

impl Found {
    /// The lead's key; `-` for an event without a lead.
    pub fn lead(&self) -> &str {
        self.lead.as_ref().map_or("-", LeadKey::as_str)
    }
}

/// When something was due.
pub(super) fn due(finding: &AuditFinding) -> Option<Timestamp> {
    match finding.detail {
        Detail::Overdue { due, .. } => Some(due),
        Detail::Passed { .. } => Some(finding.at),
        _ => None,
    }
}
