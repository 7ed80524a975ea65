//! `clv`: what customers paid, got back and cost.

use std::fmt;
use std::io::Write;

use clap::ValueEnum;
use leadfold_core::metrics::{Rate, RevenueBasis, ValueRow, historic_value};
use leadfold_core::{Currency, Money, Timestamp};
use leadfold_engine::Names;
use serde::Serialize;

use crate::args::{ReadOptions, SplitOptions};
use crate::dimension::{Dimensions, Key};
use crate::error::{CliError, Outcome};
use crate::money::{amounts, rounded};
use crate::output::Output;
use crate::reading::Reading;
use crate::table::Table;
use crate::text::{count, counted};

/// Options of `clv`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    split: SplitOptions,
    /// How value is found
    #[arg(long, value_enum, default_value_t = Model::Historic)]
    model: Model,
    /// What counts as revenue: recorded payments, amounts of won opportunities, or (auto)
    /// payments where a customer has any, else won amounts
    #[arg(long, value_enum, default_value_t = Basis::Auto)]
    basis: Basis,
}

/// How value is found.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Model {
    /// What was, up to the as-of
    Historic,
}

/// What counts as revenue.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Basis {
    /// Payments where a customer has any, else won amounts
    Auto,
    /// Recorded payments
    Recorded,
    /// Amounts of won opportunities
    Won,
}

impl From<Basis> for RevenueBasis {
    fn from(basis: Basis) -> Self {
        match basis {
            Basis::Auto => Self::RecordedElseWon,
            Basis::Recorded => Self::Recorded,
            Basis::Won => Self::Won,
        }
    }
}

/// Customer value in the contract's shape. Typed to the writer: sums are wider than a JSON tree.
#[derive(Serialize)]
pub(super) struct ValueReport {
    as_of: Option<Timestamp>,
    customers: u64,
    activation: Rate,
    purchases: u64,
    revenue: Vec<Money>,
    refunds: Vec<Money>,
    margin: Vec<Money>,
    cost: Vec<Money>,
    mean_value: Vec<Mean>,
    rows: Vec<Row>,
    #[serde(skip)]
    heading: String,
}

#[derive(Serialize)]
struct Row {
    key: Key,
    customers: u64,
    activation: Rate,
    purchases: u64,
    revenue: Vec<Money>,
    refunds: Vec<Money>,
    margin: Vec<Money>,
    cost: Vec<Money>,
    mean_value: Vec<Mean>,
}

/// A mean of money, in minor units and fractions of them.
#[derive(Clone, Copy, Serialize)]
struct Mean {
    currency: Currency,
    amount: f64,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    // The only model so far; the predictive ones will be its neighbours.
    let Model::Historic = options.model;
    let reading = Reading::open(&options.read)?;
    output.print(&historic(&reading, &options.split.by, options.basis.into())?)?;
    Ok(Outcome::Done)
}

/// Historic value by some dimensions.
pub(super) fn historic(
    reading: &Reading,
    words: &[String],
    basis: RevenueBasis,
) -> Result<ValueReport, CliError> {
    let dimensions = Dimensions::find(reading, words)?;
    let rows = historic_value(&reading.tables, &dimensions.by, basis);
    let names = reading.names(rows.iter().map(|row| &row.key))?;
    let mut rows = rows.into_iter().map(|row| Row::new(row, &dimensions, &names));
    let total = rows.next().expect("the first row is the total");
    Ok(ValueReport {
        as_of: reading.as_of,
        customers: total.customers,
        activation: total.activation,
        purchases: total.purchases,
        revenue: total.revenue,
        refunds: total.refunds,
        margin: total.margin,
        cost: total.cost,
        mean_value: total.mean_value,
        rows: rows.collect(),
        heading: dimensions.heading(),
    })
}

impl Row {
    fn new(row: ValueRow, dimensions: &Dimensions, names: &Names) -> Self {
        let mean_value = row.mean_value().into_iter();
        Self {
            key: dimensions.key(names, &row.key),
            mean_value: mean_value.map(|(currency, amount)| Mean { currency, amount }).collect(),
            customers: row.customers,
            activation: row.activation,
            purchases: row.purchases,
            revenue: row.revenue,
            refunds: row.refunds,
            margin: row.margin,
            cost: row.cost,
        }
    }
}

fn means(means: &[Mean]) -> String {
    let means: Vec<Money> = means.iter().map(|mean| rounded(mean.currency, mean.amount)).collect();
    amounts(&means)
}

impl fmt::Display for ValueReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let customers = counted(self.customers, "customer", "customers");
        let purchases = counted(self.purchases, "purchase", "purchases");
        let as_of = self.as_of.map_or_else(String::new, |at| format!(" as of {at}"));
        writeln!(f, "{customers} with {purchases}{as_of}")?;
        writeln!(f)?;
        let mut table = Table::new(&["", "amount"], 1);
        table.row(["revenue".to_owned(), amounts(&self.revenue)]);
        table.row(["refunds".to_owned(), amounts(&self.refunds)]);
        table.row(["cost".to_owned(), amounts(&self.cost)]);
        table.row(["mean value of a customer".to_owned(), means(&self.mean_value)]);
        write!(f, "{table}")?;
        if self.rows.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        let headings = [
            self.heading.as_str(),
            "customers",
            "purchases",
            "revenue",
            "refunds",
            "cost",
            "mean value",
        ];
        let mut table = Table::new(&headings, 1);
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.customers));
        for row in rows {
            table.row([
                row.key.to_string(),
                count(row.customers),
                count(row.purchases),
                amounts(&row.revenue),
                amounts(&row.refunds),
                amounts(&row.cost),
                means(&row.mean_value),
            ]);
        }
        write!(f, "{table}")
    }
}
