//! Scoring (P23, P24): who they are and what they did, in points, at any instant.
//!
//! A [`ScoringModel`] is data. A score lists what it is made of, and that adds up to it exactly.
//! It is a function of the signals up to its instant: it can be taken again for any day, and under
//! another model. A model is checked once, when it is read, so that scoring itself cannot fail.

mod age;
mod band;
mod card;
mod ceiling;
mod check;
mod condition;
mod decay;
mod definition;
mod error;
mod first_met;
mod halving;
mod limits;
mod model;
mod points;
mod profile;
mod score;
mod sheet;
mod signal;
mod spec;
mod touch;

pub use self::age::{Age, AgeError};
pub use self::band::{Band, BandError, Bands, BandsSpec, LadderSpec};
pub use self::card::Scorecard;
pub(crate) use self::condition::Condition;
pub use self::condition::{ConditionFault, ConditionSpec};
pub use self::decay::{DecaySpec, StepSpec};
pub use self::definition::{Definition, DefinitionSpec, Lack, Unmet};
pub use self::error::{ScoringError, ScoringErrors, ScoringFault};
pub use self::model::ScoringModel;
pub use self::points::Points;
pub use self::profile::Profile;
pub use self::score::{Cause, Contribution, Part, Score};
pub use self::signal::{Sign, Signal};
pub use self::spec::{BehaviourSpec, FitSpec, GroupSpec, LimitSpec, LimitsSpec, ScoringSpec};
pub use self::touch::TouchFilter;
