//! How long a contract runs until it is to be renewed: in whole microseconds, like the instants of
//! a log. A renewal that is due at the very instant of an end or of an as-of is due, whatever the
//! digits of a length in days.

use std::num::NonZeroU32;

use leadfold_core::{DAY, SECOND};

/// A month, the twelfth part of a year of 365.2425 days, is whole seconds.
const MONTH: i64 = 2_629_746 * SECOND;

/// How long a contract runs until its next renewal, and for how long that is open.
///
/// ```
/// # use std::num::NonZeroU32;
/// # use leadfold_clv::Term;
/// let year = Term::of_months(const { NonZeroU32::new(12).unwrap() }).with_grace(7);
/// assert_eq!((year.days(), year.grace_days()), (365.2425, 7.0));
/// assert_eq!(year.due(3), 3 * 31_556_952_000_000);
/// assert_eq!((year.passed(year.due(3)), year.passed(year.due(3) - 1)), (3, 2));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Term {
    /// Above 0. Wide enough for any number of days or months.
    micros: i128,
    grace: i128,
}

impl Term {
    /// Terms of so many days.
    pub fn of_days(days: NonZeroU32) -> Self {
        Self::of(days, DAY)
    }

    /// Terms of so many twelfths of a year.
    pub fn of_months(months: NonZeroU32) -> Self {
        Self::of(months, MONTH)
    }

    fn of(times: NonZeroU32, unit: i64) -> Self {
        Self { micros: i128::from(times.get()) * i128::from(unit), grace: 0 }
    }

    /// With so many days after a renewal was due in which `churned` still means that it did not
    /// come, and in which it is open.
    pub fn with_grace(self, days: u32) -> Self {
        Self { grace: i128::from(days) * i128::from(DAY), ..self }
    }

    /// Its days.
    pub fn days(self) -> f64 {
        self.micros as f64 / DAY as f64
    }

    /// Days for which a renewal is open.
    pub fn grace_days(self) -> f64 {
        self.grace as f64 / DAY as f64
    }

    /// When a renewal is due, the first is number 1: microseconds after the contract began.
    pub fn due(self, renewal: u32) -> i128 {
        i128::from(renewal) * self.micros
    }

    /// The renewals that were due by so many microseconds after the contract began.
    pub fn passed(self, age: i128) -> u32 {
        u32::try_from(age.max(0) / self.micros).unwrap_or(u32::MAX)
    }

    /// The renewals that were due by then and are open no longer.
    pub(crate) fn closed(self, age: i128) -> u32 {
        self.passed(age - self.grace)
    }
}
