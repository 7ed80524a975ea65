//! What a customer's future purchases are worth today.

mod curve;

use crate::{Buying, Pattern, Patterns};

use self::curve::Curves;

/// How money of later is worth less: by a rate a period, for so many periods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Discount {
    /// Length of a period, in the unit of the fit.
    pub period: f64,
    /// How many of them count.
    pub periods: u32,
    /// What money loses in one: 0.01 for a hundredth. It is paid at the end of its period.
    pub rate: f64,
}

impl Discount {
    /// Days in a month: a twelfth of 365.2425.
    pub const MONTH_DAYS: f64 = 30.436_875;

    /// Months, where the unit of the fit is so many days.
    pub fn monthly(months: u32, rate: f64, unit_days: f64) -> Self {
        Self { period: Self::MONTH_DAYS / unit_days, periods: months, rate }
    }

    /// The purchases to be expected of a customer, each worth what one of now is. Times the
    /// expected spend it is the customer's value.
    ///
    /// ```
    /// # use leadfold_clv::{BgNbd, Discount};
    /// let model = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
    /// let year = Discount::monthly(12, 0.01, 7.0);
    /// let purchases = year.purchases(&model, 2, 30.43, 38.86);
    /// assert!(purchases < model.expected(2, 30.43, 38.86, 52.2));
    /// assert!((purchases * 24.65 - 36.5).abs() < 0.5);
    /// ```
    pub fn purchases(&self, model: &(impl Buying + ?Sized), x: u32, t_x: f64, t: f64) -> f64 {
        model.p_alive(x, t_x, t) * self.if_alive(model, x, t, &self.ends())
    }

    /// The same of a customer of each history, in the order of [`Patterns::rows`]. Customers with
    /// as many purchases lie on one smooth curve: many cost little more than few.
    ///
    /// ```
    /// # use leadfold_clv::{BgNbd, Discount, Pattern, Patterns};
    /// let model = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
    /// let customers = [(0, 0.0, 900), (2, 30.43, 100)];
    /// let patterns = Patterns::new(customers.map(|(x, t_x, customers)| {
    ///     Pattern { x, t_x, t: 38.86, customers }
    /// }))?;
    /// let values = Discount::monthly(12, 0.01, 7.0).values(&model, &patterns);
    /// let rows = patterns.rows().iter().zip(&values);
    /// let all: f64 = rows.map(|(row, value)| row.customers as f64 * value).sum();
    /// assert!((values[1] - 1.48).abs() < 0.01 && 300.0 < all && all < 400.0);
    /// # Ok::<(), leadfold_clv::BadPattern>(())
    /// ```
    pub fn values(&self, model: &(impl Buying + ?Sized), patterns: &Patterns) -> Vec<f64> {
        let ends = self.ends();
        let mut values = Vec::with_capacity(patterns.rows().len());
        for same in patterns.rows().chunk_by(|a, b| a.x == b.x) {
            let if_alive = |t: f64| self.if_alive(model, same[0].x, t, &ends);
            let curves = Curves::of(model.smooth_from(), same.iter().map(|row| row.t), if_alive);
            let value = |row: &Pattern| model.p_alive(row.x, row.t_x, row.t) * curves.at(row.t);
            values.extend(same.iter().map(value));
        }
        values
    }

    /// When the periods end.
    fn ends(&self) -> Vec<f64> {
        (1..=self.periods).map(|period| f64::from(period) * self.period).collect()
    }

    /// The purchases of a customer who is there, each worth what one of now is.
    fn if_alive(&self, model: &(impl Buying + ?Sized), x: u32, t: f64, ends: &[f64]) -> f64 {
        let (mut sum, mut before, mut factor) = (0.0, 0.0, 1.0);
        for by_then in model.expected_if_alive_within(x, t, ends) {
            factor /= 1.0 + self.rate;
            sum += (by_then - before) * factor;
            before = by_then;
        }
        sum
    }
}
