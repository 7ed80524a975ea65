//! The time zone in which a month begins.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Datelike, FixedOffset, Offset, TimeZone, Utc};

use crate::Timestamp;

/// A named time zone.
///
/// ```
/// # use leadfold_core::metrics::Zone;
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

    /// Year and month of an instant there.
    pub fn month(&self, at: Timestamp) -> (i32, u32) {
        let offset = FixedOffset::east_opt((self.offset_seconds)(at.micros()));
        let utc = DateTime::from_timestamp_micros(at.micros()).unwrap_or_default();
        let local = offset.map_or_else(|| utc.naive_utc(), |o| utc.with_timezone(&o).naive_local());
        (local.year(), local.month())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}
