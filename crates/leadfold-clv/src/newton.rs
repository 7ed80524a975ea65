//! The maximum of a smooth function of a few positive parameters: Newton's method on their
//! logarithms, along the axes of the curvature. Where the function is not concave along an axis,
//! the step goes uphill all the same, as far as if it were (Greenstadt 1967); none is longer than
//! the steps before have earned (a trust region, made of axes).

mod beyond;

use self::beyond::{Beyond, beyond};
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

    /// With the lower half of the Hessian as the upper one, which is all that has to be summed.
    pub(crate) fn mirrored(mut self) -> Self {
        for i in 0..N {
            for j in 0..i {
                self.hessian[i][j] = self.hessian[j][i];
            }
        }
        self
    }

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
/// The longest step along an axis, as a logarithm.
const STEP_MAX: f64 = 2.0;
/// A parameter this far from where it began, as a logarithm, may have left.
const GONE: f64 = 12.0;
/// Gains are measured by the number of customers and by the value itself. A step that promises
/// less than this share is the last one.
const LAST: f64 = 1e-17;
/// A value is known to this share, no better: its parts are larger, and have cancelled out.
const ROUNDING: f64 = 1e-13;
/// What a parameter that has left may yet gain.
const LEFT: f64 = 1e-9;
/// The least curvature, by the logarithms, of a sharp top: the parameters are known to a factor of
/// e.
const SHARP: f64 = 1.0;
/// A curvature that is a smaller share of the largest one is none.
const FLAT: f64 = 1e-15;

/// What is looked for.
pub(crate) struct Search<const N: usize> {
    /// What the parameters are called.
    pub(crate) names: [&'static str; N],
    /// The ways on which the function may rise for ever, as steps of the logarithms: parameters
    /// that leave together.
    pub(crate) ridges: &'static [[f64; N]],
    /// The number of customers behind the function.
    pub(crate) weight: f64,
}

impl<const N: usize> Search<N> {
    /// Looks for the maximum from `start`. None if it finds neither a maximum nor a parameter that
    /// leaves.
    pub(crate) fn maximise(
        &self,
        start: [f64; N],
        mut function: impl FnMut(&[f64; N]) -> Slope<N>,
    ) -> Option<Peak<N>> {
        let mut at = start;
        let mut slope = function(&at).by_logarithms(&at);
        let mut radius = STEP_MAX;
        let mut evaluations = 1;
        while evaluations < EVALUATIONS_MAX {
            let step = Step::of(&slope, radius);
            let unit = self.weight + slope.value.abs();
            if step.gain < LEFT * unit {
                if let Some(convergence) = gone(self.names, &start, &at, &step, slope.value) {
                    return Some(left(at, slope.value, convergence, evaluations));
                }
                let mut value = |at: &[f64; N]| {
                    evaluations += 1;
                    function(at).value
                };
                let ridges = if step.is_sharp { &[] } else { self.ridges };
                match beyond(ridges, &at, slope.value, unit, &mut value) {
                    Beyond::Lower => {}
                    Beyond::Level { ridge, at, value } => {
                        let convergence = self.on_ridge(&ridge, value);
                        return Some(left(at, value, convergence, evaluations));
                    }
                    Beyond::Higher(place) => {
                        slope = function(&place).by_logarithms(&place);
                        (at, radius, evaluations) = (place, STEP_MAX, evaluations + 1);
                        continue;
                    }
                }
            }
            let next = moved(&at, &step.by);
            let there = function(&next).by_logarithms(&next);
            evaluations += 1;
            let gain = there.value - slope.value;
            let is_uphill = gain >= 0.1 * step.gain - ROUNDING * unit;
            if !is_uphill {
                radius = step.length() / 4.0;
                continue;
            }
            (at, slope) = (next, there);
            if step.is_to_peak && step.gain <= LAST * unit {
                return Some(self.peak(&start, at, slope, evaluations));
            }
            if gain > 0.75 * step.gain {
                radius = (2.0 * radius).min(STEP_MAX);
            }
        }
        None
    }

    /// A top; where a parameter is not known but for a factor beyond [`GONE`], the curvature is that
    /// of rounding, and the function goes on rising that way.
    fn peak(&self, start: &[f64; N], at: [f64; N], slope: Slope<N>, evaluations: u32) -> Peak<N> {
        let (value, axes) = (slope.value, Axes::of(downward(&slope)));
        if let Some(vague) = axes.vague() {
            let convergence = boundary(self.names[vague], (at[vague] / start[vague]).ln(), value);
            return left(at, value, convergence, evaluations);
        }
        let most = slope.gradient.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
        let convergence = Convergence::Interior { gradient: most / self.weight };
        Peak { at, value, covariance: Some(axes.inverse()), convergence, evaluations }
    }

    fn on_ridge(&self, ridge: &[f64; N], limit: f64) -> Convergence {
        let leaving = ridge.iter().position(|part| *part != 0.0).unwrap_or_default();
        boundary(self.names[leaving], ridge[leaving], limit)
    }
}

/// A place from which a parameter leaves.
fn left<const N: usize>(
    at: [f64; N],
    value: f64,
    convergence: Convergence,
    evaluations: u32,
) -> Peak<N> {
    Peak { at, value, covariance: None, convergence, evaluations }
}

fn boundary(parameter: &'static str, log: f64, limit: f64) -> Convergence {
    let direction = if log > 0.0 { Direction::Infinity } else { Direction::Zero };
    Convergence::Boundary { parameter, direction, limit: Some(limit) }
}

/// Whether a parameter is out of sight and still on its way.
fn gone<const N: usize>(
    names: [&'static str; N],
    start: &[f64; N],
    at: &[f64; N],
    step: &Step<N>,
    value: f64,
) -> Option<Convergence> {
    let (index, log) = (0..N)
        .map(|i| (i, (at[i] / start[i]).ln()))
        .filter(|(i, log)| log.abs() > GONE && step.by[*i] * log > 0.0)
        .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
    Some(boundary(names[index], log, value))
}

fn moved<const N: usize>(at: &[f64; N], step: &[f64; N]) -> [f64; N] {
    std::array::from_fn(|i| at[i] * step[i].exp())
}

/// The curvature downwards.
fn downward<const N: usize>(slope: &Slope<N>) -> [[f64; N]; N] {
    slope.hessian.map(|row| row.map(|entry| -entry))
}

/// A step uphill.
struct Step<const N: usize> {
    by: [f64; N],
    /// What value, gradient and curvature promise.
    gain: f64,
    /// Whether it leads to the top of a function of this gradient and curvature.
    is_to_peak: bool,
    /// Whether such a top needs no second look.
    is_sharp: bool,
}

impl<const N: usize> Step<N> {
    fn of(slope: &Slope<N>, radius: f64) -> Self {
        let Axes { curvatures, axes } = Axes::of(downward(slope));
        let most = curvatures.iter().fold(f64::MIN_POSITIVE, |most, part| most.max(part.abs()));
        let is_sharp = curvatures.iter().all(|curvature| *curvature >= SHARP);
        let mut step = Self { by: [0.0; N], gain: 0.0, is_to_peak: true, is_sharp };
        for (curvature, axis) in curvatures.iter().zip(&axes) {
            let uphill = dot(&slope.gradient, axis);
            let newton = uphill / curvature.abs().max(FLAT * most);
            let along = newton.clamp(-radius, radius);
            step.is_to_peak &= along == newton && *curvature > FLAT * most;
            step.gain += along * (uphill - 0.5 * curvature * along);
            step.by = std::array::from_fn(|i| step.by[i] + along * axis[i]);
        }
        step
    }

    fn length(&self) -> f64 {
        self.by.iter().fold(0.0, |longest, part| longest.max(part.abs()))
    }
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    (0..N).map(|i| a[i] * b[i]).sum()
}

/// The axes of a symmetric matrix, of length 1 each, with the curvatures along them.
struct Axes<const N: usize> {
    curvatures: [f64; N],
    axes: [[f64; N]; N],
}

/// Sweeps over all pairs of axes; each squares what is left, three or four do.
const SWEEPS: u32 = 12;

impl<const N: usize> Axes<N> {
    /// Jacobi's method (1846): turn one pair of axes after the other until none pulls at another.
    fn of(mut matrix: [[f64; N]; N]) -> Self {
        let mut axes =
            std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
        for _ in 0..SWEEPS {
            let mut is_done = true;
            for i in 0..N {
                for j in i + 1..N {
                    is_done &= !turn(&mut matrix, &mut axes, i, j);
                }
            }
            if is_done {
                break;
            }
        }
        Self { curvatures: std::array::from_fn(|i| matrix[i][i]), axes }
    }

    /// A parameter of which the curvature says nothing: it is not downwards everywhere, or the
    /// parameter is known to no factor within sight.
    fn vague(&self) -> Option<usize> {
        let most = self.curvatures.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
        let is_flat = |curvature: f64| curvature.is_nan() || curvature <= FLAT * most;
        if let Some(flat) = (0..N).find(|i| is_flat(self.curvatures[*i])) {
            let axis = self.axes[flat];
            return (0..N).max_by(|i, j| axis[*i].abs().total_cmp(&axis[*j].abs()));
        }
        let covariance = self.inverse();
        let vaguest = (0..N).max_by(|i, j| covariance[*i][*i].total_cmp(&covariance[*j][*j]));
        vaguest.filter(|i| covariance[*i][*i] > GONE * GONE)
    }

    /// The inverse of the matrix, which has no curvature of 0.
    fn inverse(&self) -> [[f64; N]; N] {
        let entry = |i: usize, j: usize| {
            let parts = self.axes.iter().zip(&self.curvatures);
            parts.map(|(axis, curvature)| axis[i] * axis[j] / curvature).sum()
        };
        std::array::from_fn(|i| std::array::from_fn(|j| entry(i, j)))
    }
}

/// Turns two axes so that the matrix has nothing between them; whether there was anything.
fn turn<const N: usize>(
    matrix: &mut [[f64; N]; N],
    axes: &mut [[f64; N]; N],
    i: usize,
    j: usize,
) -> bool {
    let between = matrix[i][j];
    if between.abs() <= f64::EPSILON * (matrix[i][i] * matrix[j][j]).abs().sqrt() {
        return false;
    }
    let half = (matrix[j][j] - matrix[i][i]) / (2.0 * between);
    let tangent = half.signum() / (half.abs() + (half * half + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    let turned = |a: f64, b: f64| (cosine * a - sine * b, sine * a + cosine * b);
    for row in matrix.iter_mut() {
        (row[i], row[j]) = turned(row[i], row[j]);
    }
    for k in 0..N {
        (matrix[i][k], matrix[j][k]) = turned(matrix[i][k], matrix[j][k]);
        (axes[i][k], axes[j][k]) = turned(axes[i][k], axes[j][k]);
    }
    (matrix[i][j], matrix[j][i]) = (0.0, 0.0);
    true
}
