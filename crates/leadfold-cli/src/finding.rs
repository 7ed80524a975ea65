//! A finding in the contract's shape.

mod glossary;

use leadfold_core::audit::{AuditFinding, Detail, Severity};
use leadfold_core::{EventId, LeadId, Reason, Timestamp};
use serde::Serialize;

pub(crate) use self::glossary::Glossary;
use crate::handoff::HandoffReport;

/// A finding with its names.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FindingReport {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    lead: Option<LeadId>,
    pub(crate) key: Option<String>,
    handoff: Option<HandoffReport>,
    pub(crate) owner: Option<String>,
    pub(crate) at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<Vec<String>>,
    pub(crate) position: u64,
    pub(crate) message: String,
    pub(crate) advice: &'static str,
    pub(crate) evidence: Vec<EventId>,
}

impl FindingReport {
    /// A finding of a lead by that key, which that owner had. Its events and its hand-off have no
    /// names yet.
    fn new(finding: &AuditFinding, key: Option<String>, owner: Option<String>) -> Self {
        let (reason, due, missing) = match &finding.detail {
            Detail::Move { reason, .. } => (reason.map(Reason::name), None, None),
            Detail::Overdue { due, .. } => (None, Some(*due), None),
            Detail::Missing { fields } => (None, None, Some(fields.clone())),
            _ => (None, None, None),
        };
        Self {
            code: finding.code.name(),
            severity: finding.code.severity(),
            reason,
            message: finding.sentence(key.as_deref(), |_| owner.as_deref()),
            lead: None,
            key,
            handoff: None,
            owner,
            at: finding.at,
            due,
            missing,
            position: finding.position,
            advice: finding.code.advice(),
            evidence: Vec::new(),
        }
    }
}
