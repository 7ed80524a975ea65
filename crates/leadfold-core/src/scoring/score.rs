//! A score and what it is made of.

use serde::Serialize;

use super::{Band, Points};
use crate::Timestamp;

/// A lead's score at an instant (P23). The points of its contributions add up to the total, and
/// those of one part to that part, exactly.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score<'m> {
    /// The instant; what happened later has no part in it.
    pub at: Timestamp,
    /// Who they are.
    pub fit: Points,
    /// What they did.
    pub behaviour: Points,
    /// Fit and behaviour, within the limits of the total.
    pub total: Points,
    /// Grade and level as they are entered, without regard to earlier ones
    /// ([`Bands::next`](super::Bands::next) has that); none where the model has no bands.
    pub band: Option<Band>,
    /// What it is made of: the rules in the order of the model, then what limits took or gave.
    /// What has faded to nothing is left out.
    pub contributions: Vec<Contribution<'m>>,
}

/// Some of the points of a score.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Contribution<'m> {
    /// Which part of the score they belong to.
    pub part: Part,
    /// The group of the rule, or the group that is limited.
    pub group: Option<&'m str>,
    /// What brought them.
    pub cause: Cause<'m>,
    /// How many; not 0.
    pub points: Points,
    /// The position of the touch that brought them; none for fit and for limits.
    pub of: Option<u64>,
}

/// A part of a score.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Who they are.
    Fit,
    /// What they did.
    Behaviour,
    /// Neither: a limit of the total.
    Total,
}

/// What brought points.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause<'m> {
    /// A rule, by name.
    Rule(&'m str),
    /// A cap took what was above it: of the group, else of the part.
    Cap,
    /// A floor gave what was missing: of the group, else of the part.
    Floor,
}
