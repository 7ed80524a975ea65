//! A smooth function of the length of the watch, for many customers at the price of a few: by
//! Chebyshev's polynomials on stretches of time.
//!
//! With m from [`Buying::smooth_from`](crate::Buying::smooth_from), the function is analytic where
//! the real part of m + t is above 0. By s = ln(m + t) that is a strip of pi on both sides of
//! nothing singular: within a stretch of length 1 the error falls by a factor of pi + sqrt(pi^2+1)
//! = 6.4 a term (Trefethen, Approximation Theory and Approximation Practice, 2013, theorem 8.2).

use std::collections::BTreeMap;

/// Terms: 6.4 to the power of -20 is below the rounding.
const TERMS: usize = 20;

/// The function, by its stretches.
pub(super) struct Curves<F> {
    function: F,
    smooth_from: f64,
    stretches: BTreeMap<i32, Stretch>,
}

/// s from a whole number to the next one.
#[derive(Default)]
struct Stretch {
    rows: usize,
    /// If it is worth it.
    coefficients: Option<[f64; TERMS]>,
}

impl<F: Fn(f64) -> f64> Curves<F> {
    /// Of times that will be asked for. A stretch with fewer of them than terms is asked itself,
    /// and so is a function of which no smoothness is known.
    pub(super) fn of(
        smooth_from: Option<f64>,
        times: impl Iterator<Item = f64>,
        function: F,
    ) -> Self {
        let mut stretches = BTreeMap::<i32, Stretch>::new();
        let Some(smooth_from) = smooth_from else {
            return Self { function, smooth_from: 0.0, stretches };
        };
        for time in times {
            let (index, _) = place(smooth_from + time);
            stretches.entry(index).or_default().rows += 1;
        }
        for (index, stretch) in &mut stretches {
            let at = |y: f64| function((f64::from(*index) + 0.5 * (y + 1.0)).exp() - smooth_from);
            stretch.coefficients = (stretch.rows > TERMS).then(|| coefficients(at));
        }
        Self { function, smooth_from, stretches }
    }

    pub(super) fn at(&self, time: f64) -> f64 {
        let (index, y) = place(self.smooth_from + time);
        let stretch = self.stretches.get(&index);
        let curve = stretch.and_then(|stretch| stretch.coefficients.as_ref());
        curve.map_or_else(|| (self.function)(time), |curve| sum(curve, y))
    }
}

/// The stretch, and where on it, from -1 to 1.
fn place(time: f64) -> (i32, f64) {
    let s = time.ln();
    (s.floor() as i32, 2.0 * (s - s.floor()) - 1.0)
}

/// Of Chebyshev's polynomials, from the values at the zeros of the first one left out.
fn coefficients(function: impl Fn(f64) -> f64) -> [f64; TERMS] {
    let mut coefficients = [0.0; TERMS];
    for node in 0..TERMS {
        let y = (std::f64::consts::PI * (node as f64 + 0.5) / TERMS as f64).cos();
        let value = function(y) * 2.0 / TERMS as f64;
        let (mut polynomial, mut before) = (1.0, y);
        for coefficient in &mut coefficients {
            *coefficient += value * polynomial;
            (polynomial, before) = (2.0 * y * polynomial - before, polynomial);
        }
    }
    coefficients[0] /= 2.0;
    coefficients
}

/// Clenshaw (1955).
fn sum(coefficients: &[f64; TERMS], y: f64) -> f64 {
    let [first, rest @ ..] = coefficients;
    let (mut sum, mut before) = (0.0, 0.0);
    for coefficient in rest.iter().rev() {
        (sum, before) = (2.0 * y * sum - before + coefficient, sum);
    }
    first + y * sum - before
}
