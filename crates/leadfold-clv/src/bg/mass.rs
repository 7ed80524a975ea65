//! The probabilities of so many purchases.

use super::{Chance, Parameters};

/// The probabilities of 0 up to `most` purchases after the first within `horizon`.
///
/// Fader, Hardie and Lee (2005), equation 8, with the tail of the negative binomial distribution
/// in place of one minus a sum.
pub(super) fn probabilities(
    model: Parameters,
    chance: Chance,
    most: u32,
    horizon: f64,
) -> Vec<f64> {
    let Parameters { a, b, .. } = model;
    let n = most as usize + 1;
    let counts = negative_binomial(model, n, horizon);
    let mut tail = tail(&counts, model, horizon);
    tail.truncate(n);
    let mut stayed = 1.0;
    let mut k = 0.0;
    if chance == Chance::AfterAll {
        stayed = b / (a + b);
        k = 1.0;
    }
    (0..n)
        .map(|x| {
            let left = if k > 0.0 { stayed * a / (b + (k - 1.0)) * tail[x] } else { 0.0 };
            let p = stayed * counts[x] + left;
            stayed *= (b + k) / (a + b + k);
            k += 1.0;
            p
        })
        .collect()
}

/// The probabilities of 0, 1, ... purchases by a customer who never leaves.
fn negative_binomial(model: Parameters, n: usize, horizon: f64) -> Vec<f64> {
    let Parameters { r, alpha, .. } = model;
    let z = horizon / (alpha + horizon);
    let mut log = -r * (horizon / alpha).ln_1p();
    (0..n)
        .map(|x| {
            let p = log.exp();
            log += ((r + x as f64) / (x as f64 + 1.0) * z).ln();
            p
        })
        .collect()
}

/// The probabilities of at least 0, 1, ... purchases by a customer who never leaves.
fn tail(counts: &[f64], model: Parameters, horizon: f64) -> Vec<f64> {
    let Parameters { r, alpha, .. } = model;
    let z = horizon / (alpha + horizon);
    let last = counts.len() - 1;
    let mut beyond = 0.0;
    let mut term = counts[last];
    let mut x = last as f64;
    while term > 1e-18 * (beyond + counts[last]) * (1.0 - z) && term > 0.0 {
        term *= (r + x) / (x + 1.0) * z;
        beyond += term;
        x += 1.0;
    }
    let mut tail = vec![0.0; counts.len()];
    for x in (0..counts.len()).rev() {
        beyond += counts[x];
        tail[x] = beyond;
    }
    tail
}
