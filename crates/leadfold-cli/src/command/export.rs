//! `export`: the log as NDJSON.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use leadfold_core::Timestamp;
use leadfold_playbook::TimeZone;
use leadfold_store::{EventStore, block_on};

use crate::args::StoreOption;
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::progress::Progress;
use crate::store::{Access, Store, open};
use crate::time::TimeArgument;

/// Events read at once: even of the longest ones a page fits into memory.
const PAGE: usize = 1_024;

/// Options of `export`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    store: StoreOption,
    /// Only what was known by then
    #[arg(long, value_name = "TIME")]
    known_at: Option<TimeArgument>,
    /// Time zone of a date in --known-at
    #[arg(long, value_name = "ZONE", default_value = "UTC", allow_hyphen_values = true)]
    tz: TimeZone,
    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let store = open(&options.store.store, Access::Read)?;
    let known_at = options.known_at.map(|at| at.in_zone(options.tz));
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
