//! The gamma function's relatives, and their differences where subtracting would lose digits.
//!
//! Asymptotic series: NIST Digital Library of Mathematical Functions, 5.11.

#[cfg(test)]
mod gamma_test;

/// From here on the series hold to the last digit.
const FAR: f64 = 10.0;
/// Factors that are multiplied one by one.
const FACTORS_MAX: u32 = 32;
/// ln(2 pi) / 2.
const HALF_LN_2PI: f64 = 0.918_938_533_204_672_8;

/// What Stirling's formula lacks: ln Gamma(z) - (z - 1/2) ln z + z - ln(2 pi) / 2, from [`FAR`].
fn stirling_rest(z: f64) -> f64 {
    const SERIES: [f64; 7] = [
        1.0 / 156.0,
        -691.0 / 360_360.0,
        1.0 / 1_188.0,
        -1.0 / 1_680.0,
        1.0 / 1_260.0,
        -1.0 / 360.0,
        1.0 / 12.0,
    ];
    polynomial(SERIES, 1.0 / (z * z)) / z
}

/// ln z - 1/(2z) - psi(z), from [`FAR`].
fn digamma_rest(z: f64) -> f64 {
    const SERIES: [f64; 7] = [
        1.0 / 12.0,
        -691.0 / 32_760.0,
        1.0 / 132.0,
        -1.0 / 240.0,
        1.0 / 252.0,
        -1.0 / 120.0,
        1.0 / 12.0,
    ];
    let square = 1.0 / (z * z);
    polynomial(SERIES, square) * square
}

/// The last coefficient is that of 1.
fn polynomial<const N: usize>(coefficients: [f64; N], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// psi(z + by) - psi(z) for z > 0, by >= 0: without a loss of digits, however large they are. Only
/// a tiny `by` costs some: one of a millionth, three digits.
pub(crate) fn digamma_rise(mut z: f64, by: f64) -> f64 {
    let mut rise = 0.0;
    while z < FAR {
        rise += by / (z * (z + by));
        z += 1.0;
    }
    let shifted = digamma_rest(z) - digamma_rest(z + by);
    rise + (by / z).ln_1p() + 0.5 * by / (z * (z + by)) + shifted
}

/// psi'(z) for z > 0.
pub(crate) fn trigamma(mut z: f64) -> f64 {
    const SERIES: [f64; 7] =
        [7.0 / 6.0, -691.0 / 2_730.0, 5.0 / 66.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 1.0 / 6.0];
    let mut sum = 0.0;
    while z < FAR {
        sum += 1.0 / (z * z);
        z += 1.0;
    }
    let square = 1.0 / (z * z);
    sum + (1.0 + polynomial(SERIES, square) * square) / z + 0.5 * square
}

/// ln Gamma(z + by) - ln Gamma(z), from [`FAR`].
fn ln_gamma_rise(z: f64, by: f64) -> f64 {
    let shifted = stirling_rest(z + by) - stirling_rest(z);
    (z - 0.5) * (by / z).ln_1p() + by * ((z + by).ln() - 1.0) + shifted
}

/// ln B(a, b) for a, b > 0.
pub(crate) fn ln_beta(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if high < FAR {
        return libm::lgamma(low) + libm::lgamma(high) - libm::lgamma(low + high);
    }
    if low < FAR {
        return libm::lgamma(low) - ln_gamma_rise(high, low);
    }
    let rest = stirling_rest(low) + stirling_rest(high) - stirling_rest(low + high);
    let slow = (low - 0.5) * (high / low).ln_1p() + 0.5 * high.ln();
    HALF_LN_2PI + rest - slow - high * (low / high).ln_1p()
}

/// ln(z (z+1) ... (z+n-1)) for z > 0.
pub(crate) fn ln_rising(z: f64, n: u32) -> f64 {
    let direct = (0..n.min(FACTORS_MAX)).map(|j| (z + f64::from(j)).ln()).sum::<f64>();
    if n <= FACTORS_MAX {
        return direct;
    }
    direct + ln_gamma_rise(z + f64::from(FACTORS_MAX), f64::from(n - FACTORS_MAX))
}
