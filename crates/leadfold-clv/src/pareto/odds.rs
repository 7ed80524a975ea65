//! The odds that a customer has left, given a history:
//!
//! ```text
//! R = s * integral over y from t_x to t of
//!         ((alpha+t)/(alpha+y))^(r+x) * ((beta+t)/(beta+y))^s / (beta+y)
//! ```
//!
//! By u = ln((m+t)/(m+y)) with m = min(alpha, beta) the integrand is log-concave and as smooth as
//! an exponential, wherever the parameters are. With the larger of the two it would not be: it
//! has a sharp peak at t_x = 0 then.

use super::ParetoNbd;
use crate::legendre::{LogConcave, nodes};

/// One customer's odds.
pub(super) struct Odds {
    /// ln(s (m+t) / (beta+t)): what does not depend on u.
    ln_factor: f64,
    /// Exponent of the factor of the smaller one of alpha and beta.
    near: f64,
    /// Exponent of the factor of the larger one.
    far: f64,
    /// Whether the smaller one is alpha.
    is_alpha_near: bool,
    /// max - min.
    gap: f64,
    /// m + t.
    scale: f64,
    /// Where u ends.
    end: f64,
}

/// A moment y at which the customer may have left.
pub(super) struct Moment {
    /// ln((alpha+t)/(alpha+y)).
    pub(super) since_alpha: f64,
    /// ln((beta+t)/(beta+y)).
    pub(super) since_beta: f64,
    /// 1/(alpha+y).
    pub(super) per_alpha: f64,
    /// 1/(beta+y).
    pub(super) per_beta: f64,
    /// The logarithm of the integrand, without what does not depend on u.
    height: f64,
}

impl Odds {
    pub(super) fn of(model: &ParetoNbd, x: u32, t_x: f64, t: f64) -> Self {
        let ParetoNbd { r, alpha, s, beta } = *model;
        let (bought, left) = (r + f64::from(x), s + 1.0);
        let is_alpha_near = alpha < beta;
        let (low, near, far) =
            if is_alpha_near { (alpha, bought, left) } else { (beta, left, bought) };
        Self {
            ln_factor: s.ln() - ((beta - low) / (low + t)).ln_1p(),
            near,
            far,
            is_alpha_near,
            gap: (beta - alpha).abs(),
            scale: low + t,
            end: ((t - t_x) / (low + t_x)).ln_1p(),
        }
    }

    /// The logarithm of the odds; minus infinity where the last purchase is now.
    pub(super) fn ln(&self) -> f64 {
        self.visit(|_, _| {})
    }

    /// Visits the moments that the integral takes, each with its share of it up to one factor for
    /// all, and tells the logarithm of the whole.
    pub(super) fn visit(&self, mut moment: impl FnMut(&Moment, f64)) -> f64 {
        // One panel is too little for the numbers to overflow.
        let peak = if self.is_one_panel() { 0.0 } else { self.moment(self.end).height };
        let mut sum = 0.0;
        nodes(self, |back, weight| {
            let at = self.moment(self.end - back);
            let mass = weight * (at.height - peak).exp();
            sum += mass;
            moment(&at, mass);
        });
        self.ln_factor + peak + sum.ln()
    }

    fn moment(&self, u: f64) -> Moment {
        let grown = u.exp_m1();
        let near_y = self.scale / (1.0 + grown);
        let far_y = self.gap + near_y;
        let since_far = (near_y * grown / far_y).ln_1p();
        let height = self.near * u + self.far * since_far - u;
        let (near, far) = ((u, 1.0 / near_y), (since_far, 1.0 / far_y));
        let (alpha, beta) = if self.is_alpha_near { (near, far) } else { (far, near) };
        Moment {
            since_alpha: alpha.0,
            since_beta: beta.0,
            per_alpha: alpha.1,
            per_beta: beta.1,
            height,
        }
    }
}

/// From the last purchase, where most of the mass is, towards now.
impl LogConcave for Odds {
    fn end(&self) -> f64 {
        self.end
    }

    fn height(&self, back: f64) -> f64 {
        self.moment(self.end - back).height
    }

    fn slope(&self, back: f64) -> f64 {
        let near_y = self.scale / (self.end - back).exp();
        1.0 - self.near - self.far * near_y / (self.gap + near_y)
    }

    fn steepest(&self) -> f64 {
        1.0 + self.near + self.far
    }
}
