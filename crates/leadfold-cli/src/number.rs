//! Whole numbers as arguments.

use std::ops::RangeInclusive;

/// Reads a whole number that is in a range, or says which ones are.
pub(crate) fn whole<const MIN: u32, const MAX: u32>(text: &str) -> Result<u32, String> {
    let range: RangeInclusive<u32> = MIN..=MAX;
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        format!("expected a whole number from {MIN} to {MAX}, found {text:?}; correct it")
    })
}

/// The same without bounds but those of its type.
pub(crate) fn any(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| {
        format!("expected a whole number from 0 to {}, found {text:?}; correct it", u64::MAX)
    })
}
