//! The BG/BB model: customers who at every occasion buy or do not (a yearly donation, a
//! conference), and may leave before each.
//!
//! Fader, Hardie and Shang, Customer-Base Analysis in a Discrete-Time Noncontractual Setting,
//! Marketing Science 29 (2010). The chances to buy are beta distributed (`alpha`, `beta`), those
//! to leave too (`gamma`, `delta`).
//!
//! With Z(z, n) = z (z+1) ... (z+n-1), the likelihood of x purchases, the last at t_x, is
//!
//! ```text
//! L = P(n) Z(delta, n) / Z(gamma+delta, n)
//!   + sum over m from t_x to n-1 of P(m) gamma Z(delta, m) / Z(gamma+delta, m+1)
//! P(m) = Z(alpha, x) Z(beta, m-x) / Z(alpha+beta, m)
//! ```

mod likelihood;
mod occasions;
mod rising;
#[cfg(test)]
mod slope_test;

pub use self::occasions::{BadOccasions, OccasionPatterns, Occasions};

use self::likelihood::Likelihood;
use crate::newton::{EVALUATIONS_MAX, Search, Slope};
use crate::{Fit, FitError, Model};

/// BG/BB: buying at fixed occasions.
///
/// ```
/// # use leadfold_clv::BgBb;
/// let model = BgBb { alpha: 1.204, beta: 0.750, gamma: 0.657, delta: 2.783 };
/// // Four purchases at six occasions, the last at the fifth.
/// assert!((model.expected(4, 5, 6, 10)? - 3.63).abs() < 0.01);
/// # Ok::<(), leadfold_clv::BadOccasions>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BgBb {
    /// First parameter of the chances to buy.
    pub alpha: f64,
    /// Second parameter.
    pub beta: f64,
    /// First parameter of the chances to leave.
    pub gamma: f64,
    /// Second parameter.
    pub delta: f64,
}

impl Model<4> for BgBb {
    const NAMES: [&'static str; 4] = ["alpha", "beta", "gamma", "delta"];

    fn of([alpha, beta, gamma, delta]: [f64; 4]) -> Self {
        Self { alpha, beta, gamma, delta }
    }

    fn parameters(&self) -> [f64; 4] {
        [self.alpha, self.beta, self.gamma, self.delta]
    }
}

/// Nobody leaves, or misses an occasion; customers leave, or buy, all alike; or do so at once or
/// never.
const RIDGES: [[f64; 4]; 6] = [
    [0.0, 0.0, -1.0, 0.0],
    [0.0, -1.0, 0.0, 0.0],
    [0.0, 0.0, 1.0, 1.0],
    [1.0, 1.0, 0.0, 0.0],
    [0.0, 0.0, -1.0, -1.0],
    [-1.0, -1.0, 0.0, 0.0],
];
/// Customers who bought that a fit takes at least.
const BUYERS_MIN: u64 = 10;

impl BgBb {
    /// The parameters that make the customers' histories likeliest.
    ///
    /// # Errors
    /// [`FitError`] when too few customers bought, or no maximum is found.
    pub fn fit(patterns: &OccasionPatterns) -> Result<Fit<Self, 4>, FitError> {
        let (found, customers) = (patterns.buyers(), patterns.customers());
        if found < BUYERS_MIN {
            return Err(FitError::TooFewRepeaters { expected: BUYERS_MIN, found, customers });
        }
        let search = Search { names: Self::NAMES, ridges: &RIDGES, weight: customers as f64 };
        let peak = search.maximise([1.0; 4], |at| Self::of(*at).slope(patterns));
        peak.map(Fit::of).ok_or(FitError::NotConverged { evaluations: EVALUATIONS_MAX })
    }

    /// The logarithm of the likelihood of the customers' histories.
    pub fn log_likelihood(&self, patterns: &OccasionPatterns) -> f64 {
        let likelihood = Likelihood::of(self, patterns.n_max());
        patterns.rows().iter().map(|row| row.customers as f64 * likelihood.value(row)).sum()
    }

    /// The probability that a customer will be there at the next occasion who bought at `x` of
    /// `n`, the last time at that with the number `t_x`.
    ///
    /// # Errors
    /// [`BadOccasions`] when a history cannot be.
    pub fn p_alive(&self, x: u32, t_x: u32, n: u32) -> Result<f64, BadOccasions> {
        Ok(self.p_there(x, t_x, n)? * self.stay(n))
    }

    /// The purchases to be expected at the next so many occasions. The work grows with `horizon`.
    ///
    /// # Errors
    /// [`BadOccasions`] when a history cannot be.
    pub fn expected(&self, x: u32, t_x: u32, n: u32, horizon: u32) -> Result<f64, BadOccasions> {
        let chance = (self.alpha + f64::from(x)) / (self.alpha + self.beta + f64::from(n));
        Ok(self.p_there(x, t_x, n)? * chance * self.occasions_there(n, horizon))
    }

    /// The purchases to be expected of a new customer at the next so many occasions.
    pub fn expected_of_new(&self, horizon: u32) -> f64 {
        self.alpha / (self.alpha + self.beta) * self.occasions_there(0, horizon)
    }

    /// The probability that a customer was there at the last occasion.
    fn p_there(&self, x: u32, t_x: u32, n: u32) -> Result<f64, BadOccasions> {
        let row = Occasions { x, t_x, n, customers: 1 };
        row.check()?;
        Ok(Likelihood::of(self, n).ln_there(&row).exp())
    }

    /// The probability to stay of one who stayed `n` times.
    fn stay(&self, n: u32) -> f64 {
        let stay = self.delta + f64::from(n);
        stay / (self.gamma + stay)
    }

    /// The occasions to be expected, of the next so many, at which one is there who was at the
    /// last of `n`: a sum of positive terms, with no gap at gamma = 1.
    fn occasions_there(&self, n: u32, horizon: u32) -> f64 {
        let chances = (0..horizon).scan(1.0, |there, k| {
            *there *= self.stay(n.saturating_add(k));
            Some(*there)
        });
        chances.sum()
    }

    /// Value, gradient and Hessian by the parameters.
    fn slope(&self, patterns: &OccasionPatterns) -> Slope<4> {
        let likelihood = Likelihood::of(self, patterns.n_max());
        let mut slope = Slope::ZERO;
        for row in patterns.rows() {
            likelihood.add(row, &mut slope);
        }
        slope.mirrored()
    }
}
