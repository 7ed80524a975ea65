//! A fitted model, and why there may be none.

use serde::Serialize;

use crate::newton::{EVALUATIONS_MAX, Peak};
use crate::{BadPattern, BadSpend, Convergence, Patterns};

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
    /// The logarithm of the data's likelihood under it; infinite where the likelihood has no bound.
    pub log_likelihood: f64,
    /// How the fit ended.
    pub convergence: Convergence,
    /// How often the likelihood was computed.
    pub evaluations: u32,
    /// Covariance of the logarithms of the parameters; none at a boundary.
    pub covariance: Option<[[f64; N]; N]>,
}

/// A parameter, or a number that a model makes, with what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// What it is called.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// Its standard error; none at a boundary, or where the value is 0.
    pub standard_error: Option<f64>,
    /// The interval in which it is with a probability of 95 %, made on the logarithm, so that it
    /// is above 0.
    pub interval: Option<(f64, f64)>,
}

/// Standard normal quantile of 97.5 %.
const Z_95: f64 = 1.959_963_984_540_054;

/// A step in the logarithm of a parameter: the best for a difference on both sides.
const STEP: f64 = 1e-5;

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

    /// A number that the model makes of customers, one's or the sum of all, with what is known of
    /// it: by the delta method, to the first order in the logarithms of the parameters (Cox and
    /// Hinkley, Theoretical Statistics, 1974, chapter 9). It tells of the parameters alone: what
    /// customers will really buy varies beside. `number` has to be above 0 and smooth.
    ///
    /// ```
    /// # use leadfold_clv::{BgNbd, Pattern, Patterns};
    /// # let rows = [(0, 0.0, 120), (1, 8.0, 20), (1, 24.0, 20), (2, 16.0, 12), (2, 36.0, 10),
    /// #     (3, 28.0, 8), (5, 38.0, 6), (8, 20.0, 3), (12, 39.0, 3)];
    /// # let rows = rows.map(|(x, t_x, customers)| Pattern { x, t_x, t: 40.0, customers });
    /// # let patterns = Patterns::new(rows)?;
    /// let fit = BgNbd::fit(&patterns)?;
    /// let total = fit.estimate_of("next year", |model| {
    ///     let expected = |row: &Pattern| model.expected(row.x, row.t_x, row.t, 52.0);
    ///     patterns.rows().iter().map(|row| row.customers as f64 * expected(row)).sum()
    /// });
    /// let (low, high) = total.interval.expect("the fit is at a maximum");
    /// assert!(low < total.value && total.value < high);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn estimate_of(&self, name: &'static str, number: impl Fn(&M) -> f64) -> Estimate {
        let value = number(&self.model);
        let error = self.covariance.map(|covariance| self.log_error(&covariance, &number) * value);
        Estimate::of(name, value, error)
    }

    /// The standard error of the logarithm of a number.
    fn log_error(&self, covariance: &[[f64; N]; N], number: &impl Fn(&M) -> f64) -> f64 {
        let at = |i: usize, step: f64| {
            let mut parameters = self.model.parameters();
            parameters[i] *= step.exp();
            number(&M::of(parameters)).ln()
        };
        let slope: [f64; N] = std::array::from_fn(|i| (at(i, STEP) - at(i, -STEP)) / (2.0 * STEP));
        let row = |i: usize| (0..N).map(move |j| slope[i] * covariance[i][j] * slope[j]);
        (0..N).flat_map(row).sum::<f64>().max(0.0).sqrt()
    }

    /// The parameters, with standard errors and intervals.
    pub fn estimates(&self) -> [Estimate; N] {
        let values = self.model.parameters();
        std::array::from_fn(|i| {
            let error = self.covariance.map(|covariance| covariance[i][i].sqrt() * values[i]);
            Estimate::of(M::NAMES[i], values[i], error)
        })
    }
}

impl Estimate {
    fn of(name: &'static str, value: f64, standard_error: Option<f64>) -> Self {
        // Of a number that is 0 there is no logarithm, and so no error.
        let is_known = |error: &f64| value > 0.0 && error.is_finite();
        let standard_error = standard_error.filter(is_known);
        let interval = standard_error.map(|error| {
            let factor = (Z_95 * error / value).exp();
            (value / factor, value * factor)
        });
        // What may be anything has no interval.
        let interval = interval.filter(|(low, high)| *low > 0.0 && high.is_finite());
        Self { name, value, standard_error, interval }
    }
}

/// Repeat customers that a fit takes at least.
const REPEATERS_MIN: u64 = 10;

/// Where a search begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start {
    /// At a place.
    At([f64; 4]),
    /// At the usual place, but for the parameters of leaving, so many times as large.
    Leaving(f64),
}

impl Start {
    /// The place, given the usual one.
    pub(crate) fn place(self, usual: [f64; 4]) -> [f64; 4] {
        let [one, other, first, second] = usual;
        match self {
            Self::At(place) => place,
            Self::Leaving(times) => [one, other, times * first, times * second],
        }
    }
}

/// Ways on which the likelihood of a model of buying may rise for ever: nobody leaves; the rates of
/// buying are all alike; customers leave all alike; or they leave at once or never.
pub(crate) const RIDGES: [[f64; 4]; 4] =
    [[0.0, 0.0, -1.0, 0.0], [1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, -1.0, -1.0]];

/// The likeliest model of buying. `climb` looks for the top. The parameters are those of the rates of buying and those of leaving, two each.
pub(crate) fn fit_buying<M: Model<4>>(
    patterns: &Patterns,
    climb: impl Fn(&Patterns, Start) -> Option<Peak<4>>,
) -> Result<Fit<M, 4>, FitError> {
    let (found, customers) = (patterns.repeaters(), patterns.customers());
    if found < REPEATERS_MIN {
        return Err(FitError::TooFewRepeaters { expected: REPEATERS_MIN, found, customers });
    }
    let (cycle, watch) = (patterns.cycle(), patterns.watch());
    if cycle >= watch {
        return Err(FitError::WatchTooShort { cycle, watch });
    }
    let peak = top(patterns, &climb);
    peak.map(Fit::of).ok_or(FitError::NotConverged { evaluations: EVALUATIONS_MAX })
}

/// A ridge without an end, or with a flat top, may hide a higher one: what ends there is tried from
/// elsewhere, too.
fn top(
    patterns: &Patterns,
    climb: &impl Fn(&Patterns, Start) -> Option<Peak<4>>,
) -> Option<Peak<4>> {
    let first = nearest_top(patterns, climb)?;
    if is_sharp(&first) {
        return Some(first);
    }
    let near = LEAVING.iter().map(|shape| Start::At(elsewhere(first.at, *shape)));
    let others = near.chain([EARLY]).filter_map(|start| climb(patterns, start));
    std::iter::once(first).chain(others).max_by(|one, other| one.value.total_cmp(&other.value))
}

/// Where there are many histories, the way to the top is gone on a part of them.
fn nearest_top(
    patterns: &Patterns,
    climb: &impl Fn(&Patterns, Start) -> Option<Peak<4>>,
) -> Option<Peak<4>> {
    let near = patterns.part().and_then(|part| nearest_top(&part, climb));
    let near = near.filter(|peak| peak.convergence.is_interior());
    climb(patterns, near.map_or(Start::Leaving(1.0), |peak| Start::At(peak.at)))
}

/// The largest variance of a parameter's logarithm at a top without another one beside it: the
/// parameter is known but for a factor of e.
const SHARP: f64 = 1.0;

fn is_sharp(peak: &Peak<4>) -> bool {
    let known = |of: [[f64; 4]; 4]| (0..4).all(|i| of[i][i] <= SHARP);
    peak.covariance.is_some_and(known)
}

/// From customers of whom nearly all leave at once or never to customers who are nearly alike.
const LEAVING: [f64; 4] = [1e-6, 1e-3, 1.0, 1e3];
/// Who leaves does so early.
const EARLY: Start = Start::Leaving(1.0 / 64.0);
/// Rates of buying that are nearly alike.
const ALIKE: f64 = 1e3;

/// The same means of buying and of leaving, where customers differ otherwise in leaving.
fn elsewhere([one, other, first, second]: [f64; 4], shape: f64) -> [f64; 4] {
    let (buying, leaving) = ((ALIKE / one).min(1.0), shape / first);
    [one * buying, other * buying, shape, second * leaving]
}

/// Why there is no fit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FitError {
    /// Data that cannot be.
    #[error(transparent)]
    Bad(#[from] BadPattern),
    /// Spend that cannot be.
    #[error(transparent)]
    BadSpend(#[from] BadSpend),
    /// Customers were watched for less than it takes them to buy again.
    ///
    /// The time between purchases is known of those alone who bought again within the watch, the
    /// quick ones: the true one is longer still, and no fit can tell how much. Manuals of the
    /// field ask for at least that time, better for several of it.
    #[error(
        "customers were watched for too short a time: expected more than they take to buy again, \
         {cycle:.3} in the mean of the repeaters, found {watch:.3} in the mean of all; watch them \
         for longer, or leave those out who came in the last {cycle:.3}"
    )]
    WatchTooShort {
        /// The mean of the repeaters' mean times between purchases, in the unit of the patterns.
        cycle: f64,
        /// The mean length of the watch, in the unit of the patterns.
        watch: f64,
    },
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
