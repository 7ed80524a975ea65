//! `clv`: what customers paid, got back and cost; and what is to be expected of them.

mod choice;
mod customers;
mod discount;
mod fitted;
mod holdout;
mod predict;
mod renewals;
mod spend;
mod term;

use std::fmt;
use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use leadfold_clv::{BuyingModel, Contracts};
use leadfold_core::metrics::{KeyPart, Rate, RevenueBasis, ValueRow, historic_value};
use leadfold_core::{Currency, Money, Timestamp};
use serde::Serialize;

use self::discount::YearlyRate;
use self::predict::Asking;
use self::term::TermArgument;
use crate::args::{ReadOptions, SplitOptions};
use crate::error::{CliError, Outcome};
use crate::money::{amounts, rounded};
use crate::number;
use crate::output::Output;
use crate::reading::{Keyed, Log, Reading, Rows, largest_first};
use crate::table::Table;
use crate::target::Target;
use crate::text::{as_of, count, counted};
use crate::time::TimeArgument;

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
    /// How far a predictive model looks ahead, a century at most; default: 365
    #[arg(long, value_name = "DAYS", value_parser = number::whole::<0, 36_525>)]
    horizon: Option<u32>,
    /// Fit once more to what was known by the end of that day, and hold the model against the
    /// rest
    #[arg(long, value_name = "TIME")]
    calibrate_to: Option<TimeArgument>,
    /// Draw the calibration into an SVG file: purchases week by week, and customers by how often
    /// they bought again, actual and expected
    #[arg(long, value_name = "FILE.svg", requires = "calibrate_to")]
    svg: Option<PathBuf>,
    /// What money of later loses a year: a fraction (0.1) or percent (10%)
    #[arg(long, value_name = "RATE")]
    discount: Option<YearlyRate>,
    /// A captured attribute that leads of one customer share, such as an account, for a model of
    /// buying; default: each lead is a customer
    #[arg(long, value_name = "ATTRIBUTE")]
    per: Option<String>,
    /// How long a contract runs until it is to be renewed: month, quarter, year or days; --model
    /// sbg needs it
    #[arg(long, value_name = "TERM")]
    term: Option<TermArgument>,
    /// Days after a renewal was due in which `churned` still means that it was not made
    #[arg(long, value_name = "DAYS", default_value_t = 0, value_parser = number::whole::<0, { u32::MAX }>, requires = "term")]
    grace: u32,
    /// Whose payments a predictive model counts; default: the only currency of the log
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
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
    /// BG/NBD: customers may leave after each purchase but the first
    Bgnbd,
    /// MBG/NBD: customers may leave after each purchase
    Mbgnbd,
    /// Pareto/NBD: customers may leave at any time
    Pareto,
    /// Of these three the one that does best on what came after --calibrate-to
    Auto,
    /// sBG: contracts that are renewed or not, a --term after another
    Sbg,
}

/// What counts as revenue.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Basis {
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
    #[serde(flatten)]
    total: Value,
    /// Without the total.
    rows: Rows<Value>,
}

/// What some customers are worth.
#[derive(Serialize)]
struct Value {
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

impl Options {
    /// How many days a predictive model looks ahead.
    fn horizon_days(&self) -> u32 {
        self.horizon.unwrap_or(365)
    }

    /// What a model does not understand is not dropped without a word.
    fn refuse_of_other_models(&self) -> Result<(), CliError> {
        let (buys, renews) = match self.model {
            Model::Historic => (false, false),
            Model::Sbg => (false, true),
            _ => (true, false),
        };
        let buying = "bgnbd, mbgnbd, pareto or auto";
        let predictive = |option, is_given: bool| {
            let models = "bgnbd, mbgnbd, pareto, auto or sbg";
            (option, is_given && !buys && !renews, "predictive model", models)
        };
        let given = [
            ("--calibrate-to", self.calibrate_to.is_some() && !buys, "model of buying", buying),
            ("--per", self.per.is_some() && !buys, "model of buying", buying),
            predictive("--discount", self.discount.is_some()),
            predictive("--horizon", self.horizon.is_some()),
            predictive("--currency", self.currency.is_some()),
            ("--term", self.term.is_some() && !renews, "model of renewals", "sbg"),
        ];
        let Some((option, _, kind, models)) = given.into_iter().find(|(_, is_idle, ..)| *is_idle)
        else {
            return Ok(());
        };
        let found = self.model.to_possible_value();
        let found = found.as_ref().map_or("another", |value| value.get_name());
        Err(CliError::Usage(format!(
            "expected a {kind} with {option}, found --model {found}; choose --model {models}, or \
             leave {option} out"
        )))
    }
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    options.refuse_of_other_models()?;
    let asking = match options.model {
        Model::Historic => {
            let reading = Reading::open(&options.read)?;
            let by = &options.split.by;
            return output.answer(&historic(&reading, by, options.basis.into())?);
        }
        Model::Sbg => {
            TermArgument::given(options.term)?;
            let log = Log::open(&options.read)?;
            let contracts = Contracts::under(log.playbook.rules.illegal);
            let (reading, contracts) = Reading::watched(log, &options.read, contracts)?;
            return output.answer(&renewals::prediction(&reading, &contracts, options)?);
        }
        Model::Bgnbd => Asking::Of(BuyingModel::BgNbd),
        Model::Mbgnbd => Asking::Of(BuyingModel::MbgNbd),
        Model::Pareto => Asking::Of(BuyingModel::Pareto),
        Model::Auto => Asking::Best,
    };
    let (svg, url) = (options.svg.as_deref(), &options.read.store.store);
    let svg = svg.map(|path| Target::new(path, "--svg", url)).transpose()?;
    let answer = predict::prediction(&Reading::open(&options.read)?, options, asking)?;
    if let Some(target) = &svg {
        answer.draw(target)?;
    }
    output.answer(&answer)
}

/// Historic value by some dimensions.
pub(super) fn historic(
    reading: &Reading,
    words: &[String],
    basis: RevenueBasis,
) -> Result<ValueReport, CliError> {
    let split = reading.split(words)?;
    let counted = historic_value(&reading.tables, split.by(), basis);
    let mut rows = split.rows(counted, |row, _| Value::from(row))?;
    let total = rows.all.remove(0).values;
    Ok(ValueReport { as_of: reading.as_of, total, rows })
}

impl Keyed for ValueRow {
    fn key(&self) -> &[KeyPart] {
        &self.key
    }
}

impl From<ValueRow> for Value {
    fn from(row: ValueRow) -> Self {
        let mean_value = row.mean_value().into_iter();
        Self {
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
        let customers = counted(self.total.customers, "customer", "customers");
        let purchases = counted(self.total.purchases, "purchase", "purchases");
        writeln!(f, "{customers} with {purchases}{}", as_of(self.as_of))?;
        writeln!(f)?;
        write!(f, "{}", sums(&self.total))?;
        if self.rows.all.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        let headings = ["customers", "purchases", "revenue", "refunds", "cost", "mean value"];
        let rows = largest_first(&self.rows.all, |value| value.customers);
        write!(f, "{}", self.rows.table(rows, &headings, cells))
    }
}

fn sums(total: &Value) -> Table {
    let mut table = Table::new(&["", "amount"], 1);
    table.row(["revenue".to_owned(), amounts(&total.revenue)]);
    table.row(["refunds".to_owned(), amounts(&total.refunds)]);
    table.row(["cost".to_owned(), amounts(&total.cost)]);
    table.row(["mean value of a customer".to_owned(), means(&total.mean_value)]);
    table
}

fn cells(value: &Value) -> Vec<String> {
    vec![
        count(value.customers),
        count(value.purchases),
        amounts(&value.revenue),
        amounts(&value.refunds),
        amounts(&value.cost),
        means(&value.mean_value),
    ]
}
