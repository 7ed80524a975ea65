//! Time zones by name or offset, by the rules of the IANA data base that are compiled in.

use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone as _};
use chrono_tz::{GapInfo, TZ_VARIANTS, Tz};
use leadfold_core::Timestamp;
use leadfold_core::metrics::Zone;

use crate::nearest::nearest;

/// The time zone of a name such as `Europe/Berlin`, or of an offset such as `+01:00`, for the
/// queries of the core.
///
/// # Errors
///
/// When there is no such zone; the error suggests the nearest name.
///
/// ```
/// use leadfold_playbook::zone;
///
/// let at = "2024-06-30T22:00:00Z".parse()?;
/// assert_eq!(zone("Europe/Berlin")?.month(at), (2024, 7));
///
/// let error = zone("Europe/Berln").unwrap_err();
/// assert!(error.to_string().ends_with("did you mean Europe/Berlin?"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn zone(name: &str) -> Result<Zone, ZoneError> {
    name.parse::<TimeZone>().map(TimeZone::zone)
}

/// A time zone in which days and months begin.
///
/// ```
/// use leadfold_playbook::TimeZone;
///
/// let zone: TimeZone = "America/Sao_Paulo".parse()?;
/// // The clocks skipped from midnight to one o'clock.
/// let day = "2018-11-04".parse()?;
/// assert_eq!(zone.first_instant_of(day).to_string(), "2018-11-04T03:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TimeZone(Kind);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    /// A name of the IANA data base.
    Named(Tz),
    /// A constant offset.
    Fixed(FixedOffset),
}

impl TimeZone {
    /// UTC.
    pub const UTC: Self = Self(Kind::Named(Tz::UTC));

    /// The zone for the queries of the core, under its name.
    pub fn zone(self) -> Zone {
        match self.0 {
            Kind::Named(zone) => Zone::of(zone.name(), zone),
            Kind::Fixed(offset) => Zone::of(&offset.to_string(), offset),
        }
    }

    /// The first instant of a day there: midnight; where clocks show it twice, the first time;
    /// where they skip it, the instant that they skip to.
    pub fn first_instant_of(self, date: NaiveDate) -> Timestamp {
        let midnight = date.and_time(NaiveTime::MIN);
        let micros = match self.0 {
            Kind::Fixed(offset) => offset.from_local_datetime(&midnight).earliest().map(micros),
            Kind::Named(zone) => {
                let skipped_to = || GapInfo::new(&midnight, &zone).and_then(|gap| gap.end);
                zone.from_local_datetime(&midnight).earliest().or_else(skipped_to).map(micros)
            }
        };
        // None only at the ends of chrono's calendar, a quarter of a million years from here.
        Timestamp::from_micros(micros.unwrap_or_else(|| midnight.and_utc().timestamp_micros()))
    }
}

fn micros<Z: chrono::TimeZone>(at: DateTime<Z>) -> i64 {
    at.timestamp_micros()
}

impl FromStr for TimeZone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        if let Ok(zone) = text.parse::<Tz>() {
            return Ok(Self(Kind::Named(zone)));
        }
        let is_offset = text.len() == 6 && text.starts_with(['+', '-']);
        let offset = is_offset.then(|| text.parse::<FixedOffset>().ok()).flatten();
        offset.map(|offset| Self(Kind::Fixed(offset))).ok_or_else(|| ZoneError::new(text))
    }
}

/// There is no such time zone.
///
/// ```
/// let error = leadfold_playbook::zone("berlin").unwrap_err();
/// assert_eq!((error.found.as_str(), error.nearest), ("berlin", Some("Europe/Berlin")));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "expected an IANA name such as Europe/Berlin or an offset such as +01:00, found {found:?}; {}",
    match nearest {
        Some(name) => format!("did you mean {name}?"),
        None => "correct it".to_owned(),
    }
)]
#[non_exhaustive]
pub struct ZoneError {
    /// What was given.
    pub found: String,
    /// The zone that was probably meant.
    pub nearest: Option<&'static str>,
}

impl ZoneError {
    fn new(found: &str) -> Self {
        let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
        let nearest = nearest(found, names()).or_else(|| {
            let cities = nearest(found, names().map(city))?;
            names().find(|name| city(name) == cities)
        });
        Self { found: found.to_owned(), nearest }
    }
}

/// What a name ends with: people leave out the continent.
fn city(name: &'static str) -> &'static str {
    name.rsplit('/').next().unwrap_or(name)
}
