//! The maximum of a smooth function of a few positive parameters: Newton's method on their
//! logarithms, damped where the function is not concave (Levenberg 1944, Marquardt 1963).

use crate::{Convergence, Direction};

/// A function's value at a point, with its derivatives by the parameters themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slope<const N: usize> {
    pub(crate) value: f64,
    pub(crate) gradient: [f64; N],
    pub(crate) hessian: [[f64; N]; N],
}

impl<const N: usize> Slope<N> {
    pub(crate) const ZERO: Self = Self { value: 0.0, gradient: [0.0; N], hessian: [[0.0; N]; N] };

    /// The derivatives by the logarithms of the parameters.
    fn by_logarithms(mut self, at: &[f64; N]) -> Self {
        for i in 0..N {
            for j in 0..N {
                self.hessian[i][j] *= at[i] * at[j];
            }
            self.gradient[i] *= at[i];
            self.hessian[i][i] += self.gradient[i];
        }
        self
    }
}

/// Where a search ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peak<const N: usize> {
    pub(crate) at: [f64; N],
    pub(crate) value: f64,
    /// Covariance of the logarithms of the parameters, if they have a best value.
    pub(crate) covariance: Option<[[f64; N]; N]>,
    pub(crate) convergence: Convergence,
    pub(crate) evaluations: u32,
}

/// Evaluations after which a search gives up.
pub(crate) const EVALUATIONS_MAX: u32 = 400;
/// The longest step, as a logarithm.
const STEP_MAX: f64 = 2.0;
/// A step as short as this changes nothing but rounding.
const STEP_MIN: f64 = 1e-9;
/// No function that has a curvature needs as much damping.
const DAMPING_MAX: f64 = 1e30;
/// A parameter this far from 1, as a logarithm, has left.
const GONE: f64 = 16.0;

/// Looks for the maximum from `start`. `weight` is the number of customers behind the function.
/// None if it finds neither a maximum nor a parameter that leaves.
pub(crate) fn maximise<const N: usize>(
    names: [&'static str; N],
    start: [f64; N],
    weight: f64,
    mut function: impl FnMut(&[f64; N]) -> Slope<N>,
) -> Option<Peak<N>> {
    let mut at = start;
    let mut slope = function(&at).by_logarithms(&at);
    let (mut evaluations, mut damping) = (1, 0.0_f64);
    while evaluations < EVALUATIONS_MAX {
        let (step, used) = uphill(&slope, damping);
        let length = step.iter().fold(0.0_f64, |longest, part| longest.max(part.abs()));
        let gradient = slope.gradient.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
        if used == 0.0 && length < STEP_MIN {
            let at = moved(&at, &step, 1.0);
            return Some(peak(at, slope, gradient / weight, evaluations));
        }
        if let Some(convergence) = gone(names, &at, &step, slope.value) {
            let value = slope.value;
            return Some(Peak { at, value, covariance: None, convergence, evaluations });
        }
        let next = moved(&at, &step, (STEP_MAX / length).min(1.0));
        let there = function(&next).by_logarithms(&next);
        evaluations += 1;
        let rounding = 1e-14 * slope.value.abs();
        if there.value.is_finite() && there.value >= slope.value - rounding {
            (at, slope) = (next, there);
            damping = if used < 1e-4 { 0.0 } else { used / 30.0 };
        } else {
            damping = (used * 10.0).max(1e-3);
        }
    }
    None
}

fn peak<const N: usize>(at: [f64; N], slope: Slope<N>, gradient: f64, evaluations: u32) -> Peak<N> {
    Peak {
        at,
        value: slope.value,
        covariance: factor(&downward(&slope, 0.0)).map(|factor| inverse(&factor)),
        convergence: Convergence::Interior { gradient },
        evaluations,
    }
}

/// Whether a parameter is out of sight and still on its way.
fn gone<const N: usize>(
    names: [&'static str; N],
    at: &[f64; N],
    step: &[f64; N],
    value: f64,
) -> Option<Convergence> {
    let (index, log) = at
        .iter()
        .map(|parameter| parameter.ln())
        .enumerate()
        .filter(|(index, log)| log.abs() > GONE && step[*index] * log > 0.0)
        .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
    let direction = if log > 0.0 { Direction::Infinity } else { Direction::Zero };
    Some(Convergence::Boundary { parameter: names[index], direction, limit: value })
}

fn moved<const N: usize>(at: &[f64; N], step: &[f64; N], share: f64) -> [f64; N] {
    std::array::from_fn(|i| at[i] * (share * step[i]).exp())
}

/// The size of the curvature.
fn scale<const N: usize>(slope: &Slope<N>) -> f64 {
    (0..N).map(|i| slope.hessian[i][i].abs()).fold(1e-300, f64::max)
}

/// The step of Newton, and how much damping it took to make it lead uphill. None leads anywhere
/// from where the function is no number.
fn uphill<const N: usize>(slope: &Slope<N>, damping: f64) -> ([f64; N], f64) {
    let mut used = damping;
    while used < DAMPING_MAX {
        if let Some(factor) = factor(&downward(slope, used)) {
            return (solve(&factor, slope.gradient), used);
        }
        used = (used * 10.0).max(1e-6);
    }
    ([0.0; N], used)
}

/// The curvature downwards. Damping is relative to each parameter's own, so that a direction in
/// which little changes is walked as fast as the others.
fn downward<const N: usize>(slope: &Slope<N>, damping: f64) -> [[f64; N]; N] {
    let least = 1e-12 * scale(slope);
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let own = if i == j { slope.hessian[i][i].abs().max(least) } else { 0.0 };
            damping * own - slope.hessian[i][j]
        })
    })
}

/// Cholesky's factor; none for a matrix that is not positive definite.
fn factor<const N: usize>(matrix: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut lower = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = matrix[i][j] - known;
            lower[i][j] = if i == j {
                let is_positive = rest > 1e-14 * matrix[i][i].abs() && rest.is_finite();
                is_positive.then(|| rest.sqrt())?
            } else {
                rest / lower[j][j]
            };
        }
    }
    Some(lower)
}

fn solve<const N: usize>(lower: &[[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for i in 0..N {
        let known: f64 = (0..i).map(|k| lower[i][k] * right[k]).sum();
        right[i] = (right[i] - known) / lower[i][i];
    }
    for i in (0..N).rev() {
        let known: f64 = (i + 1..N).map(|k| lower[k][i] * right[k]).sum();
        right[i] = (right[i] - known) / lower[i][i];
    }
    right
}

fn inverse<const N: usize>(lower: &[[f64; N]; N]) -> [[f64; N]; N] {
    std::array::from_fn(|i| solve(lower, std::array::from_fn(|j| f64::from(u8::from(i == j)))))
}
