//! How a model does on what it does not know.

use std::fmt;

use leadfold_clv::{Day, FitError, Holdout, HoldoutRow, Patterns, tracking};
use leadfold_core::{SECOND, Timestamp};
use serde::Serialize;

use super::customers::{Customers, WEEK};
use super::fitted::Fitted;
use super::predict::Date;
use crate::error::CliError;
use crate::reading::Reading;
use crate::table::Table;
use crate::text::{count, share};
use crate::time::TimeArgument;

/// The calibration's model against the rest of the watch.
#[derive(Serialize)]
pub(super) struct HeldOut {
    /// The last day that the model knew.
    calibrated_to: Date,
    /// The last day that it was held against.
    until: Date,
    actual: u64,
    expected: f64,
    /// Above 0 the model expected too much.
    bias: Option<f64>,
    /// By repeats in the calibration.
    rows: Vec<HoldoutRow>,
    /// All repeats until the end of a day, week by week.
    tracking: Vec<Tracked>,
}

#[derive(Clone, Copy, Serialize)]
struct Tracked {
    day: Date,
    actual: u64,
    expected: f64,
}

/// Fits to what was until the end of the given day; nothing where none is given.
pub(super) fn held_out(
    reading: &Reading,
    customers: &Customers,
    calibrate_to: Option<TimeArgument>,
    fit: fn(&Patterns) -> Result<Fitted, FitError>,
) -> Result<Option<HeldOut>, CliError> {
    let Some(to) = calibrate_to.map(|to| to.in_zone(reading.zone)) else { return Ok(None) };
    let days = (day_of(reading, to), customers.end);
    if days.0 >= days.1 {
        let (to, until) = (Date(days.0.0), Date(days.1.0));
        return Err(CliError::Usage(format!(
            "expected --calibrate-to before the as-of, found {to} and {until}: nothing is left to \
             hold the model against"
        )));
    }
    let Fitted { model, .. } = fit(&customers.patterns(days.0)?)
        .map_err(|error| CliError::Nothing(format!("no fit of the calibration: {error}")))?;
    let found = Holdout::of(&*model, &customers.purchases, days, WEEK);
    let curve = tracking(&*model, &customers.purchases, days, 7, WEEK);
    let tracked = curve.iter().map(|row| Tracked {
        day: Date(row.day.0),
        actual: row.actual,
        expected: row.expected,
    });
    Ok(Some(HeldOut {
        calibrated_to: Date(days.0.0),
        until: Date(days.1.0),
        actual: found.actual(),
        expected: found.expected(),
        bias: found.bias(),
        tracking: tracked.collect(),
        rows: found.rows,
    }))
}

fn day_of(reading: &Reading, at: Timestamp) -> Day {
    Day::of(at, i64::from(reading.zone.zone().offset_seconds(at)) * SECOND)
}

impl fmt::Display for HeldOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calibrated_to, until, actual, expected, .. } = self;
        let actual = count(*actual);
        writeln!(f, "fitted to {calibrated_to}, held against the days until {until}:")?;
        write!(f, "{expected:.1} purchases expected, {actual} made")?;
        match self.bias {
            Some(bias) if bias < 0.0 => writeln!(f, ", {} too few", share(Some(-bias)))?,
            Some(bias) => writeln!(f, ", {} too many", share(Some(bias)))?,
            None => writeln!(f)?,
        }
        writeln!(f)?;
        let mut table = Table::new(&["bought again", "customers", "expected", "made"], 1);
        let last = self.rows.iter().map(|row| row.repeats).max();
        for row in &self.rows {
            let and_more = if Some(row.repeats) == last && row.repeats == 7 { "+" } else { "" };
            table.row([
                format!("{}{and_more}", row.repeats),
                count(row.customers),
                format!("{:.1}", row.expected),
                count(row.actual),
            ]);
        }
        write!(f, "{table}")
    }
}
