//! `due`: what somebody has to see to, and what of it is overdue.

use std::fmt;
use std::io::Write;

use leadfold_core::due::{Diary, Due, Task, due};
use leadfold_core::{Code, LeadId, SECOND, Timestamp};
use leadfold_store::block_on;
use serde::Serialize;

use super::audit::calendar;
use crate::args::ReadOptions;
use crate::error::{CliError, Outcome};
use crate::leads;
use crate::number;
use crate::output::Output;
use crate::reading::{Log, Reading};
use crate::table::Table;
use crate::text::{as_of, count, counted, duration};

/// Options of `due`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    read: ReadOptions,
    /// Also what is due within so many days of 24 hours after the as-of
    #[arg(long, value_name = "DAYS", default_value_t = 0, value_parser = number::whole::<0, { u32::MAX }>)]
    within: u32,
}

#[derive(Serialize)]
struct DueReport {
    as_of: Option<Timestamp>,
    within_days: u32,
    overdue: u64,
    rows: Vec<DueRow>,
}

/// One thing that is due.
#[derive(Serialize)]
pub(super) struct DueRow {
    pub(super) due: Timestamp,
    /// Seconds since then; absent if it is not overdue.
    pub(super) overdue_s: Option<f64>,
    pub(super) task: &'static str,
    lead: Option<LeadId>,
    pub(super) key: Option<String>,
    pub(super) owner: Option<String>,
    follow_up: Option<String>,
    purpose: Option<String>,
    channel: Option<String>,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let log = Log::open(&options.read)?;
    let (playbook, calendar) = (log.playbook.clone(), calendar(&log.playbook)?);
    let (reading, diary) = Reading::watched(log, &options.read, Diary::new(playbook))?;
    let now = reading.instant();
    let horizon = i64::from(options.within) * 86_400 * SECOND;
    let until = Timestamp::from_micros(now.micros().saturating_add(horizon));
    let found = due(&reading.tables, &diary, &calendar, now, until);
    let rows = rows(&reading, &found)?;
    let overdue = rows.iter().filter(|row| row.overdue_s.is_some()).count() as u64;
    let (as_of, within_days) = (reading.as_of, options.within);
    output.answer(&DueReport { as_of, within_days, overdue, rows })
}

/// The codes that a task names.
fn codes(task: Task) -> [Code; 2] {
    match task {
        Task::FollowUp(key) => [key, Code::NONE],
        Task::RenewConsent(purpose, channel) => [purpose, channel],
        Task::Decide | Task::Attempt | Task::Resume => [Code::NONE; 2],
    }
}

/// Things that are due, under the names of the log.
pub(super) fn rows(reading: &Reading, found: &[Due]) -> Result<Vec<DueRow>, CliError> {
    let mut names = leads::named(&reading.store, found.iter().map(|due| due.lead))?;
    let named = found.iter().flat_map(|due| codes(due.task).into_iter().chain([due.owner]));
    block_on(names.load(&reading.store, named))?;
    let name = |code: Code| names.string(code).map(str::to_owned);
    let now = reading.instant();
    let row = |due: &Due| {
        let entry = names.entry(due.lead);
        let late = (now.micros() - due.at.micros()) as f64 / SECOND as f64;
        let [first, second] = codes(due.task);
        let is_consent = matches!(due.task, Task::RenewConsent(..));
        DueRow {
            due: due.at,
            overdue_s: due.is_overdue(now).then_some(late),
            task: due.task.name(),
            lead: entry.map(|entry| entry.id),
            key: entry.map(|entry| entry.key.to_string()),
            owner: name(due.owner),
            follow_up: name(first).filter(|_| !is_consent),
            purpose: name(first).filter(|_| is_consent),
            channel: name(second),
        }
    };
    Ok(found.iter().map(row).collect())
}

impl fmt::Display for DueReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = match self.within_days {
            0 => String::new(),
            days => format!(", and within {} after it", counted(days.into(), "day", "days")),
        };
        writeln!(f, "due{}{days}", as_of(self.as_of))?;
        let all = self.rows.len() as u64;
        writeln!(f, "{}, {} overdue", counted(all, "thing", "things"), count(self.overdue))?;
        if self.rows.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        let mut table = Table::new(&["due", "task", "lead", "owner", "what", "overdue"], 5);
        for row in &self.rows {
            let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            let what = [&row.follow_up, &row.purpose, &row.channel];
            let what: Vec<_> = what.into_iter().flatten().map(String::as_str).collect();
            let what = if what.is_empty() { "-".to_owned() } else { what.join(", ") };
            table.row([
                row.due.to_string(),
                row.task.to_owned(),
                text(&row.key),
                text(&row.owner),
                what,
                duration(row.overdue_s),
            ]);
        }
        write!(f, "{table}")
    }
}
