//! The playbook file.

use std::path::Path;

use leadfold_core::Playbook;

use crate::error::CliError;

/// Larger is no playbook.
const PLAYBOOK_BYTES_MAX: u64 = 1 << 20;

/// The playbook of a file, or the default one without a file.
pub(crate) fn load(path: Option<&Path>) -> Result<Playbook, CliError> {
    let Some(path) = path else { return Ok(Playbook::default()) };
    let shown = path.display().to_string();
    let text = read(path).map_err(|error| {
        CliError::Input(format!("cannot read the playbook {shown}: {error}; check the path"))
    })?;
    leadfold_playbook::read(&text, &shown)
        .map_err(|error| CliError::Input(format!("playbook {error}")))
}

fn read(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > PLAYBOOK_BYTES_MAX {
        return Err(std::io::Error::other(format!(
            "expected at most {PLAYBOOK_BYTES_MAX} bytes, found more"
        )));
    }
    std::fs::read_to_string(path)
}
