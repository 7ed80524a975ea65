//! A finding as a sentence that a manager understands, and as JSON.

use leadfold_core::machine::Kind;
use leadfold_core::{EventId, Finding, FindingCode, Handoff, Lead, LeadId, Reason, Timestamp};
use serde::Serialize;

use crate::handoff::HandoffReport;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Severity {
    /// Worth knowing.
    Info,
    /// The history is not all there, or not in order.
    Warning,
    /// The history breaks the rules.
    Error,
}

impl Severity {
    /// The severity of a code.
    pub(crate) fn of(code: FindingCode) -> Self {
        match code {
            FindingCode::AcceptedWithoutHandoff
            | FindingCode::Illegal
            | FindingCode::NegativeDuration
            | FindingCode::RevenueBeforeWon => Self::Error,
            FindingCode::DuplicateExternalId
            | FindingCode::HistoryGap
            | FindingCode::MissingReason
            | FindingCode::OutOfOrder
            | FindingCode::UnknownStage
            | FindingCode::UnknownTarget => Self::Warning,
            FindingCode::UnknownType => Self::Info,
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A finding in the contract's shape.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FindingReport {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    lead: Option<LeadId>,
    key: Option<String>,
    handoff: Option<HandoffReport>,
    owner: Option<String>,
    pub(crate) at: Timestamp,
    pub(crate) position: u64,
    pub(crate) message: String,
    evidence: Vec<EventId>,
}

/// Whom a finding is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Concerned {
    pub(crate) lead: Option<LeadId>,
    pub(crate) key: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) handoff: Option<HandoffReport>,
}

impl FindingReport {
    /// A finding with what it names.
    pub(crate) fn new(finding: &Finding, concerned: Concerned, evidence: Vec<EventId>) -> Self {
        let Concerned { lead, key, owner, handoff } = concerned;
        Self {
            code: finding.code.name(),
            severity: Severity::of(finding.code),
            reason: finding.reason.map(Reason::name),
            message: message(finding, key.as_deref()),
            lead,
            key,
            handoff,
            owner,
            at: finding.at,
            position: finding.position,
            evidence,
        }
    }
}

/// The hand-off that a finding is about: the one that its event offered, or the one that it
/// answered, if any.
pub(crate) fn handoff_of(finding: &Finding, lead: &Lead<'_>) -> Option<(usize, Handoff)> {
    let answers = matches!(finding.kind, Kind::Accepted | Kind::Rejected | Kind::Returned);
    if !answers && finding.kind != Kind::HandedOff {
        return None;
    }
    let is_meant = |handoff: &Handoff| match answers {
        true => handoff.offered_at <= finding.at && handoff.position < finding.position,
        false => handoff.position == finding.position,
    };
    lead.handoffs().into_iter().enumerate().rfind(|(_, handoff)| is_meant(handoff))
}

/// What happened, and what to do about it.
fn message(finding: &Finding, key: Option<&str>) -> String {
    let lead =
        key.map_or_else(|| "an event without a lead".to_owned(), |key| format!("lead {key}"));
    let was = format!("`{}`", finding.kind.name());
    let from = finding
        .from
        .map_or_else(|| "before its history began".to_owned(), |state| format!("in state {state}"));
    let advice = finding.reason.map_or("check the source", Reason::advice);
    let because = finding
        .reason
        .map_or_else(String::new, |reason| format!(" ({})", reason.name().replace('_', " ")));
    match finding.code {
        FindingCode::AcceptedWithoutHandoff => {
            format!("{lead} was accepted {from}, but nobody had handed it off: {advice}")
        }
        FindingCode::DuplicateExternalId => format!(
            "{lead} has an event whose id in the system of origin an earlier event has too: \
             retract one of them if they are the same"
        ),
        FindingCode::HistoryGap => format!(
            "{lead} does not begin with its capture: import what came before, else its first \
             stage has no duration"
        ),
        FindingCode::Illegal => {
            format!("{lead} had {was} {from}, which the rules forbid{because}: {advice}")
        }
        FindingCode::MissingReason => format!("{lead} had {was} without a reason: say why"),
        FindingCode::NegativeDuration => {
            format!("{lead} was a customer before it was captured: check the times of the source")
        }
        FindingCode::OutOfOrder => {
            format!("{lead} was captured after other events of it: check the times of the source")
        }
        FindingCode::RevenueBeforeWon => {
            format!("{lead} had {was} {from}, before any opportunity was won: {advice}")
        }
        FindingCode::UnknownStage => format!(
            "{lead} has an opportunity in a stage that the playbook does not list: use a stage \
             of the pipeline, or add it to the playbook"
        ),
        FindingCode::UnknownTarget => format!(
            "{lead} has a correction of an event that it does not have, or with data that do not \
             fit: name the id of an event of this lead"
        ),
        FindingCode::UnknownType => format!(
            "{lead} has an event of a type or version that leadfold does not know: it is kept \
             and has no effect"
        ),
    }
}
