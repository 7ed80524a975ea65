//! What may be wrong with a scoring model.

use std::fmt;

use super::{Age, Band, ConditionFault, Points};

/// All that is wrong with a scoring model, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoringErrors(pub Vec<ScoringError>);

impl fmt::Display for ScoringErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join("; also "))
    }
}

impl std::error::Error for ScoringErrors {}

/// A part of a scoring model that cannot be meant.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{part} (`{key}`): {fault}")]
pub struct ScoringError {
    /// Which part, by name: `fit rule "industry"`.
    pub part: String,
    /// Where it stands in the spec: `fit[0].points`.
    pub key: String,
    /// What is wrong.
    pub fault: ScoringFault,
}

/// Why a part of a scoring model cannot be meant.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScoringFault {
    /// It has no name.
    #[error("expected a name, found an empty text; name it")]
    NoName,
    /// The name is taken.
    #[error("expected a name of its own, found one that is taken; rename one of the two")]
    TakenName,
    /// Points that a model cannot hold.
    #[error(
        "expected points from -{max} to {max} with at most three decimals, found {found}; \
         write such a number",
        max = Points::MODEL_MAX
    )]
    Points {
        /// The points.
        found: f64,
    },
    /// No sum is at least the floor and at most the cap.
    #[error("expected a cap not below the floor, found cap {cap} and floor {floor}; change one")]
    CapBelowFloor {
        /// The cap.
        cap: Points,
        /// The floor.
        floor: Points,
    },
    /// The rule names a group that the model does not list.
    #[error("expected one of the model's groups, found {found:?}; add it to `groups`")]
    UnknownGroup {
        /// The group.
        found: String,
    },
    /// A group limits fit or behaviour, not both.
    #[error("expected rules of fit or of behaviour in the group, found both; make it two groups")]
    MixedGroup,
    /// A group without rules.
    #[error("expected a rule in the group, found none; name the group in a rule or remove it")]
    EmptyGroup,
    /// A fit rule that asks nothing.
    #[error("expected at least one condition, found none; write one in `when`")]
    NoCondition,
    /// A condition of the rule.
    #[error(transparent)]
    Condition(#[from] ConditionFault),
    /// A rule that counts no touch.
    #[error("expected `counts_max` to be 1 or more, found 0; raise it, or remove the rule")]
    ZeroCount,
    /// Nothing fades in no time.
    #[error("expected a length of time above 0, found 0; write one such as 14d")]
    ZeroAge,
    /// A decay by steps without steps.
    #[error("expected at least one step, found none; write one, or leave the decay out")]
    NoSteps,
    /// Steps that are out of order.
    #[error("expected steps in the order of their ages, found {found} behind {before}; sort them")]
    UnsortedSteps {
        /// The age of the step before.
        before: Age,
        /// The age of the step.
        found: Age,
    },
    /// A step that gives points back.
    #[error("expected each step to keep no more than the one before, found {found}; lower it")]
    RisingSteps {
        /// The share that it keeps.
        found: f64,
    },
    /// A share that is none.
    #[error("expected a share from 0 to 1 with at most six decimals, found {found}; write one")]
    Share {
        /// The share.
        found: f64,
    },
    /// Thresholds that are out of order.
    #[error("expected thresholds from the highest to the lowest, found {found} behind {before}")]
    UnsortedThresholds {
        /// The threshold before.
        before: Points,
        /// The threshold.
        found: Points,
    },
    /// A rung that would be left at once.
    #[error("expected no rung to be left above its entry at {enter}, found {leave}; lower it")]
    LeftAboveEntry {
        /// Where the rung is entered.
        enter: Points,
        /// Where it is left.
        leave: Points,
    },
    /// A definition that every lead meets.
    #[error("expected at least one requirement, found none; ask for points, a band or attributes")]
    NoRequirement,
    /// A definition that asks for a band, in a model without bands.
    #[error("expected `bands` in the model, found none to hold {found} against; write them")]
    NoBands {
        /// The band that is asked for.
        found: Band,
    },
}
