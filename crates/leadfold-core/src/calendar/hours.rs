//! The working hours of one day, by its wall clock.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::CalendarError;
use super::error::shown;
use crate::SECOND;

const MINUTE: i64 = 60 * SECOND;
const MINUTES_A_DAY: u16 = 24 * 60;

/// The working hours of one day: spans that do not overlap, in order. None means that the day is
/// free.
///
/// Serde reads and writes the list of texts that [`Hours::parse`] takes.
///
/// ```
/// # use leadfold_core::Hours;
/// let hours = Hours::parse(&["13:30-18:00", "09:00-12:30"])?;
/// assert_eq!(hours.to_string(), "09:00-12:30, 13:30-18:00");
/// assert!(Hours::parse(&["09:00-12:30", "12:00-18:00"]).is_err());
/// # Ok::<(), leadfold_core::CalendarError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Hours(Vec<Span>);

impl Hours {
    /// Reads spans such as `09:00-12:30`, in any order; the day may end at `24:00`.
    ///
    /// # Errors
    /// [`CalendarError`] when a span is none, ends before it begins, or overlaps another.
    pub fn parse<T: AsRef<str>>(spans: &[T]) -> Result<Self, CalendarError> {
        let read = |text: &T| text.as_ref().parse();
        let mut spans = spans.iter().map(read).collect::<Result<Vec<Span>, _>>()?;
        spans.sort_unstable();
        match spans.windows(2).find(|pair| pair[1].start_minute < pair[0].end_minute) {
            Some(pair) => Err(CalendarError::OverlappingHours {
                first: pair[0].to_string(),
                second: pair[1].to_string(),
            }),
            None => Ok(Self(spans)),
        }
    }

    /// Working microseconds between local midnight and so many microseconds of the day.
    pub(super) fn until(&self, micros_of_day: i64) -> i64 {
        self.0.iter().map(|span| span.until(micros_of_day)).sum()
    }

    /// Working microseconds of the whole day.
    pub(super) fn total(&self) -> i64 {
        self.0.iter().map(Span::total).sum()
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Vec::from(self.clone()).join(", "))
    }
}

impl TryFrom<Vec<String>> for Hours {
    type Error = CalendarError;

    fn try_from(spans: Vec<String>) -> Result<Self, CalendarError> {
        Self::parse(&spans)
    }
}

impl From<Hours> for Vec<String> {
    fn from(hours: Hours) -> Self {
        hours.0.iter().map(Span::to_string).collect()
    }
}

/// From a minute of the day up to, and without, a later one.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Span {
    start_minute: u16,
    end_minute: u16,
}

impl Span {
    fn until(&self, micros_of_day: i64) -> i64 {
        (micros_of_day - i64::from(self.start_minute) * MINUTE).clamp(0, self.total())
    }

    fn total(&self) -> i64 {
        i64::from(self.end_minute - self.start_minute) * MINUTE
    }
}

impl FromStr for Span {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let minutes = text.split_once('-').and_then(|(start, end)| minute(start).zip(minute(end)));
        let Some((start_minute, end_minute)) = minutes else {
            return Err(CalendarError::BadHours { found: shown(text) });
        };
        if end_minute <= start_minute {
            return Err(CalendarError::ReversedHours { found: shown(text) });
        }
        Ok(Self { start_minute, end_minute })
    }
}

/// The minute of the day that `HH:MM` names; `24:00` is its end.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    let minute = 60 * hours + minutes;
    (minutes < 60 && minute <= MINUTES_A_DAY).then_some(minute)
}

fn two_digits(text: &str) -> Option<u16> {
    let is_plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok())?
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.start_minute, self.end_minute);
        write!(f, "{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
    }
}
