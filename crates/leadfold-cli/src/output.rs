//! Reports: one JSON document, or text for people.

use std::fmt;
use std::io::Write;

use serde::Serialize;

use crate::error::{CliError, Outcome};

/// What a command answers: serialised for programs, displayed for people.
pub(crate) trait Report: Serialize + fmt::Display {}

impl<T: Serialize + fmt::Display> Report for T {}

/// Where answers go.
pub(crate) struct Output<W> {
    out: W,
    is_json: bool,
    /// The reader has gone away, as `head` does. What is still to be said is for nobody; how the
    /// command ends is for whoever started it.
    is_unheard: bool,
}

impl<W: Write> Output<W> {
    /// Answers as text or as JSON.
    pub(crate) fn new(out: W, is_json: bool) -> Self {
        Self { out, is_json, is_unheard: false }
    }

    /// Whether answers are JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.is_json
    }

    /// Prints a report.
    pub(crate) fn print(&mut self, report: &impl Report) -> Result<(), CliError> {
        if self.is_json {
            return self.print_json(report);
        }
        self.write(|out| Ok(write!(out, "{report}")?))
    }

    /// Prints a document for programs alone.
    pub(crate) fn print_json(&mut self, document: &impl Serialize) -> Result<(), CliError> {
        self.write(|out| {
            serde_json::to_writer(&mut *out, document).map_err(std::io::Error::from)?;
            Ok(out.write_all(b"\n")?)
        })
    }

    /// Prints a report, and with that a command is done.
    pub(crate) fn answer(&mut self, report: &impl Report) -> Result<Outcome, CliError> {
        self.print(report).map(|()| Outcome::Done)
    }

    /// Writes what is no report, as far as there is a reader.
    pub(crate) fn write(
        &mut self,
        fill: impl FnOnce(&mut W) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        if self.is_unheard {
            return Ok(());
        }
        match fill(&mut self.out) {
            Err(error) if error.is_unheard() => {
                self.is_unheard = true;
                Ok(())
            }
            written => written,
        }
    }

    /// Hands the rest over, and passes the outcome on.
    pub(crate) fn finish(&mut self, outcome: Outcome) -> Result<Outcome, CliError> {
        self.write(|out| Ok(out.flush()?))?;
        Ok(outcome)
    }
}
