//! A hand-off as reports show it.

use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::audit::AuditFinding;
use leadfold_core::{Code, Handoff, LeadIndex, Tables, Timestamp};
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

    /// When it was offered.
    pub(crate) fn offered_at(&self) -> Timestamp {
        self.offered_at
    }

    /// What became of it.
    pub(crate) fn decision(&self) -> &'static str {
        self.decision
    }

    /// For one line: to whom and since when.
    pub(crate) fn line(&self) -> String {
        let to = self.to.as_deref().unwrap_or("nobody");
        let due = self.decision_due.map_or_else(String::new, |due| format!(", due {due}"));
        format!("to {to}, offered {}{due}", self.offered_at)
    }
}

/// The hand-offs that findings are about, each with its index among its lead's.
///
/// **Invariant:** a lead's hand-offs are listed once, however many findings are about them.
#[derive(Debug, Default)]
pub(crate) struct Offers(BTreeMap<(LeadIndex, u64), (usize, Handoff)>);

impl Offers {
    pub(crate) fn of(tables: &Tables, found: &[&AuditFinding]) -> Self {
        let about = found.iter().filter(|finding| finding.handoff.is_some());
        let leads: BTreeSet<LeadIndex> = about.filter_map(|finding| finding.lead).collect();
        let of_lead = |lead: LeadIndex| {
            let handoffs = tables.lead(lead).map(|lead| lead.handoffs()).unwrap_or_default();
            let numbered = handoffs.into_iter().enumerate();
            numbered.map(move |(index, handoff)| ((lead, handoff.position), (index, handoff)))
        };
        Self(leads.into_iter().flat_map(of_lead).collect())
    }

    /// The hand-off that a finding is about.
    pub(crate) fn get(&self, finding: &AuditFinding) -> Option<&(usize, Handoff)> {
        self.0.get(&(finding.lead?, finding.handoff?))
    }
}

/// The codes that a hand-off names.
pub(crate) fn codes(handoff: &Handoff) -> [Code; 4] {
    [handoff.key, handoff.to, handoff.by, handoff.reason]
}
