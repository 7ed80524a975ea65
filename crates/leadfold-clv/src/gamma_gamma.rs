//! The gamma-gamma model of spend: what a customer spends varies around a mean of their own, and
//! the means vary among customers; how often they buy has nothing to do with it.
//!
//! Fader and Hardie's note 025, The Gamma-Gamma Model of Monetary Value (2013). A purchase is
//! gamma distributed (shape `p`, a rate of the customer's own), the rates are gamma distributed
//! (shape `q`, rate `v`). With S the total spend of x purchases,
//!
//! ```text
//! l = -ln B(px, q) - ln(S/x) - q ln((S+v)/v) - px ln((S+v)/S)
//! ```

#[cfg(test)]
mod slope_test;
mod spends;
mod starts;

pub use self::spends::{BadSpend, Spend, Spends};

use crate::gamma::{digamma_rise, ln_beta, trigamma};
use crate::newton::{EVALUATIONS_MAX, Search, Slope};
use crate::{Convergence, Direction, Fit, FitError, Model};

use self::starts::starts;

/// Gamma-gamma: what customers spend per purchase. The purchases are days, as in all models, and
/// the first day's spend is left out.
///
/// ```
/// # use leadfold_clv::GammaGamma;
/// let model = GammaGamma { p: 6.25, q: 3.744, v: 15.44 };
/// let dollars = model.expected_spend(2, 44.69)?;
/// assert!((dollars - 24.65).abs() < 0.01);
/// # Ok::<(), leadfold_clv::NoMeanSpend>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaGamma {
    /// Shape of a customer's spend per purchase.
    pub p: f64,
    /// Shape of the rates among customers.
    pub q: f64,
    /// Their rate parameter, in the unit of money.
    pub v: f64,
}

/// The mean of all customers' spend has no value where `q` is not above 1.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "the customers' mean spend has no finite mean: expected q above 1, found {q}; look for \
     outliers in the spend, or fit segments apart"
)]
pub struct NoMeanSpend {
    /// The parameter.
    pub q: f64,
}

impl Model<3> for GammaGamma {
    const NAMES: [&'static str; 3] = ["p", "q", "v"];

    fn of([p, q, v]: [f64; 3]) -> Self {
        Self { p, q, v }
    }

    fn parameters(&self) -> [f64; 3] {
        [self.p, self.q, self.v]
    }
}

/// A customer always spends the same; all customers have one mean.
const RIDGES: [[f64; 3]; 2] = [[1.0, 0.0, -1.0], [0.0, 1.0, 1.0]];
/// The shapes of customers who all pay one price.
const NARROW: [f64; 2] = [1e6, 1e12];
/// Customers that a fit takes at least.
const CUSTOMERS_MIN: u64 = 10;

impl GammaGamma {
    /// The parameters that make the customers' spend likeliest. They are returned with a `q` of 1
    /// or less, too: that is a finding about the data; only a mean is refused then.
    ///
    /// # Errors
    /// [`FitError`] when there are too few customers, or no maximum is found.
    pub fn fit(spends: &Spends) -> Result<Fit<Self, 3>, FitError> {
        let customers = spends.customers();
        if customers < CUSTOMERS_MIN {
            let (expected, found) = (CUSTOMERS_MIN, customers);
            return Err(FitError::TooFewRepeaters { expected, found, customers });
        }
        if let Some(price) = spends.price() {
            return Ok(one_price(price));
        }
        let search = Search { names: Self::NAMES, ridges: &RIDGES, weight: customers as f64 };
        let climb = |start| search.maximise(start, |at| slope(spends, at));
        let peaks = starts(spends).into_iter().filter_map(climb);
        let peak = peaks.max_by(|one, other| one.value.total_cmp(&other.value));
        peak.map(Fit::of).ok_or(FitError::NotConverged { evaluations: EVALUATIONS_MAX })
    }

    /// The logarithm of the likelihood of the customers' spend.
    pub fn log_likelihood(&self, spends: &Spends) -> f64 {
        slope(spends, &self.parameters()).value
    }

    /// The mean spend per purchase to be expected of a customer who spent `total` on `x`
    /// purchases; of one who has not bought again, 0 on 0. Who bought again for nothing spent 0 on
    /// `x`: that is no part of a fit, as the model gives it no likelihood, but it is known.
    ///
    /// # Errors
    /// [`NoMeanSpend`] where `q` is not above 1: the mean of all customers, towards which each
    /// one's is drawn, is infinite then.
    pub fn expected_spend(&self, x: u32, total: f64) -> Result<f64, NoMeanSpend> {
        let Self { p, q, v } = *self;
        if q <= 1.0 {
            return Err(NoMeanSpend { q });
        }
        Ok(p * (v + total) / (p * f64::from(x) + (q - 1.0)))
    }
}

/// Customers who all pay the same each time: the narrower the spread is, the likelier they are, and
/// nothing tells whose it is, a customer's or that of the customers among each other. The latter is
/// taken to be the narrower, so that what somebody paid shifts what is expected of nobody.
fn one_price(price: f64) -> Fit<GammaGamma, 3> {
    let [p, q] = NARROW;
    let (parameter, direction) = ("p", Direction::Infinity);
    Fit {
        model: GammaGamma { p, q, v: price * (q - 1.0) / p },
        log_likelihood: f64::INFINITY,
        convergence: Convergence::Boundary { parameter, direction, limit: None },
        evaluations: 0,
        covariance: None,
    }
}

/// Value, gradient and Hessian by p, q and v.
fn slope(spends: &Spends, at: &[f64; 3]) -> Slope<3> {
    let mut slope = Slope::ZERO;
    for same in spends.rows().chunk_by(|a, b| a.x == b.x) {
        let customers = same.iter().map(|row| row.customers).sum::<u64>();
        add_count(at, f64::from(same[0].x), customers as f64, &mut slope);
        for row in same {
            add_total(at, row, &mut slope);
        }
    }
    slope.mirrored()
}

/// Adds -ln B(px, q) of so many customers.
fn add_count(&[p, q, _]: &[f64; 3], x: f64, customers: f64, slope: &mut Slope<3>) {
    let shape = p * x;
    let both = trigamma(shape + q);
    slope.value -= customers * ln_beta(shape, q);
    slope.gradient[0] += customers * x * digamma_rise(shape, q);
    slope.gradient[1] += customers * digamma_rise(q, shape);
    slope.hessian[0][0] += customers * x * x * (both - trigamma(shape));
    slope.hessian[0][1] += customers * x * both;
    slope.hessian[1][1] += customers * (both - trigamma(q));
}

/// Adds the rest, which depends on the money.
fn add_total(&[p, q, v]: &[f64; 3], row: &Spend, slope: &mut Slope<3>) {
    let (n, x, total) = (row.customers as f64, f64::from(row.x), row.total);
    let shape = p * x;
    let (above_v, above_total) = ((total / v).ln_1p(), (v / total).ln_1p());
    let per_both = 1.0 / (total + v);
    slope.value -= n * ((total / x).ln() + q * above_v + shape * above_total);
    slope.gradient[0] -= n * x * above_total;
    slope.gradient[1] -= n * above_v;
    slope.gradient[2] += n * (q * total / v - shape) * per_both;
    slope.hessian[0][2] -= n * x * per_both;
    slope.hessian[1][2] += n * total / v * per_both;
    slope.hessian[2][2] += n * ((shape + q) * per_both * per_both - q / (v * v));
}
