//! What is wrong with a log: the planted faults, and their comparison with what an audit found.

use std::collections::BTreeMap;
use std::fmt;

use leadfold_core::audit::AuditCode;
use leadfold_core::{EventId, LeadKey};

use super::life::Life;
use super::{contact, deal, handoff, history, owner, promise};
use crate::audit::Found;
use crate::unmet::Unmet;

/// Something that is wrong.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Fault {
    /// What it is.
    pub code: AuditCode,
    /// The lead.
    pub lead: LeadKey,
    /// The events that prove it, by their ids in order.
    pub evidence: Vec<EventId>,
    /// It was not planted itself: the fault that was planted into the lead cannot be without it.
    pub is_implied: bool,
}

/// Lets something go wrong in a life.
pub(super) type Plot = fn(&mut Life);

/// The ways in which a fault of a code comes about.
pub(super) fn plots(code: AuditCode) -> &'static [Plot] {
    match code {
        AuditCode::AcceptedByOther => handoff::ACCEPTED_BY_OTHER,
        AuditCode::AcceptedWithoutHandoff => handoff::ACCEPTED_WITHOUT_HANDOFF,
        AuditCode::AttemptLate => promise::ATTEMPT_LATE,
        AuditCode::BackDatedHandoff => promise::BACK_DATED_HANDOFF,
        AuditCode::DecisionLate => promise::DECISION_LATE,
        AuditCode::DecisionMissing => promise::DECISION_MISSING,
        AuditCode::DuplicateExternalId => history::DUPLICATE_EXTERNAL_ID,
        AuditCode::GateNotMet => handoff::GATE_NOT_MET,
        AuditCode::HandedOffUnqualified => handoff::HANDED_OFF_UNQUALIFIED,
        AuditCode::HistoryGap => history::HISTORY_GAP,
        AuditCode::Illegal => history::ILLEGAL,
        AuditCode::Leaked => promise::LEAKED,
        AuditCode::MarketingTouchToCustomer => contact::MARKETING_TOUCH_TO_CUSTOMER,
        AuditCode::MarketingTouchToOpportunity => contact::MARKETING_TOUCH_TO_OPPORTUNITY,
        AuditCode::MissingReason => deal::MISSING_REASON,
        AuditCode::NegativeDuration => history::NEGATIVE_DURATION,
        AuditCode::OutOfOrder => history::OUT_OF_ORDER,
        AuditCode::OverCapacity => owner::OVER_CAPACITY,
        AuditCode::OwnerGone => owner::OWNER_GONE,
        AuditCode::PingPong => owner::PING_PONG,
        AuditCode::ReassignedWithoutTouch => owner::REASSIGNED_WITHOUT_TOUCH,
        AuditCode::RecycledAndForgotten => promise::RECYCLED_AND_FORGOTTEN,
        AuditCode::RejectedWithoutReason => handoff::REJECTED_WITHOUT_REASON,
        AuditCode::RevenueBeforeWon => deal::REVENUE_BEFORE_WON,
        AuditCode::TouchedAfterWithdrawal => contact::TOUCHED_AFTER_WITHDRAWAL,
        AuditCode::UnknownStage => deal::UNKNOWN_STAGE,
        AuditCode::UnknownTarget => history::UNKNOWN_TARGET,
        AuditCode::UnknownType => history::UNKNOWN_TYPE,
        AuditCode::WonWithoutHandoff => deal::WON_WITHOUT_HANDOFF,
        AuditCode::WorkedBeforeHandoff => contact::WORKED_BEFORE_HANDOFF,
    }
}

/// One of the ways, in turn.
pub(super) fn plot(code: AuditCode, turn: u32) -> Plot {
    let plots = plots(code);
    plots[turn as usize % plots.len()]
}

/// A fault by all that tells it from others.
type Told = (AuditCode, Option<LeadKey>, Vec<EventId>);

/// Differences of a kind that a message names.
const NAMED_MAX: usize = 20;

pub(super) fn compare(planted: &[Fault], found: &[Found]) -> Result<(), Unmet> {
    let mut counts: BTreeMap<Told, i64> = BTreeMap::new();
    for fault in planted {
        let told = (fault.code, Some(fault.lead.clone()), fault.evidence.clone());
        *counts.entry(told).or_default() += 1;
    }
    for found in found {
        let mut ids = found.ids.clone();
        ids.sort_unstable();
        *counts.entry((found.code, found.lead.clone(), ids)).or_default() -= 1;
    }
    let odd = |sign: i64| counts.iter().filter(move |(_, count)| count.signum() == sign);
    let missing = named("planted and not found", odd(1).map(|(told, _)| told));
    let surplus = named("found and not planted", odd(-1).map(|(told, _)| told));
    if missing.is_empty() && surplus.is_empty() {
        return Ok(());
    }
    Err(Unmet::new(format!("expected the planted faults and nothing else;{missing}{surplus}")))
}

fn named<'a>(what: &str, differences: impl Iterator<Item = &'a Told>) -> String {
    let lines: Vec<String> = differences.map(line).collect();
    let shown = &lines[..lines.len().min(NAMED_MAX)];
    match lines.len() {
        0 => String::new(),
        n => format!("\n{n} {what}:{}", shown.concat()),
    }
}

fn line((code, lead, evidence): &Told) -> String {
    let lead = lead.as_ref().map_or("-", |lead| lead.as_str());
    let evidence: Vec<String> = evidence.iter().map(|id| id.to_string()).collect();
    format!("\n  {code} of lead {lead}, evidence {}", evidence.join(", "))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = (self.code, Some(self.lead.clone()), self.evidence.clone());
        f.write_str(line(&told).trim_start())
    }
}
