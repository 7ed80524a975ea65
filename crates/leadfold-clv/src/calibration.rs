//! A model held against what came after the data that it was fitted to.

use serde::Serialize;

use crate::{Buying, Day, Purchases};

/// From this many repeats on customers share a row.
const BINS: u32 = 7;

/// Customers of some repeats in the calibration: what they bought after it, and what the model
/// expected.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HoldoutRow {
    /// Days with purchases after the first, in the calibration; 7 stands for 7 and more.
    pub repeats: u32,
    /// How many customers.
    pub customers: u64,
    /// Days with purchases in the holdout.
    pub actual: u64,
    /// What the model expected of them.
    pub expected: f64,
}

/// The holdout: rows by repeats, without empty ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Holdout {
    /// Rows by repeats.
    pub rows: Vec<HoldoutRow>,
}

impl Holdout {
    /// Holds a model of the customers at the end of `end` against what they bought until the end
    /// of `until`. `unit_days` is the unit of the fit.
    pub fn of(
        model: &(impl Buying + ?Sized),
        purchases: &Purchases,
        (end, until): (Day, Day),
        unit_days: f64,
    ) -> Self {
        let horizon = (f64::from(until.0) - f64::from(end.0)) / unit_days;
        let mut rows: Vec<HoldoutRow> = (0..=BINS)
            .map(|repeats| HoldoutRow { repeats, customers: 0, actual: 0, expected: 0.0 })
            .collect();
        let customers = purchases.histories(end).zip(purchases.after(end, until));
        for ((_, history), (_, bought, _)) in customers {
            let Some(pattern) = history.pattern(end, unit_days) else { continue };
            let row = &mut rows[history.x.min(BINS) as usize];
            row.customers += 1;
            row.actual += u64::from(bought);
            row.expected += model.expected(pattern.x, pattern.t_x, pattern.t, horizon);
        }
        rows.retain(|row| row.customers > 0);
        Self { rows }
    }

    /// What all of them bought.
    pub fn actual(&self) -> u64 {
        self.rows.iter().map(|row| row.actual).sum()
    }

    /// What the model expected of all of them.
    pub fn expected(&self) -> f64 {
        self.rows.iter().map(|row| row.expected).sum()
    }

    /// By how much the model expected too much (above 0) or too little, of what was bought; none
    /// if nothing was.
    pub fn bias(&self) -> Option<f64> {
        let actual = self.actual() as f64;
        (actual > 0.0).then(|| self.expected() / actual - 1.0)
    }
}

/// The repeats of all customers until the end of a day, as they were and as expected.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TrackingRow {
    /// The day.
    #[serde(skip)]
    pub day: Day,
    /// Days with purchases after the first.
    pub actual: u64,
    /// What the model expects of as many new customers, each from their first day on.
    pub expected: f64,
}

/// The curve of repeats of the customers of the calibration, every so many days from the first
/// customer's day on until the end of `until`.
pub fn tracking(
    model: &(impl Buying + ?Sized),
    purchases: &Purchases,
    (end, until): (Day, Day),
    every_days: u32,
    unit_days: f64,
) -> Vec<TrackingRow> {
    let mut firsts = std::collections::BTreeMap::<i32, u64>::new();
    let mut repeats = std::collections::BTreeMap::<i32, u64>::new();
    for (customer, history) in purchases.histories(end) {
        *firsts.entry(history.first).or_default() += 1;
        for day in purchases.repeats(customer, history.first, until) {
            *repeats.entry(day).or_default() += 1;
        }
    }
    let Some(origin) = firsts.keys().next().copied() else { return Vec::new() };
    let step = every_days.max(1) as usize;
    let days = (i64::from(origin)..=i64::from(until.0)).skip(step - 1).step_by(step);
    days.map(|day| {
        let day = day as i32;
        // The first day's end is where the watch of it begins.
        let expected = firsts.range(..=day).map(|(first, customers)| {
            let watched = (f64::from(day) - f64::from(*first) + 1.0) / unit_days;
            *customers as f64 * model.expected_of_new(watched)
        });
        TrackingRow {
            day: Day(day),
            actual: repeats.range(..=day).map(|(_, n)| n).sum(),
            expected: expected.sum(),
        }
    })
    .collect()
}
