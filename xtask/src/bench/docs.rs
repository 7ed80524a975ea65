//! What runs have measured, put into a page between marks: the words around it are people's.

use std::path::Path;

use super::Result;

/// Replaces what stands between `<!-- bench NAME -->` and `<!-- end -->` in a page.
pub(crate) fn put(page: &Path, name: &str, text: &str) -> Result<()> {
    let before = std::fs::read_to_string(page)
        .map_err(|error| format!("cannot read {}: {error}", page.display()))?;
    let after = replaced(&before, name, text).ok_or_else(|| {
        format!("expected {} and {END} behind it in {}", mark(name), page.display())
    })?;
    std::fs::write(page, after).map_err(|error| format!("cannot write {}: {error}", page.display()))
}

const END: &str = "<!-- end -->";

fn mark(name: &str) -> String {
    format!("<!-- bench {name} -->")
}

pub(super) fn replaced(page: &str, name: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(&mark(name))?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{}\n\n{}\n\n{END}{after}", mark(name), text.trim()))
}
