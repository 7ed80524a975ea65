//! Predictive customer value: from purchases to customer lifetime value.
//!
//! - [`Purchases`]: who bought on which day, from a log or from anywhere; [`History`]: what that
//!   makes of each customer; [`Counts`]: how many have which history.
//! - [`Patterns`]: customers by what a model needs to know of them: how often they bought again,
//!   when last, and for how long they have been watched.
//! - [`BgNbd`], [`MbgNbd`]: how often will they buy, and are they still customers? The ways
//!   between a customer and the company end at a purchase.
//! - A fit says honestly how it ended: [`Convergence`].
//!
//! Formulas are named with their source where they stand. Times are in one unit of the caller's
//! choice, weeks as a rule; rates are per that unit.

mod bg;
mod convergence;
mod fit;
mod newton;
mod patterns;
mod rfm;
mod special;

pub use self::bg::{BgNbd, MbgNbd};
pub use self::convergence::{Convergence, Direction};
pub use self::fit::{Estimate, Fit, FitError, Model};
pub use self::patterns::{BadPattern, Pattern, Patterns};
pub use self::rfm::{Counts, Day, History, Purchases};
