//! What has become of the corpus since its digests were written down.

use std::collections::BTreeMap;

/// A difference.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Change {
    /// An old log would mean something else, and nobody would be told.
    Broken(String),
    /// New, or meant: to be written down.
    Unwritten(String),
}

/// The differences between two lists of digests.
pub(super) fn changes(written: &str, found: &str) -> Vec<Change> {
    let (written, found) = (entries(written), entries(found));
    let gone = written.keys().filter(|key| !found.contains_key(*key)).map(|key| missing(key));
    let differ = found.iter().filter_map(|(key, value)| match written.get(key) {
        None => Some(Change::Unwritten(format!("{key} is new"))),
        Some(old) => (old != value).then(|| other(key, old, value)),
    });
    gone.chain(differ).collect()
}

fn entries(text: &str) -> BTreeMap<&str, &str> {
    text.lines()
        .map(|line| line.split_once(": ").expect("an entry is written key: value"))
        .collect()
}

/// What an entry is about.
fn kind(key: &str) -> &str {
    key.split(' ').next().unwrap_or(key)
}

fn missing(key: &str) -> Change {
    if ["facts", "tables", "snapshot"].contains(&kind(key)) {
        return Change::Unwritten(format!("{key} are no longer made"));
    }
    Change::Broken(format!("{key} is gone: what was written once stays in the corpus"))
}

fn other(key: &str, old: &str, new: &str) -> Change {
    let what = format!("{key} was {old} and is {new}");
    match kind(key) {
        "facts" => Change::Broken(format!(
            "{what}: stores would keep the facts that they have; count LOWERING up"
        )),
        "tables" | "snapshot" => Change::Broken(format!(
            "{what}: snapshots that stores have would be gone on with; count FOLD up"
        )),
        _ => Change::Broken(format!(
            "{what}: what was written never changes; give the type another version, as \
             leadfold-core's event/shape.rs says"
        )),
    }
}

pub(super) fn is_broken(change: &Change) -> bool {
    matches!(change, Change::Broken(_))
}
