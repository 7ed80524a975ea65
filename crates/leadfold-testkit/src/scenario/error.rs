//! What is wrong with a scenario, or with what it expects.

use std::fmt;
use std::io;

use leadfold_playbook::PlaybookError;

use crate::audit::AuditError;
use crate::log::LogError;
use crate::unmet::Unmet;

/// Why a scenario does not hold, or is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// A file cannot be read or written.
    #[error("cannot open {file}: expected a file, found: {source}; give its path")]
    File {
        /// The path.
        file: String,
        /// Why not.
        source: io::Error,
    },
    /// A line is not as `docs/SCENARIOS.md` says.
    #[error(transparent)]
    Line(#[from] ScenarioFault),
    /// The playbook is none.
    #[error(transparent)]
    Playbook(#[from] PlaybookError),
    /// The events make no log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log could not be audited.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Something else is found than what the scenario expects.
    #[error(transparent)]
    Unmet(#[from] Unmet),
}

/// A line of a scenario that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ScenarioFault {
    /// What the caller calls the file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// What could stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
    /// What to do.
    pub advice: String,
}

impl fmt::Display for ScenarioFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, expected, found, advice } = self;
        write!(f, "{file}, line {line}, column {column}: ")?;
        write!(f, "expected {expected}, found {found}; {advice}")
    }
}

impl std::error::Error for ScenarioFault {}

/// What is wrong in a line, without the place of the line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Fault {
    /// The byte of the line.
    pub(super) at: usize,
    pub(super) expected: String,
    pub(super) found: String,
    pub(super) advice: String,
}

impl Fault {
    pub(super) fn new(at: usize, expected: impl Into<String>, found: impl Into<String>) -> Self {
        let advice = "write it as docs/SCENARIOS.md says".to_owned();
        Self { at, expected: expected.into(), found: found.into(), advice }
    }

    pub(super) fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: advice.into(), ..self }
    }

    /// The same fault in a line of a file.
    pub(super) fn in_line(self, file: &str, line: &Line<'_>) -> ScenarioFault {
        let before = line.text.get(..self.at).unwrap_or(line.text);
        ScenarioFault {
            file: file.to_owned(),
            line: line.number,
            column: before.chars().count() + 1,
            expected: self.expected,
            found: self.found,
            advice: self.advice,
        }
    }
}

/// A line of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: usize,
    pub(super) text: &'a str,
}
