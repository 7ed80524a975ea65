//! A log read for the audit: tables, ledger, and the findings by name.

use leadfold_core::audit::{Audit, AuditFinding, Ledger};
use leadfold_core::{Bounds, Calendar, Playbook, Tables, Timestamp, Zone};
use leadfold_engine::{Names, View};
use leadfold_playbook::calendar;
use leadfold_store::{EventStore, StoreError, block_on};

use super::found::due;
use super::{AuditError, Found};
use crate::log::Log;

/// What every question is answered from.
#[derive(Debug)]
pub(super) struct Reading {
    tables: Tables,
    ledger: Ledger,
    calendar: Calendar,
    pub(super) as_of: Timestamp,
    pub(super) findings: Vec<Found>,
}

impl Reading {
    pub(super) fn of<S: EventStore>(
        log: &Log<S>,
        playbook: &Playbook,
        bounds: Bounds,
        other: Option<Calendar>,
    ) -> Result<Self, AuditError> {
        let calendar = other.map_or_else(|| calendar(playbook), Ok)?;
        let ledger = Ledger::new(playbook.clone());
        let mut view = View::watched(&log.store.0, playbook.clone(), bounds, ledger);
        block_on(view.catch_up(|_, _| {}))?;
        let (tables, ledger) = view.into_parts().expect("what has come through is current");
        let as_of = bounds.as_of.or_else(|| tables.last_at()).unwrap_or_default();
        let mut reading = Self { tables, ledger, calendar, as_of, findings: Vec::new() };
        reading.findings = found(log, &reading.audit().findings())?;
        Ok(reading)
    }

    pub(super) fn audit(&self) -> Audit<'_> {
        Audit::of(&self.tables, &self.ledger, &self.calendar, self.as_of)
    }

    /// The calendar's zone.
    pub(super) fn zone(&self) -> Zone {
        self.calendar.zone().cloned().unwrap_or_else(Zone::utc)
    }
}

fn found<S: EventStore>(log: &Log<S>, findings: &[AuditFinding]) -> Result<Vec<Found>, StoreError> {
    let mut names = Names::default();
    block_on(names.load(&log.store.0, findings.iter().map(|finding| finding.owner)))?;
    let leads = findings.iter().filter_map(|finding| finding.lead);
    block_on(names.load_leads(&log.store.0, leads))?;
    findings.iter().map(|finding| named(log, finding, &names)).collect()
}

fn named<S: EventStore>(
    log: &Log<S>,
    finding: &AuditFinding,
    names: &Names,
) -> Result<Found, StoreError> {
    let lead = finding.lead.and_then(|lead| names.lead(lead)).cloned();
    let key = lead.as_ref().map(|key| key.as_str());
    Ok(Found {
        code: finding.code,
        owner: names.string(finding.owner).map(str::to_owned),
        at: finding.at,
        due: due(finding),
        evidence: finding.evidence.to_vec(),
        ids: log.store.event_ids(&finding.evidence)?,
        sentence: finding.sentence(key, |code| names.string(code)),
        index: finding.lead,
        lead,
    })
}
