//! Functions that the standard library lacks.

/// The logarithm of the sum of two numbers that are given by their logarithms.
pub(crate) fn log_add(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// 1 / (1 + exp(-x)).
pub(crate) fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

/// ln(1 / (1 + exp(-x))), where the value itself would be 0.
pub(crate) fn log_sigmoid(x: f64) -> f64 {
    -log_add(0.0, -x)
}
