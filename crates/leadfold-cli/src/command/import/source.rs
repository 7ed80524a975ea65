//! Where lines come from: a log file, the rows of a CSV file, or the export of a CRM.

use std::fs::File;
use std::io::{self, BufReader, Read, Stdin};
use std::ops::Range;
use std::path::{Path, PathBuf};

use leadfold_core::event::LineError;
use leadfold_import::{Census, CrmFile, LeftOut, Mapping, OpenError, RowError, RowErrorKind, Rows};

use super::census::{self, SpillingCensus};
use super::crm::{Crm, read_crm};
use super::line::{Content, Lines};
use super::magic;
use crate::error::CliError;

/// A chunk is handed on when it has this many lines,
const LINES_MAX: usize = 1_024;
/// or this many bytes.
const BYTES_MAX: usize = 256 << 10;

/// An input that can be opened.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    holds: Holds<'a>,
    /// How many bytes there are, where that is known.
    pub(crate) bytes_total: Option<u64>,
}

/// What a source has.
#[derive(Debug)]
enum Holds<'a> {
    Events(Input),
    Rows(&'a Mapping, Input),
    /// All files of an export together: their rows need each other.
    Crm(&'a Crm, Vec<CrmFile>),
}

#[derive(Debug)]
enum Input {
    File(File, PathBuf),
    Stdin(Stdin),
}

/// What a source's lines are made from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Maker {
    /// They are events as they stand there.
    Nobody,
    /// The cells of rows, and a mapping.
    Cells,
    /// The rows of a CRM's export.
    Export,
}

/// Where a line stands, in the order in which a source has them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Place {
    /// Lines of one row are whole or not at all.
    pub(crate) row: u64,
    /// The line of the file, from 1.
    pub(crate) line: u64,
    /// Which of the source's files.
    pub(crate) file: usize,
}

/// Lines of a source, not looked at yet.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    lines: Vec<(Place, Found)>,
    /// Where in the JSON of an export the rows are.
    paths: Vec<(u64, String)>,
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

impl Place {
    /// A line of a source of one file, whose rows are its lines.
    pub(crate) fn of_line(line: u64) -> Self {
        Self { row: line, line, file: 0 }
    }
}

impl Chunk {
    /// The lines with their places: their texts, or why they are refused already.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (Place, Result<&[u8], Refusal>)> {
        self.lines.iter().map(|(place, found)| match found {
            Found::Text(range) => (*place, Ok(&self.bytes[range.clone()])),
            Found::Refused(refusal) => (*place, Err(refusal.clone())),
        })
    }

    /// What a refusal of a line begins with: where in the JSON of an export its row is.
    pub(super) fn path(&self, place: Place) -> String {
        let found = self.paths.binary_search_by_key(&place.row, |(row, _)| *row);
        found.map_or_else(|_| String::new(), |n| format!("{}: ", self.paths[n].1))
    }

    /// Says where in the JSON of an export the next row is.
    pub(super) fn begin_row(&mut self, row: u64, path: String) {
        if !path.is_empty() {
            self.paths.push((row, path));
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.lines.len() >= LINES_MAX || self.bytes.len() >= BYTES_MAX
    }

    pub(super) fn refuse(&mut self, place: Place, refusal: impl Into<Refusal>) {
        self.lines.push((place, Found::Refused(refusal.into())));
    }

    /// Adds the text of an event that a row became.
    pub(super) fn push(
        &mut self,
        place: Place,
        event: &serde_json::Map<String, serde_json::Value>,
    ) -> io::Result<()> {
        let start = self.bytes.len();
        serde_json::to_writer(&mut self.bytes, event).map_err(io::Error::from)?;
        self.lines.push((place, Found::Text(start..self.bytes.len())));
        Ok(())
    }
}

impl<'a> Source<'a> {
    /// Opens a file, or standard input for `-`; a mapping makes it CSV.
    pub(crate) fn open(path: &Path, mapping: Option<&'a Mapping>) -> Result<Self, CliError> {
        if path.as_os_str() == "-" {
            magic::look_into_stdin()?;
            return Ok(Self::new(Input::Stdin(io::stdin()), mapping, None));
        }
        let path = match mapping {
            Some(mapping) if path.is_dir() => path.join(mapping.input_file()),
            _ => path.to_owned(),
        };
        let unreadable = |error: io::Error| {
            CliError::Input(format!("cannot read {}: {error}; check the path", path.display()))
        };
        let mut file = File::open(&path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(unreadable(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        if metadata.is_file() {
            magic::look_into(&mut file, &path)?;
            // What is wrong with header or lookup tables is known before there is a store.
            if let Some(mapping) = mapping {
                let rows = mapping.open(&path, SpillingCensus::default());
                rows.map_err(|error| CliError::Input(error.to_string()))?;
            }
        }
        let bytes_total = metadata.is_file().then_some(metadata.len());
        Ok(Self::new(Input::File(file, path), mapping, bytes_total))
    }

    fn new(input: Input, mapping: Option<&'a Mapping>, bytes_total: Option<u64>) -> Self {
        let holds = match mapping {
            Some(mapping) => Holds::Rows(mapping, input),
            None => Holds::Events(input),
        };
        Self { holds, bytes_total }
    }

    /// The files of an export, which are read together.
    pub(crate) fn of_crm(crm: &'a Crm, files: Vec<CrmFile>) -> Self {
        Self { holds: Holds::Crm(crm, files), bytes_total: None }
    }

    /// What its lines are made from. Those of one row have its place, and are in one chunk.
    pub(crate) fn maker(&self) -> Maker {
        match self.holds {
            Holds::Events(_) => Maker::Nobody,
            Holds::Rows(..) => Maker::Cells,
            Holds::Crm(..) => Maker::Export,
        }
    }

    /// What to do about an event whose id the log has with other content.
    pub(crate) fn remedy(&self) -> &'static str {
        match self.holds {
            Holds::Events(_) | Holds::Rows(..) => "give this event an id of its own",
            Holds::Crm(..) => {
                "the row says something else than when it was imported first, and the log keeps \
                 that; append a `corrected` event if the row is right now"
            }
        }
    }

    /// Reads everything, chunk by chunk, until nobody takes chunks any more.
    pub(crate) fn read(self, mut take: impl FnMut(Chunk) -> bool) -> Result<LeftOut, CliError> {
        let nothing = |()| LeftOut::default();
        match self.holds {
            Holds::Events(Input::File(file, path)) => read_events(file, &mut take)
                .map(nothing)
                .map_err(|error| cannot_go_on(&path, &error)),
            Holds::Events(Input::Stdin(stdin)) => read_events(stdin, &mut take)
                .map(nothing)
                .map_err(|error| cannot_go_on("stdin", &error)),
            Holds::Rows(mapping, Input::File(file, path)) => {
                drop(file);
                let rows = mapping.open(&path, SpillingCensus::default());
                read_rows(rows, &mut take).map(nothing)
            }
            Holds::Rows(mapping, Input::Stdin(stdin)) => {
                let census = SpillingCensus::default();
                let rows = mapping.read(stdin, "stdin", Path::new("."), census);
                read_rows(rows, &mut take).map(nothing)
            }
            Holds::Crm(crm, files) => read_crm(crm, &files, &mut take),
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
        let line = Place::of_line(lines.line());
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
        let line = Place::of_line(line);
        // A row is whole or not at all, so a chunk ends between rows.
        let is_next = chunk.lines.last().is_some_and(|(before, _)| *before != line);
        if is_next && chunk.is_full() && !take(std::mem::take(&mut chunk)) {
            return Ok(());
        }
        match row {
            Ok(row) => chunk.push(line, &row.event)?,
            Err(error) if error.is_fatal() => {
                take(chunk);
                return Err(ended_by(&error));
            }
            Err(error) => {
                let refusal = Refusal { code: error.code(), message: error.kind.to_string() };
                chunk.refuse(line, refusal);
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
