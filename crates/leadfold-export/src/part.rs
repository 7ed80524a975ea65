//! A file while it is written, and until it gets its name.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use leadfold_engine::Names;
use leadfold_store::{EventStore, block_on};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;

use crate::batch::Batch;
use crate::cell::Cell;
use crate::error::ExportError;
use crate::export::Written;
use crate::schema::Table;

/// The rows of one table on their way into a file.
pub(crate) struct Part<'a, S> {
    store: &'a S,
    table: &'static Table,
    guard: Guard,
    writer: SerializedFileWriter<File>,
    batch: Batch,
    rows: u64,
}

/// Removes what is not whole.
#[derive(Debug)]
struct Guard(PathBuf);

impl Drop for Guard {
    fn drop(&mut self) {
        // Nothing is there after the renaming; where the disk fails there is nobody to tell.
        let _ = fs::remove_file(&self.0);
    }
}

/// A file that is whole and has only to be renamed.
#[derive(Debug)]
pub(crate) struct Whole {
    guard: Guard,
    written: Written,
}

impl<'a, S: EventStore> Part<'a, S> {
    /// Begins `NAME.parquet.part` in a directory.
    pub(crate) fn create(
        store: &'a S,
        table: &'static Table,
        dir: &Path,
    ) -> Result<Self, ExportError> {
        let path = dir.join(format!("{}.parquet.part", table.name));
        let file = File::create(&path).map_err(|error| ExportError::write(&path, error))?;
        let guard = Guard(path);
        let writer = begin(file, table).map_err(|error| ExportError::format(&guard.0, error))?;
        Ok(Self { store, table, guard, writer, batch: Batch::new(table), rows: 0 })
    }

    /// Adds a row.
    pub(crate) fn push<const N: usize>(&mut self, row: [Cell; N]) -> Result<(), ExportError> {
        self.batch.push(row);
        if self.batch.is_full() { self.flush() } else { Ok(()) }
    }

    /// Writes the rows that wait as one row group.
    fn flush(&mut self) -> Result<(), ExportError> {
        let mut names = Names::default();
        block_on(names.load(self.store, self.batch.codes()))?;
        block_on(names.load_leads(self.store, self.batch.leads()))?;
        self.write_group(&names).map_err(|error| ExportError::format(&self.guard.0, error))?;
        self.rows += self.batch.len() as u64;
        self.batch.clear();
        Ok(())
    }

    fn write_group(&mut self, names: &Names) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for (index, column) in self.table.columns.iter().enumerate() {
            let Some(mut chunk) = group.next_column()? else { break };
            self.batch.write_column(index, column, names, &mut chunk)?;
            chunk.close()?;
        }
        group.close()?;
        Ok(())
    }

    /// Writes the rest, and makes sure that it is on the disk.
    pub(crate) fn finish(mut self) -> Result<Whole, ExportError> {
        if !self.batch.is_empty() {
            self.flush()?;
        }
        let Self { guard, mut writer, table, rows, .. } = self;
        writer.finish().map_err(|error| ExportError::format(&guard.0, error))?;
        writer.inner().sync_all().map_err(|error| ExportError::write(&guard.0, error))?;
        let path = guard.0.with_extension("");
        Ok(Whole { guard, written: Written { table: table.name, path, rows } })
    }
}

impl Whole {
    /// Gives the file its name.
    pub(crate) fn rename(self) -> Result<Written, ExportError> {
        fs::rename(&self.guard.0, &self.written.path)
            .map_err(|error| ExportError::write(&self.written.path, error))?;
        Ok(self.written)
    }
}

fn begin(file: File, table: &Table) -> Result<SerializedFileWriter<File>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("leadfold ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    SerializedFileWriter::new(file, table.schema()?, Arc::new(properties))
}
