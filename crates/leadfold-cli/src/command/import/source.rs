//! Where lines come from: a log file, or the rows of a CSV file.

use std::fs::File;
use std::io::{self, BufReader, Read, Stdin};
use std::ops::Range;
use std::path::{Path, PathBuf};

use leadfold_core::event::LineError;
use leadfold_import::{Census, Mapping, OpenError, RowError, RowErrorKind, Rows};

use super::census::{self, SpillingCensus};
use super::line::{Content, Lines};
use crate::error::CliError;

/// A chunk is handed on when it has this many lines,
const LINES_MAX: usize = 1_024;
/// or this many bytes.
const BYTES_MAX: usize = 256 << 10;

/// An input that can be opened.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    input: Input,
    /// For CSV.
    mapping: Option<&'a Mapping>,
    /// How many bytes there are, where that is known.
    pub(crate) bytes_total: Option<u64>,
}

#[derive(Debug)]
enum Input {
    File(File, PathBuf),
    Stdin(Stdin),
}

/// Lines of a source, not looked at yet.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    lines: Vec<(u64, Found)>,
    /// How many bytes of the source had been read.
    pub(crate) bytes_read: u64,
}

/// What a source has on a line.
#[derive(Debug)]
enum Found {
    /// Text, in the chunk's bytes.
    Text(Range<usize>),
    /// What is refused already.
    Refused(Refusal),
}

/// Why a line was refused.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl From<LineError> for Refusal {
    fn from(error: LineError) -> Self {
        Self { code: error.code.as_str(), message: error.to_string() }
    }
}

impl Chunk {
    /// The lines with their numbers: their texts, or why they are refused already.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (u64, Result<&[u8], Refusal>)> {
        self.lines.iter().map(|(line, found)| match found {
            Found::Text(range) => (*line, Ok(&self.bytes[range.clone()])),
            Found::Refused(refusal) => (*line, Err(refusal.clone())),
        })
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= LINES_MAX || self.bytes.len() >= BYTES_MAX
    }

    fn refuse(&mut self, line: u64, refusal: impl Into<Refusal>) {
        self.lines.push((line, Found::Refused(refusal.into())));
    }
}

impl<'a> Source<'a> {
    /// Opens a file, or standard input for `-`; a mapping makes it CSV.
    pub(crate) fn open(path: &Path, mapping: Option<&'a Mapping>) -> Result<Self, CliError> {
        if path.as_os_str() == "-" {
            return Ok(Self { input: Input::Stdin(io::stdin()), mapping, bytes_total: None });
        }
        let path = match mapping {
            Some(mapping) if path.is_dir() => path.join(mapping.input_file()),
            _ => path.to_owned(),
        };
        let unreadable = |error: io::Error| {
            CliError::Input(format!("cannot read {}: {error}; check the path", path.display()))
        };
        let file = File::open(&path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(unreadable(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let bytes_total = metadata.is_file().then_some(metadata.len());
        Ok(Self { input: Input::File(file, path), mapping, bytes_total })
    }

    /// Whether its lines are events that rows of a CSV file became. Those of one row have its line,
    /// and are in one chunk.
    pub(crate) fn has_rows(&self) -> bool {
        self.mapping.is_some()
    }

    /// Reads everything, chunk by chunk, until nobody takes chunks any more.
    pub(crate) fn read(self, mut take: impl FnMut(Chunk) -> bool) -> Result<(), CliError> {
        match (self.mapping, self.input) {
            (None, Input::File(file, path)) => {
                read_events(file, &mut take).map_err(|error| cannot_go_on(&path, &error))
            }
            (None, Input::Stdin(stdin)) => {
                read_events(stdin, &mut take).map_err(|error| cannot_go_on("stdin", &error))
            }
            (Some(mapping), Input::File(file, path)) => {
                drop(file);
                read_rows(mapping.open(&path, SpillingCensus::default()), &mut take)
            }
            (Some(mapping), Input::Stdin(stdin)) => {
                let census = SpillingCensus::default();
                read_rows(mapping.read(stdin, "stdin", Path::new("."), census), &mut take)
            }
        }
    }
}

fn cannot_go_on(path: impl AsRef<Path>, error: &io::Error) -> CliError {
    CliError::Input(format!(
        "cannot read on in {}: {error}; what came before is in the log: import it again once it \
         can be read",
        path.as_ref().display()
    ))
}

/// The row did not end the import by what it says: a file or the census failed.
fn ended_by(error: &RowError) -> CliError {
    match &error.kind {
        RowErrorKind::Census(error) => census::failed(error),
        _ => CliError::Input(error.to_string()),
    }
}

fn read_events(input: impl Read, take: &mut impl FnMut(Chunk) -> bool) -> io::Result<()> {
    let mut lines = Lines::new(BufReader::with_capacity(64 << 10, input));
    let mut chunk = Chunk::default();
    loop {
        let start = chunk.bytes.len();
        let content = lines.read(&mut chunk.bytes)?;
        let line = lines.line();
        match content {
            None => break,
            Some(Content::Blank) => {}
            Some(Content::Text) => {
                chunk.lines.push((line, Found::Text(start..chunk.bytes.len())));
            }
            Some(Content::TooLong) => chunk.refuse(line, LineError::too_long()),
        }
        chunk.bytes_read = lines.bytes_read();
        if chunk.is_full() && !take(std::mem::take(&mut chunk)) {
            return Ok(());
        }
    }
    take(chunk);
    Ok(())
}

fn read_rows<C: Census>(
    rows: Result<Rows<'_, C>, OpenError>,
    take: &mut impl FnMut(Chunk) -> bool,
) -> Result<(), CliError> {
    let mut rows = rows.map_err(|error| CliError::Input(error.to_string()))?;
    let mut chunk = Chunk::default();
    while let Some(row) = rows.next() {
        let line = row.as_ref().map_or_else(|error| error.line, |row| row.line);
        // A row is whole or not at all, so a chunk ends between rows.
        let is_next = chunk.lines.last().is_some_and(|(before, _)| *before != line);
        if is_next && chunk.is_full() && !take(std::mem::take(&mut chunk)) {
            return Ok(());
        }
        match row {
            Ok(row) => {
                let start = chunk.bytes.len();
                serde_json::to_writer(&mut chunk.bytes, &row.event).map_err(io::Error::from)?;
                chunk.lines.push((row.line, Found::Text(start..chunk.bytes.len())));
            }
            Err(error) if error.is_fatal() => {
                take(chunk);
                return Err(ended_by(&error));
            }
            Err(error) => {
                let refusal = Refusal { code: error.code(), message: error.kind.to_string() };
                chunk.refuse(error.line, refusal);
            }
        }
        chunk.bytes_read = rows.bytes_read();
    }
    take(chunk);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There is no room for a count.
    struct Full;

    impl Census for Full {
        fn count(&mut self, _: &[u8]) -> io::Result<u64> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    #[test]
    fn census_that_fails_is_no_fault_of_the_rows() {
        let mapping = r#"
            format = "leadfold-mapping/1"
            system = "shop"
            lead = "{id}"
            [input]
            file = "rows.csv"
            [[event]]
            type = "captured"
            once = "lead"
            at = "{at}"
        "#;
        let mapping = Mapping::parse(mapping, "map.toml").expect("a sound mapping");
        let rows = mapping.read(
            "id,at\n1,2024-02-01T09:00:00Z\n".as_bytes(),
            "rows",
            Path::new("."),
            Full,
        );
        let error = read_rows(rows, &mut |_| true).expect_err("it cannot count");
        assert_eq!(error.status(), 4, "{error}");
    }
}
