//! The state machine that finds the cells and the end of one record, chunk by chunk.
//! A record past the limit is still followed to its end, without being kept.

use super::{Dialect, RECORD_BYTES_MAX};

/// The record that is being read.
pub(super) struct Scanner {
    dialect: Dialect,
    state: State,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    any_quoted: bool,
    /// Bytes of the record seen so far, line ends and quotes included.
    length: usize,
    lines: u64,
    first_newline: Option<usize>,
}

/// How far a chunk took the scanner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    /// The record goes on.
    More,
    /// The record is complete.
    End,
    /// A closing quote is followed by text.
    BadQuote,
    /// The rest of a broken record's line has been passed over.
    Skipped,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    CellStart,
    Plain,
    Quoted,
    /// A quote within quotes: the closing one, or the first of a doubled one.
    QuoteSeen,
    /// A carriage return after a closing quote: only a line feed may follow.
    ReturnSeen,
    Skipping,
}

impl Scanner {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            state: State::CellStart,
            bytes: Vec::new(),
            ends: Vec::new(),
            any_quoted: false,
            length: 0,
            lines: 0,
            first_newline: None,
        }
    }

    /// Begins the next record.
    pub(super) fn start(&mut self) {
        self.state = State::CellStart;
        self.bytes.clear();
        self.ends.clear();
        self.any_quoted = false;
        self.length = 0;
        self.lines = 0;
        self.first_newline = None;
    }

    /// Reads on in `chunk` and says how much of it belongs to the record.
    pub(super) fn feed(&mut self, chunk: &[u8]) -> (usize, Step) {
        let (used, step) = self.run(chunk);
        self.length += used;
        if self.is_too_long() {
            self.bytes = Vec::new();
            self.ends = Vec::new();
        }
        (used, step)
    }

    /// The input has ended.
    pub(super) fn finish(&mut self) -> Step {
        match self.state {
            State::Quoted => Step::More,
            State::Skipping => Step::Skipped,
            State::CellStart if self.ends.is_empty() || self.dialect == Dialect::Whitespace => {
                Step::End
            }
            State::CellStart | State::Plain | State::QuoteSeen | State::ReturnSeen => {
                self.end_cell();
                Step::End
            }
        }
    }

    /// Gives the record up and passes over the rest of its line.
    pub(super) fn skip_line(&mut self) {
        self.state = State::Skipping;
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// How many line ends the record has had.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// Where the record's first line ends, from the record's start.
    pub(super) fn first_newline(&self) -> Option<usize> {
        self.first_newline
    }

    /// A line without cells, or with one empty cell that no quotes make a value.
    pub(super) fn is_blank(&self) -> bool {
        self.bytes.is_empty() && self.ends.len() <= 1 && !self.any_quoted
    }

    /// Hands out the bytes of all cells, and where each ends; takes a buffer in exchange.
    pub(super) fn take(&mut self, buffer: Vec<u8>) -> (Vec<u8>, &Vec<usize>) {
        (std::mem::replace(&mut self.bytes, buffer), &self.ends)
    }

    fn run(&mut self, chunk: &[u8]) -> (usize, Step) {
        let mut at = 0;
        while at < chunk.len() {
            if matches!(self.state, State::Plain | State::Quoted | State::Skipping) {
                at += self.run_text(&chunk[at..]);
            }
            let Some(&byte) = chunk.get(at) else { break };
            if byte == b'\n' {
                self.lines += 1;
                self.first_newline.get_or_insert(self.length + at);
            }
            match self.step(byte) {
                Step::More => at += 1,
                // The byte after the quote is left for whoever reads on from here.
                Step::BadQuote => return (at, Step::BadQuote),
                step => return (at + 1, step),
            }
        }
        (chunk.len(), Step::More)
    }

    /// Takes the bytes that mean nothing but themselves.
    fn run_text(&mut self, chunk: &[u8]) -> usize {
        let is_text = |byte: u8| match (self.state, self.dialect) {
            (State::Skipping, _) => byte != b'\n',
            (State::Quoted, _) => byte != b'"' && byte != b'\n',
            (_, Dialect::Delimited(delimiter)) => byte != delimiter && byte != b'\n',
            (_, Dialect::Whitespace) => !is_blank(byte) && byte != b'\n',
        };
        let n = chunk.iter().position(|&byte| !is_text(byte)).unwrap_or(chunk.len());
        if self.state != State::Skipping {
            self.keep(&chunk[..n]);
        }
        n
    }

    fn step(&mut self, byte: u8) -> Step {
        match self.dialect {
            _ if self.state == State::Skipping => Step::Skipped,
            Dialect::Delimited(delimiter) => self.step_delimited(byte, delimiter),
            Dialect::Whitespace => self.step_whitespace(byte),
        }
    }

    fn step_delimited(&mut self, byte: u8, delimiter: u8) -> Step {
        match self.state {
            State::CellStart if byte == b'"' => {
                self.any_quoted = true;
                self.state = State::Quoted;
            }
            State::CellStart | State::Plain | State::QuoteSeen if byte == delimiter => {
                self.end_cell();
                self.state = State::CellStart;
            }
            State::CellStart | State::Plain if byte == b'\n' => {
                self.drop_return();
                self.end_cell();
                return Step::End;
            }
            State::QuoteSeen | State::ReturnSeen if byte == b'\n' => {
                self.end_cell();
                return Step::End;
            }
            State::Quoted if byte == b'"' => self.state = State::QuoteSeen,
            State::QuoteSeen if byte == b'"' => {
                self.keep(b"\"");
                self.state = State::Quoted;
            }
            State::QuoteSeen if byte == b'\r' => self.state = State::ReturnSeen,
            State::QuoteSeen | State::ReturnSeen => return Step::BadQuote,
            State::Quoted => self.keep(&[byte]),
            State::CellStart | State::Plain | State::Skipping => {
                self.keep(&[byte]);
                self.state = State::Plain;
            }
        }
        Step::More
    }

    fn step_whitespace(&mut self, byte: u8) -> Step {
        if !is_blank(byte) && byte != b'\n' {
            self.keep(&[byte]);
            self.state = State::Plain;
            return Step::More;
        }
        if self.state == State::Plain {
            self.end_cell();
            self.state = State::CellStart;
        }
        if byte == b'\n' { Step::End } else { Step::More }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if !self.is_too_long() {
            self.bytes.extend_from_slice(bytes);
        }
    }

    fn end_cell(&mut self) {
        if !self.is_too_long() {
            self.ends.push(self.bytes.len());
        }
    }

    /// The carriage return of a line end is no part of the last cell.
    fn drop_return(&mut self) {
        let cell_start = self.ends.last().copied().unwrap_or(0);
        if self.bytes.len() > cell_start && self.bytes.last() == Some(&b'\r') {
            self.bytes.pop();
        }
    }

    fn is_too_long(&self) -> bool {
        self.length > RECORD_BYTES_MAX
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}
