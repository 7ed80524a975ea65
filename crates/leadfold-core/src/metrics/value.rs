//! Historic customer value (P28): what customers paid, got back and cost.

use std::collections::BTreeMap;
use std::hint::black_box;

use super::split::{Groups, KeyPart, with_key};
use super::{By, Rate, is_customer, stands_alone};
use crate::fact::Code;
use crate::tables::{Cost, Outcome, Tables};
use crate::{Currency, Lead, Money};

/// What counts as revenue.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RevenueBasis {
    /// What `revenue_recorded` and `refunded` say; for a lead that has neither, the amounts of
    /// its won opportunities.
    #[default]
    RecordedElseWon,
    /// What `revenue_recorded` and `refunded` say.
    Recorded,
    /// The amounts of won opportunities.
    Won,
}

/// Value of the customers of one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueRow {
    /// The values of the dimensions; empty for the total.
    pub key: Vec<KeyPart>,
    /// Leads that are customers, have an opportunity that is won, or have paid.
    pub customers: u64,
    /// Customers with a recorded purchase, of all customers.
    pub activation: Rate,
    /// Purchases: revenue events, or won opportunities where they stand for revenue.
    pub purchases: u64,
    /// Revenue by currency, before refunds.
    pub revenue: Vec<Money>,
    /// Refunds by currency.
    pub refunds: Vec<Money>,
    /// Margin by currency, where events give one, after refunds.
    pub margin: Vec<Money>,
    /// Cost by currency. Costs have a source, a campaign and a channel; by any other dimension
    /// they are in the row that misses it.
    pub cost: Vec<Money>,
}

impl ValueRow {
    /// Revenue minus refunds a customer, minor units, by currency.
    pub fn mean_value(&self) -> Vec<(Currency, f64)> {
        let mut net: BTreeMap<Currency, i128> = BTreeMap::new();
        self.revenue.iter().for_each(|m| *net.entry(m.currency).or_default() += m.amount);
        self.refunds.iter().for_each(|m| *net.entry(m.currency).or_default() -= m.amount);
        if self.customers == 0 {
            return Vec::new();
        }
        net.into_iter().map(|(c, amount)| (c, amount as f64 / self.customers as f64)).collect()
    }
}

#[derive(Clone, Default)]
struct Tally {
    customers: u64,
    activated: u64,
    purchases: u64,
    revenue: BTreeMap<Currency, i128>,
    refunds: BTreeMap<Currency, i128>,
    margin: BTreeMap<Currency, i128>,
    cost: BTreeMap<Currency, i128>,
}

/// Historic value. The first row is the total.
///
/// ```
#[doc = include_str!("../../doc/log.rs.txt")]
/// use leadfold_core::metrics::{By, RevenueBasis, historic_value};
///
/// // The total, and that of the only source with customers.
/// let rows = historic_value(tables, &[By::Source], RevenueBasis::default());
/// let values: Vec<_> = rows.iter().map(|row| (row.customers, row.mean_value())).collect();
/// assert_eq!(values, vec![(1, vec![("EUR".parse()?, 120_000.0)]); 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn historic_value(tables: &Tables, by: &[By], basis: RevenueBasis) -> Vec<ValueRow> {
    let (mut groups, mut key) = (Groups::<Tally>::default(), Vec::new());
    // Few leads are customers, and each of their profiles would be waited for: where all are read,
    // the processor reads ahead.
    let leads = tables.leads().inspect(|lead| _ = black_box(lead.source()));
    let customers = leads.filter(stands_alone).filter(is_customer);
    customers.for_each(|lead| {
        with_key(&lead, by, &mut key, |key| groups.tally(key)).add(&lead, basis);
    });
    for cost in tables.costs() {
        key.clear();
        key.extend(by.iter().map(|by| cost_part(cost, by)));
        let sum = groups.tally(&key).cost.entry(cost.currency).or_default();
        *sum += i128::from(cost.amount);
    }
    let mut total = Tally::default();
    groups.tallies().iter().for_each(|tally| total.add_all(tally));
    let mut rows = vec![total.into_row(Vec::new())];
    if !by.is_empty() {
        rows.extend(groups.iter().map(|(key, tally)| tally.clone().into_row(key.to_vec())));
    }
    rows
}

fn cost_part(cost: &Cost, by: &By) -> KeyPart {
    let code = match by {
        By::Source => cost.source,
        By::Campaign => cost.campaign,
        By::Channel => cost.channel,
        _ => Code::NONE,
    };
    if code.is_some() { KeyPart::Name(code) } else { KeyPart::Missing }
}

impl Tally {
    fn add(&mut self, lead: &Lead<'_>, basis: RevenueBasis) {
        self.customers += 1;
        self.activated += u64::from(lead.payments().any(|revenue| !revenue.is_refund));
        let use_won = match basis {
            RevenueBasis::RecordedElseWon => !lead.has_payments(),
            RevenueBasis::Recorded => false,
            RevenueBasis::Won => true,
        };
        if use_won {
            self.add_won(lead);
            return;
        }
        for revenue in lead.payments() {
            let (side, sign) =
                if revenue.is_refund { (&mut self.refunds, -1) } else { (&mut self.revenue, 1) };
            *side.entry(revenue.currency).or_default() += i128::from(revenue.amount);
            self.purchases += u64::from(!revenue.is_refund);
            if let Some(margin) = revenue.margin {
                *self.margin.entry(revenue.currency).or_default() += sign * i128::from(margin);
            }
        }
    }

    fn add_won(&mut self, lead: &Lead<'_>) {
        for deal in lead.opportunities().iter().filter(|deal| deal.outcome == Outcome::Won) {
            self.purchases += 1;
            if let Some(amount) = deal.amount {
                *self.revenue.entry(deal.currency()).or_default() += i128::from(amount);
            }
        }
    }

    fn add_all(&mut self, other: &Self) {
        self.customers += other.customers;
        self.activated += other.activated;
        self.purchases += other.purchases;
        let sums = |all: &mut BTreeMap<Currency, i128>, sums: &BTreeMap<Currency, i128>| {
            sums.iter().for_each(|(currency, sum)| *all.entry(*currency).or_default() += sum);
        };
        sums(&mut self.revenue, &other.revenue);
        sums(&mut self.refunds, &other.refunds);
        sums(&mut self.margin, &other.margin);
        sums(&mut self.cost, &other.cost);
    }

    fn into_row(self, key: Vec<KeyPart>) -> ValueRow {
        let list = |sums: BTreeMap<Currency, i128>| {
            sums.into_iter().map(|(currency, amount)| Money { currency, amount }).collect()
        };
        ValueRow {
            key,
            customers: self.customers,
            activation: Rate { num: self.activated, den: self.customers },
            purchases: self.purchases,
            revenue: list(self.revenue),
            refunds: list(self.refunds),
            margin: list(self.margin),
            cost: list(self.cost),
        }
    }
}
