//! Lines of bounded length, whatever the file.

use std::io::{self, BufRead};

use leadfold_core::event::LINE_BYTES_MAX;

/// What a byte order mark looks like in UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads lines that end with LF or CRLF, the last one perhaps without.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: R,
    line: u64,
    bytes_read: u64,
}

/// What stands on a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Content {
    /// Nothing but white space.
    Blank,
    /// Text, appended to the buffer.
    Text,
    /// More than a line may have; it was read over and not kept.
    TooLong,
}

impl<R: BufRead> Lines<R> {
    /// The lines of an input.
    pub(crate) fn new(input: R) -> Self {
        Self { input, line: 0, bytes_read: 0 }
    }

    /// The number of the line read last, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// How many bytes have been read.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Appends the next line without its end to the buffer; none at the end of the input.
    pub(crate) fn read(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<Content>> {
        let start = buffer.len();
        let (mut is_too_long, mut is_ended, mut any) = (false, false, false);
        while !is_ended {
            let chunk = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            is_ended = end.is_some();
            let used = part.len() + usize::from(is_ended);
            // Two more than a line may have: CR, and the byte order mark, do not count.
            is_too_long |= buffer.len() - start + part.len() > LINE_BYTES_MAX + 1 + BOM.len();
            if is_too_long {
                buffer.truncate(start);
            } else {
                buffer.extend_from_slice(part);
            }
            self.input.consume(used);
            self.bytes_read += used as u64;
        }
        if !any {
            return Ok(None);
        }
        self.line += 1;
        Ok(Some(if is_too_long { Content::TooLong } else { self.trim(buffer, start) }))
    }

    fn trim(&self, buffer: &mut Vec<u8>, start: usize) -> Content {
        if buffer.last() == Some(&b'\r') && buffer.len() > start {
            buffer.pop();
        }
        if self.line == 1 && buffer[start..].starts_with(BOM) {
            buffer.drain(start..start + BOM.len());
        }
        if buffer.len() - start > LINE_BYTES_MAX {
            buffer.truncate(start);
            return Content::TooLong;
        }
        if buffer[start..].iter().all(u8::is_ascii_whitespace) {
            buffer.truncate(start);
            return Content::Blank;
        }
        Content::Text
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn lines(input: &[u8], capacity: usize) -> Vec<(u64, Content, String)> {
        let mut lines = Lines::new(BufReader::with_capacity(capacity, input));
        let mut found = Vec::new();
        let mut buffer = Vec::new();
        while let Some(content) = lines.read(&mut buffer).expect("memory does not fail") {
            let text = String::from_utf8(std::mem::take(&mut buffer)).expect("UTF-8");
            found.push((lines.line(), content, text));
        }
        assert_eq!(lines.bytes_read(), input.len() as u64);
        found
    }

    #[test]
    fn ends_marks_and_blanks_do_not_count() {
        let input = b"\xef\xbb\xbfa\r\n\r\n  \nb\n\nc";
        let text = |n, text: &str| (n, Content::Text, text.to_owned());
        let blank = |n| (n, Content::Blank, String::new());
        for capacity in [1, 2, 3, 64] {
            let expected = [text(1, "a"), blank(2), blank(3), text(4, "b"), blank(5), text(6, "c")];
            assert_eq!(lines(input, capacity), expected);
        }
        assert_eq!(lines(b"", 8), []);
        assert_eq!(lines(b"\n", 8), [blank(1)]);
    }

    #[test]
    fn a_line_that_is_too_long_is_read_over() {
        for (len, ends, expected) in [
            (LINE_BYTES_MAX, "\r\n", Content::Text),
            (LINE_BYTES_MAX, "\n", Content::Text),
            (LINE_BYTES_MAX + 1, "\n", Content::TooLong),
            (LINE_BYTES_MAX + 1, "\r\n", Content::TooLong),
            (3 * LINE_BYTES_MAX, "\n", Content::TooLong),
        ] {
            let input = format!("a\n{}{ends}b", "x".repeat(len));
            let found = lines(input.as_bytes(), 8_192);
            assert_eq!(found.len(), 3);
            assert_eq!((found[1].0, found[1].1), (2, expected), "{len} bytes");
            assert_eq!(found[1].2.len(), if expected == Content::Text { len } else { 0 });
            assert_eq!(found[2], (3, Content::Text, "b".to_owned()));
        }
    }
}
