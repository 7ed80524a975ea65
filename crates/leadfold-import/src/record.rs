//! Reads delimited text record by record, with bounded memory and exact line numbers.
//! A record that cannot be read costs itself and no more: reading goes on at the next line.
//! It is stricter than most readers: text after a closing quote is an error and never a guess.

mod scanner;

use std::io::{self, BufRead, Read};

use crate::RowErrorKind;

use scanner::{Scanner, Step};

/// The longest record in bytes, line ends included; a longer one is skipped and reported.
pub const RECORD_BYTES_MAX: usize = 1 << 20;

/// How many bytes of a broken record are read again, from its second line on.
const REREAD_BYTES_MAX: usize = 1 << 16;

/// How many bytes are read again for each byte of the file, at most: a file made to be broken
/// everywhere costs a multiple of a sound one, and not its square.
const REREAD_FACTOR_MAX: u64 = 8;

/// How a line falls into cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Dialect {
    /// Cells end at this byte and may stand in double quotes (RFC 4180).
    Delimited(u8),
    /// Cells are separated by runs of blanks and tabs; there are no quotes and no empty cells.
    Whitespace,
}

/// The records of one file.
pub(crate) struct Records<R> {
    input: R,
    /// Bytes to read before the input's: the later lines of a broken record.
    back: Vec<u8>,
    back_at: usize,
    /// The lines after the first of the record that is being read.
    tail: Vec<u8>,
    scanner: Scanner,
    /// The number of the line that is read next, 1-based.
    next_line: u64,
    cells_expected: Option<usize>,
    bytes_read: u64,
    bytes_reread: u64,
    record: Record,
}

impl<R: BufRead> Records<R> {
    /// Starts at the beginning of `input`; a byte order mark is passed over.
    pub(crate) fn new(mut input: R, dialect: Dialect) -> io::Result<Self> {
        let mut back = Vec::new();
        input.by_ref().take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut back)?;
        let bytes_read = back.len() as u64;
        if back == BYTE_ORDER_MARK {
            back.clear();
        }
        Ok(Self {
            input,
            back,
            back_at: 0,
            tail: Vec::new(),
            scanner: Scanner::new(dialect),
            next_line: 1,
            cells_expected: None,
            bytes_read,
            bytes_reread: 0,
            record: Record::default(),
        })
    }

    /// From now on a record with another number of cells is broken.
    pub(crate) fn expect_cells(&mut self, n_cells: usize) {
        self.cells_expected = Some(n_cells);
    }

    /// Reads the next record that is not blank.
    pub(crate) fn read(&mut self) -> io::Result<Outcome> {
        loop {
            self.record.line = self.next_line;
            let end = self.scan()?;
            self.next_line += self.scanner.lines();
            let broken = match end {
                End::File => return Ok(Outcome::End),
                End::Record if self.scanner.length() > RECORD_BYTES_MAX => {
                    return Ok(Outcome::Broken(RowErrorKind::RecordTooLong));
                }
                End::Record if self.scanner.is_blank() => continue,
                End::Record => match self.take_record() {
                    Ok(()) => return Ok(Outcome::Record),
                    Err(broken) => broken,
                },
                End::Broken(broken) => broken,
            };
            self.reread_tail();
            return Ok(Outcome::Broken(broken));
        }
    }

    /// The record last read, or the line of the one that was broken.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// How much of the input has been consumed.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    fn scan(&mut self) -> io::Result<End> {
        self.scanner.start();
        self.tail.clear();
        loop {
            let in_back = self.back_at < self.back.len();
            let chunk = match in_back {
                true => &self.back[self.back_at..],
                false => match self.input.fill_buf() {
                    Ok(chunk) => chunk,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(error),
                },
            };
            if chunk.is_empty() {
                return Ok(self.end_of_file());
            }
            let (used, step) = self.scanner.feed(chunk);
            keep_tail(&mut self.tail, &self.scanner, &chunk[..used]);
            if in_back {
                self.back_at += used;
            } else {
                self.input.consume(used);
                self.bytes_read += used as u64;
            }
            match step {
                Step::More => {}
                Step::End => return Ok(End::Record),
                Step::Skipped => return Ok(End::Broken(RowErrorKind::BadQuote)),
                Step::BadQuote if self.can_reread() => {
                    return Ok(End::Broken(RowErrorKind::BadQuote));
                }
                Step::BadQuote => self.scanner.skip_line(),
            }
        }
    }

    fn end_of_file(&mut self) -> End {
        match self.scanner.finish() {
            Step::End if self.scanner.length() == 0 => End::File,
            Step::End => End::Record,
            Step::Skipped => End::Broken(RowErrorKind::BadQuote),
            Step::More | Step::BadQuote => {
                let lines_unread = if self.can_reread() { 0 } else { self.scanner.lines() };
                End::Broken(RowErrorKind::UnclosedQuote { lines_unread })
            }
        }
    }

    /// Whether the record runs over several lines, all of which are still at hand.
    fn can_reread(&self) -> bool {
        let budget = self.bytes_read * REREAD_FACTOR_MAX + REREAD_BYTES_MAX as u64;
        self.scanner.lines() > 0
            && self.tail.len() <= REREAD_BYTES_MAX
            && self.bytes_reread + self.tail.len() as u64 <= budget
    }

    /// Most broken records that run over several lines are one line with a stray quote.
    fn reread_tail(&mut self) {
        if self.can_reread() {
            self.bytes_reread += self.tail.len() as u64;
            self.tail.extend_from_slice(&self.back[self.back_at..]);
            std::mem::swap(&mut self.back, &mut self.tail);
            self.back_at = 0;
            self.next_line = self.record.line + 1;
        }
    }

    fn take_record(&mut self) -> Result<(), RowErrorKind> {
        let bytes = std::mem::take(&mut self.record.text).into_bytes();
        let (bytes, ends) = self.scanner.take(bytes);
        self.record.ends.clone_from(ends);
        self.record.text = String::from_utf8(bytes).map_err(|_| RowErrorKind::NotUtf8)?;
        // A character cut in two by a delimiter is whole again once the delimiter is gone.
        if ends.iter().any(|&end| !self.record.text.is_char_boundary(end)) {
            return Err(RowErrorKind::NotUtf8);
        }
        match self.cells_expected {
            Some(expected) if expected != ends.len() => Err(RowErrorKind::WrongCells {
                expected,
                found: ends.len(),
                lines: self.scanner.lines().max(1),
            }),
            _ => Ok(()),
        }
    }
}

/// One record: its cells, and the line that it begins on.
#[derive(Default)]
pub(crate) struct Record {
    line: u64,
    text: String,
    /// Where each cell ends in `text`.
    ends: Vec<usize>,
}

impl Record {
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell's text without the blanks around it.
    pub(crate) fn cell(&self, idx: usize) -> &str {
        let start = if idx == 0 { 0 } else { self.ends[idx - 1] };
        self.text[start..self.ends[idx]].trim()
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|idx| self.cell(idx))
    }
}

/// What reading a record came to.
#[derive(Debug)]
pub(crate) enum Outcome {
    Record,
    Broken(RowErrorKind),
    End,
}

enum End {
    Record,
    Broken(RowErrorKind),
    File,
}

fn keep_tail(tail: &mut Vec<u8>, scanner: &Scanner, used: &[u8]) {
    let Some(newline) = scanner.first_newline() else { return };
    let used_from = scanner.length() - used.len();
    let later = &used[(newline + 1).saturating_sub(used_from).min(used.len())..];
    // One chunk more than the limit is enough to know that the tail is too long.
    if tail.len() <= REREAD_BYTES_MAX {
        tail.extend_from_slice(later);
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

#[cfg(test)]
mod record_test;
