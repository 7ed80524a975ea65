//! `audit --lead`: one lead's timeline, with its findings where they belong.

use std::fmt;

use leadfold_core::audit::{Audit, AuditFinding};
use leadfold_core::{LeadId, Playbook, Timestamp};
use leadfold_engine::{FACTS_EVENTS_MAX, LoadedCase, load_case};
use leadfold_store::{EventStore, block_on};
use serde::Serialize;

use super::Options;
use super::book::calendar;
use super::report::{AuditReport, write_finding};
use crate::error::CliError;
use crate::finding::{Concerned, FindingReport};
use crate::handoff::HandoffReport;
use crate::history::Moment;
use crate::leads;
use crate::reading::{Log, say_as_of};
use crate::store::Store;
use crate::table::one_line;

/// A lead's audit before it is known what is denied.
pub(super) struct Loaded {
    pub(super) audit: AuditReport,
    pub(super) shown: LeadAudit,
    pub(super) playbook: Playbook,
}

/// A lead's audit, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LeadAudit {
    lead: LeadId,
    key: String,
    #[serde(flatten)]
    audit: AuditReport,
    /// Shown to people only.
    #[serde(skip)]
    timeline: Vec<Moment>,
}

pub(super) fn load(options: &Options, key: &str) -> Result<Loaded, CliError> {
    let Log { store, playbook, bounds, .. } = Log::open(&options.read)?;
    let calendar = calendar(&playbook)?;
    let id = leads::find(&store, key, options.system.as_deref(), options.tenant.as_deref())?;
    let loaded = block_on(load_case(&store, id, &[], playbook.clone(), bounds))?;
    let lead = loaded.case.lead(id).ok_or_else(|| {
        CliError::Nothing(format!(
            "lead `{key}` has no history within these bounds; ask of a later --as-of or --known-at"
        ))
    })?;
    let as_of = match bounds.as_of {
        Some(as_of) => Some(as_of),
        None => last_at(&store)?,
    };
    if bounds.as_of.is_none() {
        say_as_of(as_of);
    }
    let audit =
        Audit::of(loaded.case.tables(), loaded.case.ledger(), &calendar, as_of.unwrap_or_default());
    let found = audit.findings();
    let own = found.iter().filter(|finding| finding.lead == Some(lead.index()));
    let key = loaded.entry.as_ref().map_or_else(|| key.to_owned(), |entry| entry.key.to_string());
    let named = |finding: &AuditFinding| (finding.clone(), name(finding, id, &key, &loaded));
    let mut report = AuditReport::new(as_of, &audit);
    report.set_findings(own.map(named).collect());
    let timeline = timeline(&loaded, bounds.as_of, bounds.known_at);
    let shown = LeadAudit { lead: id, key, audit: report.clone(), timeline };
    Ok(Loaded { audit: report, shown, playbook })
}

/// When the last event of the log happened: what is due is due for a lead that lies still, too.
fn last_at(store: &Store) -> Result<Option<Timestamp>, CliError> {
    let (mut position, mut latest) = (0, None);
    loop {
        let page = block_on(store.facts(position, FACTS_EVENTS_MAX))?;
        let Some(last) = page.last_position() else { return Ok(latest) };
        (position, latest) = (last, latest.max(page.last_at(None)));
    }
}

/// A finding of a loaded lead, with its names.
pub(crate) fn name(
    finding: &AuditFinding,
    id: LeadId,
    key: &str,
    loaded: &LoadedCase,
) -> FindingReport {
    let case = &loaded.case;
    let name = |code| case.name(code).map(str::to_owned);
    let lead = finding.lead.and_then(|lead| case.tables().lead(lead));
    let offered = |handoff: &leadfold_core::Handoff| Some(handoff.position) == finding.handoff;
    let handoffs = lead.map(|lead| lead.handoffs()).unwrap_or_default();
    let handoff = handoffs.iter().enumerate().find(|(_, handoff)| offered(handoff));
    let id_at = |position: &u64| loaded.events.iter().find(|event| event.position == *position);
    let concerned = Concerned {
        lead: Some(id),
        key: Some(key.to_owned()),
        owner: name(finding.owner),
        handoff: handoff.map(|(index, handoff)| HandoffReport::new(index, handoff, name)),
        evidence: finding.evidence.iter().filter_map(id_at).map(|event| event.id).collect(),
    };
    FindingReport::new(finding, concerned)
}

/// The events of the lead's family in their order.
fn timeline(
    loaded: &LoadedCase,
    as_of: Option<Timestamp>,
    known_at: Option<Timestamp>,
) -> Vec<Moment> {
    let events = loaded.events.iter();
    let known = events.filter(|event| known_at.is_none_or(|bound| event.recorded_at <= bound));
    let happened =
        known.filter(|event| as_of.is_none_or(|bound| event.event.occurred_at.at <= bound));
    let mut timeline: Vec<Moment> = happened.map(Moment::of).collect();
    timeline.sort_by_key(Moment::order);
    timeline
}

impl LeadAudit {
    pub(super) fn with(self, audit: AuditReport) -> Self {
        Self { audit, ..self }
    }
}

impl fmt::Display for LeadAudit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "lead {} ({})\n", one_line(&self.key), self.lead)?;
        for moment in &self.timeline {
            let (_, position) = moment.order();
            let is_proof = |found: &&FindingReport| found.positions.contains(&position);
            let mark =
                if self.audit.findings.iter().any(|found| is_proof(&found)) { ">>" } else { "  " };
            writeln!(f, "{mark} {moment}")?;
            for found in self.audit.findings.iter().filter(|found| found.position == position) {
                write!(f, "      ")?;
                write_finding(f, found)?;
            }
        }
        Ok(())
    }
}
