//! `compare`: two playbooks over one log.

mod report;
mod side;
mod text;

use std::io::Write;
use std::path::{Path, PathBuf};

use leadfold_core::whatif::Difference;
use leadfold_playbook::TimeZone;

use self::report::CompareReport;
use self::side::Side;
use crate::args::{ReadOptions, StoreOption};
use crate::error::{CliError, Outcome};
use crate::leads;
use crate::number;
use crate::output::Output;
use crate::time::TimeArgument;

/// Options of `compare`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    store: StoreOption,
    /// The rules to read the log under: give two files, or one to hold against the published
    /// version in force
    #[arg(long = "playbook", value_name = "FILE.toml", required = true)]
    playbooks: Vec<PathBuf>,
    /// Count what had happened by then; default: the time of the log's last event
    #[arg(long, value_name = "TIME")]
    as_of: Option<TimeArgument>,
    /// Count what was known by then; default: all that is known
    #[arg(long, value_name = "TIME")]
    known_at: Option<TimeArgument>,
    /// Time zone of dates and weeks: an IANA name or an offset such as +01:00
    #[arg(long, value_name = "ZONE", default_value = "UTC", allow_hyphen_values = true)]
    tz: TimeZone,
    /// Count wins within so many days of the capture, of leads that have had as many
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = number::whole::<1, { u32::MAX }>)]
    within: u32,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let (first, second) = options.files()?;
    let (reading, first) = Side::open(options, first, None)?;
    // It has been said what that is, also where the log has no last event.
    let (_, second) = Side::open(options, Some(second), Some(reading.instant()))?;
    let difference = Difference::of(&first.trial, &second.trial);
    let names = leads::named(&reading.store, report::named(&difference))?;
    output.answer(&CompareReport::new(
        options.within,
        &reading,
        [first, second],
        &difference,
        &names,
    ))
}

impl Options {
    /// The files to compare. Where the first is left out, the log's own version takes its place.
    fn files(&self) -> Result<(Option<&Path>, &Path), CliError> {
        match self.playbooks.as_slice() {
            [second] => Ok((None, second)),
            [first, second] => Ok((Some(first), second)),
            found => Err(wrong_number(found.len())),
        }
    }

    /// The options of a reading under one of the playbooks.
    fn reading(&self, playbook: Option<&Path>) -> ReadOptions {
        ReadOptions {
            store: self.store.clone(),
            as_of: self.as_of,
            known_at: self.known_at,
            playbook: playbook.map(Path::to_owned),
            tz: self.tz,
        }
    }
}

/// One is enough only where the log has a version in force.
fn wrong_number(found: usize) -> CliError {
    let or = if found == 1 { ", or publish the version that holds" } else { "" };
    CliError::Usage(format!(
        "expected two playbooks to compare, found {found}; give --playbook twice{or}"
    ))
}
