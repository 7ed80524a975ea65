//! The oracle: it asks each second of an interval what the clock on the wall shows.

use std::ops::Range;

use chrono::{DateTime, Datelike, Timelike};
use leadfold_core::{SECOND, Timestamp};

use super::plan::Plan;

/// Whether the second since the epoch is worked.
pub(crate) fn is_open(plan: &Plan, second: i64) -> bool {
    let utc = DateTime::from_timestamp(second, 0).expect("tests stay within the years of chrono");
    let local = utc.with_timezone(&plan.zone);
    let minute = 60 * local.hour() + local.minute();
    let mut hours = plan.hours(local.date_naive(), local.weekday()).iter();
    hours.any(|(from, to)| (*from..*to).contains(&minute))
}

/// Working stretches of `[from, to)`, microseconds since the epoch, in order.
pub(crate) fn stretches(plan: &Plan, from: i64, to: i64) -> Vec<Range<i64>> {
    let mut found: Vec<Range<i64>> = Vec::new();
    let seconds = from.div_euclid(SECOND)..=to.div_euclid(SECOND);
    for second in seconds.filter(|second| is_open(plan, *second)) {
        let (start, end) = ((second * SECOND).max(from), ((second + 1) * SECOND).min(to));
        match found.last_mut() {
            _ if end <= start => {}
            Some(last) if last.end == start => last.end = end,
            _ => found.push(start..end),
        }
    }
    found
}

/// Working microseconds of `[from, to)`.
pub(crate) fn working(plan: &Plan, from: Timestamp, to: Timestamp) -> i64 {
    let stretches = stretches(plan, from.micros(), to.micros());
    stretches.iter().map(|stretch| stretch.end - stretch.start).sum()
}
