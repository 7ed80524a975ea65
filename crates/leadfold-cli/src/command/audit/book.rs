//! A log that is folded for its audit.

use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::audit::{Audit, AuditFinding, FiguresRow, GroupBy, GroupKey, Ledger, LoadRow};
use leadfold_core::{Calendar, Code, EventId, LeadIndex, Playbook, Timestamp};
use leadfold_engine::Names;
use leadfold_store::{EventStore, LeadEntry, block_on};

use super::figures::{HandoffFigures, Load, LoadReport};
use super::report::{AuditReport, SplitReport};
use crate::args::ReadOptions;
use crate::dimension::Dimensions;
use crate::error::CliError;
use crate::finding::{Concerned, FindingReport};
use crate::handoff::{HandoffReport, Offers, codes};
use crate::leads;
use crate::reading::{Log, Reading};
use crate::store::Store;

/// Ids asked for at once.
const IDS_PAGE: usize = 10_000;

/// What hand-offs can be split by, but for captured attributes.
const DIMENSIONS: [&str; 9] =
    ["owner", "team", "definition", "source", "medium", "campaign", "channel", "product", "cohort"];

/// Tables, ledger and calendar of a log.
pub(super) struct Book {
    reading: Reading,
    ledger: Ledger,
    calendar: Calendar,
    pub(super) playbook: Playbook,
}

impl Book {
    pub(super) fn open(options: &ReadOptions) -> Result<Self, CliError> {
        Self::of(Log::open(options)?, options)
    }

    /// The book of a log that the options mean.
    pub(super) fn of(log: Log, options: &ReadOptions) -> Result<Self, CliError> {
        let playbook = log.playbook.clone();
        let calendar = calendar(&playbook)?;
        let (reading, ledger) = Reading::watched(log, options, Ledger::new(playbook.clone()))?;
        Ok(Self { reading, ledger, calendar, playbook })
    }

    fn audit(&self) -> Audit<'_> {
        let Reading { tables, .. } = &self.reading;
        Audit::of(tables, &self.ledger, &self.calendar, self.reading.instant())
    }

    /// The whole audit, split by a dimension if one is given.
    pub(super) fn report(&self, by: Option<&str>) -> Result<AuditReport, CliError> {
        let audit = self.audit();
        let owners = audit.figures(Some(&GroupBy::Owner));
        let load = audit.workload();
        let names = owner_names(&self.reading, &owners, &load)?;
        let mut report =
            AuditReport::new(self.reading.as_of, &audit, self.playbook.calendar.is_some());
        report.set_owners(&owners, |key| key_name(key, &names));
        let load = load.iter();
        report.load = Some(Load {
            workload: load
                .map(|row| LoadReport::new(names.string(row.owner).map(str::to_owned), row))
                .collect(),
            fairness: audit.fairness().ratio(),
        });
        report.split = by.map(|by| self.split(&audit, by)).transpose()?;
        report.set_findings(findings(&self.reading, &audit.findings())?);
        Ok(report)
    }

    /// When the audit is, if there is anything.
    pub(super) fn as_of(&self) -> Option<Timestamp> {
        self.reading.as_of
    }

    /// The findings of a lead, and of those that merges have put together with it.
    pub(super) fn findings_of(
        &self,
        lead: LeadIndex,
    ) -> Result<Vec<(AuditFinding, FindingReport)>, CliError> {
        let audit = self.audit().only(self.reading.tables.family_of(lead));
        findings(&self.reading, &audit.findings())
    }

    fn split(&self, audit: &Audit<'_>, word: &str) -> Result<SplitReport, CliError> {
        let by = self.group_by(word)?;
        let rows = audit.figures(Some(&by));
        let mut names = Names::default();
        let codes = rows.iter().filter_map(|row| row.key.as_ref()).filter_map(code_of);
        block_on(names.load(&self.reading.store, codes.collect::<Vec<_>>()))?;
        let row = |row: &FiguresRow| {
            let key = row.key.as_ref()?;
            Some((key_name(key, &names), HandoffFigures::of(&row.figures)))
        };
        Ok(SplitReport { by: word.to_owned(), rows: rows.iter().filter_map(row).collect() })
    }

    fn group_by(&self, word: &str) -> Result<GroupBy, CliError> {
        Ok(match word {
            "owner" => GroupBy::Owner,
            "team" => GroupBy::Team,
            "definition" => GroupBy::Definition,
            _ => {
                let words = [word.to_owned()];
                let mut found = Dimensions::find_beside(&DIMENSIONS, &self.reading, &words)?;
                GroupBy::Lead(found.by.remove(0))
            }
        })
    }
}

/// The names of the owners in figures and workload.
pub(in crate::command) fn owner_names(
    reading: &Reading,
    owners: &[FiguresRow],
    load: &[LoadRow],
) -> Result<Names, CliError> {
    let mut names = Names::default();
    let keys = owners.iter().filter_map(|row| row.key.as_ref()).filter_map(code_of);
    let codes: Vec<Code> = keys.chain(load.iter().map(|row| row.owner)).collect();
    block_on(names.load(&reading.store, codes))?;
    Ok(names)
}

/// Findings under the names of the log.
pub(in crate::command) fn findings(
    reading: &Reading,
    found: &[AuditFinding],
) -> Result<Vec<(AuditFinding, FindingReport)>, CliError> {
    let store = &reading.store;
    let ids = ids(store, found)?;
    let entries = leads::entries(store, found.iter().filter_map(|finding| finding.lead))?;
    let mut names = Names::default();
    let offers = Offers::of(&reading.tables, found);
    let handoffs = found.iter().filter_map(|finding| offers.get(finding));
    let of_handoffs: Vec<Code> = handoffs.flat_map(|(_, handoff)| codes(handoff)).collect();
    let owners = found.iter().map(|finding| finding.owner);
    block_on(names.load(store, owners.chain(of_handoffs)))?;
    let report = |finding: &AuditFinding| {
        let concerned = concerned(finding, &entries, &names, &ids, &offers);
        (finding.clone(), FindingReport::new(finding, concerned))
    };
    Ok(found.iter().map(report).collect())
}

fn ids(store: &Store, found: &[AuditFinding]) -> Result<BTreeMap<u64, EventId>, CliError> {
    let positions: BTreeSet<u64> =
        found.iter().flat_map(|finding| finding.evidence.iter().copied()).collect();
    let positions: Vec<u64> = positions.into_iter().collect();
    let mut ids = BTreeMap::new();
    for page in positions.chunks(IDS_PAGE) {
        let found = block_on(store.event_ids(page))?;
        ids.extend(page.iter().copied().zip(found));
    }
    Ok(ids)
}

fn concerned(
    finding: &AuditFinding,
    entries: &BTreeMap<LeadIndex, LeadEntry>,
    names: &Names,
    ids: &BTreeMap<u64, EventId>,
    offers: &Offers,
) -> Concerned {
    let entry = finding.lead.and_then(|lead| entries.get(&lead));
    let name = |code| names.string(code).map(str::to_owned);
    let offer = offers.get(finding);
    Concerned {
        lead: entry.map(|entry| entry.id),
        key: entry.map(|entry| entry.key.to_string()),
        owner: name(finding.owner),
        handoff: offer.map(|(index, handoff)| HandoffReport::new(*index, handoff, name)),
        evidence: finding.evidence.iter().filter_map(|p| ids.get(p).copied()).collect(),
    }
}

/// The calendar of a playbook that has been checked.
pub(in crate::command) fn calendar(playbook: &Playbook) -> Result<Calendar, CliError> {
    leadfold_playbook::calendar(playbook)
        .map_err(|error| CliError::Input(format!("the playbook's calendar: {error}")))
}

/// The code of a group that is a value of the log.
pub(super) fn code_of(key: &GroupKey) -> Option<Code> {
    match key {
        GroupKey::Part(leadfold_core::metrics::KeyPart::Name(code)) => Some(*code),
        _ => None,
    }
}

/// What a group is called.
pub(in crate::command) fn key_name(key: &GroupKey, names: &Names) -> Option<String> {
    match key {
        GroupKey::Part(part) => names.key_part(*part),
        GroupKey::Team(team) => team.clone(),
    }
}
