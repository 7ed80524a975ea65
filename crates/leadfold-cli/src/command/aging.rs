//! `aging`: how long open leads have been where they are.

use std::fmt;
use std::io::Write;

use leadfold_core::metrics::{AgingRow, DurationStat, KeyPart, aging};
use leadfold_core::{State, Timestamp};
use serde::Serialize;

use crate::args::{ReadOptions, SplitOptions};
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::reading::{Keyed, Reading, Rows};
use crate::text::{as_of, count, duration};

/// Options of `aging`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    split: SplitOptions,
}

/// The buckets by the days that their leads are younger than; the last has no end.
const BELOW_DAYS: [Option<u32>; 5] = [Some(1), Some(7), Some(30), Some(90), None];

#[derive(Serialize)]
struct AgingReport {
    as_of: Option<Timestamp>,
    rows: Rows<Ages>,
}

/// Ages in one state.
#[derive(Serialize)]
struct Ages {
    state: State,
    buckets: [Bucket; 5],
    age: DurationStat,
    unknown: u64,
}

#[derive(Clone, Copy, Serialize)]
struct Bucket {
    below_days: Option<u32>,
    leads: u64,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let reading = Reading::open(&options.read)?;
    let split = reading.split(&options.split.by)?;
    let counted = aging(&reading.tables, reading.instant(), split.by());
    let rows = split.rows(counted, |row, _| Ages::from(row))?;
    output.answer(&AgingReport { as_of: reading.as_of, rows })
}

impl Keyed for AgingRow {
    fn key(&self) -> &[KeyPart] {
        &self.key
    }
}

impl From<AgingRow> for Ages {
    fn from(row: AgingRow) -> Self {
        let bucket =
            |index: usize| Bucket { below_days: BELOW_DAYS[index], leads: row.buckets[index] };
        Self {
            state: row.state,
            buckets: std::array::from_fn(bucket),
            age: row.age,
            unknown: row.unknown,
        }
    }
}

impl fmt::Display for AgingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "ages of open leads in their states{}", as_of(self.as_of))?;
        writeln!(f)?;
        let mut headings = vec!["state", "leads", "under 1 day", "under 7", "under 30"];
        headings.extend(["under 90", "older", "median", "oldest", "unknown"]);
        write!(f, "{}", self.rows.table_without_total(&headings, cells))
    }
}

fn cells(ages: &Ages) -> Vec<String> {
    let mut cells = vec![ages.state.to_string(), count(ages.age.n)];
    cells.extend(ages.buckets.iter().map(|bucket| count(bucket.leads)));
    cells.extend([duration(ages.age.p50_s), duration(ages.age.max_s), count(ages.unknown)]);
    cells
}
