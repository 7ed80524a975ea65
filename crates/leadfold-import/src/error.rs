//! What can be wrong with a mapping file, with the files that it names, and with one row.
//! Messages name columns and shapes, never a row: rows hold people's data.

use std::{io, path::PathBuf, sync::Arc};

use crate::{decimal::DecimalError, record::RECORD_BYTES_MAX, time::TimeError};

/// A mapping file that cannot be used.
///
/// ```
/// use leadfold_import::Mapping;
///
/// let error = Mapping::parse("format = 'leadfold-mapping/9'", "shop.toml").unwrap_err();
/// assert_eq!(error.line(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{file}, line {line}: {message}")]
pub struct MappingError {
    file: Arc<str>,
    line: u64,
    message: String,
}

impl MappingError {
    pub(crate) fn new(file: &Arc<str>, line: u64, message: impl Into<String>) -> Self {
        Self { file: file.clone(), line, message: message.into() }
    }

    /// The line of the mapping file, 1-based.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// What was expected, what was found, and what to do.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// A file that the mapping names and that cannot be read as the mapping says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The operating system refuses the file.
    #[error("cannot read {}: {source}; check the path and its permissions", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// There is no header to take column names from.
    #[error(
        "{file} is empty: expected a header line; if the file has none, list the names as \
         `columns` in the mapping"
    )]
    NoHeader {
        /// The file.
        file: String,
    },
    /// The header line, or a row of a lookup table, cannot be read.
    #[error("line {line} of {file}: {kind}")]
    Row {
        /// The file.
        file: String,
        /// The line, 1-based.
        line: u64,
        /// What is wrong with it.
        kind: RowErrorKind,
    },
    /// The mapping uses a column that its file does not have, or has twice.
    #[error(
        "{mapping}, line {line}: expected one column `{column}` in {file}, found {found}; \
         {columns}"
    )]
    Column {
        /// The mapping file.
        mapping: Arc<str>,
        /// The line of the mapping file that first uses the column, 1-based.
        line: u64,
        /// The column.
        column: String,
        /// The file that should have it.
        file: String,
        /// How many columns of that name there are.
        found: usize,
        /// The columns that there are, in words.
        columns: String,
    },
    /// A lookup table has a key twice, so it cannot say which row is meant.
    #[error(
        "line {line} of {file}: expected each `{key}` once, found this one on line {first} too; \
         remove one of the rows"
    )]
    DuplicateKey {
        /// The lookup table.
        file: String,
        /// The second row with the key, 1-based.
        line: u64,
        /// The first row with the key, 1-based.
        first: u64,
        /// The key's column.
        key: String,
    },
    /// A lookup table is too large to be held in memory.
    #[error(
        "{file} is too large for a lookup table: expected at most {limit} bytes in the columns \
         used; use fewer columns or join the files beforehand"
    )]
    LookupTooLarge {
        /// The lookup table.
        file: String,
        /// The limit in bytes, [`LOOKUP_BYTES_MAX`](crate::LOOKUP_BYTES_MAX).
        limit: usize,
    },
}

/// A row that became no event.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of {file}: {kind}")]
pub struct RowError {
    /// The source file.
    pub file: Arc<str>,
    /// The line on which the row begins, 1-based.
    pub line: u64,
    /// What is wrong.
    #[source]
    pub kind: RowErrorKind,
}

impl RowError {
    /// The kind's name in snake case.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// Whether the rest of the file remains unread because of it.
    pub fn is_fatal(&self) -> bool {
        matches!(self.kind, RowErrorKind::Read(_) | RowErrorKind::Census(_))
    }
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowErrorKind {
    /// Another number of cells than the header has.
    #[error(
        "expected {expected} cells, found {found} in {lines} line(s); look for a stray quote or \
         delimiter"
    )]
    WrongCells {
        /// The header's number of cells.
        expected: usize,
        /// The row's number of cells.
        found: usize,
        /// Over how many lines the row runs.
        lines: u64,
    },
    /// Text follows a closing quote.
    #[error(
        "expected a delimiter or the end of the line after a closing quote, found text; double \
         the quotes inside a quoted cell"
    )]
    BadQuote,
    /// A quoted cell runs to the end of the file.
    #[error(
        "expected a closing quote, found the end of the file{}; close the quote",
        match lines_unread {
            0 => String::new(),
            n => format!(" {n} lines later, all of them unread"),
        }
    )]
    UnclosedQuote {
        /// How many lines the quote swallows; 0 where reading goes on at the next line.
        lines_unread: u64,
    },
    /// The record is longer than any record may be.
    #[error(
        "expected a record of at most {RECORD_BYTES_MAX} bytes, found a longer one; look for a \
         quote that is never closed, or shorten the cell"
    )]
    RecordTooLong,
    /// The record is not UTF-8.
    #[error("expected UTF-8, found other bytes; convert the file to UTF-8")]
    NotUtf8,
    /// Neither a rule nor an `ignore` is for this row.
    #[error(
        "expected a rule for every row, found none for {}; add a rule or an [[ignore]] for it",
        if seen.is_empty() { "this one" } else { seen }
    )]
    Unmatched {
        /// The cells that the rules compare with listed values.
        seen: String,
    },
    /// The lead's key is empty.
    #[error(
        "expected a lead key from `{template}`, found an empty cell; fill it or ignore the row"
    )]
    NoLead {
        /// The mapping's template.
        template: String,
    },
    /// A rule matches, and every cell that could say when is empty.
    #[error(
        "expected a time for `{event}` from `{template}`, found an empty cell; fill it, or let \
         the rule match only rows that have one"
    )]
    NoTime {
        /// The event's type.
        event: String,
        /// The mapping's templates.
        template: String,
    },
    /// A text that no time format fits, or no instant in the mapping's time zone.
    #[error("`{template}`: {fault}")]
    BadTime {
        /// The mapping's template.
        template: String,
        /// What is wrong with the text.
        fault: TimeError,
    },
    /// A text that is no amount of money, no integer or no number.
    #[error("`{template}`: {fault} (found text shaped like `{found}`)")]
    BadNumber {
        /// The mapping's template.
        template: String,
        /// What is wrong with the text.
        fault: DecimalError,
        /// The text's shape: its letters and digits replaced.
        found: String,
    },
    /// A key that the lookup table does not have.
    #[error(
        "expected a row in {file} for this row's `{column}`, found none; add it, correct the key \
         by [replace], or say `missing = \"empty\"` in the join"
    )]
    NotJoined {
        /// The lookup table.
        file: String,
        /// The row's column.
        column: String,
    },
    /// The file cannot be read on.
    #[error("cannot read on: {0}; import the file again once it can be read")]
    Read(#[source] io::Error),
    /// The census cannot count.
    #[error("cannot count leads: {0}; import the file again once there is room")]
    Census(#[source] io::Error),
}

impl RowErrorKind {
    /// The kind's name in snake case, for reports.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongCells { .. } => "wrong_cells",
            Self::BadQuote => "bad_quote",
            Self::UnclosedQuote { .. } => "unclosed_quote",
            Self::RecordTooLong => "record_too_long",
            Self::NotUtf8 => "not_utf8",
            Self::Unmatched { .. } => "unmatched_row",
            Self::NoLead { .. } => "no_lead",
            Self::NoTime { .. } => "no_time",
            Self::BadTime { fault, .. } => fault.code(),
            Self::BadNumber { .. } => "bad_number",
            Self::NotJoined { .. } => "not_joined",
            Self::Read(_) => "read_failed",
            Self::Census(_) => "census_failed",
        }
    }
}
