//! Time arguments and the zone in which dates and months begin.

use std::str::FromStr;

use chrono::{FixedOffset, NaiveDate, NaiveTime, TimeZone as _};
use chrono_tz::Tz;
use leadfold_core::metrics::{Period, Zone};
use leadfold_core::{TimeError, Timestamp, When};

use crate::args::PeriodOptions;
use crate::error::CliError;

/// A time zone as given on the command line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TimeZone {
    /// A name of the IANA data base.
    Named(Tz),
    /// A constant offset.
    Fixed(FixedOffset),
}

impl TimeZone {
    /// Under its name, for months.
    pub(crate) fn zone(self) -> Zone {
        match self {
            Self::Named(zone) => Zone::of(zone.name(), zone),
            Self::Fixed(offset) => Zone::of(&offset.to_string(), offset),
        }
    }

    /// The first instant of a day there.
    fn midnight(self, date: NaiveDate) -> Timestamp {
        let midnight = date.and_time(NaiveTime::MIN);
        let found = match self {
            Self::Fixed(offset) => offset.from_local_datetime(&midnight).earliest().map(micros),
            // Where clocks skip midnight, the day begins when they have skipped it.
            Self::Named(zone) => (0..=24)
                .map(|quarters| midnight + chrono::TimeDelta::minutes(15 * quarters))
                .find_map(|local| zone.from_local_datetime(&local).earliest())
                .map(micros),
        };
        Timestamp::from_micros(found.unwrap_or_else(|| midnight.and_utc().timestamp_micros()))
    }
}

fn micros<Z: chrono::TimeZone>(at: chrono::DateTime<Z>) -> i64 {
    at.timestamp_micros()
}

impl FromStr for TimeZone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(zone) = text.parse::<Tz>() {
            return Ok(Self::Named(zone));
        }
        let is_offset = text.len() == 6 && text.starts_with(['+', '-']);
        let offset = is_offset.then(|| text.parse::<FixedOffset>().ok()).flatten();
        offset.map(Self::Fixed).ok_or_else(|| {
            "expected an IANA name such as Europe/Berlin or an offset such as +01:00".to_owned()
        })
    }
}

/// A time argument: an instant, or a date that waits for its zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TimeArgument(When);

impl TimeArgument {
    /// The instant; a date begins at midnight of the zone.
    pub(crate) fn in_zone(self, zone: TimeZone) -> Timestamp {
        match self.0 {
            When::Date(date) => zone.midnight(date),
            When::Time(time) => time.at,
        }
    }
}

impl FromStr for TimeArgument {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        When::parse(text).map(Self)
    }
}

/// The period that the options mean.
pub(crate) fn period(options: PeriodOptions, zone: TimeZone) -> Result<Period, CliError> {
    let from = options.from.map(|at| at.in_zone(zone));
    let to = options.to.map(|at| at.in_zone(zone));
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        return Err(CliError::Usage(format!(
            "the period is empty: expected --from before --to, found {from} and {to}; swap them"
        )));
    }
    Ok(Period { from, to })
}
