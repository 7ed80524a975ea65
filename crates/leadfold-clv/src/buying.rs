//! What all models of buying can be asked.

use crate::{BgNbd, MbgNbd, ParetoNbd};

/// A model of how often customers buy, and whether they still do.
///
/// A customer is `x` purchases after the first one, the last one `t_x` after it, watched until
/// `t` after it, all in the unit of the fit.
pub trait Buying: std::fmt::Debug {
    /// The probability that the customer is still one at `t`.
    fn p_alive(&self, x: u32, t_x: f64, t: f64) -> f64;

    /// The purchases to be expected of the customer within `horizon` from `t` on.
    fn expected(&self, x: u32, t_x: f64, t: f64, horizon: f64) -> f64;

    /// The purchases after the first to be expected of a new customer within `horizon`.
    fn expected_of_new(&self, horizon: f64) -> f64;
}

macro_rules! buying {
    ($($name:ident),*) => { $(
        impl Buying for $name {
            fn p_alive(&self, x: u32, t_x: f64, t: f64) -> f64 {
                self.p_alive(x, t_x, t)
            }

            fn expected(&self, x: u32, t_x: f64, t: f64, horizon: f64) -> f64 {
                self.expected(x, t_x, t, horizon)
            }

            fn expected_of_new(&self, horizon: f64) -> f64 {
                self.expected_of_new(horizon)
            }
        }
    )* };
}

buying!(BgNbd, MbgNbd, ParetoNbd);
