//! A log that is folded for its audit.

use std::thread;

use leadfold_core::audit::{Audit, AuditFinding, FiguresRow, GroupBy, GroupKey, Ledger, LoadRow};
use leadfold_core::{Calendar, Code, LeadIndex, Playbook, Timestamp};
use leadfold_engine::Names;
use leadfold_store::block_on;

use super::figures::{HandoffFigures, Load, LoadReport};
use super::findings::{Findings, Shown};
use super::report::{AuditReport, SplitReport};
use crate::args::ReadOptions;
use crate::dimension::Dimensions;
use crate::error::CliError;
use crate::finding::Glossary;
use crate::reading::{Log, Reading};

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
    pub(super) fn report(&self, by: Option<&str>, shown: Shown) -> Result<AuditReport, CliError> {
        let audit = self.audit();
        // Each reads all that the ledger has: side by side they take as long as one.
        let (found, owners, load) = thread::scope(|scope| {
            let found = scope.spawn(|| audit.findings());
            let (owners, load) = (audit.figures(Some(&GroupBy::Owner)), audit.workload());
            (found.join().expect("an audit is total"), owners, load)
        });
        let findings = self.with_names(found, shown)?;
        let names = owner_names(&self.reading, &owners, &load)?;
        let is_working_time = self.playbook.calendar.is_some();
        let (as_of, total) = (self.reading.as_of, &owners[0].figures);
        let mut report = AuditReport::new(as_of, &audit, is_working_time, total, findings);
        report.set_owners(&owners, |key| key_name(key, &names));
        let of_owner = |row: &LoadRow| {
            let owner = names.string(row.owner).map(str::to_owned).or_else(|| row.name.clone());
            LoadReport::new(owner, row)
        };
        report.load = Some(Load {
            workload: load.iter().map(of_owner).collect(),
            fairness: audit.fairness_of(&load).ratio(),
        });
        report.split = by.map(|by| self.split(&audit, by)).transpose()?;
        Ok(report)
    }

    /// When the audit is, if there is anything.
    pub(super) fn as_of(&self) -> Option<Timestamp> {
        self.reading.as_of
    }

    /// The findings of a lead, and of those that merges have put together with it.
    pub(super) fn findings_of(&self, lead: LeadIndex) -> Result<Findings, CliError> {
        let audit = self.audit().only(self.reading.tables.family_of(lead));
        self.with_names(audit.findings(), Shown::All)
    }

    fn with_names(&self, found: Vec<AuditFinding>, shown: Shown) -> Result<Findings, CliError> {
        Findings::new(found, shown, |found| Ok(Glossary::of_log(&self.reading, found)?))
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
