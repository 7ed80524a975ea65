//! Many customers: by dense numbers, or by keys.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;

use crate::{BadPurchase, Day, History, Recency};

/// Customers by dense numbers from 0, whose purchases come in the order of time. A number costs
/// 16 bytes, used or not.
///
/// ```
/// # use leadfold_clv::{Counts, Day, Recencies};
/// let mut customers = Recencies::default();
/// for (customer, day, cents) in [(0, 3, 1_999), (1, 4, 500), (0, 30, 2_500)] {
///     customers.buy(customer, Day(day), cents)?;
/// }
/// let counts: Counts = customers.histories().map(|(_, history)| history).collect();
/// let patterns = counts.patterns(Day(90), 7.0).expect("nobody bought later");
/// assert_eq!((patterns.customers(), patterns.repeaters()), (2, 1));
/// # Ok::<(), leadfold_clv::BadPurchase>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Recencies(Vec<Option<Recency>>);

impl Recencies {
    /// With room for so many customers.
    pub fn with_capacity(customers: usize) -> Self {
        Self(Vec::with_capacity(customers))
    }

    /// A purchase: minor units, 0 or more.
    ///
    /// # Errors
    /// [`BadPurchase`] for what only [`Purchases`](crate::Purchases) can tell.
    #[inline]
    pub fn buy(&mut self, customer: u32, day: Day, amount: i64) -> Result<(), BadPurchase> {
        let index = customer as usize;
        if index >= self.0.len() {
            self.0.resize(index + 1, None);
        }
        buy(&mut self.0[index], day, amount)
    }

    /// Purchases one after the other, as [`buy`](Self::buy) takes them in, for less: what is read
    /// of the memory is read for many at once.
    ///
    /// # Errors
    /// [`BadPurchase`] of the first that is refused; those before it are in.
    pub fn buy_all(
        &mut self,
        purchases: impl IntoIterator<Item = (u32, Day, i64)>,
    ) -> Result<(), BadPurchase> {
        by_blocks(purchases, |block| {
            let rows = block.iter().map(|(customer, ..)| self.0.get(*customer as usize));
            black_box(rows.filter(|row| row.is_some_and(Option::is_some)).count());
            block.iter().try_for_each(|(customer, day, amount)| self.buy(*customer, *day, *amount))
        })
    }

    /// The customers so far, by their numbers.
    pub fn histories(&self) -> impl Iterator<Item = (u64, History)> + '_ {
        let all = self.0.iter().zip(0..);
        all.filter_map(|(recency, customer)| Some((customer, recency.as_ref()?.history())))
    }
}

/// Customers by keys, whose purchases come in the order of time.
///
/// ```
/// # use leadfold_clv::{Day, RecenciesByKey};
/// let mut customers = RecenciesByKey::default();
/// customers.buy(0x5eed_0000_c0de, Day(3), 1_999)?;
/// assert!(customers.buy(0x5eed_0000_c0de, Day(2), 1_999).is_err());
/// assert_eq!(customers.histories().count(), 1);
/// # Ok::<(), leadfold_clv::BadPurchase>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RecenciesByKey(HashMap<u64, Option<Recency>, BuildHasherDefault<KeyHasher>>);

impl RecenciesByKey {
    /// With room for so many customers.
    pub fn with_capacity(customers: usize) -> Self {
        Self(HashMap::with_capacity_and_hasher(customers, BuildHasherDefault::default()))
    }

    /// A purchase: minor units, 0 or more.
    ///
    /// # Errors
    /// [`BadPurchase`] for what only [`Purchases`](crate::Purchases) can tell.
    #[inline]
    pub fn buy(&mut self, customer: u64, day: Day, amount: i64) -> Result<(), BadPurchase> {
        buy(self.0.entry(customer).or_default(), day, amount)
    }

    /// Purchases one after the other, as [`buy`](Self::buy) takes them in, for less: what is read
    /// of the memory is read for many at once.
    ///
    /// # Errors
    /// [`BadPurchase`] of the first that is refused; those before it are in.
    pub fn buy_all(
        &mut self,
        purchases: impl IntoIterator<Item = (u64, Day, i64)>,
    ) -> Result<(), BadPurchase> {
        by_blocks(purchases, |block| {
            let rows = block.iter().map(|(customer, ..)| self.0.get(customer));
            black_box(rows.filter(|row| row.is_some_and(Option::is_some)).count());
            block.iter().try_for_each(|(customer, day, amount)| self.buy(*customer, *day, *amount))
        })
    }

    /// The customers so far, in no order.
    pub fn histories(&self) -> impl Iterator<Item = (u64, History)> + '_ {
        let all = self.0.iter();
        all.filter_map(|(customer, recency)| Some((*customer, recency.as_ref()?.history())))
    }
}

/// Purchases whose customers are read in one go: enough for the memory to answer side by side.
const BLOCK: usize = 64;

fn by_blocks<T>(
    items: impl IntoIterator<Item = T>,
    mut take: impl FnMut(&[T]) -> Result<(), BadPurchase>,
) -> Result<(), BadPurchase> {
    let mut items = items.into_iter();
    let mut block = Vec::with_capacity(BLOCK);
    loop {
        block.extend(items.by_ref().take(BLOCK));
        if block.is_empty() {
            return Ok(());
        }
        take(&block)?;
        block.clear();
    }
}

/// Who has not bought is none; a refused first purchase makes nobody a customer.
#[inline]
fn buy(recency: &mut Option<Recency>, day: Day, amount: i64) -> Result<(), BadPurchase> {
    let mut bought = recency.unwrap_or_else(|| Recency::new(day));
    bought.buy(day, amount)?;
    *recency = Some(bought);
    Ok(())
}

/// A key times an odd number, both halves of the product together: one multiplication, where the
/// standard hasher takes ten times as long. It is no defence against keys that somebody chose to
/// collide: keys are numbers that the caller gives, not ones that customers send.
#[derive(Clone, Copy, Debug, Default)]
struct KeyHasher(u64);

/// 2^64 over the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(self.0 ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, key: u64) {
        let product = u128::from(key) * u128::from(GOLDEN);
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
}
