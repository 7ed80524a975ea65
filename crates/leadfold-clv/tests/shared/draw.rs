//! Numbers to test with, and a rule of integration that the library does not use.

use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};

/// A number between 10^low and 10^high, evenly by its logarithm.
pub(crate) fn decades(low: f64, high: f64) -> impl Strategy<Value = f64> {
    (low..high).prop_map(|power| 10_f64.powf(power))
}

/// Fails if two numbers differ by more than so much, relative to the larger.
pub(crate) fn same(found: f64, expected: f64, tolerance: f64) -> TestCaseResult {
    let scale = found.abs().max(expected.abs());
    let is_same = found == expected || (found - expected).abs() <= tolerance * scale;
    prop_assert!(is_same, "found {found:e}, expected {expected:e}");
    Ok(())
}

/// The logarithm of the integral of exp(log) over the line, by the trapezoidal rule. It converges
/// as fast as a rule can where both ends fall off.
pub(crate) fn ln_integral(low: f64, high: f64, steps: u32, log: impl Fn(f64) -> f64) -> f64 {
    let step = (high - low) / f64::from(steps);
    let logs: Vec<f64> = (0..=steps).map(|i| log(low + step * f64::from(i))).collect();
    let peak = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    peak + (logs.iter().map(|log| (log - peak).exp()).sum::<f64>() * step).ln()
}

/// Fails unless the law catches what is broken within so many draws.
pub(crate) fn assert_caught<S: Strategy>(draws: S, law: impl Fn(S::Value) -> TestCaseResult) {
    // What is caught need not be made small.
    let config = ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 0,
        ..ProptestConfig::with_cases(400)
    };
    let result = TestRunner::new(config).run(&draws, law);
    result.expect_err("the law lets a broken implementation pass");
}
