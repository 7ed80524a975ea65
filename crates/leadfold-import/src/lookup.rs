//! A small table that is held in memory, to join its columns to the rows of a large one.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use crate::{
    OpenError, RowErrorKind,
    record::{Dialect, Outcome, Records},
};

/// The most memory that the cells of one lookup table may take, in bytes.
pub const LOOKUP_BYTES_MAX: usize = 256 << 20;

/// The columns of a lookup table that the mapping uses, by key.
#[derive(Debug)]
pub(crate) struct Lookup {
    rows: HashMap<Box<str>, Row>,
}

#[derive(Debug)]
struct Row {
    line: u64,
    cells: Box<[Box<str>]>,
}

impl Lookup {
    /// Reads all rows; `key` and `columns` are the indices of the cells to keep.
    pub(crate) fn load(
        table: &mut Table<'_>,
        key: usize,
        columns: &[usize],
    ) -> Result<Self, OpenError> {
        let mut rows: HashMap<Box<str>, Row> = HashMap::new();
        let mut n_bytes = 0;
        while table.next_row()? {
            let record = table.records.record();
            if record.cell(key).is_empty() {
                continue;
            }
            let cells: Box<[Box<str>]> =
                columns.iter().map(|&column| record.cell(column).into()).collect();
            let texts = cells.iter().map(AsRef::as_ref).chain([record.cell(key)]);
            n_bytes += texts.map(|text| text.len() + size_of::<Box<str>>()).sum::<usize>();
            if n_bytes > LOOKUP_BYTES_MAX {
                let file = table.name.clone();
                return Err(OpenError::LookupTooLarge { file, limit: LOOKUP_BYTES_MAX });
            }
            let line = record.line();
            if let Some(first) = rows.insert(record.cell(key).into(), Row { line, cells }) {
                return Err(OpenError::DuplicateKey {
                    file: table.name.clone(),
                    line,
                    first: first.line,
                    key: table.header[key].clone(),
                });
            }
        }
        Ok(Self { rows })
    }

    /// The cells kept of the row with this key.
    pub(crate) fn row(&self, key: &str) -> Option<&[Box<str>]> {
        self.rows.get(key).map(|row| &*row.cells)
    }
}

/// A file with a header.
pub(crate) struct Table<'a> {
    /// As messages call it.
    pub(crate) name: String,
    pub(crate) header: Vec<String>,
    pub(crate) records: Records<Box<dyn BufRead + 'a>>,
}

impl<'a> Table<'a> {
    /// Opens a file and reads its header.
    pub(crate) fn open(
        path: &Path,
        name: &str,
        dialect: Dialect,
        columns: Option<&[String]>,
    ) -> Result<Self, OpenError> {
        let file =
            File::open(path).map_err(|source| OpenError::Read { path: path.to_owned(), source })?;
        Self::new(file, name, dialect, columns)
    }

    /// Takes the given column names, or else those of the first record.
    pub(crate) fn new(
        input: impl Read + 'a,
        name: &str,
        dialect: Dialect,
        columns: Option<&[String]>,
    ) -> Result<Self, OpenError> {
        let name = name.to_owned();
        let input: Box<dyn BufRead + 'a> = Box::new(BufReader::with_capacity(READ_BYTES, input));
        let records = Records::new(input, dialect)
            .map_err(|source| OpenError::Read { path: (&name).into(), source })?;
        let mut table = Self { name, header: Vec::new(), records };
        table.header = match columns {
            Some(columns) => columns.to_vec(),
            None if table.next_row()? => {
                table.records.record().cells().map(ToOwned::to_owned).collect()
            }
            None => return Err(OpenError::NoHeader { file: table.name }),
        };
        table.records.expect_cells(table.header.len());
        Ok(table)
    }

    fn next_row(&mut self) -> Result<bool, OpenError> {
        let outcome = self
            .records
            .read()
            .map_err(|source| OpenError::Read { path: (&self.name).into(), source })?;
        match outcome {
            Outcome::Record => Ok(true),
            Outcome::End => Ok(false),
            Outcome::Broken(kind) => Err(self.broken(kind)),
        }
    }

    fn broken(&self, kind: RowErrorKind) -> OpenError {
        OpenError::Row { file: self.name.clone(), line: self.records.record().line(), kind }
    }
}

/// Few system calls, and little memory.
const READ_BYTES: usize = 1 << 16;
