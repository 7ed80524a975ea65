//! What is to be expected of customers: a model of buying, fitted to their payments.

use std::collections::BTreeMap;
use std::fmt;

use leadfold_clv::{BuyingModel, History, Pattern};
use leadfold_core::metrics::{KeyPart, key};
use leadfold_core::{Currency, LeadIndex, LeadKey, Timestamp};
use serde::{Serialize, Serializer};

use super::choice::{ChoiceReport, fit_of};
use super::customers::{Customers, WEEK};
use super::discount::DiscountReport;
use super::fitted::{FitReport, Fitted};
use super::holdout::{HeldOut, Split};
use super::spend::SpendFit;
use super::{Options, ValueReport, historic};
use crate::error::CliError;
use crate::leads;
use crate::money::{Amount, rounded};
use crate::reading::{Keyed, Reading, Rows, largest_first};
use crate::table::{Table, one_line};
use crate::target::{Target, Written};
use crate::text::{as_of, count, counted, share};

/// Customers that people get to see.
pub(super) const SHOWN: usize = 10;

/// Which model is asked.
#[derive(Clone, Copy)]
pub(super) enum Asking {
    Of(BuyingModel),
    /// The one that does best on the holdout.
    Best,
}

/// What a model expects, in the contract's shape: the historic answer, the fit and the customers.
#[derive(Serialize)]
pub(super) struct Prediction {
    #[serde(flatten, serialize_with = "sums")]
    historic: ValueReport,
    model: BuyingModel,
    /// Why this model, where it was not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    choice: Option<ChoiceReport>,
    horizon_days: u32,
    /// How money of later was discounted; nothing where it was not.
    discount: Option<DiscountReport>,
    currency: Currency,
    repeaters: u64,
    /// Purchases expected of all customers.
    expected: f64,
    /// With a probability of 95 %, as far as the parameters decide; none at a boundary.
    expected_interval: Option<(f64, f64)>,
    /// What these are worth, minor units.
    value: Option<f64>,
    #[serde(flatten)]
    fit: FitReport,
    /// The model of spend per purchase.
    spend: SpendFit,
    /// How the model did on what it did not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    holdout: Option<HeldOut>,
    /// Without the total.
    rows: Rows<Expected>,
    customers: Vec<Customer>,
}

/// What is expected of some customers.
#[derive(Clone, Copy, Default, Serialize)]
pub(super) struct Expected {
    pub(super) customers: u64,
    pub(super) expected: f64,
    pub(super) value: Option<f64>,
}

impl Expected {
    /// Adds a customer. Who has no value adds none.
    pub(super) fn add(&mut self, expected: f64, value: Option<f64>) {
        self.customers += 1;
        self.expected += expected;
        self.value = value.map(|value| value + self.value.unwrap_or(0.0)).or(self.value);
    }

    /// For people.
    pub(super) fn cells(&self, currency: Option<Currency>) -> Vec<String> {
        let value = money_or_dash(currency, self.value);
        vec![count(self.customers), format!("{:.1}", self.expected), value]
    }
}

/// A customer with what is expected of it.
#[derive(Serialize)]
struct Customer {
    key: Option<LeadKey>,
    /// Where several leads are one customer: whose they are; `key` is that of the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// Days with purchases after the first.
    x: u32,
    first: Date,
    last: Date,
    p_alive: f64,
    expected: f64,
    /// Expected per purchase, minor units.
    spend: Option<f64>,
    /// Of the expected purchases, minor units.
    value: Option<f64>,
}

/// A customer, and what the models say of it.
#[derive(Clone, Copy)]
struct Asked {
    lead: LeadIndex,
    history: History,
    p_alive: f64,
    expected: f64,
    /// The expected purchases, each worth what one of today is.
    worth: f64,
    spend: Option<f64>,
}

impl Asked {
    fn value(&self) -> Option<f64> {
        self.spend.map(|spend| spend * self.worth)
    }
}

/// A day of the zone, for people and programs.
#[derive(Clone, Copy)]
pub(super) struct Date(pub(super) i32);

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = Timestamp::from_micros(i64::from(self.0) * leadfold_core::DAY).to_string();
        write!(f, "{}", instant.split('T').next().unwrap_or_default())
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What was, but for the count of customers: `customers` is their list here.
pub(super) fn sums<S: Serializer>(report: &ValueReport, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Sums<'a> {
        as_of: Option<Timestamp>,
        revenue: &'a [leadfold_core::Money],
        refunds: &'a [leadfold_core::Money],
        cost: &'a [leadfold_core::Money],
        mean_value: &'a [super::Mean],
    }
    let total = &report.total;
    let (revenue, refunds, cost) = (&total.revenue, &total.refunds, &total.cost);
    let as_of = report.as_of;
    Sums { as_of, revenue, refunds, cost, mean_value: &total.mean_value }.serialize(serializer)
}

/// Fits the model to the customers of the reading, and asks it of each.
pub(super) fn prediction(
    reading: &Reading,
    options: &Options,
    asking: Asking,
) -> Result<Prediction, CliError> {
    let customers = Customers::of(reading, options.currency, options.per.as_deref())?;
    let split = Split::of(reading, &customers, options.calibrate_to)?;
    let (chosen, choice) = chosen(&customers, split, asking)?;
    let fit = fit_of(chosen);
    let patterns = customers.patterns(customers.end)?;
    let Fitted { model, estimate, report } =
        fit(&patterns).map_err(|error| CliError::Nothing(format!("no fit: {error}")))?;
    let spend = SpendFit::of(&customers)?;
    let horizon = f64::from(options.horizon_days()) / WEEK;
    let discount = options.discount.map(|rate| DiscountReport::of(rate, options.horizon_days()));
    let ask = |(lead, history): &(LeadIndex, History)| {
        let pattern = history.pattern(customers.end, WEEK);
        let seen = pattern.unwrap_or(Pattern { x: 0, t_x: 0.0, t: 0.0, customers: 1 });
        let expected = model.expected(seen.x, seen.t_x, seen.t, horizon);
        Asked {
            lead: *lead,
            history: *history,
            p_alive: model.p_alive(seen.x, seen.t_x, seen.t),
            expected,
            worth: discount.map_or(expected, |rate| rate.purchases(&*model, &seen)),
            spend: spend.expected(history),
        }
    };
    let asked: Vec<Asked> = customers.histories.iter().map(ask).collect();
    let all = estimate(&|model| {
        let expected = |row: &Pattern| model.expected(row.x, row.t_x, row.t, horizon);
        patterns.rows().iter().map(|row| row.customers as f64 * expected(row)).sum()
    });
    let told = asked.iter().map(|one| (one.lead, one.expected, one.value()));
    let mut total = Expected::default();
    asked.iter().for_each(|one| total.add(one.expected, one.value()));
    Ok(Prediction {
        historic: historic(reading, &[], options.basis.into())?,
        model: chosen,
        choice,
        discount,
        horizon_days: options.horizon_days(),
        currency: customers.currency,
        repeaters: customers.repeaters(),
        expected: total.expected,
        expected_interval: all.interval,
        value: total.value,
        fit: report,
        spend,
        holdout: split.map(|split| HeldOut::of(&customers, split, fit)).transpose()?,
        rows: groups(reading, &options.split.by, told)?,
        customers: named(reading, asked, customers.accounts)?,
    })
}

fn chosen(
    customers: &Customers,
    split: Option<Split>,
    asking: Asking,
) -> Result<(BuyingModel, Option<ChoiceReport>), CliError> {
    match (asking, split) {
        (Asking::Of(model), _) => Ok((model, None)),
        (Asking::Best, Some(split)) => {
            let choice = ChoiceReport::of(customers, split)?;
            Ok((choice.best(), Some(choice)))
        }
        (Asking::Best, None) => Err(CliError::Usage(
            "expected --calibrate-to with --model auto, found none: the models are held against \
             what came after that day; give one in the middle of the log"
                .into(),
        )),
    }
}

impl Prediction {
    /// Draws the holdout, if there is one.
    pub(super) fn draw(&self, target: &Target<'_>) -> Result<(), CliError> {
        let Some(holdout) = &self.holdout else { return Ok(()) };
        target.write(|out| {
            out.write_all(holdout.svg(self.model.title()).as_bytes())?;
            Ok(Written::Whole)
        })
    }
}

struct Group(Vec<KeyPart>, Expected);

impl Keyed for Group {
    fn key(&self) -> &[KeyPart] {
        &self.0
    }
}

/// What is expected of leads, and worth, by some dimensions.
pub(super) fn groups(
    reading: &Reading,
    words: &[String],
    asked: impl Iterator<Item = (LeadIndex, f64, Option<f64>)>,
) -> Result<Rows<Expected>, CliError> {
    let split = reading.split(words)?;
    let mut groups: BTreeMap<Vec<KeyPart>, Expected> = BTreeMap::new();
    for (lead, expected, value) in asked.filter(|_| !words.is_empty()) {
        if let Some(lead) = reading.tables.lead(lead) {
            groups.entry(key(&lead, split.by())).or_default().add(expected, value);
        }
    }
    split.rows(groups.into_iter().map(|(key, sum)| Group(key, sum)).collect(), |row, _| row.1)
}

/// The customers by what is expected of them, most first.
fn named(
    reading: &Reading,
    mut asked: Vec<Asked>,
    mut accounts: BTreeMap<LeadIndex, String>,
) -> Result<Vec<Customer>, CliError> {
    asked.sort_by(|a, b| b.expected.total_cmp(&a.expected).then(a.lead.cmp(&b.lead)));
    let names = leads::named(&reading.store, asked.iter().map(|one| one.lead))?;
    let customer = |one: Asked| Customer {
        key: names.lead(one.lead).cloned(),
        account: accounts.remove(&one.lead),
        x: one.history.x,
        first: Date(one.history.first),
        last: Date(one.history.last),
        p_alive: one.p_alive,
        expected: one.expected,
        spend: one.spend,
        value: one.value(),
    };
    Ok(asked.into_iter().map(customer).collect())
}

impl fmt::Display for Prediction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let money = |value: Option<f64>| money_or_dash(Some(self.currency), value);
        let customers = counted(self.customers.len() as u64, "customer", "customers");
        let again = count(self.repeaters);
        writeln!(f, "{customers}, {again} of them bought again{}", as_of(self.historic.as_of))?;
        let days = counted(u64::from(self.horizon_days), "day", "days");
        write!(f, "{:.1} purchases to be expected within {days}", self.expected)?;
        match self.expected_interval {
            Some((low, high)) => writeln!(f, " (95 %: {low:.1} to {high:.1})")?,
            None => writeln!(f)?,
        }
        let at = self.discount.map_or_else(String::new, |discount| discount.in_words());
        writeln!(f, "worth {}{at}", money(self.value))?;
        if let Some(choice) = &self.choice {
            write!(f, "\n{choice}")?;
        }
        writeln!(f)?;
        write!(f, "{}", parameters(&self.fit, self.spend.report()))?;
        let notes = [self.fit.warning(), self.spend.warning()];
        notes.iter().flatten().try_for_each(|note| writeln!(f, "\nnote: {note}"))?;
        if let Some(holdout) = &self.holdout {
            write!(f, "\n{holdout}")?;
        }
        if !self.rows.all.is_empty() {
            writeln!(f)?;
            let largest = largest_first(&self.rows.all, |row| row.customers);
            let cells = |row: &Expected| row.cells(Some(self.currency));
            write!(f, "{}", self.rows.table(largest, &["customers", "expected", "value"], cells))?;
        }
        writeln!(f)?;
        write!(f, "{}", shown(&self.customers, self.currency))?;
        match self.customers.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "and {} more; --json lists all", count(more as u64)),
        }
    }
}

/// Money in a currency, if there is any.
pub(super) fn money_or_dash(currency: Option<Currency>, value: Option<f64>) -> String {
    let amount = currency.zip(value).map(|(currency, value)| rounded(currency, value));
    amount.map_or_else(|| "-".to_owned(), |amount| Amount(amount).to_string())
}

pub(super) fn parameters(fit: &FitReport, spend: Option<&FitReport>) -> Table {
    let mut table = Table::new(&["parameter", "value", "standard error", "95 % from", "to"], 1);
    for one in fit.estimates.iter().chain(spend.into_iter().flat_map(|spend| &spend.estimates)) {
        let number = |value: Option<f64>| value.map_or_else(|| "-".into(), |v| format!("{v:.4}"));
        let (low, high) = one.interval.unzip();
        table.row([
            one.name.to_owned(),
            number(Some(one.value)),
            number(one.standard_error),
            number(low),
            number(high),
        ]);
    }
    table
}

fn shown(customers: &[Customer], currency: Currency) -> Table {
    let headings =
        ["customer", "first", "last", "again", "still one", "expected", "spend", "value"];
    let mut table = Table::new(&headings, 3);
    for customer in customers.iter().take(SHOWN) {
        let key = || customer.key.as_ref().map_or_else(|| "-".into(), ToString::to_string);
        table.row([
            customer.account.as_deref().map_or_else(key, one_line),
            customer.first.to_string(),
            customer.last.to_string(),
            count(u64::from(customer.x)),
            share(Some(customer.p_alive)),
            format!("{:.2}", customer.expected),
            money_or_dash(Some(currency), customer.spend),
            money_or_dash(Some(currency), customer.value),
        ]);
    }
    table
}
