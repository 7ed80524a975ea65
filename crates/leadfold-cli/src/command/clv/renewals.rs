//! `--model sbg`: how many renewals are to be expected of customers by contract.

use std::fmt;

use leadfold_clv::{
    Cohort, Contract, Contracts, Day, Fit, Renewal, ShiftedBetaGeometric, Tenure, Term,
};
use leadfold_core::{Currency, DAY, Lead, LeadIndex, LeadKey, SECOND, State, Timestamp};
use serde::Serialize;

use super::customers::currency_of;
use super::discount::YearlyRate;
use super::fitted::FitReport;
use super::predict::{Date, Expected, SHOWN, groups, money_or_dash, parameters, sums};
use super::term::TermArgument;
use super::{Options, ValueReport, historic};
use crate::error::CliError;
use crate::leads;
use crate::reading::{Reading, Rows, largest_first};
use crate::table::Table;
use crate::text::{as_of, count, counted, share};

/// What the model expects, in the contract's shape.
#[derive(Serialize)]
pub(super) struct RenewalReport {
    #[serde(flatten, serialize_with = "sums")]
    historic: ValueReport,
    model: &'static str,
    horizon_days: u32,
    term_days: f64,
    grace_days: f64,
    /// What money of later loses a year; nothing where it was not discounted.
    discount: Option<YearlyRate>,
    /// None where no payment is recorded.
    currency: Option<Currency>,
    /// Contracts that ended with `churned`.
    churned: u64,
    /// Renewals expected of all customers.
    expected: f64,
    /// With a probability of 95 %, as far as the parameters decide; none at a boundary.
    expected_interval: Option<(f64, f64)>,
    /// What these are worth, minor units.
    value: Option<f64>,
    #[serde(flatten)]
    fit: FitReport,
    /// The renewals that were due, the first of all customers, the second, and so on.
    renewals: Vec<RenewalRow>,
    /// Without the total.
    rows: Rows<Expected>,
    /// Who is under contract.
    customers: Vec<Customer>,
}

#[derive(Serialize)]
struct RenewalRow {
    renewal: u32,
    lost: u64,
    kept: u64,
    retention: f64,
    expected_retention: f64,
    /// The share of new customers who are to be expected to renew so often.
    expected_survival: f64,
}

#[derive(Serialize)]
struct Customer {
    key: Option<LeadKey>,
    since: Date,
    renewals: u32,
    /// The chance that the next one is made.
    retention: f64,
    expected: f64,
    /// What came in a term so far, minor units.
    payment: Option<f64>,
    value: Option<f64>,
}

/// A contract that lasts.
struct Lasting {
    lead: LeadIndex,
    contract: Contract,
    tenure: Tenure,
    payment: Option<f64>,
}

/// How far is looked ahead, and from when.
#[derive(Clone, Copy)]
struct Ahead {
    now: Timestamp,
    days: u32,
    term: Term,
    discount: Option<YearlyRate>,
}

impl Lasting {
    /// The renewals to be expected, and these each as worth as one of today.
    fn expected(&self, model: &ShiftedBetaGeometric, ahead: &Ahead) -> [f64; 2] {
        let so_far = self.contract.age(ahead.now);
        let last = ahead.term.passed(so_far + i128::from(ahead.days) * i128::from(DAY));
        let (mut chance, mut sums) = (1.0, [0.0; 2]);
        for renewal in self.tenure.renewals + 1..=last {
            chance *= model.retention(renewal);
            let due_in = (ahead.term.due(renewal) - so_far).max(0) as f64 / DAY as f64;
            sums[0] += chance;
            sums[1] += chance * ahead.discount.map_or(1.0, |rate| rate.worth_after(due_in));
        }
        sums
    }
}

/// Fits the model to the contracts of the reading, and asks it of each that lasts.
pub(super) fn prediction(
    reading: &Reading,
    contracts: &Contracts,
    options: &Options,
) -> Result<RenewalReport, CliError> {
    let term = TermArgument::given(options.term)?.with_grace(options.grace);
    let (now, currency) = (reading.instant(), currency_of(reading, options.currency)?);
    let leads = || reading.tables.leads().filter(|lead| lead.state() != State::Merged);
    let contract_of = |lead: &Lead<'_>| contracts.of(lead.index()).to_vec();
    let every: Vec<Contract> = leads().flat_map(|lead| contract_of(&lead)).collect();
    let tenures: Vec<Tenure> = every.iter().map(|one| one.tenure(now, term)).collect();
    let fit = fit_of(&tenures)?;
    let lasting = |lead: Lead<'_>| {
        let contract = *contracts.of(lead.index()).last().filter(|one| one.until.is_none())?;
        let tenure = contract.tenure(now, term);
        let payment =
            currency.and_then(|currency| payment(&lead, &contract, tenure, (term, currency)));
        Some(Lasting { lead: lead.index(), contract, tenure, payment })
    };
    let lasting: Vec<Lasting> = leads().filter_map(lasting).collect();
    let ahead = Ahead { now, days: options.horizon_days(), term, discount: options.discount };
    let all = fit.1.estimate_of("renewals", |model| {
        lasting.iter().map(|one| one.expected(model, &ahead)[0]).sum()
    });
    let customers = customers(reading, lasting, &fit.1.model, &ahead)?;
    let asked = || customers.iter().map(|(lead, one)| (*lead, one.expected, one.value));
    let mut total = Expected::default();
    asked().for_each(|(_, expected, value)| total.add(expected, value));
    Ok(RenewalReport {
        historic: historic(reading, &[], options.basis.into())?,
        model: "sbg",
        horizon_days: options.horizon_days(),
        term_days: term.days(),
        grace_days: term.grace_days(),
        discount: options.discount,
        currency,
        churned: every.iter().filter(|contract| contract.has_churned(now)).count() as u64,
        expected: total.expected,
        expected_interval: all.interval,
        value: total.value,
        renewals: renewals(&fit.0, &fit.1.model),
        fit: FitReport::of(&fit.1),
        rows: groups(reading, &options.split.by, asked())?,
        customers: customers.into_iter().map(|(_, one)| one).collect(),
    })
}

fn fit_of(tenures: &[Tenure]) -> Result<(Cohort, Fit<ShiftedBetaGeometric, 2>), CliError> {
    if tenures.is_empty() {
        return Err(CliError::Nothing(
            "no contract is known: expected leads that were won or paid within the log, found none; \
             customers of a snapshot have no beginning"
                .into(),
        ));
    }
    let cohort = Cohort::of(tenures.iter().copied()).map_err(|bad| {
        CliError::Nothing(format!("no fit: {bad}, or give a shorter --term or --grace"))
    })?;
    let fit = ShiftedBetaGeometric::fit(&cohort)
        .map_err(|error| CliError::Nothing(format!("no fit: {error}")))?;
    Ok((cohort, fit))
}

/// What a customer whose contract lasts paid a term, less what went back; none where nothing is
/// recorded. Of a term whose renewal is still open nobody knows whether it has been paid.
fn payment(
    lead: &Lead<'_>,
    contract: &Contract,
    tenure: Tenure,
    (term, currency): (Term, Currency),
) -> Option<f64> {
    let known = term.due(tenure.renewals + 1);
    let is_of_known = |at| at >= contract.began && contract.age(at) < known;
    let rows = lead.revenue().into_iter();
    let rows = rows.filter(|row| row.currency == currency && is_of_known(row.at));
    let signed = rows.map(|row| if row.is_refund { -row.amount } else { row.amount });
    let paid = signed
        .fold(None, |sum: Option<i128>, amount| Some(sum.unwrap_or(0) + i128::from(amount)))?;
    Some(paid as f64 / (f64::from(tenure.renewals) + 1.0))
}

fn renewals(cohort: &Cohort, model: &ShiftedBetaGeometric) -> Vec<RenewalRow> {
    let mut expected_survival = 1.0;
    let row = |(renewal, Renewal { lost, kept }): (u32, &Renewal)| {
        let expected_retention = model.retention(renewal);
        expected_survival *= expected_retention;
        RenewalRow {
            renewal,
            lost: *lost,
            kept: *kept,
            retention: *kept as f64 / (lost + kept) as f64,
            expected_retention,
            expected_survival,
        }
    };
    (1..).zip(cohort.renewals()).map(row).collect()
}

/// Who is under contract, the one with the most expected renewals first.
fn customers(
    reading: &Reading,
    lasting: Vec<Lasting>,
    model: &ShiftedBetaGeometric,
    ahead: &Ahead,
) -> Result<Vec<(LeadIndex, Customer)>, CliError> {
    let zone = reading.zone.zone();
    let day = |at: Timestamp| Day::of(at, i64::from(zone.offset_seconds(at)) * SECOND).0;
    let names = leads::named(&reading.store, lasting.iter().map(|one| one.lead))?;
    let customer = |one: Lasting| {
        let [expected, worth] = one.expected(model, ahead);
        let customer = Customer {
            key: names.lead(one.lead).cloned(),
            since: Date(day(one.contract.began)),
            renewals: one.tenure.renewals,
            retention: model.retention(one.tenure.renewals + 1),
            expected,
            payment: one.payment,
            value: one.payment.map(|payment| payment * worth),
        };
        (one.lead, customer)
    };
    let mut customers: Vec<_> = lasting.into_iter().map(customer).collect();
    customers.sort_by(|a, b| b.1.expected.total_cmp(&a.1.expected).then(a.0.cmp(&b.0)));
    Ok(customers)
}

impl fmt::Display for RenewalReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let customers = counted(self.customers.len() as u64, "customer", "customers");
        let at = as_of(self.historic.as_of);
        writeln!(f, "{customers} under contract, {} churned{at}", count(self.churned))?;
        let days = counted(u64::from(self.horizon_days), "day", "days");
        write!(f, "{:.1} renewals to be expected within {days}", self.expected)?;
        match self.expected_interval {
            Some((low, high)) => writeln!(f, " (95 %: {low:.1} to {high:.1})")?,
            None => writeln!(f)?,
        }
        let at = self.discount.map_or_else(String::new, YearlyRate::in_words);
        writeln!(f, "worth {}{at}\n", money_or_dash(self.currency, self.value))?;
        write!(f, "{}", parameters(&self.fit, None))?;
        self.fit.warning().iter().try_for_each(|note| writeln!(f, "\nnote: {note}"))?;
        write!(f, "\n{}", self.renewal_table())?;
        if !self.rows.all.is_empty() {
            let largest = largest_first(&self.rows.all, |row| row.customers);
            let cells = |row: &Expected| row.cells(self.currency);
            let headings = ["customers", "expected", "value"];
            write!(f, "\n{}", self.rows.table(largest, &headings, cells))?;
        }
        write!(f, "\n{}", self.shown())?;
        match self.customers.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "and {} more; --json lists all", count(more as u64)),
        }
    }
}

impl RenewalReport {
    fn renewal_table(&self) -> Table {
        let headings = ["renewal", "due", "made", "share", "expected", "still there"];
        let mut table = Table::new(&headings, 0);
        for row in &self.renewals {
            table.row([
                count(u64::from(row.renewal)),
                count(row.lost + row.kept),
                count(row.kept),
                share(Some(row.retention)),
                share(Some(row.expected_retention)),
                share(Some(row.expected_survival)),
            ]);
        }
        table
    }

    fn shown(&self) -> Table {
        let headings = ["customer", "since", "renewals", "next", "expected", "a term", "value"];
        let mut table = Table::new(&headings, 2);
        for customer in self.customers.iter().take(SHOWN) {
            table.row([
                customer.key.as_ref().map_or_else(|| "-".into(), ToString::to_string),
                customer.since.to_string(),
                count(u64::from(customer.renewals)),
                share(Some(customer.retention)),
                format!("{:.2}", customer.expected),
                money_or_dash(self.currency, customer.payment),
                money_or_dash(self.currency, customer.value),
            ]);
        }
        table
    }
}
