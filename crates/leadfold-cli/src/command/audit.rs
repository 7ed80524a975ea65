//! `audit`: what is wrong with the histories, with evidence.

mod deny;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;

use leadfold_core::metrics::{Anomaly, anomalies};
use leadfold_core::{EventId, Timestamp};
use leadfold_engine::Names;
use leadfold_store::{EventStore, LeadEntry, block_on};
use serde::Serialize;

use self::deny::Deny;
use crate::args::ReadOptions;
use crate::error::{CliError, Outcome};
use crate::finding::{Concerned, FindingReport, Severity, handoff_of};
use crate::handoff::{HandoffReport, codes};
use crate::leads;
use crate::output::Output;
use crate::reading::Reading;
use crate::table::{Table, one_line};
use crate::text::{count, counted};

/// Ids asked for at once.
const IDS_PAGE: usize = 10_000;

/// Findings shown to people; JSON has all of them.
const SHOWN_MAX: usize = 50;

/// Options of `audit`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    read: ReadOptions,
    /// Exit with 1 if there is such a finding: a code; `info`, `warning` or `error` for that
    /// severity and above; `all`; several by commas
    #[arg(long, value_name = "CODE", value_delimiter = ',', num_args = 1..)]
    deny: Vec<Deny>,
}

/// Findings in the contract's shape.
#[derive(Serialize)]
pub(super) struct AuditReport {
    as_of: Option<Timestamp>,
    findings: Vec<FindingReport>,
    counts: BTreeMap<&'static str, u64>,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let reading = Reading::open(&options.read)?;
    let found = anomalies(&reading.tables);
    let is_denied =
        |anomaly: &&Anomaly| options.deny.iter().any(|deny| deny.means(anomaly.finding.code));
    let denied = found.iter().filter(is_denied).count() as u64;
    output.print(&audit_of(&reading, &found)?)?;
    if denied == 0 {
        return Ok(Outcome::Done);
    }
    eprintln!("{} denied by --deny", counted(denied, "finding is", "findings are"));
    Ok(Outcome::No)
}

/// All findings of a log.
pub(super) fn audit(reading: &Reading) -> Result<AuditReport, CliError> {
    audit_of(reading, &anomalies(&reading.tables))
}

fn audit_of(reading: &Reading, found: &[Anomaly]) -> Result<AuditReport, CliError> {
    let positions: Vec<u64> = found.iter().map(|anomaly| anomaly.finding.position).collect();
    let mut ids: Vec<EventId> = Vec::with_capacity(positions.len());
    for page in positions.chunks(IDS_PAGE) {
        ids.extend(block_on(reading.store.event_ids(page))?);
    }
    let entries = leads::entries(&reading.store, found.iter().filter_map(|anomaly| anomaly.lead))?;
    let names = names(reading, found)?;
    let mut counts = BTreeMap::new();
    let mut findings = Vec::with_capacity(found.len());
    for (anomaly, id) in found.iter().zip(ids) {
        *counts.entry(anomaly.finding.code.name()).or_default() += 1;
        let entry = anomaly.lead.and_then(|lead| entries.get(&lead));
        let concerned = concerned(reading, anomaly, entry, &names);
        findings.push(FindingReport::new(&anomaly.finding, concerned, vec![id]));
    }
    Ok(AuditReport { as_of: reading.as_of, findings, counts })
}

fn names(reading: &Reading, found: &[Anomaly]) -> Result<Names, CliError> {
    let mut names = Names::default();
    let codes = found.iter().flat_map(|anomaly| {
        let lead = anomaly.lead.and_then(|lead| reading.tables.lead(lead));
        let handoff = lead.and_then(|lead| handoff_of(&anomaly.finding, &lead));
        let of_handoff = handoff.map(|(_, handoff)| codes(&handoff));
        lead.map(|lead| lead.owner()).into_iter().chain(of_handoff.into_iter().flatten())
    });
    block_on(names.load(&reading.store, codes))?;
    Ok(names)
}

fn concerned(
    reading: &Reading,
    anomaly: &Anomaly,
    entry: Option<&LeadEntry>,
    names: &Names,
) -> Concerned {
    let name = |code| names.string(code).map(str::to_owned);
    let lead = anomaly.lead.and_then(|lead| reading.tables.lead(lead));
    let handoff = lead.and_then(|lead| handoff_of(&anomaly.finding, &lead));
    Concerned {
        lead: entry.map(|entry| entry.id),
        key: entry.map(|entry| entry.key.to_string()),
        owner: lead.and_then(|lead| name(lead.owner())),
        handoff: handoff.map(|(index, handoff)| HandoffReport::new(index, &handoff, name)),
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let as_of = self.as_of.map_or_else(String::new, |at| format!(" as of {at}"));
        let n = self.findings.len() as u64;
        writeln!(f, "{}{as_of}", counted(n, "finding", "findings"))?;
        if self.findings.is_empty() {
            return Ok(());
        }
        let severity = |code| self.findings.iter().find(|found| found.code == code);
        let mut table = Table::new(&["finding", "severity", "count"], 2);
        for (code, n) in &self.counts {
            let severity = severity(*code).map_or("", |found| found.severity.name());
            table.row([(*code).to_owned(), severity.to_owned(), count(*n)]);
        }
        writeln!(f, "\n{table}")?;
        let mut worst: Vec<&FindingReport> = self.findings.iter().collect();
        worst.sort_by_key(|found| std::cmp::Reverse::<Severity>(found.severity));
        for found in worst.iter().take(SHOWN_MAX) {
            let (at, position, severity) = (found.at, found.position, found.severity.name());
            writeln!(f, "{at}  {severity}: {} [event {position}]", one_line(&found.message))?;
        }
        match worst.len().saturating_sub(SHOWN_MAX) {
            0 => Ok(()),
            more => writeln!(f, "and {} more; --json lists all", count(more as u64)),
        }
    }
}
