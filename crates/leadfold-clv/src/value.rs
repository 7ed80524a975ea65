//! What a customer's future purchases are worth today.

use crate::Buying;

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
        let ends: Vec<f64> =
            (1..=self.periods).map(|period| f64::from(period) * self.period).collect();
        let (mut sum, mut before, mut factor) = (0.0, 0.0, 1.0);
        for by_then in model.expected_if_alive_within(x, t, &ends) {
            factor /= 1.0 + self.rate;
            sum += (by_then - before) * factor;
            before = by_then;
        }
        model.p_alive(x, t_x, t) * sum
    }
}
