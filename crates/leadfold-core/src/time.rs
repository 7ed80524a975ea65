//! Instants as whole microseconds of UTC, and the forms in which a log writes them.
//!
//! Nothing here reads a clock: time is always an argument.

use std::fmt;
use std::num::NonZeroU64;
use std::ops::Range;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, SecondsFormat};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::word::read_from_strings;

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a day of 24 hours.
pub const DAY: i64 = 86_400 * SECOND;

/// An instant: microseconds since 1970-01-01T00:00:00Z, within the years 0 to 9999.
///
/// ```
/// # use leadfold_core::Timestamp;
/// let t: Timestamp = "2024-02-01T10:00:00+01:00".parse()?;
/// assert_eq!(t.to_string(), "2024-02-01T09:00:00Z");
/// # Ok::<(), leadfold_core::TimeError>(())
/// ```
///
/// Within it the sign bit is turned, which keeps the order and leaves 0 to no instant: an
/// `Option<Timestamp>` takes eight bytes, and a row of hand-offs has three.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(NonZeroU64);

const SIGN: u64 = 1 << 63;

/// The microseconds of the years 0 to 9999.
const YEARS: Range<i64> = -719_528 * DAY..2_932_897 * DAY;

impl Timestamp {
    /// The instant that many microseconds after the epoch; of [`i64::MIN`], the one after it.
    pub const fn from_micros(micros: i64) -> Self {
        match NonZeroU64::new(micros as u64 ^ SIGN) {
            Some(turned) => Self(turned),
            None => Self(NonZeroU64::MIN),
        }
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        (self.0.get() ^ SIGN) as i64
    }
}

const _: () = assert!(size_of::<Option<Timestamp>>() == 8, "rows have many of them");

impl Default for Timestamp {
    /// The epoch.
    fn default() -> Self {
        Self::from_micros(0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timestamp").field(&self.micros()).finish()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ZonedTime { at: *self, offset_seconds: 0 }.fmt(f)
    }
}

impl std::str::FromStr for Timestamp {
    type Err = TimeError;

    /// Reads RFC 3339 with an offset, or a date (00:00 UTC of that day).
    fn from_str(text: &str) -> Result<Self, TimeError> {
        When::parse(text).map(When::at)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        When::deserialize(deserializer).map(When::at)
    }
}

/// An instant with the offset in which it was written, so that it can be written back.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct ZonedTime {
    /// The instant.
    pub at: Timestamp,
    /// Seconds east of UTC of the original writing.
    pub offset_seconds: i32,
}

impl ZonedTime {
    /// Reads RFC 3339 with an offset. Digits beyond the microsecond are cut.
    ///
    /// # Errors
    /// [`TimeError`] when it is not RFC 3339 or lies outside the years 0 to 9999 of UTC.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        if let Some(at) = canonical(text) {
            return Ok(Timestamp::from_micros(at).into());
        }
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| TimeError::no_time(text))?;
        let at = parsed.timestamp_micros();
        // Of the instant, and not of the writing: a leap second is the first one of the next day.
        if !YEARS.contains(&at) {
            return Err(TimeError::no_time(text));
        }
        Ok(Self {
            at: Timestamp::from_micros(at),
            offset_seconds: parsed.offset().local_minus_utc(),
        })
    }
}

impl From<Timestamp> for ZonedTime {
    fn from(at: Timestamp) -> Self {
        Self { at, offset_seconds: 0 }
    }
}

impl fmt::Display for ZonedTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = DateTime::from_timestamp_micros(self.at.micros());
        let offset = FixedOffset::east_opt(self.offset_seconds);
        match (utc, offset) {
            (Some(utc), Some(offset)) => {
                let local = utc.with_timezone(&offset);
                f.write_str(&local.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            }
            _ => write!(f, "{} us since the epoch", self.at.micros()),
        }
    }
}

impl Serialize for ZonedTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A date or an instant: what the fields inside `data` may hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// A calendar day; as an instant it is 00:00 UTC.
    Date(NaiveDate),
    /// An instant with its offset.
    Time(ZonedTime),
}

impl When {
    /// Reads `2024-02-01` or RFC 3339 with an offset.
    ///
    /// # Errors
    /// [`TimeError`] when it is neither.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        if text.len() == 10 {
            let date = text.parse::<NaiveDate>().ok();
            let date = date.filter(|date| (0..=9999).contains(&date.year()));
            return date.map(Self::Date).ok_or_else(|| TimeError::no_date(text));
        }
        ZonedTime::parse(text).map(Self::Time).map_err(|_| TimeError::no_date(text))
    }

    /// The instant.
    pub fn at(self) -> Timestamp {
        match self {
            Self::Date(date) => Timestamp::from_micros(days_from_epoch(date) * DAY),
            Self::Time(time) => time.at,
        }
    }
}

/// Microseconds of an instant in the form in which leadfold writes it in UTC, of whole seconds or
/// with 3 or 6 digits behind them. Nearly every time of a log is in it, and reading two of them as
/// RFC 3339 was 7 % of reading a line. None says nothing: there are other forms.
fn canonical(text: &str) -> Option<i64> {
    let (clock, rest) = text.as_bytes().split_first_chunk::<19>()?;
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', ref time @ ..] = clock else {
        return None;
    };
    let &[h1, h2, b':', i1, i2, b':', s1, s2] = time else { return None };
    let [hour, minute, second] = [number(&[h1, h2])?, number(&[i1, i2])?, number(&[s1, s2])?];
    // The 61st second of a leap belongs to the general form.
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = match rest {
        b"Z" => 0,
        [b'.', digits @ .., b'Z'] if digits.len() == 3 => number(digits)? * 1_000,
        [b'.', digits @ .., b'Z'] if digits.len() == 6 => number(digits)?,
        _ => return None,
    };
    let year = number(&[y1, y2, y3, y4])?.cast_signed();
    let date = NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)?;
    let seconds = i64::from((hour * 60 + minute) * 60 + second);
    Some(days_from_epoch(date) * DAY + seconds * SECOND + i64::from(micros))
}

/// The number that some digits are, of which there are few.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then_some(number * 10 + u32::from(digit))
    })
}

fn days_from_epoch(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce()) - 719_163
}

impl From<Timestamp> for When {
    fn from(at: Timestamp) -> Self {
        Self::Time(at.into())
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Date(date) => serializer.collect_str(date),
            Self::Time(time) => time.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = When;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date (2024-02-01) or RFC 3339 with an offset")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<When, E> {
                When::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// How exactly an instant is known.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Precision {
    /// To the microsecond.
    #[default]
    Us,
    /// To the millisecond.
    Ms,
    /// To the second.
    S,
    /// To the day.
    Day,
}

read_from_strings!(Precision);

/// A text that is no instant of the years 0 to 9999.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "bad time: expected RFC 3339 with an offset such as 2024-02-01T09:00:00Z{}, years 0 to 9999, \
     found {found:?}",
    if *or_date { ", or a date such as 2024-02-01" } else { "" }
)]
pub struct TimeError {
    /// The first 40 characters of what was found.
    pub found: String,
    /// Whether a date would have been right, too.
    or_date: bool,
}

impl TimeError {
    fn no_time(text: &str) -> Self {
        Self { found: text.chars().take(40).collect(), or_date: false }
    }

    fn no_date(text: &str) -> Self {
        Self { or_date: true, ..Self::no_time(text) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::{SECOND, Timestamp, YEARS, canonical};

    #[test]
    fn what_is_read_at_a_glance_is_what_leadfold_writes() {
        for (text, micros) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1969-12-31T23:59:59.999999Z", Some(-1)),
            ("2024-02-29T23:59:59.250Z", Some(1_709_251_199_250_000)),
            ("0000-01-01T00:00:00Z", Some(YEARS.start)),
            ("9999-12-31T23:59:59.999999Z", Some(YEARS.end - 1)),
            ("2023-02-29T00:00:00Z", None),
            ("2024-13-01T00:00:00Z", None),
            ("2024-02-01T24:00:00Z", None),
            ("2024-02-01T00:60:00Z", None),
            ("2016-12-31T23:59:60Z", None),
            ("2024-02-01T00:00:00.1Z", None),
            ("2024-02-01T00:00:00.1234567Z", None),
            ("2024-02-01T00:00:00.Z", None),
            ("2024-02-01T00:00:00", None),
            ("2024-02-01T00:00:00+00:00", None),
            ("2024-02-01 00:00:00Z", None),
            ("2024-02-01T00:00:00Z ", None),
            ("+024-02-01T00:00:00Z", None),
            ("2024-02-01T0:000:00Z", None),
            ("2024-02-01", None),
            ("", None),
        ] {
            assert_eq!(canonical(text), micros, "{text}");
        }
    }

    /// Instants as leadfold writes them, with a character or none exchanged for another.
    fn nearly_canonical() -> impl Strategy<Value = (String, bool)> {
        let micros = prop_oneof![
            YEARS,
            YEARS.prop_map(|at| at.div_euclid(SECOND) * SECOND),
            YEARS.prop_map(|at| at.div_euclid(1_000) * 1_000),
        ];
        let spoilt =
            prop::option::of((0_usize..27, prop::sample::select(b"0123456789:-.TtZz+ /".to_vec())));
        (micros, spoilt).prop_map(|(micros, spoilt)| {
            let mut text = Timestamp::from_micros(micros).to_string().into_bytes();
            if let Some((place, byte)) = spoilt {
                let place = place % text.len();
                text[place] = byte;
            }
            (String::from_utf8(text).expect("ASCII"), spoilt.is_none())
        })
    }

    proptest! {
        #[test]
        fn what_is_read_at_a_glance_is_read_as_rfc_3339((text, is_whole) in nearly_canonical()) {
            let read = canonical(&text);
            prop_assert!(read.is_some() || !is_whole, "{text}");
            if let Some(micros) = read {
                let parsed = DateTime::parse_from_rfc3339(&text).map(|at| at.timestamp_micros());
                prop_assert_eq!(parsed, Ok(micros), "{}", text);
            }
        }
    }

    #[test]
    fn an_instant_is_its_microseconds_and_as_early() {
        let micros = [i64::MIN + 1, i64::MIN + 2, -1, 0, 1, i64::MAX - 1, i64::MAX];
        let instants = micros.map(Timestamp::from_micros);
        assert_eq!(instants.map(Timestamp::micros), micros);
        assert!(instants.is_sorted(), "{instants:?}");
        assert_eq!(Timestamp::default().micros(), 0);
        assert_eq!(
            Timestamp::from_micros(i64::MIN),
            instants[0],
            "the least has no bits of its own"
        );
    }
}
