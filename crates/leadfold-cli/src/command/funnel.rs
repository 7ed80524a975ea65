//! `funnel`: how leads move from stage to stage.

mod text;

use std::io::Write;

use clap::ValueEnum;
use leadfold_core::metrics::{
    DurationStat, FunnelKind, FunnelQuery, FunnelRow, KeyPart, Rate, StageRow, SurvivalRow, Within,
    funnel,
};
use serde::Serialize;

use crate::args::{PeriodOptions, ReadOptions, SplitOptions};
use crate::error::{CliError, Outcome};
use crate::number;
use crate::output::Output;
use crate::reading::{Keyed, Reading, Rows, Scope, Split};

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
    #[arg(long, value_name = "DAYS", value_parser = number::whole::<0, { u32::MAX }>)]
    within: Option<u32>,
    /// Conversion in time (Kaplan-Meier)
    #[arg(long)]
    survival: bool,
}

/// By cohort or by period.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// What became of the leads captured in the period
    #[default]
    Cohort,
    /// What happened in the period
    Period,
}

/// A funnel in the contract's shape.
#[derive(Serialize)]
pub(super) struct FunnelReport {
    kind: Kind,
    #[serde(flatten)]
    scope: Scope,
    rows: Rows<Stages>,
}

/// How some leads moved.
#[derive(Serialize)]
struct Stages {
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
    let split = reading.split(&options.split.by)?;
    let query = FunnelQuery {
        kind: options.kind.into(),
        period: reading.period(options.period)?,
        by: split.by().to_vec(),
        within_days: options.within,
        survival: options.survival,
        as_of: reading.instant(),
    };
    output.answer(&report(&reading, &split, options.kind, &query)?)
}

/// The whole cohort funnel by some dimensions.
pub(super) fn whole(reading: &Reading, words: &[String]) -> Result<FunnelReport, CliError> {
    let split = reading.split(words)?;
    let by = split.by().to_vec();
    let query = FunnelQuery { by, ..FunnelQuery::as_of(reading.instant()) };
    report(reading, &split, Kind::Cohort, &query)
}

fn report(
    reading: &Reading,
    split: &Split<'_>,
    kind: Kind,
    query: &FunnelQuery,
) -> Result<FunnelReport, CliError> {
    let rows = split.rows(funnel(&reading.tables, query), |row, _| Stages::from(row))?;
    Ok(FunnelReport { kind, scope: reading.scope(query.period), rows })
}

impl From<Kind> for FunnelKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Cohort => Self::Cohort,
            Kind::Period => Self::Period,
        }
    }
}

impl Keyed for FunnelRow {
    fn key(&self) -> &[KeyPart] {
        &self.key
    }
}

impl From<FunnelRow> for Stages {
    fn from(row: FunnelRow) -> Self {
        Self {
            captured: row.captured,
            stages: row.stages,
            won: row.won,
            lost: row.lost,
            erased: row.erased,
            still_open: row.still_open,
            days_to_won: row.days_to_won,
            within: row.within.map(WithinReport::from),
            survival: row.survival,
        }
    }
}

impl From<Within> for WithinReport {
    fn from(Within { days, rate }: Within) -> Self {
        Self { days, num: rate.num, den: rate.den, ratio: rate.ratio() }
    }
}
