//! `import`: files into the log, idempotently and in bounded memory.

mod appender;
mod census;
mod crm;
mod line;
mod magic;
mod pipeline;
mod row;
mod source;
mod summary;
mod unknown;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use leadfold_core::Timestamp;
use leadfold_import::{CrmFile, CrmSystem, Mapping, MappingError};

use self::appender::Appender;
use self::crm::Crm;
use self::source::Source;
pub(super) use self::summary::Summary;
use crate::args::StoreOption;
use crate::error::{CliError, Outcome};
use crate::file::read_text;
use crate::message::tell;
use crate::output::Output;
use crate::store::{Access, Store, open};
use crate::text::counted;

/// Options of `import`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    store: StoreOption,
    /// What the files hold; default: csv with --map, else events
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// How the rows of a CSV file become events (docs/MAPPING.md), or what the statuses of a CRM
    /// stand for (docs/CRM.md)
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// The files; of a CRM also the folder that they are in, of CSV the data folder; `-` is
    /// standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Format {
    /// The log format, one JSON object a line
    Events,
    /// Rows, by a mapping
    Csv,
    /// Webhook bodies, and pages of events, of amoCRM
    Amocrm,
    /// Answers of REST methods of Bitrix24
    Bitrix24,
}

impl Format {
    fn crm(self) -> Option<CrmSystem> {
        match self {
            Self::Events | Self::Csv => None,
            Self::Amocrm => Some(CrmSystem::Amocrm),
            Self::Bitrix24 => Some(CrmSystem::Bitrix24),
        }
    }
}

pub(super) fn run(
    options: &Options,
    output: &mut Output<impl Write>,
    now: fn() -> Timestamp,
) -> Result<Outcome, CliError> {
    let crm = match options.format.and_then(Format::crm) {
        Some(system) => Some(Crm::new(system, options.map.as_deref())?),
        None => None,
    };
    let mapping = if crm.is_some() { None } else { mapping(options)? };
    let mut sources = Vec::new();
    if let Some(crm) = &crm {
        let files = crm::open(&options.files)?;
        let names = names(files.len(), files.iter().map(CrmFile::name));
        sources.push((names, Source::of_crm(crm, files)));
    } else {
        for file in &options.files {
            let names = names(options.files.len(), [file.display().to_string()]);
            sources.push((names, Source::open(file, mapping.as_ref())?));
        }
    }
    let store = open(&options.store.store, Access::Append)?;
    let mut summary = Summary::default();
    for (names, source) in sources {
        import(&store, source, names, &mut summary, now)?;
    }
    summary.warn();
    output.print(&summary)?;
    Ok(summary.outcome())
}

/// What refusals call the files of a source, where there are several files.
fn names(files: usize, names: impl IntoIterator<Item = String>) -> Vec<String> {
    if files > 1 { names.into_iter().collect() } else { Vec::new() }
}

/// Imports one source; `names` are what refusals call its files, where there are several.
pub(super) fn import(
    store: &Store,
    source: Source<'_>,
    names: Vec<String>,
    summary: &mut Summary,
    now: fn() -> Timestamp,
) -> Result<(), CliError> {
    let mut appender = Appender::new(store, &source, names, summary, now);
    let read = pipeline::run(source, |batch| appender.append(batch));
    // What was read before a failure goes in all the same.
    let imported = appender.finish().and(read);
    match imported {
        Ok(left_out) => summary.leave_out(&left_out),
        Err(error) => {
            if summary.appended > 0 {
                let done = counted(summary.appended, "event", "events");
                tell(format_args!(
                    "{done} went in before the import failed; the same import again goes on there"
                ));
            }
            return Err(error);
        }
    }
    Ok(())
}

/// A log file to import.
pub(super) fn events_file(path: &Path) -> Result<Source<'static>, CliError> {
    Source::open(path, None)
}

fn mapping(options: &Options) -> Result<Option<Mapping>, CliError> {
    let Some(path) = &options.map else {
        return match options.format {
            Some(Format::Csv) => Err(CliError::Usage(
                "CSV needs a mapping: expected --map MAP.toml, found none; docs/MAPPING.md says \
                 how to write one"
                    .to_owned(),
            )),
            _ => Ok(None),
        };
    };
    if options.format == Some(Format::Events) {
        return Err(CliError::Usage(
            "--map is for CSV: expected --format csv with it, found --format events; leave one \
             of them out"
                .to_owned(),
        ));
    }
    read_mapping(path, Mapping::parse).map(Some)
}

/// Reads a mapping file, of whatever format.
fn read_mapping<T>(
    path: &Path,
    parse: impl FnOnce(&str, &str) -> Result<T, MappingError>,
) -> Result<T, CliError> {
    let shown = path.display().to_string();
    let text = read_text(path).map_err(|error| {
        CliError::Input(format!("cannot read the mapping {shown}: {error}; check the path"))
    })?;
    parse(&text, &shown).map_err(|error| CliError::Input(format!("mapping {error}")))
}
