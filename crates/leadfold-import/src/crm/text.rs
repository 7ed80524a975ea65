//! Texts of a foreign system that may be shown: codes, and no more of them than a line holds.

use crate::time::shape;

/// A status, a stage, a type: shown as it is where it looks like a code, else by its shape.
pub(crate) fn code(text: &str) -> String {
    let is_code = text.len() <= CODE_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:-.".contains(&byte));
    if is_code { text.to_owned() } else { shape(text) }
}

/// Longer is no code.
pub(crate) const CODE_BYTES_MAX: usize = 64;
