//! All purchases to be expected of a customer who is there, the future discounted.

use super::expect::{FLAT, mean_over_leaving};
use super::{Chance, Parameters};
use crate::lifetime::discounted_lifetime;

/// As a logarithm: the inverse of a smaller probability is too large for a number.
const SMALLEST: f64 = 600.0;

/// A customer who leaves with probability p after a purchase, and whose rate is gamma distributed,
/// buys at a mean rate of n/A (A/(A + p u))^(n+1) after another u, with n = r+x and A = alpha+t.
/// Discounted over all u that is the lifetime of a customer of shape n+1 and scale A/p; the mean
/// over p is a sum of positive terms.
pub(super) fn if_alive(model: Parameters, chance: Chance, x: u32, t: f64, interest: f64) -> f64 {
    let Parameters { r, alpha, a, b } = model;
    let (bought, b) = (r + f64::from(x), b + f64::from(chance.stays(x)));
    if interest == 0.0 {
        return for_ever(a, b);
    }
    let since = alpha + t;
    let flat = FLAT + (bought + bought / (interest * since)).ln_1p().min(SMALLEST);
    let mean =
        mean_over_leaving(a, b, flat, |p| discounted_lifetime(bought + 1.0, since / p, interest));
    bought / since * mean
}

/// Without interest: the mean of 1/p.
fn for_ever(a: f64, b: f64) -> f64 {
    if a > 1.0 { (a + b - 1.0) / (a - 1.0) } else { f64::INFINITY }
}
