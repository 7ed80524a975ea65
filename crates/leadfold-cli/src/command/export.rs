//! `export`: the log as NDJSON, or with its tables as Parquet files.

mod left_out;
#[cfg(feature = "parquet")]
mod parquet;

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use leadfold_core::Timestamp;
use leadfold_store::{EventStore, block_on};
use serde::Serialize;

use self::left_out::LeftOut;
use crate::args::ReadOptions;
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::progress::Progress;
use crate::store::{Access, Store, open};
use crate::target::{Target, Written};

/// Events read at once: even of the longest ones a page fits into memory.
const PAGE: usize = 1_024;

/// Options of `export`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    read: ReadOptions,
    /// What to write
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// NDJSON: write to a file instead of standard output, which is `-`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Parquet: the directory for the files; those of an earlier export are replaced
    #[arg(long, value_name = "DIR", required_if_eq("format", "parquet"))]
    tables: Option<PathBuf>,
    /// Parquet: put personal data into the table of events; without this, it stays in the log
    #[arg(long)]
    include_personal_data: bool,
}

/// What to write.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
enum Format {
    /// The log, one JSON object a line
    #[default]
    Ndjson,
    /// The log and its tables, one file each
    Parquet,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    options.check()?;
    match (options.format, &options.tables) {
        (Format::Parquet, Some(dir)) => tables(options, dir, output),
        _ => lines(options, output),
    }
}

impl Options {
    /// Each format has options of its own.
    fn check(&self) -> Result<(), CliError> {
        let is_parquet = self.format == Format::Parquet;
        let needless = [
            ("--out", is_parquet && self.out.is_some()),
            ("--as-of", !is_parquet && self.read.as_of.is_some()),
            ("--playbook", !is_parquet && self.read.playbook.is_some()),
            ("--tables", !is_parquet && self.tables.is_some()),
            ("--include-personal-data", !is_parquet && self.include_personal_data),
        ];
        let Some((option, _)) = needless.into_iter().find(|(_, is_given)| *is_given) else {
            return Ok(());
        };
        let (wanted, found) =
            if is_parquet { ("ndjson", "parquet") } else { ("parquet", "ndjson") };
        Err(CliError::Usage(format!(
            "expected --format {wanted} with {option}, found --format {found}; leave one of them out"
        )))
    }
}

#[cfg(feature = "parquet")]
use self::parquet::tables;

#[cfg(not(feature = "parquet"))]
fn tables(
    _: &Options,
    _: &std::path::Path,
    _: &mut Output<impl Write>,
) -> Result<Outcome, CliError> {
    Err(CliError::Usage(
        "Parquet is not built in: expected --format ndjson; build leadfold with its feature \
         `parquet` to write tables"
            .to_owned(),
    ))
}

fn lines(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let url = &options.read.store.store;
    let file = options.out.as_deref().filter(|path| *path != Path::new("-"));
    if file.is_none() && output.is_json() {
        return Err(CliError::Usage(
            "expected one JSON document on standard output, found --json with an export, which is \
             one for each event: leave --json out, or give --out FILE"
                .to_owned(),
        ));
    }
    let target = file.map(|path| Target::new(path, "--out", url)).transpose()?;
    let known_at = options.read.bounds()?.known_at;
    let mut log = Lines { store: open(url, Access::Read)?, known_at, events: 0 };
    let mut left_out = LeftOut::default();
    match target {
        None => output.write(|out| log.write(out, &mut left_out))?,
        Some(target) => target.write(|out| {
            log.write(out, &mut left_out)?;
            Ok(if left_out.is_empty() { Written::Whole } else { Written::Incomplete })
        })?,
    }
    let outcome = left_out.outcome()?;
    // To people the file is the answer.
    if let Some(file) = file
        && output.is_json()
    {
        output.print_json(&LinesReport { file: file.display().to_string(), events: log.events })?;
    }
    Ok(outcome)
}

/// What was written to a file.
#[derive(Serialize)]
struct LinesReport {
    file: String,
    events: u64,
}

/// The lines of a log.
struct Lines {
    store: Store,
    known_at: Option<Timestamp>,
    /// How many have been written.
    events: u64,
}

impl Lines {
    fn write(&mut self, out: &mut dyn Write, left_out: &mut LeftOut) -> Result<(), CliError> {
        let head = block_on(self.store.head())?;
        let bar = Progress::of_events();
        let mut position = 0;
        while position < head && !left_out.gives_up() {
            position = match self.page(position, PAGE, out) {
                // Damage of one event is no fault of the others.
                Err(CliError::Store(error)) if error.is_corrupt() => {
                    self.singly(position..head.min(position + PAGE as u64), out, left_out)?
                }
                Ok(None) => break,
                Ok(Some(last)) => last,
                Err(error) => return Err(error),
            };
            bar.events(position, head);
        }
        bar.clear();
        Ok(())
    }

    /// Writes what comes after a position, and returns the position of the last event, if there is
    /// any.
    fn page(
        &mut self,
        after: u64,
        events_max: usize,
        mut out: &mut dyn Write,
    ) -> Result<Option<u64>, CliError> {
        let page = block_on(self.store.events(after, events_max))?;
        for event in &page {
            if self.known_at.is_none_or(|known_at| event.recorded_at <= known_at) {
                event.write_line(&mut out)?;
                out.write_all(b"\n")?;
                self.events += 1;
            }
        }
        Ok(page.last().map(|event| event.position))
    }

    /// Writes what is sound after each of some positions, and returns the last of them.
    fn singly(
        &mut self,
        after: Range<u64>,
        out: &mut dyn Write,
        left_out: &mut LeftOut,
    ) -> Result<u64, CliError> {
        for before in after.clone() {
            match self.page(before, 1, out) {
                Err(CliError::Store(error)) if error.is_corrupt() => {
                    left_out.add(before + 1, error)
                }
                written => {
                    written?;
                }
            }
        }
        Ok(after.end)
    }
}
