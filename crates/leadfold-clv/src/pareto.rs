//! The Pareto/NBD model: customers buy at a steady rate of their own, and leave without a word at
//! a steady rate of their own.
//!
//! Schmittlein, Morrison and Colombo, Counting Your Customers: Who Are They and What Will They Do
//! Next?, Management Science 33 (1987). Rates of buying are gamma distributed (shape `r`, rate
//! `alpha`), rates of leaving too (shape `s`, rate `beta`).
//!
//! Everything is said by the odds that a customer has left, which are one smooth integral; the
//! hypergeometric functions of the literature are not needed, nor their differences, which lose
//! all digits where they matter.

mod ladder;
#[cfg(test)]
mod ladder_test;
mod likelihood;
mod odds;
#[cfg(test)]
mod slope_test;
mod watches;

use crate::fit::{RIDGES, fit_buying};
use crate::lifetime;
use crate::newton::Search;
use crate::special::{log_sigmoid, sigmoid};
use crate::{Fit, FitError, Model, Patterns};

use self::likelihood::Likelihood;
use self::odds::Odds;

/// Pareto/NBD: a customer may leave at any time, whether having bought again or not.
///
/// ```
/// # use leadfold_clv::ParetoNbd;
/// let model = ParetoNbd { r: 0.553, alpha: 10.58, s: 0.606, beta: 11.67 };
/// let weeks = 39.0;
/// assert!((model.p_alive(2, 30.43, 38.86) - 0.869).abs() < 1e-3);
/// assert!((model.expected(2, 30.43, 38.86, weeks) - 1.455).abs() < 1e-3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParetoNbd {
    /// Shape of the rates of buying.
    pub r: f64,
    /// Their rate parameter, in the unit of time.
    pub alpha: f64,
    /// Shape of the rates of leaving.
    pub s: f64,
    /// Their rate parameter, in the unit of time.
    pub beta: f64,
}

impl Model<4> for ParetoNbd {
    const NAMES: [&'static str; 4] = ["r", "alpha", "s", "beta"];

    fn of([r, alpha, s, beta]: [f64; 4]) -> Self {
        Self { r, alpha, s, beta }
    }

    fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.s, self.beta]
    }
}

impl ParetoNbd {
    /// The parameters that make the customers' histories likeliest.
    ///
    /// # Errors
    /// [`FitError`] when too few customers bought again, or no maximum is found.
    pub fn fit(patterns: &Patterns) -> Result<Fit<Self, 4>, FitError> {
        fit_buying(patterns, |patterns, start| {
            let likelihood = Likelihood::of(patterns);
            let start = start.place(likelihood.start());
            let weight = patterns.customers() as f64;
            let search = Search { names: Self::NAMES, ridges: &RIDGES, weight };
            search.maximise(start, |at| likelihood.slope(at))
        })
    }

    /// The logarithm of the likelihood of the customers' histories.
    pub fn log_likelihood(&self, patterns: &Patterns) -> f64 {
        Likelihood::of(patterns).slope(&self.parameters()).value
    }

    /// The probability that a customer is still there at `t` who bought `x` times after the
    /// first, the last time at `t_x`.
    pub fn p_alive(&self, x: u32, t_x: f64, t: f64) -> f64 {
        sigmoid(-self.ln_odds_gone(x, t_x, t))
    }

    /// The logarithm of [`p_alive`](Self::p_alive), finite where that is too small for a number.
    pub fn ln_p_alive(&self, x: u32, t_x: f64, t: f64) -> f64 {
        log_sigmoid(-self.ln_odds_gone(x, t_x, t))
    }

    /// The purchases to be expected within `horizon` from `t` on.
    pub fn expected(&self, x: u32, t_x: f64, t: f64, horizon: f64) -> f64 {
        self.p_alive(x, t_x, t) * self.expected_if_alive(x, t, horizon)
    }

    /// The same of a customer who is there at `t`.
    pub fn expected_if_alive(&self, x: u32, t: f64, horizon: f64) -> f64 {
        self.rate_if_alive(x, t) * lifetime::lifetime(self.s, self.beta + t, horizon)
    }

    /// The purchases after the first to be expected of a new customer within `horizon`.
    pub fn expected_of_new(&self, horizon: f64) -> f64 {
        self.expected_if_alive(0, 0.0, horizon)
    }

    /// All purchases to be expected from `t` on, each worth the less the later: a purchase after
    /// another `u` counts exp(-`interest` u). `interest` is a continuous rate per unit of time;
    /// without any, customers with `s` up to 1 buy infinitely often.
    ///
    /// Discounted expected residual transactions: Fader, Hardie and Lee, RFM and CLV, Journal of
    /// Marketing Research 42 (2005).
    pub fn discounted(&self, x: u32, t_x: f64, t: f64, interest: f64) -> f64 {
        self.p_alive(x, t_x, t) * self.discounted_if_alive(x, t, interest)
    }

    /// The same of a customer who is there at `t`.
    pub fn discounted_if_alive(&self, x: u32, t: f64, interest: f64) -> f64 {
        self.rate_if_alive(x, t) * lifetime::discounted_lifetime(self.s, self.beta + t, interest)
    }

    /// The mean rate of buying of customers who bought `x` times until `t`.
    fn rate_if_alive(&self, x: u32, t: f64) -> f64 {
        (self.r + f64::from(x)) / (self.alpha + t)
    }

    fn ln_odds_gone(&self, x: u32, t_x: f64, t: f64) -> f64 {
        Odds::of(self, x, t_x, t).ln()
    }
}
