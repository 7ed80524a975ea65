//! `"{column}"` in a text: how a mapping says which cells make a value.

use std::borrow::Cow;

use crate::column::{Columns, Slot};

/// A text with columns in it.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    source: String,
    parts: Vec<Part>,
}

/// What a value is made into; written `"{column | filter}"`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Filter {
    Integer,
    Number,
    /// Minor units, with this many decimals.
    Money(u8),
    Time,
    Date,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Cell(Slot),
}

impl Template {
    /// Parses a template that may not have a filter.
    pub(crate) fn parse(source: &str, line: u64, columns: &mut Columns) -> Result<Self, String> {
        match Self::parse_filtered(source, line, columns)? {
            (template, None) => Ok(template),
            (_, Some(_)) => Err(format!(
                "expected a template without a filter, found `{source}`; filters belong in `data`"
            )),
        }
    }

    /// Parses a template and the filter of its one column.
    pub(crate) fn parse_filtered(
        source: &str,
        line: u64,
        columns: &mut Columns,
    ) -> Result<(Self, Option<Filter>), String> {
        let mut template = Self { source: source.to_owned(), parts: Vec::new() };
        let mut filter = None;
        let mut rest = source;
        while let Some(at) = rest.find(['{', '}']) {
            template.push_text(&rest[..at]);
            let brace = &rest[at..];
            if let Some(after) = brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
                template.push_text(&brace[..1]);
                rest = after;
                continue;
            }
            let (inside, after) = split_column(brace, source)?;
            let (name, found) = match inside.split_once('|') {
                Some((name, text)) => (name.trim(), Some(Filter::parse(text.trim())?)),
                None => (inside.trim(), None),
            };
            if name.is_empty() {
                return Err(format!(
                    "expected a column in braces, found none in `{source}`; name it"
                ));
            }
            template.parts.push(Part::Cell(columns.slot(name, line)));
            filter = filter.or(found);
            rest = after;
        }
        template.push_text(rest);
        if filter.is_some() && template.parts.len() > 1 {
            return Err(format!(
                "expected a filtered column alone in its template, found `{source}`; remove the \
                 text around it"
            ));
        }
        Ok((template, filter))
    }

    /// The value; none when any of its cells is empty, so that no half value passes for a whole.
    pub(crate) fn render<'a>(&'a self, values: &[&'a str]) -> Option<Cow<'a, str>> {
        match &self.parts[..] {
            [] => return None,
            [Part::Text(text)] => return Some(Cow::Borrowed(text)),
            [Part::Cell(slot)] => {
                return Some(slot.of(values)).filter(|cell| !cell.is_empty()).map(Cow::Borrowed);
            }
            _ => {}
        }
        let mut rendered = String::new();
        for part in &self.parts {
            rendered.push_str(match part {
                Part::Text(text) => text,
                Part::Cell(slot) => Some(slot.of(values)).filter(|cell| !cell.is_empty())?,
            });
        }
        Some(Cow::Owned(rendered))
    }

    /// The text, when there are no columns in it.
    pub(crate) fn constant(&self) -> Option<&str> {
        match &self.parts[..] {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// As it stands in the mapping file.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    fn push_text(&mut self, text: &str) {
        match self.parts.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
    }
}

impl Filter {
    fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<_> = text.split_whitespace().collect();
        match words[..] {
            ["integer"] => Ok(Self::Integer),
            ["number"] => Ok(Self::Number),
            ["time"] => Ok(Self::Time),
            ["date"] => Ok(Self::Date),
            ["money", decimals] => match decimals.parse() {
                Ok(decimals) if decimals <= DECIMALS_MAX => Ok(Self::Money(decimals)),
                _ => Err(format!(
                    "expected `money` with 0 to {DECIMALS_MAX} decimals, found `{text}`; correct it"
                )),
            },
            _ => Err(format!(
                "expected a filter (integer, number, money DECIMALS, time or date), found `{text}`; \
                 correct it"
            )),
        }
    }
}

/// More decimals than any currency has; 64 bits hold no more.
const DECIMALS_MAX: u8 = 18;

/// Splits `{inside}after`.
fn split_column<'a>(brace: &'a str, source: &str) -> Result<(&'a str, &'a str), String> {
    brace
        .strip_prefix('{')
        .and_then(|opened| opened.split_once('}'))
        .filter(|(inside, _)| !inside.contains('{'))
        .ok_or_else(|| {
            format!(
                "expected braces in pairs around a column, found `{source}`; double a brace that \
                 stands for itself"
            )
        })
}
