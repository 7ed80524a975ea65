//! A TOML text under a name, read into any type; a fault becomes an error with its place.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use crate::complaint::{Complaint, shown};
use crate::error::{PlaybookError, PlaybookFault};
use crate::outline::{Node, Outline};

/// The text of a file.
#[derive(Clone, Debug)]
pub(crate) struct Document<'a> {
    file: Arc<str>,
    text: &'a str,
}

impl<'a> Document<'a> {
    /// `file` is what messages call it.
    pub(crate) fn new(text: &'a str, file: &str) -> Self {
        // The mark that some editors put first is in no column.
        Self { file: file.into(), text: text.strip_prefix('\u{feff}').unwrap_or(text) }
    }

    /// The text as a value of a type, by the type's own rules. `tables` are the names of sections
    /// that are one table each: serde would take a list for the values of its keys, in order.
    pub(crate) fn read<T: DeserializeOwned>(&self, tables: &[&str]) -> Result<T, PlaybookError> {
        let document = DeTable::parse(self.text).map_err(|error| self.of_syntax(&error))?;
        let value = |name: &str| document.get_ref().get(name).map(Spanned::get_ref);
        if let Some(name) = tables.iter().find(|name| value(name).is_some_and(is_list)) {
            return Err(self.at_key(list_for_table(name)));
        }
        T::deserialize(Deserializer::from(document)).map_err(|error| self.of_value(&error))
    }

    /// The error of a fault, at the place of its key; where the file does not write that out, at
    /// the place of what it is a part of.
    pub(crate) fn at_key(&self, fault: PlaybookFault) -> PlaybookError {
        let outline = Outline::of(self.text);
        let parts = fault.key.rmatch_indices(['.', '[']).map(|(end, _)| &fault.key[..end]);
        let mut paths = std::iter::once(fault.key.as_str()).chain(parts);
        let start = paths.find_map(|path| outline.named(path)).map_or(0, |node| node.value.start);
        let PlaybookFault { key, expected, found, advice } = fault;
        let (line, column) = self.place(start);
        PlaybookError {
            file: self.file.clone(),
            line,
            column,
            key: Some(key),
            expected,
            found,
            advice,
        }
    }

    fn of_syntax(&self, error: &Error) -> PlaybookError {
        let span = error.span().unwrap_or_default();
        let outline = Outline::of(self.text);
        self.complain(Complaint::of_syntax(error.message()), &span, outline.at(&span))
    }

    fn of_value(&self, error: &Error) -> PlaybookError {
        let complaint = Complaint::of_value(error.message());
        let span = error.span().unwrap_or_default();
        let outline = Outline::of(self.text);
        match &complaint.unknown_key {
            None => {
                let node = outline.at(&span);
                self.complain(complaint, &span, node)
            }
            Some(key) => {
                let node = outline.of_key(&span, key);
                let span = node.map_or(span, |node| node.key.clone());
                self.complain(complaint, &span, node)
            }
        }
    }

    fn complain(
        &self,
        complaint: Complaint,
        span: &Range<usize>,
        node: Option<&Node>,
    ) -> PlaybookError {
        let (line, column) = self.place(span.start);
        // The parser disguises a bare date or time as a table; the file does not.
        let told = complaint.found.filter(|_| node.is_none_or(|node| !node.is_time));
        PlaybookError {
            file: self.file.clone(),
            line,
            column,
            key: node.map(|node| shown(&node.path)),
            expected: complaint.expected,
            found: told.unwrap_or_else(|| self.found(span)),
            advice: complaint.advice,
        }
    }

    /// What stands at a place.
    fn found(&self, span: &Range<usize>) -> String {
        let rest = self.text.get(span.start..).unwrap_or_default();
        let there = rest.get(..span.len()).filter(|there| !there.is_empty()).unwrap_or(rest);
        match there.lines().next() {
            None => "the end of the file".to_owned(),
            Some("") => "the end of the line".to_owned(),
            Some(line) => format!("`{}`", shown(line)),
        }
    }

    /// Line and column of a byte, both from 1.
    fn place(&self, start: usize) -> (u32, u32) {
        let before = self.text.get(..start).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }
}

fn is_list(value: &DeValue<'_>) -> bool {
    matches!(value, DeValue::Array(_))
}

fn list_for_table(name: &str) -> PlaybookFault {
    PlaybookFault {
        key: name.to_owned(),
        expected: format!("one table `[{name}]`"),
        found: "a list".to_owned(),
        advice: format!("write `[{name}]` once, and its keys below it"),
    }
}

#[cfg(test)]
mod document_test;
