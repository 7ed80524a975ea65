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
}

impl<W: Write> Output<W> {
    /// Answers as text or as JSON.
    pub(crate) fn new(out: W, is_json: bool) -> Self {
        Self { out, is_json }
    }

    /// Prints a report.
    pub(crate) fn print(&mut self, report: &impl Report) -> Result<(), CliError> {
        if self.is_json {
            serde_json::to_writer(&mut self.out, report).map_err(std::io::Error::from)?;
            self.out.write_all(b"\n")?;
        } else {
            write!(self.out, "{report}")?;
        }
        Ok(())
    }

    /// Prints a report, and with that a command is done.
    pub(crate) fn answer(&mut self, report: &impl Report) -> Result<Outcome, CliError> {
        self.print(report).map(|()| Outcome::Done)
    }

    /// For what is no report.
    pub(crate) fn raw(&mut self) -> &mut W {
        &mut self.out
    }

    /// Hands the rest over, and passes the outcome on.
    pub(crate) fn finish(&mut self, outcome: Outcome) -> Result<Outcome, CliError> {
        self.out.flush()?;
        Ok(outcome)
    }
}
