//! A time zone: how far its clocks are from UTC, at every instant.
//!
//! The core has no data base of zones: the outer program looks a name up and hands the zone in.

use std::fmt;
use std::iter::successors;
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Datelike, FixedOffset, Offset, TimeZone, Utc};

use crate::Timestamp;
use crate::bisect::first;

/// A named time zone.
///
/// ```
/// # use leadfold_core::Zone;
/// let berlin_winter = Zone::of("+01:00", chrono::FixedOffset::east_opt(3600).unwrap());
/// let at = "2024-01-31T23:30:00Z".parse()?;
/// assert_eq!(berlin_winter.month(at), (2024, 2));
/// assert_eq!(Zone::utc().month(at), (2024, 1));
/// # Ok::<(), leadfold_core::TimeError>(())
/// ```
#[derive(Clone)]
pub struct Zone {
    name: Arc<str>,
    offset_seconds: Arc<dyn Fn(i64) -> i32 + Send + Sync>,
}

impl Zone {
    /// UTC.
    pub fn utc() -> Self {
        Self::of("UTC", Utc)
    }

    /// A zone of chrono, or of a crate that extends it, under the name by which it is reported.
    pub fn of<Z>(name: &str, zone: Z) -> Self
    where
        Z: TimeZone + Send + Sync + 'static,
    {
        let offset_seconds = move |micros| {
            let utc = DateTime::from_timestamp_micros(micros).unwrap_or_default().naive_utc();
            zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()
        };
        Self { name: name.into(), offset_seconds: Arc::new(offset_seconds) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Seconds by which its clocks are ahead of UTC at an instant.
    pub fn offset_seconds(&self, at: Timestamp) -> i32 {
        (self.offset_seconds)(at.micros())
    }

    /// Year and month of an instant there.
    pub fn month(&self, at: Timestamp) -> (i32, u32) {
        let offset = FixedOffset::east_opt(self.offset_seconds(at));
        let utc = DateTime::from_timestamp_micros(at.micros()).unwrap_or_default();
        let local = offset.map_or_else(|| utc.naive_utc(), |o| utc.with_timezone(&o).naive_local());
        (local.year(), local.month())
    }

    /// The stretches of a range of seconds since the epoch over which the offset stays the same:
    /// the first second of each and its offset, seconds.
    ///
    /// An offset that is left and taken up again within one [`step`] may go unseen.
    pub(crate) fn stretches(&self, seconds: Range<i64>) -> impl Iterator<Item = (i64, i32)> {
        let begin = (seconds.start, self.offset_at(seconds.start));
        successors(Some(begin), move |(from, offset)| self.change(*from..seconds.end, *offset))
    }

    /// The first second of a range with another offset, and that offset.
    fn change(&self, seconds: Range<i64>, offset: i32) -> Option<(i64, i32)> {
        let last = seconds.end - 1;
        let is_other = |second: &i64| self.offset_at(*second) != offset;
        let next = |second: &i64| (*second < last).then(|| (second + step(*second)).min(last));
        let seen = successors(Some(seconds.start), next).find(is_other)?;
        let changed = first(seconds.start..seen, |second| is_other(&second));
        Some((changed, self.offset_at(changed)))
    }

    fn offset_at(&self, second: i64) -> i32 {
        self.offset_seconds(Timestamp::from_micros(second * crate::SECOND))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

/// How far to look ahead for a change of the clocks, seconds. Real zones have changed back after
/// a week (Recife, October 2000); outside these centuries they have a yearly rule or none.
fn step(second: i64) -> i64 {
    const DAY: i64 = 86_400;
    /// 1800-01-01 to 2200-01-01.
    const CENTURIES: Range<i64> = -5_364_662_400..7_258_118_400;
    if CENTURIES.contains(&second) { 3 * DAY } else { 56 * DAY }
}
