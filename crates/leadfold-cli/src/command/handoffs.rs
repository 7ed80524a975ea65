//! `handoffs`: every offer to sales as a row, and what came of it.

mod row;

use std::fmt;
use std::io::Write;

use leadfold_core::Code;
use leadfold_core::audit::{Audit, Episode, Ledger};
use leadfold_store::block_on;
use serde::{Serialize, Serializer};

use self::row::Rows;
use super::audit::calendar;
use crate::args::{PeriodOptions, ReadOptions};
use crate::error::{CliError, Outcome};
use crate::handoff;
use crate::leads;
use crate::output::Output;
use crate::reading::{Log, Reading, Scope};
use crate::table::Table;
use crate::text::{as_of, count, counted};

/// Hand-offs shown in text; JSON has all of them.
const SHOWN_MAX: usize = 50;

/// Options of `handoffs`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    period: PeriodOptions,
}

/// Hand-offs in the order of the log.
#[derive(Serialize)]
struct HandoffsReport<'a> {
    #[serde(flatten)]
    scope: Scope,
    #[serde(skip)]
    is_working_time: bool,
    /// How many there are beside those in the rows.
    #[serde(skip)]
    n_earlier: u64,
    #[serde(serialize_with = "each_row")]
    rows: Rows<'a>,
}

/// Rows get their names where they are written: a large log has hundreds of thousands.
fn each_row<S: Serializer>(rows: &Rows<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rows.iter())
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let log = Log::open(&options.read)?;
    let (playbook, calendar) = (log.playbook.clone(), calendar(&log.playbook)?);
    let is_working_time = playbook.calendar.is_some();
    let (reading, ledger) = Reading::watched(log, &options.read, Ledger::new(playbook))?;
    let period = reading.period(options.period)?;
    let audit = Audit::of(&reading.tables, &ledger, &calendar, reading.instant());
    let is_meant = |episode: &Episode<'_>| period.contains(episode.handoff.offered_at);
    let mut episodes: Vec<Episode<'_>> = audit.episodes().filter(is_meant).collect();
    episodes.sort_unstable_by_key(|episode| episode.handoff.position);
    let n_shown = if output.is_json() { episodes.len() } else { SHOWN_MAX.min(episodes.len()) };
    let shown = episodes.split_off(episodes.len() - n_shown);
    let mut names = leads::named(&reading.store, shown.iter().map(|episode| episode.lead))?;
    block_on(names.load(&reading.store, shown.iter().flat_map(codes)))?;
    output.answer(&HandoffsReport {
        scope: reading.scope(period),
        is_working_time,
        n_earlier: episodes.len() as u64,
        rows: Rows { tables: &reading.tables, calendar: &calendar, episodes: shown, names },
    })
}

/// The codes that a row names.
fn codes(episode: &Episode<'_>) -> impl Iterator<Item = Code> + use<> {
    let of_offer = handoff::codes(episode.handoff);
    of_offer.into_iter().chain([episode.definition, episode.holder()])
}

impl fmt::Display for HandoffsReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (earlier, shown) = (self.n_earlier, self.rows.episodes.len() as u64);
        let all = counted(earlier + shown, "hand-off", "hand-offs");
        let times = if self.is_working_time { ", times in working time" } else { "" };
        writeln!(f, "{all}{}{times}", as_of(self.scope.as_of))?;
        if shown == 0 {
            return Ok(());
        }
        let headings =
            ["offered", "lead", "owner", "decision", "outcome", "decided", "attempt", "contact"];
        let mut table = Table::new(&headings, 5);
        self.rows.iter().for_each(|row| table.row(row.cells(self.is_working_time)));
        write!(f, "\n{table}")?;
        if earlier == 0 {
            return Ok(());
        }
        writeln!(f, "and {} before these; --json lists all", count(earlier))
    }
}
