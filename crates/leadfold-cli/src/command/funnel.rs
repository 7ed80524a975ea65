//! `funnel`: how leads move from stage to stage.

mod text;

use std::io::Write;

use clap::ValueEnum;
use leadfold_core::Timestamp;
use leadfold_core::metrics::{
    DurationStat, FunnelKind, FunnelQuery, FunnelRow, Rate, StageRow, SurvivalRow, Within, funnel,
};
use leadfold_engine::Names;
use serde::Serialize;

use crate::args::{PeriodOptions, ReadOptions, SplitOptions};
use crate::dimension::{Dimensions, Key};
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::reading::Reading;
use crate::zone::period;

/// Options of `funnel`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    split: SplitOptions,
    #[command(flatten)]
    period: PeriodOptions,
    /// What became of the leads captured in the period, or what happened in it
    #[arg(long, value_enum, default_value_t = Kind::Cohort)]
    kind: Kind,
    /// Conversion within so many days of the capture
    #[arg(long, value_name = "DAYS")]
    within: Option<u32>,
    /// Conversion in time (Kaplan-Meier)
    #[arg(long)]
    survival: bool,
}

/// By cohort or by period.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// What became of the leads captured in the period
    Cohort,
    /// What happened in the period
    Period,
}

/// A funnel in the contract's shape.
#[derive(Serialize)]
pub(super) struct FunnelReport {
    kind: Kind,
    as_of: Option<Timestamp>,
    known_at: Option<Timestamp>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    rows: Vec<Row>,
    #[serde(skip)]
    heading: String,
}

#[derive(Serialize)]
struct Row {
    key: Key,
    captured: u64,
    stages: Vec<StageRow>,
    won: Rate,
    lost: u64,
    erased: u64,
    still_open: u64,
    days_to_won: DurationStat,
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<WithinReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    survival: Option<Vec<SurvivalRow>>,
}

#[derive(Serialize)]
struct WithinReport {
    days: u32,
    num: u64,
    den: u64,
    ratio: Option<f64>,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let reading = Reading::open(&options.read)?;
    let dimensions = Dimensions::find(&reading, &options.split.by)?;
    let query = FunnelQuery {
        kind: match options.kind {
            Kind::Cohort => FunnelKind::Cohort,
            Kind::Period => FunnelKind::Period,
        },
        period: period(options.period, reading.zone)?,
        by: dimensions.by.clone(),
        within_days: options.within,
        survival: options.survival,
        as_of: reading.instant(),
    };
    output.print(&report(&reading, &dimensions, &query)?)?;
    Ok(Outcome::Done)
}

/// The whole cohort funnel by some dimensions.
pub(super) fn whole(reading: &Reading, words: &[String]) -> Result<FunnelReport, CliError> {
    let dimensions = Dimensions::find(reading, words)?;
    let by = dimensions.by.clone();
    let query = FunnelQuery { by, ..FunnelQuery::as_of(reading.instant()) };
    report(reading, &dimensions, &query)
}

fn report(
    reading: &Reading,
    dimensions: &Dimensions,
    query: &FunnelQuery,
) -> Result<FunnelReport, CliError> {
    let rows = funnel(&reading.tables, query);
    let names = reading.names(rows.iter().map(|row| &row.key))?;
    Ok(FunnelReport {
        kind: match query.kind {
            FunnelKind::Cohort => Kind::Cohort,
            FunnelKind::Period => Kind::Period,
        },
        as_of: reading.as_of,
        known_at: reading.known_at,
        from: query.period.from,
        to: query.period.to,
        rows: rows.into_iter().map(|row| Row::new(row, dimensions, &names)).collect(),
        heading: dimensions.heading(),
    })
}

impl Row {
    fn new(row: FunnelRow, dimensions: &Dimensions, names: &Names) -> Self {
        let within = |Within { days, rate }| WithinReport {
            days,
            num: rate.num,
            den: rate.den,
            ratio: rate.ratio(),
        };
        Self {
            key: dimensions.key(names, &row.key),
            captured: row.captured,
            stages: row.stages,
            won: row.won,
            lost: row.lost,
            erased: row.erased,
            still_open: row.still_open,
            days_to_won: row.days_to_won,
            within: row.within.map(within),
            survival: row.survival,
        }
    }
}
