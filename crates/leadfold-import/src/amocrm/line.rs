//! Lines of bodies, of bounded length.

use std::io::{self, BufRead, Read};

use super::BOM;
use crate::{RECORD_BYTES_MAX, crm::error::CrmFault};

/// Reads lines that are not blank.
#[derive(Debug)]
pub(super) struct BodyLines<R> {
    input: R,
    buffer: Vec<u8>,
    number: u64,
}

impl<R: BufRead> BodyLines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, buffer: Vec::new(), number: 0 }
    }

    /// The next line that is not blank with its number from 1, or the fault of one that is too
    /// long; none at the end.
    pub(super) fn next_line(&mut self) -> io::Result<Option<(u64, Line<'_>)>> {
        loop {
            self.buffer.clear();
            let limit = RECORD_BYTES_MAX as u64 + 1;
            let read = self.input.by_ref().take(limit).read_until(b'\n', &mut self.buffer)?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if read as u64 == limit && self.buffer.last() != Some(&b'\n') {
                self.skip()?;
                return Ok(Some((self.number, Err(CrmFault::LineTooLong))));
            }
            if !self.text().is_empty() {
                return Ok(Some((self.number, Ok(self.text()))));
            }
        }
    }

    /// The line, without the mark with which a file may begin.
    fn text(&self) -> &[u8] {
        let text = self.buffer.strip_prefix(BOM).filter(|_| self.number == 1);
        text.unwrap_or(&self.buffer).trim_ascii()
    }

    /// Reads over the rest of a line.
    fn skip(&mut self) -> io::Result<()> {
        loop {
            let chunk = self.input.fill_buf()?;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(chunk.len(), |end| end + 1);
            self.input.consume(used);
            if end.is_some() || used == 0 {
                return Ok(());
            }
        }
    }
}

/// The text of a line.
type Line<'a> = Result<&'a [u8], CrmFault>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_of_a_file_is_no_text() {
        let mut lines = BodyLines::new("\u{feff}a=1".as_bytes());
        let line = lines.next_line().expect("memory does not fail").expect("a line");
        assert_eq!(line, (1, Ok(&b"a=1"[..])));
    }

    #[test]
    fn a_line_that_is_too_long_does_not_stop_the_next() {
        let text = format!("a=1\r\n\n  \n{}\nb=2", "x".repeat(RECORD_BYTES_MAX + 5));
        let mut lines = BodyLines::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some((number, line)) = lines.next_line().expect("memory does not fail") {
            let line = line.map(|text| String::from_utf8_lossy(text).into_owned());
            found.push((line.map_err(|fault| fault.code()), number));
        }
        let expected = [(Ok("a=1".into()), 1), (Err("line_too_long"), 4), (Ok("b=2".into()), 5)];
        assert_eq!(found, expected);
    }
}
