//! The audit in the contract's shape, and as text.

use std::collections::BTreeMap;
use std::fmt;

use leadfold_core::Timestamp;
use leadfold_core::audit::{
    Audit, AuditCode, AuditFinding, Figures, FiguresRow, GroupKey, SpeedToLead,
};
use leadfold_core::metrics::Rate;
use serde::Serialize;

use super::figures::{HandoffFigures, Load, OwnerReport};
use super::findings::Findings;
use crate::finding::FindingReport;
use crate::table::{Table, one_line};
use crate::text::{as_of, count, counted, percent, promised};

/// The whole audit.
#[derive(Debug, Serialize)]
pub(crate) struct AuditReport {
    as_of: Option<Timestamp>,
    /// Whether the playbook has a calendar: times are then working time.
    #[serde(skip)]
    is_working_time: bool,
    handoffs: HandoffFigures,
    by_owner: Vec<OwnerReport>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) split: Option<SplitReport>,
    speed_to_lead: SpeedToLead,
    recycled_win_rate: Rate,
    /// Of all leads: one lead's audit has none.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) load: Option<Load>,
    pub(super) findings: Findings,
    counts: BTreeMap<AuditCode, u64>,
}

/// The hand-offs by one more dimension.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SplitReport {
    pub(super) by: String,
    #[serde(serialize_with = "rows")]
    pub(super) rows: Vec<(Option<String>, HandoffFigures)>,
}

fn rows<S: serde::Serializer>(
    rows: &[(Option<String>, HandoffFigures)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        key: &'a Option<String>,
        #[serde(flatten)]
        handoffs: &'a HandoffFigures,
    }
    serializer.collect_seq(rows.iter().map(|(key, handoffs)| Row { key, handoffs }))
}

impl AuditReport {
    /// The figures and the findings; owners and splits are to be added.
    pub(super) fn new(
        as_of: Option<Timestamp>,
        audit: &Audit<'_>,
        is_working_time: bool,
        total: &Figures,
        findings: Findings,
    ) -> Self {
        Self {
            as_of,
            is_working_time,
            handoffs: HandoffFigures::of(total),
            by_owner: Vec::new(),
            split: None,
            speed_to_lead: audit.speed_to_lead(),
            recycled_win_rate: audit.recycled_win_rate(),
            load: None,
            counts: findings.counts(),
            findings,
        }
    }

    pub(super) fn set_owners(
        &mut self,
        rows: &[FiguresRow],
        name: impl Fn(&GroupKey) -> Option<String>,
    ) {
        let keyed = rows.iter().filter_map(|row| Some((row.key.as_ref()?, &row.figures)));
        self.by_owner = keyed.map(|(key, figures)| OwnerReport::new(name(key), figures)).collect();
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = &self.handoffs;
        write!(f, "{}{}", counted(figures.offered, "hand-off", "hand-offs"), as_of(self.as_of))?;
        f.write_str(if self.is_working_time { ", times in working time\n" } else { "\n" })?;
        if figures.offered > 0 {
            writeln!(f, "\n{}", self.promises())?;
            writeln!(f, "{}", self.owners())?;
        }
        if let Some(split) = &self.split {
            writeln!(f, "{}", split.table(self.is_working_time))?;
        }
        writeln!(f, "{}", counted(self.findings.len() as u64, "finding", "findings"))?;
        if self.findings.len() == 0 {
            return Ok(());
        }
        writeln!(f, "\n{}", self.codes())?;
        self.write_worst(f)
    }
}

impl AuditReport {
    fn promises(&self) -> Table {
        let figures = &self.handoffs;
        let mut table = Table::new(&["", "share", "of", "median", "mean"], 1);
        let mut row =
            |name: &str, rate: Rate, stat: Option<leadfold_core::metrics::DurationStat>| {
                let time = |get: fn(&leadfold_core::metrics::DurationStat) -> Option<f64>| {
                    let time = |stat| promised(get(stat), self.is_working_time);
                    stat.as_ref().map_or_else(String::new, time)
                };
                let median = time(|stat| stat.p50_s);
                table.row([
                    name.to_owned(),
                    percent(rate),
                    count(rate.den),
                    median,
                    time(|s| s.mean_s),
                ]);
            };
        row("accepted of decided", figures.acceptance_of_decided, None);
        row("decided in time", figures.decision_in_time, Some(figures.time_to_decision));
        row("first attempt in time", figures.attempt_in_time, Some(figures.time_to_first_attempt));
        let reached = Rate { num: figures.time_to_first_contact.n, den: figures.offered };
        row("reached", reached, Some(figures.time_to_first_contact));
        row("leaked", figures.leaked, None);
        table
    }

    fn owners(&self) -> Table {
        let headings = [
            "owner", "offered", "accepted", "rejected", "pending", "in time", "attempt", "leaked",
            "open now",
        ];
        let mut table = Table::new(&headings, 1);
        let load = self.load.iter().flat_map(|load| &load.workload);
        let open: BTreeMap<Option<&str>, u64> =
            load.map(|load| (load.owner.as_deref(), load.open)).collect();
        for row in &self.by_owner {
            let figures = &row.handoffs;
            let open = open.get(&row.owner.as_deref()).copied();
            table.row([
                row.owner.clone().unwrap_or_else(|| "(none)".to_owned()),
                count(figures.offered),
                count(figures.accepted),
                count(figures.rejected),
                count(figures.pending),
                percent(figures.decision_in_time),
                promised(figures.time_to_first_attempt.p50_s, self.is_working_time),
                percent(figures.leaked),
                count(open.unwrap_or(0)),
            ]);
        }
        table
    }

    fn codes(&self) -> Table {
        let mut table = Table::new(&["finding", "severity", "count"], 2);
        for (code, n) in &self.counts {
            table.row([code.name().to_owned(), code.severity().name().to_owned(), count(*n)]);
        }
        table
    }

    fn write_worst(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut more = self.findings.len() as u64;
        for (found, report) in self.findings.worst() {
            write_finding(f, found, &report)?;
            more -= 1;
        }
        if more == 0 { Ok(()) } else { writeln!(f, "and {} more; --json lists all", count(more)) }
    }
}

/// One finding, one line: when, how bad, what, by which events.
pub(super) fn write_finding(
    f: &mut fmt::Formatter<'_>,
    found: &AuditFinding,
    report: &FindingReport,
) -> fmt::Result {
    let (at, code, severity) = (found.at, report.code, report.severity.name());
    let noun = if found.evidence.len() == 1 { "event" } else { "events" };
    let positions: Vec<String> = found.evidence.iter().map(u64::to_string).collect();
    let message = one_line(&report.message);
    writeln!(f, "{at}  {severity}: {message} [{code}, {noun} {}]", positions.join(" "))
}

impl SplitReport {
    fn table(&self, is_working_time: bool) -> Table {
        let headings = [self.by.as_str(), "offered", "accepted", "in time", "attempt", "leaked"];
        let mut table = Table::new(&headings, 1);
        for (key, figures) in &self.rows {
            table.row([
                key.clone().unwrap_or_else(|| "(none)".to_owned()),
                count(figures.offered),
                percent(figures.acceptance_of_decided),
                percent(figures.decision_in_time),
                promised(figures.time_to_first_attempt.p50_s, is_working_time),
                percent(figures.leaked),
            ]);
        }
        table
    }
}
