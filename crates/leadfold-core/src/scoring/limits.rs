//! The most and the least that a sum may be.

use super::{Cause, Points, ScoringFault};

/// Limits that can be meant: the floor is not above the cap.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Limits {
    cap: Option<Points>,
    floor: Option<Points>,
}

impl Limits {
    /// From points.
    pub(super) fn parse(cap: Option<f64>, floor: Option<f64>) -> Result<Self, ScoringFault> {
        let parse = |end: Option<f64>| end.map(points).transpose();
        let limits = Self { cap: parse(cap)?, floor: parse(floor)? };
        match (limits.cap, limits.floor) {
            (Some(cap), Some(floor)) if cap < floor => {
                Err(ScoringFault::CapBelowFloor { cap, floor })
            }
            _ => Ok(limits),
        }
    }

    /// What a sum lacks to lie within, and which limit says so.
    pub(super) fn correction(&self, sum: Points) -> Option<(Cause<'static>, Points)> {
        let over = self.cap.filter(|cap| sum > *cap).map(|cap| (Cause::Cap, cap - sum));
        let under = self.floor.filter(|floor| sum < *floor);
        over.or_else(|| under.map(|floor| (Cause::Floor, floor - sum)))
    }
}

/// Points as a model writes them.
pub(super) fn points(found: f64) -> Result<Points, ScoringFault> {
    Points::parse(found).ok_or(ScoringFault::Points { found })
}
