//! `export`: the log as NDJSON, or with its tables as Parquet files.

#[cfg(feature = "parquet")]
mod parquet;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use leadfold_core::Timestamp;
use leadfold_store::{EventStore, block_on};

use crate::args::ReadOptions;
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::progress::Progress;
use crate::store::{Access, Store, open};

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
    /// NDJSON: write to a file instead of standard output
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
    let store = open(&options.read.store.store, Access::Read)?;
    let known_at = options.read.bounds().known_at;
    match &options.out {
        None => write(&store, known_at, output.raw())?,
        Some(path) => {
            let mut file = BufWriter::new(File::create(path)?);
            write(&store, known_at, &mut file)?;
            file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        }
    }
    Ok(Outcome::Done)
}

fn write(store: &Store, known_at: Option<Timestamp>, out: &mut impl Write) -> Result<(), CliError> {
    let head = block_on(store.head())?;
    let bar = Progress::of_events();
    let mut position = 0;
    while position < head {
        let page = block_on(store.events(position, PAGE))?;
        let Some(last) = page.last() else { break };
        position = last.position;
        for event in &page {
            if known_at.is_none_or(|known_at| event.recorded_at <= known_at) {
                event.write_line(out)?;
                out.write_all(b"\n")?;
            }
        }
        bar.events(position, head);
    }
    bar.clear();
    Ok(())
}
