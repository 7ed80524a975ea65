//! Reference numbers that somebody else computed, to forty digits.

use std::path::PathBuf;

use serde_json::Value;

/// A file of the reference data; none, and a word about it, where there is none.
pub(crate) fn read(path: &str) -> Option<String> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let root = std::env::var_os("LEADFOLD_DATA").map_or_else(|| beside.into(), PathBuf::from);
    let path = root.join(path);
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Some(text);
    }
    assert!(std::env::var_os("CI").is_none(), "no data in {}; set LEADFOLD_DATA", path.display());
    println!("skipped: no data in {}; set LEADFOLD_DATA", path.display());
    None
}

/// The same as JSON.
pub(crate) fn json(path: &str) -> Option<Value> {
    read(path).map(|text| serde_json::from_str(&text).expect("the reference data are JSON"))
}

/// A number, written as a number or as a text of many digits.
pub(crate) fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().expect("a number"),
        value => value.as_f64().expect("a number"),
    }
}

/// Fails if two numbers differ by more than so much, relative to the larger.
pub(crate) fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let scale = found.abs().max(expected.abs()).max(f64::MIN_POSITIVE);
    let error = (found - expected).abs() / scale;
    assert!(error <= tolerance, "{what}: found {found:e}, expected {expected:e}, off by {error:e}");
}
