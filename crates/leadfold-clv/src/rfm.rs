//! From purchases to what the models need: recency, frequency and money of each customer.
//!
//! The conventions, which reports have to share to agree:
//!
//! - Time is counted in days, in one zone of the caller's choice. Purchases of one day are one.
//! - The first day with a purchase begins a customer; the later ones are `x`.
//! - A refund is netted against its own day. A day that has refunds and is left with nothing, or
//!   less, is no purchase, and its money counts nowhere. A purchase for nothing is a purchase.
//! - The watch ends with a day, and that day belongs to it: `t` is end minus first day.
//! - `spend` is the net money of the later days: the first day's is left out, as the model of
//!   spend asks for.

use std::collections::BTreeMap;

use leadfold_core::{Currency, DAY, Lead, Timestamp};

use crate::{BadPattern, Pattern, Patterns, Spend};

/// Days since 1970-01-01, in the caller's zone.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Day(pub i32);

impl Day {
    /// The day of an instant, in a zone that is so many microseconds ahead of UTC.
    pub fn of(at: Timestamp, ahead: i64) -> Self {
        // No timestamp is 5 million years off: the days fit.
        Self(at.micros().saturating_add(ahead).div_euclid(DAY) as i32)
    }
}

/// A customer at the end of the watch.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct History {
    /// Days with purchases after the first one.
    pub x: u32,
    /// The first day with a purchase.
    pub first: i32,
    /// The last one.
    pub last: i32,
    /// Net money of the later days, minor units.
    pub spend: i128,
}

impl History {
    /// What the models see at the end of a day, in units of so many days. None if the customer
    /// has come later.
    pub fn pattern(&self, end: Day, unit_days: f64) -> Option<Pattern> {
        let days = |from: i32, to: i32| (f64::from(to) - f64::from(from)) / unit_days;
        (self.first <= end.0).then(|| Pattern {
            x: self.x,
            t_x: days(self.first, self.last),
            t: days(self.first, end.0),
            customers: 1,
        })
    }

    /// What the model of spend sees, in units of so many minor ones. None where it has nothing
    /// to see: who has not bought again, or was left with nothing spent.
    pub fn spent(&self, unit: f64) -> Option<Spend> {
        let total = self.spend as f64 / unit;
        (self.x > 0 && self.spend > 0).then_some(Spend { x: self.x, total, customers: 1 })
    }
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Net {
    amount: i128,
    purchases: u64,
    is_refunded: bool,
}

impl Net {
    fn counts(&self) -> bool {
        self.purchases > 0 && (!self.is_refunded || self.amount > 0)
    }
}

/// Purchases by customer and day. The order in which they come does not matter: late ones,
/// refunds and parts of one log may be put together in any way.
///
/// ```
/// # use leadfold_clv::{Day, Purchases};
/// let mut purchases = Purchases::default();
/// purchases.buy(7, Day(40), 1_000);
/// purchases.buy(7, Day(10), 2_500);
/// purchases.buy(7, Day(40), 500);
/// let (customer, history) = purchases.histories(Day(100)).next().expect("one customer");
/// assert_eq!((customer, history.x, history.first, history.last), (7, 1, 10, 40));
/// assert_eq!(history.spend, 1_500);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Purchases(BTreeMap<u64, BTreeMap<i32, Net>>);

impl Purchases {
    /// A purchase: minor units, 0 or more.
    pub fn buy(&mut self, customer: u64, day: Day, amount: i64) {
        let net = self.net(customer, day);
        net.amount += i128::from(amount);
        net.purchases += 1;
    }

    /// Money back: minor units, 0 or more.
    pub fn refund(&mut self, customer: u64, day: Day, amount: i64) {
        let net = self.net(customer, day);
        net.amount -= i128::from(amount);
        net.is_refunded = true;
    }

    fn net(&mut self, customer: u64, day: Day) -> &mut Net {
        self.0.entry(customer).or_default().entry(day.0).or_default()
    }

    /// Takes in what leads paid and got back in one currency, each as a customer of its own by
    /// its index. Days are those of a zone that is so many microseconds ahead of UTC then.
    pub fn add_leads<'a>(
        &mut self,
        leads: impl IntoIterator<Item = Lead<'a>>,
        currency: Currency,
        ahead: impl Fn(Timestamp) -> i64,
    ) {
        for lead in leads {
            self.add_lead(u64::from(lead.index().0), &lead, currency, &ahead);
        }
    }

    /// Takes in what a lead paid and got back, as one of a customer's: those of an account may be
    /// several.
    pub fn add_lead(
        &mut self,
        customer: u64,
        lead: &Lead<'_>,
        currency: Currency,
        ahead: impl Fn(Timestamp) -> i64,
    ) {
        for revenue in lead.revenue().iter().filter(|row| row.currency == currency) {
            let day = Day::of(revenue.at, ahead(revenue.at));
            if revenue.is_refund {
                self.refund(customer, day, revenue.amount);
            } else {
                self.buy(customer, day, revenue.amount);
            }
        }
    }

    /// Takes in those of another part of the log. Customers may be in both.
    pub fn merge(&mut self, other: Self) {
        for (customer, days) in other.0 {
            for (day, add) in days {
                let net = self.net(customer, Day(day));
                net.amount += add.amount;
                net.purchases += add.purchases;
                net.is_refunded |= add.is_refunded;
            }
        }
    }

    /// The customers as of the end of a day, by their numbers; who has bought nothing by then is
    /// none.
    pub fn histories(&self, end: Day) -> impl Iterator<Item = (u64, History)> + '_ {
        self.0.iter().filter_map(move |(customer, days)| {
            let mut bought = days.range(..=end.0).filter(|(_, net)| net.counts());
            let (first, _) = bought.next()?;
            let mut history = History { x: 0, first: *first, last: *first, spend: 0 };
            for (day, net) in bought {
                history.x += 1;
                history.last = *day;
                history.spend += net.amount;
            }
            Some((*customer, history))
        })
    }

    /// The days of a customer's purchases after the first one.
    pub(crate) fn repeats(
        &self,
        customer: u64,
        first: i32,
        until: Day,
    ) -> impl Iterator<Item = i32> + '_ {
        let days = self.0.get(&customer).into_iter().flatten();
        let counts =
            move |(day, net): &(&i32, &Net)| first < **day && **day <= until.0 && net.counts();
        days.filter(counts).map(|(day, _)| *day)
    }

    /// How often each customer bought after the end of one day and by the end of another, days
    /// with several purchases counted once, and for how much. The rest of the watch, to hold a
    /// model against.
    pub fn after(&self, end: Day, until: Day) -> impl Iterator<Item = (u64, u32, i128)> + '_ {
        self.histories(end).map(move |(customer, _)| {
            let days = &self.0[&customer];
            let late = days.range(end.0.saturating_add(1)..=until.0.max(end.0.saturating_add(1)));
            let bought = late.filter(|(day, net)| **day <= until.0 && net.counts());
            let (mut x, mut amount) = (0, 0);
            bought.for_each(|(_, net)| (x, amount) = (x + 1, amount + net.amount));
            (customer, x, amount)
        })
    }
}

/// How many customers have which history: all that a fit needs. The end of the watch is no part
/// of it, so that a day that goes by changes nothing, and parts of a log that share no customer
/// add up.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Counts(BTreeMap<Key, u64>);

/// x, first and last in one number, in their order: many are sorted fast.
type Key = u128;

fn key(history: &History) -> Key {
    let up = |day: i32| Key::from(day.wrapping_sub(i32::MIN) as u32);
    Key::from(history.x) << 64 | up(history.first) << 32 | up(history.last)
}

fn history(key: Key) -> History {
    let day = |part: Key| (part as u32 as i32).wrapping_add(i32::MIN);
    History { x: (key >> 64) as u32, first: day(key >> 32), last: day(key), spend: 0 }
}

/// Customers that are sorted at a time: 4 MiB.
const BATCH: usize = 1 << 18;

impl Counts {
    /// Counts a customer.
    pub fn add(&mut self, history: &History) {
        *self.0.entry(key(history)).or_default() += 1;
    }

    /// Counts a customer no longer: before the history changes.
    pub fn remove(&mut self, history: &History) {
        let key = key(history);
        if let Some(customers) = self.0.get_mut(&key) {
            *customers -= 1;
            if *customers == 0 {
                self.0.remove(&key);
            }
        }
    }

    /// Counts customers by the batch, which is left empty: sorted, the same stand together.
    fn add_batch(&mut self, batch: &mut Vec<Key>) {
        batch.sort_unstable();
        for same in batch.chunk_by(|one, next| one == next) {
            *self.0.entry(same[0]).or_default() += same.len() as u64;
        }
        batch.clear();
    }

    /// Adds the counts of other customers.
    pub fn merge(&mut self, other: &Self) {
        for (key, customers) in &other.0 {
            *self.0.entry(*key).or_default() += customers;
        }
    }

    /// What the models see at the end of a day that is no earlier than the last purchase, in
    /// units of so many days.
    ///
    /// # Errors
    /// When a customer bought after that day.
    pub fn patterns(&self, end: Day, unit_days: f64) -> Result<Patterns, BadPattern> {
        let rows = self.0.iter().filter_map(|(key, customers)| {
            let pattern = history(*key).pattern(end, unit_days)?;
            Some(Pattern { customers: *customers, ..pattern })
        });
        Patterns::new(rows)
    }
}

impl FromIterator<History> for Counts {
    fn from_iter<T: IntoIterator<Item = History>>(histories: T) -> Self {
        let mut counts = Self::default();
        let mut batch = Vec::new();
        for history in histories {
            batch.push(key(&history));
            if batch.len() == BATCH {
                counts.add_batch(&mut batch);
            }
        }
        counts.add_batch(&mut batch);
        counts
    }
}
