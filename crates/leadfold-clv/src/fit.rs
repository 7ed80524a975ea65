//! A fitted model, and why there may be none.

use serde::Serialize;

use crate::newton::Peak;
use crate::{BadPattern, Convergence};

/// A model with `N` positive parameters.
pub trait Model<const N: usize>: Copy {
    /// What its parameters are called, in their order.
    const NAMES: [&'static str; N];

    /// The model of these parameters, all above 0.
    fn of(parameters: [f64; N]) -> Self;

    /// Its parameters.
    fn parameters(&self) -> [f64; N];
}

/// A model as the data fit it best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit<M, const N: usize> {
    /// The model.
    pub model: M,
    /// The logarithm of the data's likelihood under it.
    pub log_likelihood: f64,
    /// How the fit ended.
    pub convergence: Convergence,
    /// How often the likelihood was computed.
    pub evaluations: u32,
    /// Covariance of the logarithms of the parameters; none at a boundary.
    pub covariance: Option<[[f64; N]; N]>,
}

/// A parameter with what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// What the parameter is called.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// Its standard error; none at a boundary.
    pub standard_error: Option<f64>,
    /// The interval in which it is with a probability of 95 %, made on the logarithm, so that it
    /// is above 0.
    pub interval: Option<(f64, f64)>,
}

/// Standard normal quantile of 97.5 %.
const Z_95: f64 = 1.959_963_984_540_054;

impl<M: Model<N>, const N: usize> Fit<M, N> {
    pub(crate) fn of(peak: Peak<N>) -> Self {
        Self {
            model: M::of(peak.at),
            log_likelihood: peak.value,
            convergence: peak.convergence,
            evaluations: peak.evaluations,
            covariance: peak.covariance,
        }
    }

    /// The parameters, with standard errors and intervals.
    pub fn estimates(&self) -> [Estimate; N] {
        let values = self.model.parameters();
        std::array::from_fn(|i| {
            let error = self.covariance.map(|covariance| covariance[i][i].sqrt());
            let (name, value) = (M::NAMES[i], values[i]);
            Estimate {
                name,
                value,
                standard_error: error.map(|error| value * error),
                interval: error.map(|error| {
                    let factor = (Z_95 * error).exp();
                    (value / factor, value * factor)
                }),
            }
        })
    }
}

/// Why there is no fit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FitError {
    /// Data that cannot be.
    #[error(transparent)]
    Bad(#[from] BadPattern),
    /// Nothing to learn from.
    #[error(
        "expected at least {expected} customers who bought again, found {found} of {customers}: \
         wait for more purchases, or fit several segments together"
    )]
    TooFewRepeaters {
        /// How many it takes.
        expected: u64,
        /// How many there are.
        found: u64,
        /// Of how many.
        customers: u64,
    },
    /// The search found neither a maximum nor a boundary.
    #[error(
        "the likelihood has no maximum that can be found: expected one within {evaluations} \
         evaluations; check the unit of the times, and whether the customers are of one kind"
    )]
    NotConverged {
        /// How often the likelihood was computed.
        evaluations: u32,
    },
}
