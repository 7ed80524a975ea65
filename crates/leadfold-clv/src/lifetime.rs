//! How long a customer will yet stay, at a rate of leaving that is gamma distributed: the chance
//! to be there after another u is (c/(c+u))^s,
//! where c grows with the time that the customer has been there.

use crate::legendre::{LogConcave, nodes};

/// The time until `horizon` that a customer is to be expected to be there: the integral of
/// (c/(c+u))^s from 0 to the horizon, in a form that has no gap at s = 1.
pub(crate) fn lifetime(s: f64, c: f64, horizon: f64) -> f64 {
    let stretch = (horizon / c).ln_1p();
    let slower = (1.0 - s) * stretch;
    c * stretch * if slower == 0.0 { 1.0 } else { slower.exp_m1() / slower }
}

/// The same for ever, the future discounted: the integral of exp(-interest u) (c/(c+u))^s.
pub(crate) fn discounted_lifetime(s: f64, c: f64, interest: f64) -> f64 {
    if interest == 0.0 {
        return if s > 1.0 { c / (s - 1.0) } else { f64::INFINITY };
    }
    let future = Future { s, z: interest * c };
    let mut sum = 0.0;
    nodes(&future, |v, weight| sum += weight * future.height(v).exp());
    c * sum
}

/// That integrand by v = ln((c+u)/c), over c.
struct Future {
    s: f64,
    z: f64,
}

impl LogConcave for Future {
    fn end(&self) -> f64 {
        f64::INFINITY
    }

    fn height(&self, v: f64) -> f64 {
        (1.0 - self.s) * v - self.z * v.exp_m1()
    }

    fn slope(&self, v: f64) -> f64 {
        (1.0 - self.s) - self.z * v.exp()
    }

    fn steepest(&self) -> f64 {
        f64::INFINITY
    }
}
