//! Predictive customer value: from purchases to customer lifetime value.
//!
//! - [`Purchases`]: who bought on which day, from a log or from anywhere; [`History`]: what that
//!   makes of each customer; [`Counts`]: how many have which history.
//! - [`Patterns`]: customers by what a model needs to know of them: how often they bought again,
//!   when last, and for how long they have been watched.
//! - [`BgNbd`], [`MbgNbd`], [`ParetoNbd`]: how often will they buy, and are they still customers?
//!   [`BgBb`] the same where purchases have fixed occasions, [`ShiftedBetaGeometric`] where a
//!   contract is renewed or not; [`GammaGamma`]: what do they spend?
//! - [`Contracts`]: how long customers by contract stayed, from a log; [`Cohort`]: at which renewal
//!   they left.
//! - [`Recencies`], [`RecenciesByKey`]: histories in 16 bytes a customer, of purchases that come in
//!   the order of time.
//! - [`Discount`]: what future purchases are worth today; [`Interest`]: what past payments were
//!   worth.
//! - [`Holdout`], [`tracking`] and [`frequencies`]: was the model right? [`CalibrationPlot`] draws
//!   it, and [`Choice`] takes the model that was the best.
//! - A fit says honestly how it ended: [`Convergence`].
//!
//! Formulas are named with their source where they stand. Times are in one unit of the caller's
//! choice, weeks as a rule; rates are per that unit.

mod bg;
mod bg_bb;
mod buying;
mod calibration;
mod choice;
mod contracts;
mod convergence;
mod counts;
mod fit;
mod frequency;
mod gamma;
mod gamma_gamma;
mod historic;
mod legendre;
mod lifetime;
mod newton;
mod pareto;
mod patterns;
mod plot;
mod recency;
mod rfm;
mod sbg;
#[cfg(test)]
mod slope_test;
mod special;
mod term;
mod times;
mod value;

pub use self::bg::{BgNbd, MbgNbd};
pub use self::bg_bb::{BadOccasions, BgBb, OccasionPatterns, Occasions};
pub use self::buying::Buying;
pub use self::calibration::{Holdout, HoldoutRow, TrackingRow, tracking};
pub use self::choice::{Behind, BuyingModel, Candidate, Choice};
pub use self::contracts::{Contract, Contracts};
pub use self::convergence::{Convergence, Direction};
pub use self::fit::{Estimate, Fit, FitError, Model};
pub use self::frequency::{Frequency, FrequencyRow, frequencies};
pub use self::gamma_gamma::{BadSpend, GammaGamma, NoMeanSpend, Spend, Spends};
pub use self::historic::{Interest, Worth};
pub use self::pareto::ParetoNbd;
pub use self::patterns::{BadPattern, Pattern, Patterns};
pub use self::plot::CalibrationPlot;
pub use self::recency::{BadPurchase, Recencies, RecenciesByKey, Recency};
pub use self::rfm::{Counts, Day, History, Purchases};
pub use self::sbg::{BadCohort, Cohort, Renewal, ShiftedBetaGeometric, Tenure};
pub use self::term::Term;
pub use self::value::Discount;

#[doc = include_str!("../../../docs/CLV.md")]
#[cfg(doctest)]
struct Docs;
