//! A finding in the contract's shape.

use leadfold_core::audit::{AuditFinding, Detail, Severity};
use leadfold_core::{EventId, LeadId, Reason, Timestamp};
use serde::Serialize;

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
    /// The positions of the evidence.
    #[serde(skip)]
    pub(crate) positions: Vec<u64>,
    #[serde(skip)]
    pub(crate) is_denied: bool,
}

/// Whom a finding is about, and what proves it, by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Concerned {
    pub(crate) lead: Option<LeadId>,
    pub(crate) key: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) handoff: Option<HandoffReport>,
    pub(crate) evidence: Vec<EventId>,
}

impl FindingReport {
    /// A finding with what it names.
    pub(crate) fn new(finding: &AuditFinding, concerned: Concerned) -> Self {
        let Concerned { lead, key, owner, handoff, evidence } = concerned;
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
            lead,
            key,
            handoff,
            owner: owner.clone(),
            at: finding.at,
            due,
            missing,
            position: finding.position,
            advice: finding.code.advice(),
            evidence,
            positions: finding.evidence.to_vec(),
            is_denied: false,
        }
    }
}
