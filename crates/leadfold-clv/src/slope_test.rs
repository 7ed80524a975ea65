//! Derivatives in closed form against differences of the value.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::newton::Slope;

/// A number between 10^low and 10^high, evenly by its logarithm.
pub(crate) fn decades(low: f64, high: f64) -> impl Strategy<Value = f64> {
    (low..high).prop_map(|power| 10_f64.powf(power))
}

/// Fails unless gradient and Hessian are the differences of value and gradient, by the logarithms
/// of the parameters.
pub(crate) fn is_slope<const N: usize>(
    at: [f64; N],
    function: impl Fn(&[f64; N]) -> Slope<N>,
) -> TestCaseResult {
    let here = function(&at);
    prop_assert!(here.value.is_finite());
    let value_size = here.value.abs() + PARTS;
    for i in 0..N {
        let near = |by: f64| {
            let mut there = at;
            there[i] *= by.exp();
            function(&there)
        };
        let value = difference(|by| near(by).value) / at[i];
        same(here.gradient[i], value, value_size / at[i])?;
        for j in 0..N {
            let gradient = difference(|by| near(by).gradient[j]) / at[i];
            let size = (value_size / at[j] + here.gradient[j].abs()) / at[i];
            same(here.hessian[j][i], gradient, size)?;
        }
    }
    Ok(())
}

/// A value near 0 is what its parts have left over: it is known to their rounding, no better.
const PARTS: f64 = 1.0;

/// The derivative at 0 by seven points: the error is of the sixth order.
fn difference(function: impl Fn(f64) -> f64) -> f64 {
    const STEP: f64 = 4e-3;
    let apart = |k: f64| function(k * STEP) - function(-k * STEP);
    (45.0 * apart(1.0) - 9.0 * apart(2.0) + apart(3.0)) / (60.0 * STEP)
}

fn same(found: f64, expected: f64, size: f64) -> TestCaseResult {
    let error = (found - expected).abs();
    let scale = size + found.abs().max(expected.abs());
    prop_assert!(error <= 1e-8 * scale, "found {found:e}, expected {expected:e}, scale {scale:e}");
    Ok(())
}

/// A derivative that is off by a millionth is caught.
#[test]
fn a_wrong_derivative_is_caught() {
    let cube = |[x]: &[f64; 1], error: [f64; 2]| Slope {
        value: x.powi(3),
        gradient: [3.0 * x * x + error[0]],
        hessian: [[6.0 * x + error[1]]],
    };
    is_slope([1.5], |at| cube(at, [0.0; 2])).expect("it is right");
    is_slope([1.5], |at| cube(at, [1e-6, 0.0])).expect_err("the gradient is off");
    is_slope([1.5], |at| cube(at, [0.0, 1e-6])).expect_err("the Hessian is off");
}
