//! The compact state of purchases that come in the order of time: 16 bytes a customer.
//!
//! The conventions are those of [`Purchases`](crate::Purchases), which keeps every day. What only
//! the days can tell is refused here: a day before the customer's last one, and money back.

mod table;

pub use self::table::{Recencies, RecenciesByKey};

use std::num::NonZeroU16;

use crate::{Day, History};

/// One customer so far.
///
/// ```
/// # use leadfold_clv::{Day, Recency};
/// let mut customer = Recency::new(Day(10));
/// customer.buy(Day(10), 500)?;
/// customer.buy(Day(40), 1_000)?;
/// customer.buy(Day(40), 500)?;
/// let history = customer.history();
/// assert_eq!((history.x, history.first, history.last, history.spend), (1, 10, 40, 1_500));
/// assert!(customer.buy(Day(39), 100).is_err());
/// # Ok::<(), leadfold_clv::BadPurchase>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Recency {
    /// Net money of the later days, minor units.
    spend: u64,
    first: i32,
    /// Days from the first to the last.
    span: u16,
    /// Days with purchases: no more than the span and one, so they fit where it does.
    days: NonZeroU16,
}

/// A purchase that the compact state cannot take in. It has changed nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadPurchase {
    /// A day before the customer's last one.
    #[error(
        "purchases have to come in the order of time: expected day {last} or a later one, found \
         day {day}; sort them by day, or keep every day with `Purchases`"
    )]
    Backwards {
        /// The purchase's, in days since 1970-01-01.
        day: i32,
        /// The last one so far.
        last: i32,
    },
    /// An amount below 0.
    #[error(
        "money that came back cannot be netted here: expected an amount of 0 or more, found \
         {amount} on day {day}; keep every day with `Purchases`"
    )]
    Refund {
        /// The day, in days since 1970-01-01.
        day: i32,
        /// Minor units.
        amount: i64,
    },
    /// More days after the first one than there is room for.
    #[error(
        "a customer's days go on for too long: expected at most {} after the first, day {first}, \
         found day {day}; check the days, or keep every day with `Purchases`",
        Recency::SPAN_MAX
    )]
    TooLong {
        /// The purchase's, in days since 1970-01-01.
        day: i32,
        /// The customer's first one.
        first: i32,
    },
    /// More money than there is room for.
    #[error(
        "a customer's spend is too large: expected at most {} in all, found {spend} and {amount} \
         more on day {day}; check the amounts, or keep every day with `Purchases`",
        u64::MAX
    )]
    TooMuch {
        /// The day, in days since 1970-01-01.
        day: i32,
        /// Minor units.
        amount: i64,
        /// What was spent before, minor units.
        spend: u64,
    },
}

impl Recency {
    /// Days after the first one that there is room for: 179 years.
    pub const SPAN_MAX: u16 = u16::MAX - 1;

    /// A customer whose first purchase is on that day. Its money counts nowhere.
    pub fn new(first: Day) -> Self {
        Self { spend: 0, first: first.0, span: 0, days: NonZeroU16::MIN }
    }

    /// A purchase on the customer's last day or a later one, in minor units, 0 or more.
    ///
    /// # Errors
    /// [`BadPurchase`] for what only [`Purchases`](crate::Purchases) can tell.
    #[inline]
    pub fn buy(&mut self, day: Day, amount: i64) -> Result<(), BadPurchase> {
        let day = day.0;
        let paid = u64::try_from(amount).map_err(|_| BadPurchase::Refund { day, amount })?;
        let since = i64::from(day) - i64::from(self.first);
        if since < i64::from(self.span) {
            return Err(BadPurchase::Backwards { day, last: self.last() });
        }
        let span = self.span_until(since, day)?;
        let sum = self.spend.checked_add(if span > 0 { paid } else { 0 });
        let spend = self.spend;
        self.spend = sum.ok_or(BadPurchase::TooMuch { day, amount, spend })?;
        // Days are no more than the span and one: nothing saturates.
        self.days = self.days.saturating_add(u16::from(span > self.span));
        self.span = span;
        Ok(())
    }

    fn span_until(&self, since: i64, day: i32) -> Result<u16, BadPurchase> {
        let span = u16::try_from(since).ok().filter(|span| *span <= Self::SPAN_MAX);
        span.ok_or(BadPurchase::TooLong { day, first: self.first })
    }

    fn last(&self) -> i32 {
        self.first + i32::from(self.span)
    }

    /// What the models need to know.
    pub fn history(&self) -> History {
        History {
            x: u32::from(self.days.get()) - 1,
            first: self.first,
            last: self.last(),
            spend: i128::from(self.spend),
        }
    }
}
