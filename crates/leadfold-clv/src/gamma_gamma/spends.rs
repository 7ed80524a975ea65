//! Customers by what they spent.

/// Customers who spent the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spend {
    /// Purchases after the first, days with several counted once.
    pub x: u32,
    /// What these came to, in the caller's unit of money; the first purchase is left out.
    pub total: f64,
    /// How many customers there are of this kind.
    pub customers: u64,
}

/// A spend that cannot be modelled.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "a customer's spend cannot be modelled: expected at least one repeat purchase and a total \
     above 0, found x = {x}, total = {total}; net refunds against the days that they pay back, \
     and leave customers out who did not buy again, or whose purchases were free or came back"
)]
pub struct BadSpend {
    /// Purchases after the first.
    pub x: u32,
    /// What they came to.
    pub total: f64,
}

/// Customers by what they spent, in one order whatever the order they came in.
///
/// ```
/// # use leadfold_clv::{Spend, Spends};
/// let one = Spend { x: 2, total: 44.69, customers: 1 };
/// let spends = Spends::new([one, Spend { x: 1, ..one }, one])?;
/// assert_eq!((spends.customers(), spends.rows().len()), (3, 2));
/// # Ok::<(), leadfold_clv::BadSpend>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spends(Vec<Spend>);

/// Means that differ by a smaller share are the same but for rounding.
const SAME: f64 = 1e-12;

impl Spends {
    /// Groups customers who spent the same.
    ///
    /// # Errors
    /// When a customer did not buy again, or spent nothing.
    pub fn new(spends: impl IntoIterator<Item = Spend>) -> Result<Self, BadSpend> {
        let mut rows: Vec<Spend> = spends.into_iter().filter(|row| row.customers > 0).collect();
        rows.iter().try_for_each(Spend::check)?;
        rows.sort_unstable_by_key(Spend::key);
        rows.dedup_by(|next, kept| {
            let is_same = next.key() == kept.key();
            kept.customers += if is_same { next.customers } else { 0 };
            is_same
        });
        Ok(Self(rows))
    }

    /// One row a spend, by x and total.
    pub fn rows(&self) -> &[Spend] {
        &self.0
    }

    /// How many customers there are.
    pub fn customers(&self) -> u64 {
        self.0.iter().map(|row| row.customers).sum()
    }

    /// A part to begin a search on: so many rows show the way.
    pub(super) fn part(&self, rows: usize) -> Self {
        Self(self.0.iter().step_by(self.0.len().div_ceil(rows).max(1)).copied().collect())
    }

    /// What all customers pay each time, if it is the same.
    pub(super) fn price(&self) -> Option<f64> {
        let price = self.0.first()?.mean();
        let is_same = |row: &Spend| (row.mean() - price).abs() <= SAME * price;
        self.0.iter().all(is_same).then_some(price)
    }

    /// The mean spend per purchase.
    pub(super) fn mean(&self) -> f64 {
        let sum = |of: fn(&Spend) -> f64| -> f64 {
            self.0.iter().map(|row| row.customers as f64 * of(row)).sum()
        };
        sum(|row| row.total) / sum(|row| f64::from(row.x))
    }
}

impl Spend {
    fn check(&self) -> Result<(), BadSpend> {
        let Self { x, total, .. } = *self;
        let is_possible = x > 0 && total > 0.0 && total.is_finite();
        if is_possible { Ok(()) } else { Err(BadSpend { x, total }) }
    }

    /// Per purchase.
    pub(super) fn mean(&self) -> f64 {
        self.total / f64::from(self.x)
    }

    /// Amounts above 0 are in the order of their bits.
    fn key(&self) -> (u32, u64) {
        (self.x, self.total.to_bits())
    }
}
