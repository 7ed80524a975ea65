//! The beta-geometric models: customers buy at a steady rate of their own, and after a purchase
//! each may be the last with a probability of their own.
//!
//! BG/NBD: Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24
//! (2005). A customer who has not bought again cannot have left. MBG/NBD: Batislam, Denizel and
//! Filiztekin, IJRM 24 (2007): one may leave after the first purchase, too.
//!
//! Rates are gamma distributed (shape `r`, rate `alpha`), probabilities of leaving are beta
//! distributed (`a`, `b`).

mod discounted;
mod expect;
mod likelihood;
mod mass;
#[cfg(test)]
mod slope_test;

use crate::fit::{RIDGES, fit_buying};
use crate::newton::Search;
use crate::special::{log_sigmoid, sigmoid};
use crate::{Fit, FitError, Model, Patterns};

use self::likelihood::Likelihood;

/// The two models differ in how often a customer could have left.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Chance {
    /// After each purchase but the first.
    AfterRepeats,
    /// After each purchase.
    AfterAll,
}

impl Chance {
    /// How often a customer did not leave who is still there after `x` repeats.
    fn stays(self, x: u32) -> u32 {
        match self {
            Self::AfterRepeats => x,
            Self::AfterAll => x.saturating_add(1),
        }
    }
}

/// The parameters of both.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Parameters {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

const NAMES: [&str; 4] = ["r", "alpha", "a", "b"];

macro_rules! model {
    ($name:ident, $chance:expr, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name {
            /// Shape of the rates of buying.
            pub r: f64,
            /// Their rate parameter, in the unit of time.
            pub alpha: f64,
            /// First parameter of the probabilities of leaving.
            pub a: f64,
            /// Second parameter.
            pub b: f64,
        }

        impl Model<4> for $name {
            const NAMES: [&'static str; 4] = NAMES;

            fn of([r, alpha, a, b]: [f64; 4]) -> Self {
                Self { r, alpha, a, b }
            }

            fn parameters(&self) -> [f64; 4] {
                [self.r, self.alpha, self.a, self.b]
            }
        }

        impl $name {
            /// The parameters that make the customers' histories likeliest.
            ///
            /// # Errors
            /// [`FitError`] when too few customers bought again, or no maximum is found.
            pub fn fit(patterns: &Patterns) -> Result<Fit<Self, 4>, FitError> {
                fit($chance, patterns)
            }

            /// The logarithm of the likelihood of the customers' histories.
            pub fn log_likelihood(&self, patterns: &Patterns) -> f64 {
                Likelihood::of($chance, patterns).slope(&self.parameters()).value
            }

            /// The probability that a customer is still there at `t` who bought `x` times after
            /// the first, the last time at `t_x`.
            pub fn p_alive(&self, x: u32, t_x: f64, t: f64) -> f64 {
                self.inner().odds($chance, x, t_x, t).map_or(1.0, sigmoid)
            }

            /// The logarithm of [`p_alive`](Self::p_alive), finite where that is too small for a
            /// number.
            pub fn ln_p_alive(&self, x: u32, t_x: f64, t: f64) -> f64 {
                self.inner().odds($chance, x, t_x, t).map_or(0.0, log_sigmoid)
            }

            /// The purchases to be expected within `horizon` from `t` on.
            pub fn expected(&self, x: u32, t_x: f64, t: f64, horizon: f64) -> f64 {
                self.p_alive(x, t_x, t) * self.expected_if_alive(x, t, horizon)
            }

            /// The same of a customer who is there at `t`.
            pub fn expected_if_alive(&self, x: u32, t: f64, horizon: f64) -> f64 {
                expect::if_alive(self.inner(), $chance, x, t, horizon)
            }

            /// The same within several horizons, for less than one by one.
            pub fn expected_if_alive_within(&self, x: u32, t: f64, horizons: &[f64]) -> Vec<f64> {
                expect::if_alive_within(self.inner(), $chance, x, t, horizons)
            }

            /// The purchases after the first to be expected of a new customer within `horizon`.
            pub fn expected_of_new(&self, horizon: f64) -> f64 {
                let alive = expect::if_alive(self.inner(), $chance, 0, 0.0, horizon);
                self.p_alive(0, 0.0, 0.0) * alive
            }

            /// All purchases to be expected from `t` on, each worth the less the later: a purchase
            /// after another `u` counts exp(-`interest` u). `interest` is a continuous rate per
            /// unit of time; without any, customers with `a` up to 1 buy infinitely often.
            ///
            /// The discounted expected residual transactions that Fader, Hardie and Lee, RFM and
            /// CLV, Journal of Marketing Research 42 (2005), define for Pareto/NBD.
            pub fn discounted(&self, x: u32, t_x: f64, t: f64, interest: f64) -> f64 {
                self.p_alive(x, t_x, t) * self.discounted_if_alive(x, t, interest)
            }

            /// The same of a customer who is there at `t`.
            pub fn discounted_if_alive(&self, x: u32, t: f64, interest: f64) -> f64 {
                discounted::if_alive(self.inner(), $chance, x, t, interest)
            }

            /// The probabilities of 0, 1, ... up to `most` purchases after the first within
            /// `horizon`, of a new customer.
            pub fn probabilities(&self, most: u32, horizon: f64) -> Vec<f64> {
                mass::probabilities(self.inner(), $chance, most, horizon)
            }

            fn inner(&self) -> Parameters {
                Parameters { r: self.r, alpha: self.alpha, a: self.a, b: self.b }
            }
        }
    };
}

model!(
    BgNbd,
    Chance::AfterRepeats,
    "BG/NBD. Whoever has not bought again is taken for a customer with certainty: ask [`MbgNbd`] \
     who is still there.\n\n```\n\
     # use leadfold_clv::BgNbd;\n\
     let model = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };\n\
     let weeks = 39.0;\n\
     assert!((model.p_alive(2, 30.43, 38.86) - 0.7266).abs() < 1e-4);\n\
     assert!((model.expected(2, 30.43, 38.86, weeks) - 1.226).abs() < 1e-3);\n\
     let at_15_percent = 1.15_f64.ln() / 52.0;\n\
     assert!((model.discounted(2, 30.43, 38.86, at_15_percent) - 5.17).abs() < 1e-2);\n\
     ```"
);
model!(MbgNbd, Chance::AfterAll, "MBG/NBD: a customer may leave after the first purchase, too.");

impl Parameters {
    /// The log-odds that a customer is still there; none where it is certain.
    fn odds(&self, chance: Chance, x: u32, t_x: f64, t: f64) -> Option<f64> {
        let stays = f64::from(chance.stays(x));
        let purchases = self.r + f64::from(x);
        let silence = ((t - t_x) / (self.alpha + t_x)).ln_1p();
        (stays > 0.0).then(|| (self.b + (stays - 1.0)).ln() - self.a.ln() - purchases * silence)
    }
}

fn fit<M: Model<4>>(chance: Chance, patterns: &Patterns) -> Result<Fit<M, 4>, FitError> {
    fit_buying(patterns, |patterns, start| {
        let likelihood = Likelihood::of(chance, patterns);
        let start = start.place(likelihood.start());
        let search = Search { names: NAMES, ridges: &RIDGES, weight: patterns.customers() as f64 };
        search.maximise(start, |at| likelihood.slope(at))
    })
}
