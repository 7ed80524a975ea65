//! `audit --lead`: one lead's timeline, with its findings where they belong.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use leadfold_core::audit::{Audit, AuditFinding};
use leadfold_core::event::RecordedEvent;
use leadfold_core::{Bounds, Case, EventId, LeadId, Playbook, Timestamp};
use leadfold_engine::{FACTS_EVENTS_MAX, LoadedCase, load_case};
use leadfold_store::{EventStore, block_on};
use serde::Serialize;

use super::Options;
use super::book::calendar;
use super::report::{AuditReport, write_finding};
use crate::error::CliError;
use crate::finding::{Concerned, FindingReport};
use crate::handoff::{HandoffReport, Offers};
use crate::history::{Moment, is_within};
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
    /// Shown to people only; with the key of the lead, where it is another of the family.
    #[serde(skip)]
    timeline: Vec<(Moment, String)>,
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
        None => last_at(&store, bounds.known_at)?,
    };
    if bounds.as_of.is_none() {
        // There is the lead's history at least.
        say_as_of(as_of, bounds.known_at, true);
    }
    let audit =
        Audit::of(loaded.case.tables(), loaded.case.ledger(), &calendar, as_of.unwrap_or_default());
    let found = audit.findings();
    let key = loaded.entry.as_ref().map_or_else(|| key.to_owned(), |entry| entry.key.to_string());
    let names = Names::of(&loaded, id, &key, &found);
    let own = found.iter().filter(|finding| finding.lead == Some(lead.index()));
    let mut report = AuditReport::new(as_of, &audit, playbook.calendar.is_some());
    report.set_findings(own.map(|finding| (finding.clone(), names.name(finding))).collect());
    let timeline = timeline(&loaded, id, bounds);
    let shown = LeadAudit { lead: id, key, audit: report.clone(), timeline };
    Ok(Loaded { audit: report, shown, playbook })
}

/// When the last event of the log happened, as far as it was known: what is due is due for a lead
/// that lies still, too.
fn last_at(store: &Store, known_at: Option<Timestamp>) -> Result<Option<Timestamp>, CliError> {
    let (mut position, mut latest) = (0, None);
    loop {
        let page = block_on(store.facts(position, FACTS_EVENTS_MAX))?;
        let Some(last) = page.last_position() else { return Ok(latest) };
        (position, latest) = (last, latest.max(page.last_at(known_at)));
    }
}

/// What the findings of a loaded lead name.
pub(crate) struct Names<'a> {
    case: &'a Case,
    id: LeadId,
    key: &'a str,
    offers: Offers,
    ids: BTreeMap<u64, EventId>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(
        loaded: &'a LoadedCase,
        id: LeadId,
        key: &'a str,
        found: &[AuditFinding],
    ) -> Self {
        let ids = loaded.events.iter().map(|event| (event.position, event.id)).collect();
        let offers = Offers::of(loaded.case.tables(), found);
        Self { case: &loaded.case, id, key, offers, ids }
    }

    /// A finding of the lead, with its names.
    pub(crate) fn name(&self, finding: &AuditFinding) -> FindingReport {
        let name = |code| self.case.name(code).map(str::to_owned);
        let offer = self.offers.get(finding);
        let concerned = Concerned {
            lead: Some(self.id),
            key: Some(self.key.to_owned()),
            owner: name(finding.owner),
            handoff: offer.map(|(index, handoff)| HandoffReport::new(*index, handoff, name)),
            evidence: finding.evidence.iter().filter_map(|p| self.ids.get(p).copied()).collect(),
        };
        FindingReport::new(finding, concerned)
    }
}

/// The events of the lead's family in their order.
fn timeline(loaded: &LoadedCase, id: LeadId, bounds: Bounds) -> Vec<(Moment, String)> {
    let events = loaded.events.iter().filter(|event| is_within(event, bounds));
    let told = |event: &RecordedEvent| {
        let other = event.event.lead.as_ref().filter(|_| event.event.lead_id() != Some(id));
        (Moment::of(event), other.map_or_else(String::new, |key| format!("  of lead {key}")))
    };
    let mut timeline: Vec<_> = events.map(told).collect();
    timeline.sort_by_key(|(moment, _)| moment.order());
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
        let found = &self.audit.findings;
        let proofs: BTreeSet<u64> =
            found.iter().flat_map(|found| &found.positions).copied().collect();
        let mut told: BTreeMap<u64, Vec<&FindingReport>> = BTreeMap::new();
        found.iter().for_each(|found| told.entry(found.position).or_default().push(found));
        for (moment, of) in &self.timeline {
            let (_, position) = moment.order();
            let mark = if proofs.contains(&position) { ">>" } else { "  " };
            writeln!(f, "{mark} {moment}{}", one_line(of))?;
            for found in told.get(&position).into_iter().flatten() {
                write!(f, "      ")?;
                write_finding(f, found)?;
            }
        }
        Ok(())
    }
}
