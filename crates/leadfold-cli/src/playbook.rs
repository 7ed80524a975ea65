//! The playbook of a reading: from a file, from the log, or the default one.

use std::path::Path;

use leadfold_core::{Bounds, Playbook, Publication};
use leadfold_engine::{Resolved, resolve};
use leadfold_store::block_on;

use crate::error::CliError;
use crate::file::read_text;
use crate::message::tell;
use crate::store::Store;
use crate::table::one_line;

/// The playbook of a file.
pub(crate) fn load(path: &Path) -> Result<Playbook, CliError> {
    let shown = path.display().to_string();
    let text = read_text(path).map_err(|error| {
        CliError::Input(format!("cannot read the playbook {shown}: {error}; check the path"))
    })?;
    leadfold_playbook::read(&text, &shown)
        .map_err(|error| CliError::Input(format!("playbook {error}")))
}

/// The given playbook, else the one that the log has in force within the bounds, which is said;
/// else the default one.
pub(crate) fn find(
    store: &Store,
    given: Option<Playbook>,
    bounds: Bounds,
) -> Result<Resolved, CliError> {
    let resolved = block_on(resolve(store, given, bounds))?;
    if let Some(publication) = resolved.publication {
        sound(&resolved.playbook, publication)?;
        say(&resolved.playbook, publication);
    }
    Ok(resolved)
}

/// Rules that nobody named are not to be guessed at.
pub(crate) fn say(playbook: &Playbook, publication: Publication) {
    let (title, from) = (title(playbook), publication.from);
    tell(format_args!("playbook {title}, in force since {from}, from the log"));
}

/// An import takes any playbook that reads; only a sound one can be used.
fn sound(playbook: &Playbook, publication: Publication) -> Result<(), CliError> {
    leadfold_playbook::check(playbook).map_err(|fault| {
        CliError::Input(format!(
            "playbook {} of event {}, {fault}; correct the event, or give --playbook",
            title(playbook),
            publication.position
        ))
    })
}

/// Name and version, for people.
pub(crate) fn title(playbook: &Playbook) -> String {
    one_line(&format!("{} {}", playbook.name, playbook.version))
}
