//! Findings and episodes in plain words, so that two readings can be compared.

use std::fmt::Write;

use leadfold_core::audit::{Audit, AuditCode, AuditFinding, Detail, Episode, Kept};
use leadfold_core::{Code, LeadIndex, Outcome, Timestamp};

/// A finding.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Told {
    pub(crate) position: u64,
    pub(crate) code: AuditCode,
    pub(crate) lead: Option<String>,
    pub(crate) handoff: Option<u64>,
    pub(crate) owner: Option<String>,
    pub(crate) at: i64,
    pub(crate) detail: String,
    pub(crate) evidence: Vec<u64>,
}

/// An episode.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct PlainEpisode {
    pub(crate) lead: String,
    pub(crate) position: u64,
    pub(crate) to: Option<String>,
    pub(crate) offered_at: i64,
    pub(crate) decision: String,
    pub(crate) decided_at: Option<i64>,
    pub(crate) cycle: u32,
    pub(crate) definition: Option<String>,
    pub(crate) holder: Option<String>,
    pub(crate) held_at: i64,
    pub(crate) decision_due: Option<i64>,
    pub(crate) attempt_due: Option<i64>,
    pub(crate) attempted_at: Option<i64>,
    pub(crate) contacted_at: Option<i64>,
    pub(crate) ended_at: Option<i64>,
    pub(crate) reassigned: u32,
    pub(crate) was_recycled: bool,
    pub(crate) was_requalified: bool,
    pub(crate) fields: Vec<String>,
    pub(crate) missing: Vec<String>,
    pub(crate) returned_at: Option<i64>,
    pub(crate) outcome: Option<&'static str>,
    pub(crate) kept_decision: &'static str,
    pub(crate) kept_attempt: &'static str,
}

/// Who knows the names behind the numbers.
pub(crate) trait Knows {
    fn text(&self, code: Code) -> Option<String>;
    fn lead(&self, lead: LeadIndex) -> String;
}

impl Knows for super::log::Names {
    fn text(&self, code: Code) -> Option<String> {
        self.text(code)
    }

    fn lead(&self, lead: LeadIndex) -> String {
        self.lead(lead)
    }
}

impl Knows for leadfold_core::Case {
    fn text(&self, code: Code) -> Option<String> {
        self.name(code).map(str::to_owned)
    }

    fn lead(&self, lead: LeadIndex) -> String {
        self.key(lead).expect("a case knows its leads").to_string()
    }
}

/// All findings of an audit, sorted.
pub(crate) fn findings(audit: &Audit<'_>, names: &impl Knows) -> Vec<Told> {
    let mut told: Vec<Told> =
        audit.findings().iter().map(|finding| of_finding(finding, names)).collect();
    told.sort();
    told
}

pub(crate) fn of_finding(finding: &AuditFinding, names: &impl Knows) -> Told {
    Told {
        position: finding.position,
        code: finding.code,
        lead: finding.lead.map(|lead| names.lead(lead)),
        handoff: finding.handoff,
        owner: names.text(finding.owner),
        at: finding.at.micros(),
        detail: detail(&finding.detail),
        evidence: finding.evidence.to_vec(),
    }
}

fn detail(detail: &Detail) -> String {
    match detail {
        Detail::None => String::new(),
        Detail::Move { from, reason, .. } => {
            let from = from.map_or("nothing", |state| state.name());
            moved(from, reason.map(|reason| reason.name()))
        }
        Detail::Overdue { due, by, .. } => overdue(due.micros(), *by),
        Detail::Missing { fields } => missing(fields),
        Detail::Open { open, limit } => format!("{open} open of {limit}"),
        Detail::Given { given, limit } => format!("{given} given of {limit}"),
        Detail::Passed { micros } => format!("{micros} passed"),
    }
}

pub(crate) fn moved(from: &str, reason: Option<&str>) -> String {
    let mut text = format!("from {from}");
    if let Some(reason) = reason {
        write!(text, " because {reason}").expect("a string takes all");
    }
    text
}

pub(crate) fn overdue(due: i64, by: i64) -> String {
    format!("due {due}, over by {by}")
}

pub(crate) fn missing(fields: &[String]) -> String {
    format!("without {}", sorted(fields.to_vec()).join(", "))
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words
}

/// All episodes of an audit, sorted.
pub(crate) fn episodes(audit: &Audit<'_>, names: &impl Knows) -> Vec<PlainEpisode> {
    let mut plain: Vec<PlainEpisode> =
        audit.episodes().map(|episode| of_episode(&episode, names)).collect();
    plain.sort();
    plain
}

fn of_episode(episode: &Episode<'_>, names: &impl Knows) -> PlainEpisode {
    let handoff = &episode.handoff;
    let micros = |at: Option<Timestamp>| at.map(Timestamp::micros);
    PlainEpisode {
        lead: names.lead(episode.lead),
        position: handoff.position,
        to: names.text(handoff.to),
        offered_at: handoff.offered_at.micros(),
        decision: handoff.decision.name().to_owned(),
        decided_at: micros(handoff.decided_at),
        cycle: handoff.cycle,
        definition: names.text(episode.definition),
        holder: names.text(episode.holder()),
        held_at: episode.held_at().micros(),
        decision_due: micros(episode.decision_due),
        attempt_due: micros(episode.attempt_due),
        attempted_at: micros(episode.attempted_at),
        contacted_at: micros(episode.contacted_at),
        ended_at: micros(episode.ended_at),
        reassigned: episode.reassigned,
        was_recycled: episode.was_recycled,
        was_requalified: episode.was_requalified,
        fields: sorted(episode.fields()),
        missing: sorted(episode.missing()),
        returned_at: micros(episode.returned_at()),
        outcome: episode.outcome().map(Outcome::name),
        kept_decision: kept(episode.decision()),
        kept_attempt: kept(episode.attempt()),
    }
}

fn kept(kept: Kept) -> &'static str {
    match kept {
        Kept::InTime => "in time",
        Kept::Late => "late",
        Kept::Missed => "missed",
        Kept::Open => "open",
    }
}
