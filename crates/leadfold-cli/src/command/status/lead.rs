//! One lead, at the cost of its own events.

use std::fmt;

use leadfold_core::audit::{Audit, AuditCode, AuditFinding, Detail};
use leadfold_core::event::RecordedEvent;
use leadfold_core::{
    Calendar, Case, Code, Finding, FindingCode, Lead, LeadId, State, Timestamp, Visit,
};
use leadfold_engine::{LoadedCase, load_case};
use leadfold_store::block_on;
use serde::Serialize;

use super::Options;
use crate::error::CliError;
use crate::finding::{FindingReport, Glossary};
use crate::handoff::HandoffReport;
use crate::history::{Moment, is_within};
use crate::leads;
use crate::reading::Log;
use crate::table::{Table, one_line};
use crate::text::duration;

/// A lead in the contract's shape.
#[derive(Serialize)]
pub(super) struct LeadReport {
    lead: LeadId,
    key: String,
    state: State,
    cycle: u32,
    owner: Option<String>,
    handoff: Option<HandoffReport>,
    visits: Vec<VisitReport>,
    anomalies: Vec<FindingReport>,
    /// The key of the lead that this one is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into: Option<String>,
    /// Shown to people only.
    #[serde(skip)]
    history: Vec<Moment>,
}

#[derive(Serialize)]
struct VisitReport {
    state: State,
    entered_at: Timestamp,
    left_at: Option<Timestamp>,
    implied: bool,
    #[serde(skip)]
    visit: Visit,
}

/// Loads the lead that the options mean.
pub(super) fn load(options: &Options, key: &str) -> Result<LeadReport, CliError> {
    let Log { store, playbook, bounds, .. } = Log::open(&options.read)?;
    let id = leads::find(&store, key, options.system.as_deref(), options.tenant.as_deref())?;
    let loaded = block_on(load_case(&store, id, &[], playbook, bounds))?;
    let is_own = |event: &&RecordedEvent| event.event.lead_id() == Some(id);
    let own = loaded.events.iter().filter(is_own).filter(|event| is_within(event, bounds));
    let mut history: Vec<Moment> = own.map(Moment::of).collect();
    history.sort_by_key(Moment::order);
    let lead = loaded.case.lead(id).ok_or_else(|| {
        if !history.iter().any(|moment| moment.is_by(bounds.as_of)) {
            return leads::no_history(key, bounds);
        }
        CliError::Nothing(format!(
            "lead `{key}` has not begun: none of its events makes it a lead; `audit --lead` shows \
             them"
        ))
    })?;
    let key = loaded.entry.as_ref().map_or_else(|| key.to_owned(), |entry| entry.key.to_string());
    Ok(LeadReport::new(id, key, &lead, &loaded, history))
}

impl LeadReport {
    fn new(
        id: LeadId,
        key: String,
        lead: &Lead<'_>,
        loaded: &LoadedCase,
        history: Vec<Moment>,
    ) -> Self {
        let case = &loaded.case;
        let handoffs = lead.handoffs();
        let pending = lead.pending_handoff();
        let handoff = pending.map(|handoff| {
            HandoffReport::new(handoffs.len().saturating_sub(1), handoff, |code| name(case, code))
        });
        let merged_into = lead.merged_into().and_then(|into| case.key(into));
        Self {
            lead: id,
            state: lead.state(),
            cycle: lead.cycle(),
            owner: name(case, lead.owner()),
            handoff,
            visits: lead.visits().into_iter().map(VisitReport::from).collect(),
            anomalies: findings(lead, loaded),
            merged_into: merged_into.map(ToString::to_string),
            key,
            history,
        }
    }
}

fn name(case: &Case, code: Code) -> Option<String> {
    case.name(code).map(str::to_owned)
}

/// What is wrong with the history; promises are the audit's.
fn findings(lead: &Lead<'_>, loaded: &LoadedCase) -> Vec<FindingReport> {
    let case = &loaded.case;
    let as_of = case.tables().last_at().unwrap_or_default();
    let audit = Audit::of(case.tables(), case.ledger(), &Calendar::always(), as_of);
    let found = audit.findings();
    // The audit has a name of its own for an answer without a reason.
    let lacks_reason = |finding: &AuditFinding| {
        let is_it = |own: &Finding| {
            own.code == FindingCode::MissingReason && own.position == finding.position
        };
        finding.code == AuditCode::RejectedWithoutReason && lead.findings().iter().any(is_it)
    };
    let own = found.iter().filter(|finding| finding.lead == Some(lead.index()));
    let of_history: Vec<_> = own
        .filter(|found| matches!(found.detail, Detail::Move { .. }) || lacks_reason(found))
        .collect();
    let names = Glossary::of_case(loaded, &of_history);
    of_history.into_iter().map(|finding| names.report(finding)).collect()
}

impl From<Visit> for VisitReport {
    fn from(visit: Visit) -> Self {
        Self {
            state: visit.state,
            entered_at: visit.entered_at,
            left_at: visit.left_at,
            implied: visit.is_implied,
            visit,
        }
    }
}

impl fmt::Display for LeadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = one_line(&self.key);
        writeln!(f, "lead {key} ({})", self.lead)?;
        write!(f, "{}, cycle {}", self.state, self.cycle)?;
        if let Some(into) = &self.merged_into {
            write!(f, ", part of lead {}", one_line(into))?;
        }
        match &self.owner {
            Some(owner) => writeln!(f, ", owner {}", one_line(owner))?,
            None => writeln!(f, ", no owner")?,
        }
        if let Some(handoff) = &self.handoff {
            writeln!(f, "pending hand-off {}", one_line(&handoff.line()))?;
        }
        writeln!(f, "\n{}", visits(&self.visits))?;
        self.history.iter().try_for_each(|moment| writeln!(f, "{moment}"))?;
        if !self.anomalies.is_empty() {
            writeln!(f)?;
        }
        for found in &self.anomalies {
            let (severity, position) = (found.severity.name(), found.position);
            writeln!(f, "{severity}: {} [event {position}]", one_line(&found.message))?;
        }
        Ok(())
    }
}

fn visits(visits: &[VisitReport]) -> Table {
    let mut table = Table::new(&["state", "entered", "left", "", "time"], 4);
    for report in visits {
        let note = match (report.visit.is_implied, report.visit.is_unknown) {
            (true, _) => "implied",
            (false, true) => "since unknown",
            (false, false) => "",
        };
        table.row([
            report.state.to_string(),
            report.entered_at.to_string(),
            report.left_at.map_or_else(|| "-".to_owned(), |at| at.to_string()),
            note.to_owned(),
            duration(report.visit.duration().map(|micros| micros as f64 / 1e6)),
        ]);
    }
    table
}
