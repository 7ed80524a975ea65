//! What getting leads cost, and what came back (P27).
//!
//! Two forms answer different questions and are never mixed. The cohort form holds what was spent
//! in a period against the leads captured in it and all that became of them. The period form holds
//! it against what happened in the period, whenever the leads were captured.

mod figures;
mod receipt;
mod spending;
mod tally;

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

pub use self::figures::{CostFigures, Returns};
use self::receipt::receipts;
use self::spending::Spending;
use self::tally::Tally;
use super::split::{KeyPart, key};
use super::{By, Period, RevenueBasis, Zone, first_entries, stands_alone};
use crate::tables::Tables;
use crate::{DAY, Lead, State, Timestamp};

/// What the costs of a period are held against.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum CostForm {
    /// The leads captured in the period, and all that became of them up to the as-of.
    #[default]
    Cohort,
    /// What happened in the period, whenever the leads were captured.
    Period,
}

/// What to count.
#[derive(Clone, Debug)]
pub struct CostQuery {
    /// By cohort or by period.
    pub form: CostForm,
    /// The period. Of a cost count the days that begin inside.
    pub period: Period,
    /// The dimensions of the rows. [`By::CohortMonth`] is the month of the cost's days and, in the
    /// cohort form, of the lead's capture; in the period form, of what happened. Costs have no
    /// other dimension but source, campaign and channel: by the rest they are in the row that
    /// misses it.
    pub by: Vec<By>,
    /// What counts as revenue.
    pub basis: RevenueBasis,
    /// Where the days of the costs begin.
    pub zone: Zone,
    /// The instant of the tables.
    pub as_of: Timestamp,
}

impl CostQuery {
    /// All costs against all leads as of an instant, by cohort, with days of UTC.
    pub fn as_of(as_of: Timestamp) -> Self {
        Self {
            form: CostForm::Cohort,
            period: Period::default(),
            by: Vec::new(),
            basis: RevenueBasis::default(),
            zone: Zone::utc(),
            as_of,
        }
    }
}

/// Costs of one key, and what they brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CostRow {
    /// The values of the dimensions; empty for the total.
    pub key: Vec<KeyPart>,
    /// Leads captured.
    pub inquiries: u64,
    /// Leads that reached mql, or a later stage.
    pub mql: u64,
    /// Leads that reached accepted, or a later stage.
    pub sal: u64,
    /// Leads that reached sql, or a later stage.
    pub sql: u64,
    /// Leads won: customers now, in the period form leads that became customers in the period.
    pub won: u64,
    /// Leads of these that had not been customers before. In the cohort form all of them.
    pub new_customers: u64,
    /// How long the customers have been customers, microseconds, all together: each from the first
    /// win to the as-of, in the period form what of that lies in the period.
    pub customer_time: i128,
    /// Money, one entry a currency.
    pub money: Vec<CostFigures>,
}

impl CostRow {
    /// How long the customers have been customers, in months of 30.436875 days, all together.
    pub fn customer_months(&self) -> f64 {
        self.customer_time as f64 / MONTH as f64
    }
}

/// Microseconds of a month: a twelfth of 365.2425 days.
const MONTH: i64 = DAY / 1_000_000 * 30_436_875;

/// Costs, and what they brought. The first row is the total.
///
/// A cost is spread evenly over its days, whole minor units, so that the parts of any periods that
/// follow each other add up to it.
///
/// ```
/// use leadfold_core::metrics::{CostQuery, cost_metrics};
/// use leadfold_core::Tables;
///
/// let rows = cost_metrics(&Tables::default(), &CostQuery::as_of("2024-03-01".parse()?));
/// assert_eq!((rows.len(), rows[0].inquiries, rows[0].money.len()), (1, 0, 0));
/// # Ok::<(), leadfold_core::TimeError>(())
/// ```
pub fn cost_metrics(tables: &Tables, query: &CostQuery) -> Vec<CostRow> {
    let mut counting = Counting::of(tables, query);
    tables.costs().for_each(|cost| counting.spend(&Spending::of(cost)));
    for lead in tables.leads().filter(stands_alone) {
        match query.form {
            CostForm::Cohort => counting.add_to_cohort(&lead),
            CostForm::Period => counting.add_to_period(&lead),
        }
    }
    let rows = counting.rows.into_iter();
    rows.map(|(key, tally)| tally.into_row(key, query.form)).collect()
}

/// The rows under construction.
struct Counting<'a> {
    query: &'a CostQuery,
    first_won: Vec<i64>,
    /// The time that anybody has been a customer, in one part a month if a dimension asks for it.
    parts: Rc<[Range<i64>]>,
    rows: BTreeMap<Vec<KeyPart>, Tally>,
}

impl<'a> Counting<'a> {
    fn of(tables: &Tables, query: &'a CostQuery) -> Self {
        let rows = BTreeMap::from([(Vec::new(), Tally::default())]);
        let first_won = first_entries(tables, State::Customer);
        let first = first_won.iter().min().copied().unwrap_or(i64::MAX);
        let parts = spending::by_month(first..query.as_of.micros(), &query.by).into();
        Self { query, first_won, parts, rows }
    }

    /// Counts for the total, and for the key if there is a split.
    fn count(&mut self, key: Vec<KeyPart>, count: impl Fn(&mut Tally)) {
        if !key.is_empty() {
            count(self.rows.entry(key).or_default());
        }
        count(self.rows.entry(Vec::new()).or_default());
    }

    fn spend(&mut self, spending: &Spending<'_>) {
        let query = self.query;
        let (days, by) = (spending.days_within(query.period, &query.zone), &query.by);
        for days in spending.by_month(days, by) {
            let amount = spending.amount_of(&days);
            let key = spending.key(days.start, by);
            self.count(key, |tally| tally.spend(spending.currency(), amount));
        }
    }

    fn add_to_cohort(&mut self, lead: &Lead<'_>) {
        let query = self.query;
        if !lead.captured_at().is_some_and(|at| query.period.contains(at)) {
            return;
        }
        let receipts = receipts(lead, query.basis);
        let won_at = self.first_won[lead.index().0 as usize];
        self.count(key(lead, &query.by), |tally| {
            tally.inquiries += 1;
            tally.reach(lead.reached());
            if lead.state() == State::Customer {
                tally.win(true);
                tally.be_customer(won_at, query.as_of.micros());
            }
            receipts.iter().for_each(|receipt| tally.receive(receipt));
        });
    }

    fn add_to_period(&mut self, lead: &Lead<'_>) {
        let query = self.query;
        let inside = |at: &Timestamp| query.period.contains(*at);
        if let Some(at) = lead.captured_at().filter(inside) {
            self.count(self.key_at(lead, at), |tally| tally.inquiries += 1);
        }
        for receipt in receipts(lead, query.basis).iter().filter(|receipt| inside(&receipt.at)) {
            self.count(self.key_at(lead, receipt.at), |tally| tally.receive(receipt));
        }
        self.add_visits(lead);
        self.add_customer_time(lead);
    }

    /// Each lead counts once a row for the furthest that it came in it.
    fn add_visits(&mut self, lead: &Lead<'_>) {
        let first_won = self.first_won[lead.index().0 as usize];
        let mut furthest: BTreeMap<Vec<KeyPart>, (u8, bool)> = BTreeMap::new();
        let inside = |at: Timestamp| self.query.period.contains(at);
        for visit in lead.visits().iter().filter(|visit| inside(visit.entered_at)) {
            let Some(rung) = visit.state.rung().filter(|rung| *rung > 0) else { continue };
            let is_new = visit.state == State::Customer && visit.entered_at.micros() == first_won;
            let mut keys = vec![Vec::new()];
            keys.extend((!self.query.by.is_empty()).then(|| self.key_at(lead, visit.entered_at)));
            for key in keys {
                let (furthest, news) = furthest.entry(key).or_default();
                *furthest = rung.max(*furthest);
                *news |= is_new;
            }
        }
        for (key, (rung, is_new)) in furthest {
            let tally = self.rows.entry(key).or_default();
            tally.reach(rung);
            if Some(rung) == State::Customer.rung() {
                tally.win(is_new);
            }
        }
    }

    fn add_customer_time(&mut self, lead: &Lead<'_>) {
        let Period { from, to } = self.query.period;
        let won = self.first_won[lead.index().0 as usize];
        let from = won.max(from.map_or(i64::MIN, Timestamp::micros));
        let to = self.query.as_of.micros().min(to.map_or(i64::MAX, Timestamp::micros));
        if won == i64::MAX || from >= to {
            return;
        }
        let parts = Rc::clone(&self.parts);
        let after = parts.partition_point(|part| part.end <= from);
        for part in parts[after..].iter().take_while(|part| part.start < to) {
            let (start, end) = (part.start.max(from), part.end.min(to));
            let key = self.key_at(lead, Timestamp::from_micros(start));
            self.count(key, |tally| tally.be_customer(start, end));
        }
    }

    /// The key of what happened to a lead at an instant.
    fn key_at(&self, lead: &Lead<'_>, at: Timestamp) -> Vec<KeyPart> {
        let mut key = key(lead, &self.query.by);
        spending::set_month(&mut key, &self.query.by, at);
        key
    }
}
