//! The model by its definition: integrals over the time of leaving, by the double exponential
//! rule (Takahasi and Mori 1974), where the library uses Gauss's on another scale.

use std::f64::consts::FRAC_PI_2;

use leadfold_clv::ParetoNbd;

use crate::draw::ln_integral;

const STEPS: u32 = 400;
/// The power of the stay ends slowly where s is small.
const STEPS_FOR_EVER: u32 = 1_200;

/// The log-odds that a customer has left.
pub(super) fn ln_odds_gone(model: &ParetoNbd, x: u32, t_x: f64, t: f64) -> f64 {
    let ParetoNbd { r, alpha, s, beta } = *model;
    let bought = r + f64::from(x);
    let span = t - t_x;
    if span <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let integral = ln_integral(-4.6, 4.6, STEPS, |tau| {
        let by = 2.0 * FRAC_PI_2 * tau.sinh();
        let (before, after) = (span / (1.0 + (-by).exp()), span / (1.0 + by.exp()));
        let y = t_x + before;
        // dy = 2 before after / span pi/2 cosh(tau) dtau
        let width = before.ln() + after.ln() + (2.0 * FRAC_PI_2 * tau.cosh() / span).ln();
        let (since_alpha, since_beta) = (after / (alpha + y), after / (beta + y));
        bought * since_alpha.ln_1p() + s * since_beta.ln_1p() - (beta + y).ln() + width
    });
    s.ln() + integral
}

/// The discounted time that a customer will stay who is there: the integral over u of
/// exp(-interest u) (c/(c+u))^s.
pub(super) fn discounted_lifetime(model: &ParetoNbd, t: f64, interest: f64) -> f64 {
    let c = model.beta + t;
    let unit = c.min(1.0 / interest);
    let integral = ln_integral(-5.0, 4.6, STEPS_FOR_EVER, |tau| {
        let u = unit * (FRAC_PI_2 * tau.sinh()).exp();
        u.ln() + (FRAC_PI_2 * tau.cosh()).ln() - interest * u - model.s * (u / c).ln_1p()
    });
    integral.exp()
}
