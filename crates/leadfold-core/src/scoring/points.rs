//! Points as whole thousandths, so that a score is exactly the sum of what it is made of.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use serde::{Serialize, Serializer};

/// Points, counted in whole thousandths. Serialised as a number of points.
///
/// A sum of points is exact: 128 bits hold more than any log can add up.
///
/// ```
/// # use leadfold_core::scoring::Points;
/// let points = Points::parse(2.5).ok_or("no points")? - Points::from_millis(4_000);
/// assert_eq!((points.millis(), points.to_string()), (-1_500, "-1.5".to_owned()));
/// assert_eq!(Points::parse(0.0001), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Points(i128);

impl Points {
    /// No points.
    pub const ZERO: Self = Self(0);
    /// The most that a model may write in one place, either way, in points.
    pub const MODEL_MAX: u32 = 1_000_000;

    /// So many thousandths of a point.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis as i128)
    }

    /// Thousandths of a point.
    pub const fn millis(self) -> i128 {
        self.0
    }

    /// The points that a model writes: at most three decimals, and at most [`Self::MODEL_MAX`]
    /// either way. `None` for all else.
    pub fn parse(points: f64) -> Option<Self> {
        let millis = (points * 1000.0).round();
        // The division gives the very number that a text of three decimals is read as.
        let is_whole = millis / 1000.0 == points;
        (is_whole && points.abs() <= f64::from(Self::MODEL_MAX)).then_some(Self(millis as i128))
    }

    /// The nearest floating-point number of points.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// `self * num / den`, to the nearest thousandth, half away from zero. For points of a model
    /// and `num <= den <= 2^122`, so that nothing overflows; `den` is not 0.
    pub(super) fn scaled(self, num: u128, den: u128) -> Self {
        let doubled = 2 * self.0.unsigned_abs() * num;
        let size = ((doubled + den) / (2 * den)) as i128;
        Self(size * self.0.signum())
    }
}

impl Add for Points {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Points {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Points {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Points {
    fn sum<I: Iterator<Item = Self>>(points: I) -> Self {
        points.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let text = format!("{sign}{}.{:03}", size / 1000, size % 1000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.to_f64())
    }
}
