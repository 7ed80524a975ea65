//! Customers by what a model needs to know of them.

/// Customers of one history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pattern {
    /// Purchases after the first, days with several counted once.
    pub x: u32,
    /// From the first purchase to the last; 0 if there is one.
    pub t_x: f64,
    /// From the first purchase to the end of the watch.
    pub t: f64,
    /// How many customers have this history.
    pub customers: u64,
}

/// A history that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "a customer's history cannot be: expected 0 <= t_x <= t, finite, and t_x = 0 if x is 0, \
     found x = {x}, t_x = {t_x}, t = {t}; check the unit and the end of the watch"
)]
pub struct BadPattern {
    /// Purchases after the first.
    pub x: u32,
    /// From the first purchase to the last.
    pub t_x: f64,
    /// From the first purchase to the end.
    pub t: f64,
}

/// From so many rows on, a search begins on a part of them.
const MANY: usize = 4_096;

/// Places where histories are found again before they are sorted, so that what many share is sorted
/// once: 2 to the power of the bits that [`Pattern::hash`] keeps.
const PLACES: usize = 1 << 12;
/// The golden ratio's bits.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// Customers by their histories, in one order whatever the order they came in: a fit is the same
/// to the last bit.
///
/// ```
/// # use leadfold_clv::{Pattern, Patterns};
/// let one = Pattern { x: 2, t_x: 30.4, t: 38.9, customers: 1 };
/// let patterns = Patterns::new([one, one, Pattern { x: 0, t_x: 0.0, ..one }])?;
/// assert_eq!((patterns.customers(), patterns.repeaters(), patterns.rows().len()), (3, 2, 2));
/// # Ok::<(), leadfold_clv::BadPattern>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patterns(Vec<Pattern>);

impl Patterns {
    /// Groups customers of one history.
    ///
    /// # Errors
    /// When a history cannot be.
    pub fn new(patterns: impl IntoIterator<Item = Pattern>) -> Result<Self, BadPattern> {
        let mut rows = counted(patterns)?;
        rows.sort_unstable_by_key(Pattern::key);
        rows.dedup_by(|next, kept| {
            let is_same = next.key() == kept.key();
            kept.customers += if is_same { next.customers } else { 0 };
            is_same
        });
        Ok(Self(rows))
    }

    /// One row a history, by x, t_x and t.
    pub fn rows(&self) -> &[Pattern] {
        &self.0
    }

    /// A part to begin a search on: where there are many rows, every sixteenth shows the way.
    pub(crate) fn part(&self) -> Option<Self> {
        let some = || self.0.iter().step_by(16).copied().collect();
        (self.0.len() > MANY).then(|| Self(some()))
    }

    /// How many customers there are.
    pub fn customers(&self) -> u64 {
        self.0.iter().map(|row| row.customers).sum()
    }

    /// How many of them bought again.
    pub fn repeaters(&self) -> u64 {
        self.0.iter().filter(|row| row.x > 0).map(|row| row.customers).sum()
    }

    /// The mean over repeaters of their mean time between purchases; no number without any.
    pub(crate) fn cycle(&self) -> f64 {
        let rows = self.0.iter().filter(|row| row.x > 0);
        mean(rows.map(|row| (row.customers, row.t_x / f64::from(row.x))))
    }

    /// The mean over customers of the time that they were watched; no number without any.
    pub(crate) fn watch(&self) -> f64 {
        mean(self.0.iter().map(|row| (row.customers, row.t)))
    }

    /// The most purchases after the first.
    pub fn x_max(&self) -> u32 {
        self.0.last().map_or(0, |row| row.x)
    }
}

/// Customers with those of the same history of shortly before.
fn counted(patterns: impl IntoIterator<Item = Pattern>) -> Result<Vec<Pattern>, BadPattern> {
    let mut rows: Vec<Pattern> = Vec::new();
    let mut by_hash = [0; PLACES];
    for row in patterns.into_iter().filter(|row| row.customers > 0) {
        row.check()?;
        let place = &mut by_hash[row.hash()];
        match rows.get_mut(*place).filter(|same| same.key() == row.key()) {
            Some(same) => same.customers += row.customers,
            None => {
                *place = rows.len();
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

impl Pattern {
    fn check(&self) -> Result<(), BadPattern> {
        let Self { x, t_x, t, .. } = *self;
        let is_possible = t.is_finite() && 0.0 <= t_x && t_x <= t && (x > 0 || t_x == 0.0);
        if is_possible { Ok(()) } else { Err(BadPattern { x, t_x, t }) }
    }

    /// A place among [`PLACES`] that depends on all of the history: the highest bits of a product
    /// depend on all bits of its factors.
    fn hash(&self) -> usize {
        let (x, t_x, t) = self.key();
        let mixed = (t_x.wrapping_mul(MIX) ^ t).wrapping_mul(MIX) ^ u64::from(x);
        (mixed.wrapping_mul(MIX) >> 52) as usize
    }

    /// Times from 0 on are in the order of their bits.
    fn key(&self) -> (u32, u64, u64) {
        (self.x, (self.t_x + 0.0).to_bits(), (self.t + 0.0).to_bits())
    }
}

fn mean(parts: impl Iterator<Item = (u64, f64)>) -> f64 {
    let (sum, customers) = parts.fold((0.0, 0), |(sum, all), (customers, part)| {
        (sum + customers as f64 * part, all + customers)
    });
    sum / customers as f64
}
