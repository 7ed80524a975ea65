//! How points fade with the age of the touch that brought them.

use serde::{Deserialize, Serialize};

use super::halving::{ONE_BITS, halving};
use super::{Age, Points, ScoringFault};

/// How points fade, as a model writes it. Left out, they do not.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DecaySpec {
    /// In equal parts, to nothing at this age: `points * (1 - age / end)`.
    LinearToZero(Age),
    /// By half in every such time: `points * 2^(-age / half_life)`.
    HalfLife(Age),
    /// At certain ages, to a share of what they were.
    Steps(Vec<StepSpec>),
}

/// From one age on, points keep a share of what they were.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// The first age at which the step holds.
    pub after: Age,
    /// The share, 0 to 1, with at most six decimals.
    pub keeps: f64,
}

/// A decay that can be meant.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Decay {
    Never,
    /// Microseconds, not 0.
    Linear(u64),
    /// Microseconds, not 0.
    HalfLife(u64),
    /// From ages in microseconds, ascending, to millionths, not rising.
    Steps(Vec<(u64, u32)>),
}

/// The share of a step is counted in these.
const MILLION: u32 = 1_000_000;

impl Decay {
    pub(super) fn parse(spec: Option<&DecaySpec>) -> Result<Self, ScoringFault> {
        match spec {
            None => Ok(Self::Never),
            Some(DecaySpec::LinearToZero(age)) => not_zero(*age).map(Self::Linear),
            Some(DecaySpec::HalfLife(age)) => not_zero(*age).map(Self::HalfLife),
            Some(DecaySpec::Steps(steps)) => parse_steps(steps).map(Self::Steps),
        }
    }

    /// What is left of points at an age in microseconds, to the nearest thousandth, half away
    /// from zero. It never rises with age.
    pub(super) fn of(&self, points: Points, age: u64) -> Points {
        match self {
            Self::Never => points,
            Self::Linear(end) => points.scaled(end.saturating_sub(age).into(), (*end).into()),
            Self::HalfLife(half) => halved(points, age, *half),
            Self::Steps(steps) => match steps.partition_point(|(after, _)| *after <= age) {
                0 => points,
                behind => points.scaled(steps[behind - 1].1.into(), MILLION.into()),
            },
        }
    }

    /// The ages at which the course of the points breaks: steps, and the end of a line.
    pub(super) fn edges(&self) -> Vec<u64> {
        match self {
            Self::Never | Self::HalfLife(_) => Vec::new(),
            Self::Linear(end) => vec![*end],
            Self::Steps(steps) => steps.iter().map(|(after, _)| *after).collect(),
        }
    }
}

/// Beyond 60 halvings, points of a model are less than half a thousandth.
fn halved(points: Points, age: u64, half: u64) -> Points {
    match age / half {
        times @ ..=60 => points.scaled(halving(age % half, half), 1 << (ONE_BITS + times as u32)),
        _ => Points::ZERO,
    }
}

fn not_zero(age: Age) -> Result<u64, ScoringFault> {
    if age.micros() > 0 { Ok(age.micros()) } else { Err(ScoringFault::ZeroAge) }
}

fn parse_steps(steps: &[StepSpec]) -> Result<Vec<(u64, u32)>, ScoringFault> {
    if steps.is_empty() {
        return Err(ScoringFault::NoSteps);
    }
    let mut parsed: Vec<(u64, u32)> = Vec::with_capacity(steps.len());
    for step in steps {
        let (after, keeps) = (not_zero(step.after)?, millionths(step.keeps)?);
        if let Some((before, kept)) = parsed.last() {
            if after <= *before {
                let before = Age::from_micros(*before);
                return Err(ScoringFault::UnsortedSteps { before, found: step.after });
            }
            if keeps > *kept {
                return Err(ScoringFault::RisingSteps { found: step.keeps });
            }
        }
        parsed.push((after, keeps));
    }
    Ok(parsed)
}

fn millionths(share: f64) -> Result<u32, ScoringFault> {
    let millionths = (share * f64::from(MILLION)).round();
    let is_whole = millionths / f64::from(MILLION) == share;
    if is_whole && (0.0..=1.0).contains(&share) {
        Ok(millionths as u32)
    } else {
        Err(ScoringFault::Share { found: share })
    }
}
