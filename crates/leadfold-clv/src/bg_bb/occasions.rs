//! Customers by when they bought, of a number of occasions.

/// The most occasions: a day each for 27 years.
const OCCASIONS_MAX: u32 = 10_000;

/// Customers who bought alike.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Occasions {
    /// Occasions at which they bought, after the one with which they came.
    pub x: u32,
    /// The number of the last of them, from 1; 0 if there is none.
    pub t_x: u32,
    /// Occasions there were.
    pub n: u32,
    /// How many customers there are of this kind.
    pub customers: u64,
}

/// A history that cannot be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a customer's history cannot be: expected x <= t_x <= n, t_x = 0 only if x is 0, and at most \
     {OCCASIONS_MAX} occasions, found x = {x}, t_x = {t_x}, n = {n}; number the occasions from 1"
)]
pub struct BadOccasions {
    /// Occasions at which they bought.
    pub x: u32,
    /// The number of the last.
    pub t_x: u32,
    /// Occasions there were.
    pub n: u32,
}

/// Customers by their histories, in one order whatever the order they came in.
///
/// ```
/// # use leadfold_clv::{OccasionPatterns, Occasions};
/// let one = Occasions { x: 4, t_x: 5, n: 6, customers: 1 };
/// let patterns = OccasionPatterns::new([one, Occasions { x: 0, t_x: 0, ..one }, one])?;
/// assert_eq!((patterns.customers(), patterns.buyers(), patterns.rows().len()), (3, 2, 2));
/// # Ok::<(), leadfold_clv::BadOccasions>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OccasionPatterns(Vec<Occasions>);

impl OccasionPatterns {
    /// Groups customers of one history.
    ///
    /// # Errors
    /// When a history cannot be.
    pub fn new(rows: impl IntoIterator<Item = Occasions>) -> Result<Self, BadOccasions> {
        let mut rows: Vec<_> = rows.into_iter().filter(|row| row.customers > 0).collect();
        rows.iter().try_for_each(Occasions::check)?;
        rows.sort_unstable();
        rows.dedup_by(|next, kept| {
            let is_same = (next.x, next.t_x, next.n) == (kept.x, kept.t_x, kept.n);
            kept.customers += if is_same { next.customers } else { 0 };
            is_same
        });
        Ok(Self(rows))
    }

    /// One row a history, by x, t_x and n.
    pub fn rows(&self) -> &[Occasions] {
        &self.0
    }

    /// How many customers there are.
    pub fn customers(&self) -> u64 {
        self.0.iter().map(|row| row.customers).sum()
    }

    /// How many of them bought at all.
    pub fn buyers(&self) -> u64 {
        self.0.iter().filter(|row| row.x > 0).map(|row| row.customers).sum()
    }

    /// The most occasions that a customer had.
    pub(super) fn n_max(&self) -> u32 {
        self.0.iter().map(|row| row.n).max().unwrap_or(0)
    }
}

impl Occasions {
    pub(super) fn check(&self) -> Result<(), BadOccasions> {
        let Self { x, t_x, n, .. } = *self;
        let is_possible = x <= t_x && t_x <= n && n <= OCCASIONS_MAX && (x > 0 || t_x == 0);
        if is_possible { Ok(()) } else { Err(BadOccasions { x, t_x, n }) }
    }
}
