//! What may be wrong with routing.

use std::fmt;

use super::Target;
use crate::Timestamp;
use crate::scoring::ConditionFault;

/// All that is wrong with routing, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct RoutingErrors(pub Vec<RoutingError>);

impl fmt::Display for RoutingErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join("; also "))
    }
}

impl std::error::Error for RoutingErrors {}

/// A part of routing that cannot be meant.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{part} (`{key}`): {fault}")]
pub struct RoutingError {
    /// Which part, by name: `owner "ann"`.
    pub part: String,
    /// Where it stands in the spec: `owners[0].weight`.
    pub key: String,
    /// What is wrong.
    pub fault: RoutingFault,
}

/// Why a part of routing cannot be meant.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RoutingFault {
    /// It has no name.
    #[error("expected a name, found an empty text; name it")]
    NoName,
    /// The name is taken. Owners and queues share one list of names: events tell them apart by it.
    #[error("expected a name of its own, found one that is taken; rename one of the two")]
    TakenName,
    /// A team that is not listed.
    #[error("expected one of the teams, found {found:?}; add it to `teams`")]
    UnknownTeam {
        /// The team.
        found: String,
    },
    /// A target that is not listed.
    #[error("expected a target that is listed, found {found}; add it to the list")]
    UnknownTarget {
        /// The target.
        found: Target,
    },
    /// A team that nobody is in.
    #[error("expected at least one owner in the team, found none; give one this team")]
    EmptyTeam,
    /// A capacity that rounds to no lead a day.
    #[error(
        "expected a capacity of 0, or of 15 leads in 30 days or more, found {found}, which rounds \
         to none a day; raise it, or write `open_max` instead"
    )]
    SmallCapacity {
        /// The capacity.
        found: u32,
    },
    /// The team shares by load, which is a part of the capacity.
    #[error("expected a capacity, as the team shares by load, found none; write one")]
    NoCapacity,
    /// A weight that nothing can be shared by.
    #[error("expected a weight from 1 to {max}, found {found}; change it", max = Self::WEIGHT_MAX)]
    Weight {
        /// The weight.
        found: u32,
    },
    /// An absence that ends before it begins.
    #[error("expected the absence to end after {from}, found {to}; exchange the two")]
    EmptyAbsence {
        /// Its begin.
        from: Timestamp,
        /// Its end.
        to: Timestamp,
    },
    /// A rule that asks for nothing, and so hides all behind it.
    #[error("expected the rule to ask for something, found nothing; use `otherwise` for the rest")]
    NoCriterion,
    /// A condition of the rule.
    #[error(transparent)]
    Condition(#[from] ConditionFault),
}

impl RoutingFault {
    /// A greater weight is refused.
    pub const WEIGHT_MAX: u32 = 1_000_000;
}
