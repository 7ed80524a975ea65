//! A day as people of a place name it, and as a calendar writes it.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::CalendarError;
use super::error::shown;

/// A day of the years 0 to 9999, written `2024-12-25`. Where it begins is up to a zone.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LocalDate(NaiveDate);

impl LocalDate {
    /// Days since 1970-01-01.
    pub(super) fn days(self) -> i64 {
        i64::from(self.0.to_epoch_days())
    }
}

impl TryFrom<NaiveDate> for LocalDate {
    type Error = CalendarError;

    fn try_from(date: NaiveDate) -> Result<Self, CalendarError> {
        let is_within = (0..=9999).contains(&date.year());
        is_within.then_some(Self(date)).ok_or_else(|| bad(&date.to_string()))
    }
}

impl FromStr for LocalDate {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        // chrono reads blanks, signs and single digits too: what is meant is written one way.
        let date = text.parse().ok().filter(|date: &NaiveDate| date.to_string() == text);
        date.ok_or_else(|| bad(text))?.try_into()
    }
}

fn bad(text: &str) -> CalendarError {
    CalendarError::BadDate { found: shown(text) }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for LocalDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = LocalDate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date in quotes, such as \"2024-12-25\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<LocalDate, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}
