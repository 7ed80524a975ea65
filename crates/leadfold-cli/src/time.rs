//! Time arguments.

use std::str::FromStr;

use leadfold_core::{TimeError, Timestamp, When};
use leadfold_playbook::TimeZone;

/// A time argument: an instant, or a date that waits for its zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TimeArgument(When);

impl TimeArgument {
    /// The instant; a date is its first instant in the zone.
    pub(crate) fn in_zone(self, zone: TimeZone) -> Timestamp {
        match self.0 {
            When::Date(date) => zone.first_instant_of(date),
            When::Time(time) => time.at,
        }
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
