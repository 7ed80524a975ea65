//! What became of the lines of an import.

use std::fmt;

use leadfold_import::LeftOut;
use serde::Serialize;

use super::source::Refusal;
use super::unknown::UnknownTypes;
use crate::error::Outcome;
use crate::message::tell;
use crate::table::one_line;
use crate::text::{count, counted};

/// Refusals that are listed; all are counted. So a file of nothing but faults has one report.
const LISTED_MAX: usize = 1_000;

/// Refusals that are shown to people as they read the log of a terminal.
const SHOWN_MAX: usize = 20;

/// Counts in the contract's shape: what was read was appended, known or refused.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Summary {
    pub(crate) read: u64,
    pub(crate) appended: u64,
    pub(crate) duplicates: u64,
    refused: Vec<RefusedLine>,
    /// Only where not all refusals are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused_total: Option<u64>,
    /// Only where a CRM's export has rows that leadfold has no word for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<LeftOutRows>,
    /// For people: programs ask `audit` for them.
    #[serde(skip)]
    pub(super) unknown: UnknownTypes,
}

#[derive(Debug, Serialize)]
struct LeftOutRows {
    what: &'static str,
    value: String,
    rows: u64,
}

#[derive(Debug, Serialize)]
struct RefusedLine {
    /// Only where there are several files.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    line: u64,
    code: &'static str,
    message: String,
}

impl Summary {
    /// Counts a refusal, and lists it while there is room.
    pub(crate) fn refuse(&mut self, file: Option<&str>, line: u64, refusal: Refusal) {
        let Refusal { code, message } = refusal;
        if self.refused.len() < LISTED_MAX {
            self.refused.push(RefusedLine { file: file.map(str::to_owned), line, code, message });
        } else {
            self.refused_total = Some(self.refused_total() + 1);
        }
    }

    /// Lists what a source left out.
    pub(crate) fn leave_out(&mut self, left_out: &LeftOut) {
        let rows =
            |(what, value, rows): (_, &str, _)| LeftOutRows { what, value: value.to_owned(), rows };
        self.left_out.extend(left_out.iter().map(rows));
    }

    fn refused_total(&self) -> u64 {
        self.refused_total.unwrap_or(self.refused.len() as u64)
    }

    /// Shows what was left out or is unknown, and the first refusals, on standard error.
    pub(crate) fn warn(&self) {
        self.unknown.warn();
        for LeftOutRows { what, value, rows } in &self.left_out {
            let rows = counted(*rows, "row", "rows");
            let value = one_line(value);
            tell(format_args!("left out: {rows} with {what} {value}; docs/CRM.md says why"));
        }
        for refused in self.refused.iter().take(SHOWN_MAX) {
            let file = refused.file.as_deref().map_or_else(String::new, |file| format!("{file}, "));
            let (line, code, message) = (refused.line, refused.code, one_line(&refused.message));
            tell(format_args!("refused: {file}line {line}: {code}: {message}"));
        }
        match self.refused_total().saturating_sub(SHOWN_MAX as u64) {
            0 => {}
            more => {
                tell(format_args!("refused: {} more; --json lists up to {LISTED_MAX}", count(more)))
            }
        }
    }

    /// Done, unless something was refused.
    pub(crate) fn outcome(&self) -> Outcome {
        if self.refused.is_empty() { Outcome::Done } else { Outcome::Refused }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} read: {} appended, {}, {} refused",
            counted(self.read, "event", "events"),
            count(self.appended),
            counted(self.duplicates, "duplicate", "duplicates"),
            count(self.refused_total()),
        )
    }
}
