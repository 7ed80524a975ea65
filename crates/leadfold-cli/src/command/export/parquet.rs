//! `export --format parquet`: the log and its tables as files.

use std::fmt;
use std::io::Write;
use std::path::Path;

use leadfold_core::Timestamp;
use leadfold_core::audit::{Audit, Ledger};
use leadfold_export::{Export, ExportError, Written};
use serde::Serialize;

use super::Options;
use crate::command::audit::calendar;
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::progress::Progress;
use crate::reading::{Log, Reading};
use crate::table::Table;
use crate::text::{as_of, count};

/// The files that were written.
#[derive(Serialize)]
struct TablesReport {
    as_of: Option<Timestamp>,
    known_at: Option<Timestamp>,
    tables: Vec<TableReport>,
}

#[derive(Serialize)]
struct TableReport {
    table: &'static str,
    file: String,
    rows: u64,
}

pub(super) fn tables(
    options: &Options,
    dir: &Path,
    output: &mut Output<impl Write>,
) -> Result<Outcome, CliError> {
    let bounds = options.read.bounds()?;
    let log = Log::open(&options.read)?;
    let (playbook, calendar) = (log.playbook.clone(), calendar(&log.playbook)?);
    let (reading, ledger) = Reading::watched(log, &options.read, Ledger::new(playbook))?;
    let audit = Audit::of(&reading.tables, &ledger, &calendar, reading.instant());
    let export = Export::new(&reading.store, &reading.tables, reading.position, bounds);
    let mut export = export.audited(&audit);
    if options.include_personal_data {
        export = export.including_personal_data();
    }
    let bar = Progress::of_events();
    let written = export.write(dir, |done, of| bar.events(done, of)).map_err(failed)?;
    bar.clear();
    let tables = written.into_iter().map(TableReport::of).collect();
    output.answer(&TablesReport { as_of: reading.as_of, known_at: reading.known_at, tables })
}

/// A folder that cannot be written is told as any other output.
fn failed(error: ExportError) -> CliError {
    match error {
        ExportError::Write { path, source } => CliError::File { path, option: "--tables", source },
        error => error.into(),
    }
}

impl TableReport {
    fn of(Written { table, path, rows }: Written) -> Self {
        Self { table, file: path.display().to_string(), rows }
    }
}

impl fmt::Display for TablesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} tables written{}\n", self.tables.len(), as_of(self.as_of))?;
        let mut table = Table::new(&["table", "file", "rows"], 2);
        for TableReport { table: name, file, rows } in &self.tables {
            table.row([(*name).to_owned(), file.clone(), count(*rows)]);
        }
        write!(f, "{table}")
    }
}
