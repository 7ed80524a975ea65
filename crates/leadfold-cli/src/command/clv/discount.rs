//! `--discount`: what money of later is worth today.

use std::str::FromStr;

use leadfold_clv::{Buying, Discount, Pattern};
use serde::Serialize;

use super::customers::WEEK;

/// Days of a year: twelve months as [`Discount`] has them.
const YEAR_DAYS: f64 = 12.0 * Discount::MONTH_DAYS;

/// A year's rate: 0.1 for a tenth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct YearlyRate(f64);

impl FromStr for YearlyRate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, is_percent) =
            text.strip_suffix('%').map_or((text, false), |number| (number, true));
        let number: Option<f64> = number.trim().parse().ok();
        let rate = number.map(|number| if is_percent { number / 100.0 } else { number });
        let is_meant = |rate: &f64| *rate >= 0.0 && rate.is_finite() && (is_percent || *rate < 1.0);
        rate.filter(is_meant).map(Self).ok_or_else(|| {
            format!(
                "expected a year's rate as a fraction below 1 (0.1) or in percent (10%), 0 or \
                 more, found {text:?}"
            )
        })
    }
}

impl YearlyRate {
    /// What money after so many days is worth today.
    pub(super) fn worth_after(self, days: f64) -> f64 {
        (-self.0.ln_1p() * days / YEAR_DAYS).exp()
    }

    /// For people.
    pub(super) fn in_words(self) -> String {
        format!(" at {:.4}% a year", self.0 * 100.0).replace(".0000%", "%")
    }
}

/// How the horizon is discounted: in equal parts, as near to months as fit, each part's purchases
/// paid at its end.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct DiscountReport {
    yearly_rate: YearlyRate,
    periods: u32,
    period_days: f64,
    /// A period's rate: (1 + yearly rate) ^ (days / 365.2425) - 1.
    period_rate: f64,
    #[serde(skip)]
    discount: Discount,
}

impl DiscountReport {
    pub(super) fn of(yearly_rate: YearlyRate, horizon_days: u32) -> Self {
        let days = f64::from(horizon_days);
        let periods = (days / Discount::MONTH_DAYS).round().max(1.0);
        let period_days = days / periods;
        let period_rate = (yearly_rate.0.ln_1p() * period_days / YEAR_DAYS).exp_m1();
        let periods = periods as u32;
        let discount = Discount { period: period_days / WEEK, periods, rate: period_rate };
        Self { yearly_rate, periods, period_days, period_rate, discount }
    }

    /// The expected purchases of a customer, each worth what one of today is.
    pub(super) fn purchases(&self, model: &dyn Buying, seen: &Pattern) -> f64 {
        self.discount.purchases(model, seen.x, seen.t_x, seen.t)
    }

    /// For people.
    pub(super) fn in_words(&self) -> String {
        self.yearly_rate.in_words()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_fraction_or_has_a_percent_sign() {
        for (text, rate) in
            [("0.1", 0.1), ("10%", 0.1), ("12.5 %", 0.125), ("0", 0.0), ("150%", 1.5)]
        {
            let YearlyRate(found) = text.parse().expect("a rate");
            assert!((found - rate).abs() < 1e-15, "{text}: {found}");
        }
        for text in ["10", "1", "-0.1", "-5%", "x", "", "%", "nan", "inf%"] {
            let error = text.parse::<YearlyRate>().expect_err(text);
            assert!(error.starts_with("expected a year's rate as a fraction below 1"), "{error}");
        }
    }

    /// A year's parts together lose what the year does, and the horizon is whole.
    #[test]
    fn the_parts_of_a_horizon_make_it_whole() {
        for horizon in [1, 10, 45, 46, 365, 366, 730] {
            let found = DiscountReport::of(YearlyRate(0.21), horizon);
            let (n, days) = (f64::from(found.periods), f64::from(horizon));
            assert!((n * found.period_days - days).abs() < 1e-9, "{found:?}");
            let all = (1.0 + found.period_rate).powf(n);
            assert!((all - 1.21_f64.powf(days / 365.2425)).abs() < 1e-12, "{found:?}");
            assert!(horizon < 46 || (found.period_days - 30.436_875).abs() < 8.0, "{found:?}");
        }
    }
}
