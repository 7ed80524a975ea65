//! Reads a playbook from TOML, and finds time zones by name: what the core leaves to the outside.
//!
//! A fault of the file is a [`PlaybookError`] that names line, column and key, what was expected
//! and what was found; for a word that nobody knows it lists the known ones and suggests the
//! nearest. `docs/PLAYBOOK.md` describes the keys. Nothing here opens a file.

mod calendar;
mod check;
mod complaint;
mod document;
mod error;
mod nearest;
mod outline;
mod zone;

use leadfold_core::Playbook;

pub use self::calendar::calendar;
pub use self::check::check;
pub use self::error::{PlaybookError, PlaybookFault};
pub use self::zone::{TimeZone, ZoneError, zone};

use self::document::Document;

/// Reads a playbook from the text of a TOML file; `file` is what messages call it. A key that is
/// not there has its default, so that an empty text is the default playbook.
///
/// # Errors
///
/// When the text is no TOML, has a key or a word that playbooks do not have, a value of the wrong
/// type or range, or a list that names a thing twice or not at all. The first fault is told.
///
/// ```
/// use leadfold_core::Illegal;
/// use leadfold_playbook::read;
///
/// let playbook = read("[rules]\nillegal = \"skip\"", "b2b.toml")?;
/// assert_eq!(playbook.rules.illegal, Illegal::Skip);
/// assert_eq!(playbook.sla.decision_seconds, 14_400);
///
/// let error = read("[rules]\nillegel = \"skip\"", "b2b.toml").unwrap_err();
/// assert_eq!((error.line, error.column), (2, 1));
/// assert!(error.to_string().ends_with("found `illegel`; did you mean `illegal`?"));
/// # Ok::<(), leadfold_playbook::PlaybookError>(())
/// ```
pub fn read(text: &str, file: &str) -> Result<Playbook, PlaybookError> {
    let document = Document::new(text, file);
    let playbook = document.read(&check::TABLES)?;
    match check::fault(&playbook) {
        None => Ok(playbook),
        Some(fault) => Err(document.at_key(fault)),
    }
}
