//! The purchases to be expected of a customer who is there.

use super::{Chance, Parameters};

use crate::special::log_sigmoid;

/// Up to here the series is short.
const Z_MAX: f64 = 0.92;
/// From here on its terms outgrow the numbers.
const A_MAX: f64 = 50.0;
/// From here on its terms have one sign.
const D_MIN: f64 = -1.0;
/// From here on, as a logit, a probability is 0 or 1 but for rounding.
pub(super) const FLAT: f64 = 38.0;

/// The purchases within `horizon` from `t` on.
pub(super) fn if_alive(model: Parameters, chance: Chance, x: u32, t: f64, horizon: f64) -> f64 {
    if_alive_within(model, chance, x, t, &[horizon])[0]
}

/// The purchases within each of some horizons from `t` on.
pub(super) fn if_alive_within(
    model: Parameters,
    chance: Chance,
    x: u32,
    t: f64,
    horizons: &[f64],
) -> Vec<f64> {
    let Parameters { r, alpha, a, b } = model;
    let mut ahead: Vec<f64> = horizons.iter().map(|horizon| horizon / (alpha + t)).collect();
    let shift = f64::from(chance.stays(0));
    let (c, d) = (a + b + (shift + f64::from(x) - 1.0), a + b + (shift - 1.0) - r);
    let is_short = |ahead: &f64| *ahead <= Z_MAX * (1.0 + ahead);
    if a <= A_MAX && d >= D_MIN && ahead.iter().all(is_short) {
        by_series(a, c, d, &ahead)
    } else {
        ahead.iter_mut().for_each(|ahead| *ahead = by_integral(model, chance, x, *ahead));
        ahead
    }
}

/// The textbook form in the hypergeometric function (Fader, Hardie and Lee 2005, equation 10)
/// after Euler's transformation, with the factor a - 1 divided out by hand: finite at a = 1 and at
/// a + b + x = 1, without cancellation, and the shorter the larger x is. Horizons differ in z
/// alone: they share the coefficients.
fn by_series(a: f64, c: f64, d: f64, ahead: &[f64]) -> Vec<f64> {
    let z: Vec<f64> = ahead.iter().map(|ahead| ahead / (1.0 + ahead)).collect();
    let mut terms: Vec<f64> = z.iter().map(|z| d * z).collect();
    let mut sums = vec![0.0_f64; z.len()];
    // The series of the longest horizon is the longest.
    let longest = (0..z.len()).max_by(|i, j| z[*i].total_cmp(&z[*j])).unwrap_or(0);
    // No number, from a model that is none, ends it too.
    let counts = |terms: &[f64], sums: &[f64]| {
        terms[longest].abs() > 1e-18 * sums[longest].abs() * (1.0 - z[longest])
    };
    let mut k = 1.0;
    while !z.is_empty() && counts(&terms, &sums) {
        let next = (a + k - 1.0) * (d + k) / ((c + k) * (k + 1.0));
        for ((term, sum), z) in terms.iter_mut().zip(&mut sums).zip(&z) {
            *sum += *term;
            *term *= next * z;
        }
        k += 1.0;
    }
    let value = |(ahead, sum): (&f64, f64)| {
        let log = ahead.ln_1p();
        // (1-z)^(a-1) - 1, of which the first term is a multiple, too.
        let shrunk = ((1.0 - a) * log).exp_m1();
        let grown = if a == 1.0 { log } else { -shrunk / (a - 1.0) };
        c * grown - power(shrunk, (1.0 - a) * log) * sum
    };
    ahead.iter().zip(sums).map(value).collect()
}

/// exp(log), from exp(log) - 1 where that loses no digit.
fn power(less_one: f64, log: f64) -> f64 {
    if less_one > -0.5 { 1.0 + less_one } else { log.exp() }
}

/// The mean of (1 - (1 + p h)^-(r+x)) / p over the customer's probabilities p of leaving.
pub(super) fn by_integral(model: Parameters, chance: Chance, x: u32, ahead: f64) -> f64 {
    let b = model.b + f64::from(chance.stays(x));
    let bought = model.r + f64::from(x);
    let flat = FLAT + (bought * (1.0 + ahead)).ln_1p();
    mean_over_leaving(model.a, b, flat, |p| {
        if p * ahead * bought < 1e-17 {
            bought * ahead
        } else {
            -(-bought * (p * ahead).ln_1p()).exp_m1() / p
        }
    })
}

/// The mean of a positive function of the probability of leaving, which is beta distributed. By
/// its logit all is smooth, and the plain sum over equal steps converges exponentially; where
/// nothing changes any more, from `flat` on either side, it is a geometric series.
pub(super) fn mean_over_leaving(a: f64, b: f64, flat: f64, value: impl Fn(f64) -> f64) -> f64 {
    let step = (0.6 * (1.0 / a + 1.0 / b).sqrt()).min(0.25);
    let peak = (a / b).ln();
    let top = a * log_sigmoid(peak) + b * log_sigmoid(-peak);
    let (mut sum, mut total) = (0.0, 0.0);
    for (direction, rate) in [(1.0, b), (-1.0, a)] {
        let mut u = if direction > 0.0 { peak } else { peak - step };
        loop {
            let weight = (a * log_sigmoid(u) + b * log_sigmoid(-u) - top).exp();
            let is_flat = direction * u > flat;
            let weight = if is_flat { weight / -(-rate * step).exp_m1() } else { weight };
            let part = weight * value(log_sigmoid(u).exp());
            sum += part;
            total += weight;
            let counts = part > 1e-18 * sum || weight > 1e-18 * total;
            if is_flat || !counts {
                break;
            }
            u += direction * step;
        }
    }
    sum / total
}
