//! Where a condition begins to hold.

use std::ops::Range;

/// How far ahead to look first; most answers are near.
const STEP: i64 = 4_096;

/// The first number of a range for which `holds`, or the range's end. `holds` must stay true
/// once it is.
pub(crate) fn first(range: Range<i64>, holds: impl Fn(i64) -> bool) -> i64 {
    let Range { start: mut low, end: mut high } = range;
    let mut step = STEP;
    while low + step < high && !holds(low + step) {
        low += step + 1;
        step *= 2;
    }
    high = high.min(low + step);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}
