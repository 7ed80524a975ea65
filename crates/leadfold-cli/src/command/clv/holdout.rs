//! How a model does on what it does not know.

use std::fmt;

use leadfold_clv::{
    CalibrationPlot, Day, FrequencyRow, Holdout, HoldoutRow, TrackingRow, frequencies, tracking,
};
use leadfold_core::{SECOND, Timestamp};
use serde::Serialize;

use super::choice::FitFn;
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
    /// Customers of the calibration by repeats.
    frequencies: Vec<FrequencyRow>,
    /// All repeats until the end of a day, week by week.
    tracking: Vec<Tracked>,
}

#[derive(Clone, Copy, Serialize)]
struct Tracked {
    day: Date,
    #[serde(flatten)]
    row: TrackingRow,
}

/// The end of the calibration and the end of the holdout.
#[derive(Clone, Copy)]
pub(super) struct Split {
    pub(super) calibrated_to: Day,
    pub(super) until: Day,
}

impl Split {
    /// Nothing where no end of a calibration is given.
    pub(super) fn of(
        reading: &Reading,
        customers: &Customers,
        calibrate_to: Option<TimeArgument>,
    ) -> Result<Option<Self>, CliError> {
        let Some(to) = calibrate_to else { return Ok(None) };
        let (calibrated_to, until) = (day_of(reading, to.in_zone(reading.zone)?), customers.end);
        if calibrated_to < until {
            return Ok(Some(Self { calibrated_to, until }));
        }
        let (to, until) = (Date(calibrated_to.0), Date(until.0));
        Err(CliError::Usage(format!(
            "expected --calibrate-to before the as-of, found {to} and {until}: nothing is left to \
             hold the model against"
        )))
    }
}

impl HeldOut {
    /// Fits to what was until the end of the calibration.
    pub(super) fn of(customers: &Customers, split: Split, fit: FitFn) -> Result<Self, CliError> {
        let patterns = customers.patterns(split.calibrated_to)?;
        let Fitted { model, .. } = fit(&patterns)
            .map_err(|error| CliError::Nothing(format!("no fit of the calibration: {error}")))?;
        let days = (split.calibrated_to, split.until);
        let found = Holdout::of(&*model, &customers.purchases, days, WEEK);
        let curve = tracking(&*model, &customers.purchases, days, 7, WEEK);
        let tracked = curve.into_iter().map(|row| Tracked { day: Date(row.day.0), row });
        Ok(Self {
            calibrated_to: Date(days.0.0),
            until: Date(days.1.0),
            actual: found.actual(),
            expected: found.expected(),
            bias: found.bias(),
            frequencies: frequencies(&*model, &patterns),
            tracking: tracked.collect(),
            rows: found.rows,
        })
    }

    /// The drawing of it.
    pub(super) fn svg(&self, model: &str) -> String {
        let tracking: Vec<TrackingRow> = self.tracking.iter().map(|tracked| tracked.row).collect();
        let end = Day(self.calibrated_to.0);
        let frequencies = &self.frequencies;
        CalibrationPlot { model, end, tracking: &tracking, frequencies }.to_svg()
    }
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
