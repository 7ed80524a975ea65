//! Time arguments.

use std::str::FromStr;

use leadfold_core::{TimeError, Timestamp, When};
use leadfold_playbook::TimeZone;

use crate::error::CliError;

/// A time argument: an instant, or a date that waits for its zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TimeArgument(When);

impl TimeArgument {
    /// The instant; a date is its first instant in the zone, which may lead out of the years that
    /// an event can be in.
    pub(crate) fn in_zone(self, zone: TimeZone) -> Result<Timestamp, CliError> {
        let at = match self.0 {
            When::Date(date) => zone.first_instant_of(date),
            When::Time(time) => time.at,
        };
        at.to_string().parse().map_err(|_| {
            CliError::Usage(format!(
                "expected an instant in the years 0 to 9999 of UTC, found {at}: give another date \
                 or another zone"
            ))
        })
    }
}

impl From<Timestamp> for TimeArgument {
    fn from(at: Timestamp) -> Self {
        Self(at.into())
    }
}

impl FromStr for TimeArgument {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        When::parse(text).map(Self)
    }
}
