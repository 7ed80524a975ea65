//! What customers were worth: the money of dated payments, as it is worth on one day.

use std::collections::BTreeMap;

use crate::Day;

/// Money that was paid.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worth {
    /// As it was paid, to the minor unit; refunds are taken off.
    pub paid: i128,
    /// As it is worth on the day, minor units.
    pub discounted: f64,
}

/// How money of later is worth less, by a rate that works every moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interest {
    /// What a day takes off the logarithm.
    pub per_day: f64,
}

impl Interest {
    /// A rate a year of 365 days: 0.15 makes money of in a year worth 1/1.15 of itself.
    pub fn yearly(rate: f64) -> Self {
        Self { per_day: rate.ln_1p() / 365.0 }
    }

    /// What dated payments are worth on a day, in minor units; refunds are below 0. Earlier
    /// payments are worth more than they were, later ones less. Whatever the order they come in,
    /// it is the same to the last bit.
    ///
    /// ```
    /// # use leadfold_clv::{Day, Interest};
    /// let year = Interest::yearly(0.15);
    /// let worth = year.worth_on(Day(0), [(Day(0), 10_000), (Day(365), 5_000)]);
    /// assert_eq!(worth.paid, 15_000);
    /// assert!((worth.discounted - (10_000.0 + 5_000.0 / 1.15)).abs() < 1e-9);
    /// ```
    pub fn worth_on(&self, day: Day, payments: impl IntoIterator<Item = (Day, i64)>) -> Worth {
        let mut days = BTreeMap::<Day, i128>::new();
        for (paid, amount) in payments {
            *days.entry(paid).or_default() += i128::from(amount);
        }
        let factor = |paid: Day| (-self.per_day * (f64::from(paid.0) - f64::from(day.0))).exp();
        let discounted = sum(days.iter().map(|(paid, amount)| *amount as f64 * factor(*paid)));
        Worth { paid: days.values().sum(), discounted }
    }
}

/// The sum, with what the additions lose put back at the end (Neumaier 1974).
fn sum(parts: impl Iterator<Item = f64>) -> f64 {
    let (sum, lost) = parts.fold((0.0_f64, 0.0), |(sum, lost), part| {
        let next = sum + part;
        let (large, small) = if sum.abs() >= part.abs() { (sum, part) } else { (part, sum) };
        (next, lost + ((large - next) + small))
    });
    sum + lost
}
