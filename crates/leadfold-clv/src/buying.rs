//! What all models of buying can be asked.

use crate::{BgNbd, MbgNbd, ParetoNbd};

/// A model of how often customers buy, and whether they still do.
///
/// A customer is `x` purchases after the first one, the last one `t_x` after it, watched until
/// `t` after it, all in the unit of the fit.
pub trait Buying: std::fmt::Debug {
    /// The probability that the customer is still one at `t`.
    fn p_alive(&self, x: u32, t_x: f64, t: f64) -> f64;

    /// The purchases to be expected within `horizon` from `t` on of a customer who is there then.
    fn expected_if_alive(&self, x: u32, t: f64, horizon: f64) -> f64;

    /// The same within several horizons, for less than one by one.
    fn expected_if_alive_within(&self, x: u32, t: f64, horizons: &[f64]) -> Vec<f64> {
        horizons.iter().map(|horizon| self.expected_if_alive(x, t, *horizon)).collect()
    }

    /// The purchases after the first to be expected of a new customer within `horizon`.
    fn expected_of_new(&self, horizon: f64) -> f64;

    /// If it is known, a time m above 0 so that [`expected_if_alive`](Self::expected_if_alive) is
    /// analytic in t and of one order of size wherever the real part of m + t is above 0; it may
    /// be asked there, at a t below 0, too. What is asked of many customers is asked of few then:
    /// [`Discount::values`](crate::Discount::values).
    fn smooth_from(&self) -> Option<f64> {
        None
    }

    /// The purchases to be expected of the customer within `horizon` from `t` on.
    fn expected(&self, x: u32, t_x: f64, t: f64, horizon: f64) -> f64 {
        self.p_alive(x, t_x, t) * self.expected_if_alive(x, t, horizon)
    }
}

macro_rules! buying {
    ($($name:ident from $from:expr $(, $within:ident)?;)*) => { $(
        impl Buying for $name {
            fn p_alive(&self, x: u32, t_x: f64, t: f64) -> f64 {
                self.p_alive(x, t_x, t)
            }

            fn expected_if_alive(&self, x: u32, t: f64, horizon: f64) -> f64 {
                self.expected_if_alive(x, t, horizon)
            }

            $(fn $within(&self, x: u32, t: f64, horizons: &[f64]) -> Vec<f64> {
                self.$within(x, t, horizons)
            })?

            fn expected_of_new(&self, horizon: f64) -> f64 {
                self.expected_of_new(horizon)
            }

            fn smooth_from(&self) -> Option<f64> {
                let from: fn(&Self) -> f64 = $from;
                Some(from(self))
            }
        }
    )* };
}

buying! {
    BgNbd from |model| model.alpha, expected_if_alive_within;
    MbgNbd from |model| model.alpha, expected_if_alive_within;
    ParetoNbd from |model| model.alpha.min(model.beta);
}
