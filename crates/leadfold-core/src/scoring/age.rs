//! A length of time as a model writes it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{DAY, SECOND};

/// A length of time in whole microseconds, written as a whole number and a unit: `14d`, `36h`.
///
/// Days are of 24 hours. The units are `w`, `d`, `h`, `m`, `s`, `ms` and `us`.
///
/// ```
/// # use leadfold_core::scoring::Age;
/// let age: Age = "36h".parse()?;
/// assert_eq!(age.micros(), 129_600_000_000);
/// assert_eq!("2w".parse::<Age>()?.to_string(), "2w");
/// assert!("1.5d".parse::<Age>().is_err());
/// # Ok::<(), leadfold_core::scoring::AgeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Age(u64);

/// The units, from the longest.
const UNITS: [(&str, u64); 7] = [
    ("w", 7 * DAY as u64),
    ("d", DAY as u64),
    ("h", 3_600 * SECOND as u64),
    ("m", 60 * SECOND as u64),
    ("s", SECOND as u64),
    ("ms", 1_000),
    ("us", 1),
];

impl Age {
    /// So many microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds.
    pub const fn micros(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, size): &&(&str, u64)| self.0 >= *size && self.0.is_multiple_of(*size);
        match UNITS.iter().find(fits) {
            Some((unit, size)) => write!(f, "{}{unit}", self.0 / size),
            None => write!(f, "{}s", self.0),
        }
    }
}

impl std::str::FromStr for Age {
    type Err = AgeError;

    fn from_str(text: &str) -> Result<Self, AgeError> {
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (count, unit) = text.split_at(split);
        let size = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, size)| *size);
        let micros = count.parse::<u64>().ok().zip(size).and_then(|(n, size)| n.checked_mul(size));
        micros.map(Self).ok_or_else(|| AgeError { found: text.chars().take(40).collect() })
    }
}

impl Serialize for Age {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A text that is no length of time, or one longer than 64 bits of microseconds.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "bad length of time: expected a whole number and a unit (w, d, h, m, s, ms, us) such as 14d, \
     found {found:?}"
)]
pub struct AgeError {
    /// The first 40 characters of what was found.
    pub found: String,
}
