//! What kind of mapping file a text is: asked first, since a file of another kind has other keys.

use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use crate::{MappingError, mapping::line_of};

/// The formats of mapping files, and with what `leadfold import` takes them.
const KINDS: [(&str, &str); 3] = [
    ("leadfold-mapping/1", "--format csv"),
    ("leadfold-amocrm/1", "--format amocrm"),
    ("leadfold-bitrix24/1", "--format bitrix24"),
];

#[derive(Deserialize)]
struct Head {
    format: Spanned<String>,
}

/// Refuses a file that is of another kind; what is no mapping file at all is told of later.
pub(crate) fn expect(expected: &str, text: &str, file: &Arc<str>) -> Result<(), MappingError> {
    let Ok(Head { format }) = toml::from_str(text) else { return Ok(()) };
    let found = format.get_ref();
    let other = KINDS.iter().find(|(kind, _)| kind == found && *kind != expected);
    let Some((_, option)) = other else { return Ok(()) };
    let message = format!(
        "expected format `{expected}`, found `{found}`; use a file of this format, or import with \
         {option}"
    );
    Err(MappingError::new(file, line_of(text, format.span().start), message))
}
