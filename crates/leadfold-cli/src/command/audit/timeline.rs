//! `audit --lead`: one lead's timeline, with its findings where they belong. Leads that merges have
//! put together are told together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use leadfold_core::audit::{Audit, AuditFinding, GroupBy, GroupKey};
use leadfold_core::event::RecordedEvent;
use leadfold_core::{Bounds, LeadId, LeadIndex, Playbook, Timestamp};
use leadfold_engine::{FACTS_EVENTS_MAX, LoadedCase, load_case};
use leadfold_store::{EventStore, block_on};
use serde::Serialize;

use super::Options;
use super::book::{Book, calendar, code_of};
use super::findings::{Findings, Shown};
use super::report::{AuditReport, write_finding};
use crate::error::CliError;
use crate::finding::Glossary;
use crate::history::{Moment, is_within};
use crate::leads;
use crate::reading::{Log, say_as_of};
use crate::store::Store;
use crate::table::one_line;

/// A lead's audit, and the playbook that it is under.
pub(super) struct Loaded {
    pub(super) shown: LeadAudit,
    pub(super) playbook: Playbook,
}

/// A lead's audit, as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct LeadAudit {
    lead: LeadId,
    key: String,
    #[serde(flatten)]
    pub(super) audit: AuditReport,
    /// Shown to people only; with the key of the lead, where it is another of the family.
    #[serde(skip)]
    timeline: Vec<(Moment, String)>,
}

pub(super) fn load(options: &Options, key: &str) -> Result<Loaded, CliError> {
    let log = Log::open(&options.read)?;
    let (playbook, bounds) = (log.playbook.clone(), log.bounds);
    let calendar = calendar(&playbook)?;
    let id = leads::find(&log.store, key, options.system.as_deref(), options.tenant.as_deref())?;
    let loaded = block_on(load_case(&log.store, id, &[], playbook.clone(), bounds))?;
    let family = Family::of(&loaded, id);
    let timeline = family.timeline(&loaded, id, bounds);
    if !timeline.iter().any(|(moment, _)| moment.is_by(bounds.as_of)) {
        return Err(leads::no_history(key, bounds));
    }
    let index = loaded.entry.as_ref().map(|entry| entry.index);
    let (as_of, of_log) = match index.filter(|_| has_limits(&playbook)) {
        Some(index) => {
            let book = Book::of(log, &options.read)?;
            (book.as_of(), Some(book.findings_of(index)?))
        }
        None => (as_of(&log)?, None),
    };
    let case = &loaded.case;
    let audit = Audit::of(case.tables(), case.ledger(), &calendar, as_of.unwrap_or_default());
    let audit = audit.only(family.indices);
    let named = |found: &[&AuditFinding]| Ok(Glossary::of_case(&loaded, found));
    let of_case = || Findings::new(audit.findings(), Shown::All, named);
    let findings = of_log.map_or_else(of_case, Ok)?;
    let (owners, is_working_time) =
        (audit.figures(Some(&GroupBy::Owner)), playbook.calendar.is_some());
    let total = &owners[0].figures;
    let mut report = AuditReport::new(as_of, &audit, is_working_time, total, findings);
    let owner = |key: &GroupKey| case.name(code_of(key)?).map(str::to_owned);
    report.set_owners(&owners, owner);
    let key = loaded.entry.as_ref().map_or_else(|| key.to_owned(), |entry| entry.key.to_string());
    Ok(Loaded { shown: LeadAudit { lead: id, key, audit: report, timeline }, playbook })
}

/// Whether the playbook says how many leads somebody may have: only the whole log tells whether a
/// hand-off was one too many.
fn has_limits(playbook: &Playbook) -> bool {
    let mut owners = playbook.routing.iter().flat_map(|routing| &routing.owners);
    owners.any(|owner| owner.capacity.is_some() || owner.open_max.is_some())
}

/// The instant of the audit, which is said where nobody gave it.
fn as_of(log: &Log) -> Result<Option<Timestamp>, CliError> {
    let Bounds { as_of, known_at } = log.bounds;
    if as_of.is_some() {
        return Ok(as_of);
    }
    let last = last_at(&log.store, known_at)?;
    // There is the lead's history at least.
    say_as_of(last, known_at, true);
    Ok(last)
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

/// The leads that merges have put together with one, at the bounds. A merge that was undone, or
/// that is not to be seen yet, puts nothing together.
struct Family {
    indices: BTreeSet<LeadIndex>,
    ids: BTreeSet<LeadId>,
}

impl Family {
    fn of(loaded: &LoadedCase, id: LeadId) -> Self {
        let leads: Vec<_> = loaded.case.leads().collect();
        let own = leads.iter().find(|(lead, _)| *lead == id);
        let indices =
            own.map_or_else(BTreeSet::new, |(_, own)| loaded.case.tables().family_of(*own));
        let ids = leads.iter().filter(|(_, index)| indices.contains(index)).map(|(id, _)| *id);
        Self { ids: ids.collect(), indices }
    }

    /// Their events in their order.
    fn timeline(&self, loaded: &LoadedCase, id: LeadId, bounds: Bounds) -> Vec<(Moment, String)> {
        let is_theirs = |event: &&RecordedEvent| {
            event.event.lead_id().is_some_and(|lead| self.ids.contains(&lead))
        };
        let events = loaded.events.iter().filter(is_theirs);
        let told = |event: &RecordedEvent| {
            let other = event.event.lead.as_ref().filter(|_| event.event.lead_id() != Some(id));
            (Moment::of(event), other.map_or_else(String::new, |key| format!("  of lead {key}")))
        };
        let mut timeline: Vec<_> =
            events.filter(|event| is_within(event, bounds)).map(told).collect();
        timeline.sort_by_key(|(moment, _)| moment.order());
        timeline
    }
}

impl fmt::Display for LeadAudit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "lead {} ({})\n", one_line(&self.key), self.lead)?;
        let findings = &self.audit.findings;
        let proofs: BTreeSet<u64> =
            findings.iter().flat_map(|found| found.evidence.iter().copied()).collect();
        let mut told: BTreeMap<u64, Vec<_>> = BTreeMap::new();
        for (found, report) in findings.named() {
            told.entry(found.position).or_default().push((found, report));
        }
        for (moment, of) in &self.timeline {
            let (_, position) = moment.order();
            let mark = if proofs.contains(&position) { ">>" } else { "  " };
            writeln!(f, "{mark} {moment}{}", one_line(of))?;
            for (found, report) in told.get(&position).into_iter().flatten() {
                write!(f, "      ")?;
                write_finding(f, found, report)?;
            }
        }
        Ok(())
    }
}
