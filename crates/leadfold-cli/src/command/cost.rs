//! `cost`: what leads of each stage cost, what a new customer costs, and whether it paid.

mod text;

use std::io::Write;

use clap::ValueEnum;
use leadfold_core::metrics::{CostFigures, CostForm, CostQuery, CostRow, KeyPart, cost_metrics};
use serde::Serialize;

use super::clv::Basis;
use crate::args::{PeriodOptions, ReadOptions};
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::reading::{Keyed, Reading, Rows, Scope};

/// Options of `cost`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    read: ReadOptions,
    /// Split by source, campaign, channel or cohort (by cohort: month of capture; by period: month
    /// in which it happened); several by commas
    #[arg(long, value_name = "DIMENSION", value_delimiter = ',')]
    by: Vec<String>,
    #[command(flatten)]
    period: PeriodOptions,
    /// The period's costs against the leads captured in it and all that became of them, or against
    /// what happened in it
    #[arg(long, value_enum, default_value_t = Kind::Cohort)]
    kind: Kind,
    /// What counts as revenue: recorded payments, amounts of won opportunities, or (auto)
    /// payments where a customer has any, else won amounts
    #[arg(long, value_enum, default_value_t = Basis::Auto)]
    basis: Basis,
}

/// By cohort or by period.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Costs of the period against the leads captured in it, and all that became of them
    Cohort,
    /// Costs of the period against what happened in it
    Period,
}

impl From<Kind> for CostForm {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Cohort => Self::Cohort,
            Kind::Period => Self::Period,
        }
    }
}

/// Costs of a period, and what they brought.
#[derive(Serialize)]
struct CostReport {
    kind: Kind,
    #[serde(flatten)]
    scope: Scope,
    rows: Rows<Costs>,
}

/// The contract's names of the stages, as counts of leads.
#[derive(Serialize)]
struct Costs {
    inquiries: u64,
    mql: u64,
    sal: u64,
    sql: u64,
    won: u64,
    new_customers: u64,
    customer_months: f64,
    money: Vec<CostFigures>,
}

/// What costs can be split by.
pub(super) const DIMENSIONS: [&str; 4] = ["source", "campaign", "channel", "cohort"];

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let words = &options.by;
    words.iter().try_for_each(|word| check(word))?;
    let reading = Reading::open(&options.read)?;
    let (split, period) = (reading.split(words)?, reading.period(options.period)?);
    let query = CostQuery {
        form: options.kind.into(),
        period,
        by: split.by().to_vec(),
        basis: options.basis.into(),
        zone: reading.zone.zone(),
        as_of: reading.instant(),
    };
    let counted = cost_metrics(&reading.tables, &query);
    let rows = split.rows(counted, |row, _| Costs::from(row))?;
    output.answer(&CostReport { kind: options.kind, scope: reading.scope(period), rows })
}

/// By anything else leads would stand in rows without costs, and look as if they cost nothing.
fn check(word: &str) -> Result<(), CliError> {
    if DIMENSIONS.contains(&word) {
        return Ok(());
    }
    Err(CliError::Usage(format!(
        "costs cannot be split by `{word}`: expected {}, which is all that a cost says of itself; \
         split `clv` or `funnel` by `{word}` instead",
        DIMENSIONS.join(", ")
    )))
}

impl Keyed for CostRow {
    fn key(&self) -> &[KeyPart] {
        &self.key
    }
}

impl From<CostRow> for Costs {
    fn from(row: CostRow) -> Self {
        Self {
            inquiries: row.inquiries,
            mql: row.mql,
            sal: row.sal,
            sql: row.sql,
            won: row.won,
            new_customers: row.new_customers,
            customer_months: row.customer_months(),
            money: row.money,
        }
    }
}
