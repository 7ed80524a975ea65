//! What is wrong with a playbook file, and where.

use std::fmt;
use std::sync::Arc;

/// A playbook file that cannot be used.
///
/// ```
/// let error = leadfold_playbook::read("[sla]\ndecision_seconds = -1", "b2b.toml").unwrap_err();
/// assert_eq!((error.line, error.column), (2, 20));
/// assert_eq!(error.key.as_deref(), Some("sla.decision_seconds"));
/// assert_eq!(error.expected, "a whole number, 0 or more");
/// assert_eq!(error.found, "`-1`");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PlaybookError {
    /// What the caller calls the file.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column, in characters from 1.
    pub column: u32,
    /// The path of the key, such as `rules.illegal` or `pipelines[0].stages`, with the items of a
    /// list counted from 0; none where the fault lies outside of any.
    pub key: Option<String>,
    /// What could stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
    /// What to do.
    pub advice: String,
}

impl fmt::Display for PlaybookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, key, expected, found, advice } = self;
        write!(f, "{file}, line {line}, column {column}")?;
        if let Some(key) = key {
            write!(f, ", key `{key}`")?;
        }
        write!(f, ": expected {expected}, found {found}; {advice}")
    }
}

impl std::error::Error for PlaybookError {}

/// What is wrong with a playbook that came from no file, and so without a place in one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlaybookFault {
    /// The path of the key, as in [`PlaybookError::key`].
    pub key: String,
    /// What could stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
    /// What to do.
    pub advice: String,
}

impl fmt::Display for PlaybookFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, expected, found, advice } = self;
        write!(f, "key `{key}`: expected {expected}, found {found}; {advice}")
    }
}

impl std::error::Error for PlaybookFault {}

/// What to do where the page says it best.
pub(crate) const SEE_THE_PAGE: &str = "correct it as docs/PLAYBOOK.md says";
