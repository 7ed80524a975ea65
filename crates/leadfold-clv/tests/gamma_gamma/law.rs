//! What holds of every spend, and a second way to compute the likelihood.

use leadfold_clv::{GammaGamma, Spend, Spends};
use proptest::prelude::*;

use crate::gold::assert_close;

/// The integral over the customer's rate n, by Simpson's rule over ln n: the density of the
/// purchases' sum given n, as the story tells it, times the density of n.
fn by_integral(model: &GammaGamma, x: u32, total: f64) -> f64 {
    let GammaGamma { p, q, v } = *model;
    let shape = p * f64::from(x);
    let log = |n: f64| {
        let mean_given_rate = shape * (n * f64::from(x)).ln() + (shape - 1.0) * per(total, x).ln();
        let rate = q * v.ln() + q * n.ln() - n * v;
        mean_given_rate - n * total + rate - libm::lgamma(shape) - libm::lgamma(q)
            + shape * (1.0 - 1.0) * n
            - shape * 0.0
    };
    let centre = ((shape + q) / (total + v)).ln();
    let width = 14.0 / (shape + q).sqrt() + if shape + q < 5.0 { 30.0 / (shape + q) } else { 0.0 };
    let steps = 20_000;
    let step = 2.0 * width / f64::from(steps);
    let peak = log(centre.exp());
    let sum: f64 = (0..=steps)
        .map(|i| {
            let weight = match i {
                0 => 1.0,
                i if i == steps => 1.0,
                i => 2.0 + 2.0 * f64::from(i % 2),
            };
            weight * (log((centre - width + step * f64::from(i)).exp()) - peak).exp()
        })
        .sum();
    peak + (sum * step / 3.0).ln()
}

fn per(total: f64, x: u32) -> f64 {
    total / f64::from(x)
}
