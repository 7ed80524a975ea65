//! `aging`: how long open leads have been where they are.

use std::fmt;
use std::io::Write;

use leadfold_core::metrics::{AgingRow, DurationStat, aging};
use leadfold_core::{State, Timestamp};
use serde::Serialize;

use crate::args::{ReadOptions, SplitOptions};
use crate::dimension::{Dimensions, Key};
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::reading::Reading;
use crate::table::Table;
use crate::text::{count, duration};

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
    rows: Vec<Row>,
    #[serde(skip)]
    heading: String,
}

#[derive(Serialize)]
struct Row {
    key: Key,
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
    let dimensions = Dimensions::find(&reading, &options.split.by)?;
    let rows = aging(&reading.tables, reading.instant(), &dimensions.by);
    let names = reading.names(rows.iter().map(|row| &row.key))?;
    let row = |row: AgingRow| Row {
        key: dimensions.key(&names, &row.key),
        state: row.state,
        buckets: std::array::from_fn(|index| Bucket {
            below_days: BELOW_DAYS[index],
            leads: row.buckets[index],
        }),
        age: row.age,
        unknown: row.unknown,
    };
    let rows = rows.into_iter().map(row).collect();
    let heading = dimensions.heading();
    output.print(&AgingReport { as_of: reading.as_of, rows, heading })?;
    Ok(Outcome::Done)
}

impl fmt::Display for AgingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let as_of = self.as_of.map_or_else(String::new, |at| format!(" as of {at}"));
        writeln!(f, "ages of open leads in their states{as_of}")?;
        writeln!(f)?;
        let mut headings = vec![self.heading.as_str(), "state", "leads", "under 1 day"];
        headings.extend(["under 7", "under 30", "under 90", "older", "median", "oldest"]);
        headings.push("unknown");
        let skipped = usize::from(self.heading.is_empty());
        let mut table = Table::new(&headings[skipped..], 2 - skipped);
        for row in &self.rows {
            let mut cells = vec![row.key.to_string(), row.state.to_string(), count(row.age.n)];
            cells.extend(row.buckets.iter().map(|bucket| count(bucket.leads)));
            cells.extend([duration(row.age.p50_s), duration(row.age.max_s), count(row.unknown)]);
            table.cells(cells.split_off(skipped));
        }
        write!(f, "{table}")
    }
}
