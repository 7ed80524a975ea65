//! Grade by score (P24): fit as a letter, behaviour as a digit.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Points, Score, ScoringFault};

/// A cell of the grade-by-score matrix, from `A1`, the best, to `D4`.
///
/// ```
/// # use leadfold_core::scoring::Band;
/// let band: Band = "B3".parse()?;
/// assert_eq!((band.grade(), band.level()), ('B', 3));
/// assert!(band.is_at_least("C3".parse()?) && !band.is_at_least("C2".parse()?));
/// # Ok::<(), leadfold_core::scoring::BandError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Band {
    /// 0 for A to 3 for D.
    fit: u8,
    /// 0 for 1 to 3 for 4.
    behaviour: u8,
}

impl Band {
    /// Who they are: `A` to `D`.
    pub fn grade(self) -> char {
        char::from(b'A' + self.fit)
    }

    /// What they did: 1, the most, to 4.
    pub fn level(self) -> u8 {
        self.behaviour + 1
    }

    /// Whether neither grade nor level is worse than the other's.
    pub fn is_at_least(self, other: Self) -> bool {
        self.fit <= other.fit && self.behaviour <= other.behaviour
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.grade(), self.level())
    }
}

impl std::str::FromStr for Band {
    type Err = BandError;

    fn from_str(text: &str) -> Result<Self, BandError> {
        match text.as_bytes() {
            [grade @ b'A'..=b'D', level @ b'1'..=b'4'] => {
                Ok(Self { fit: grade - b'A', behaviour: level - b'1' })
            }
            _ => Err(BandError { found: text.chars().take(8).collect() }),
        }
    }
}

impl Serialize for Band {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Band {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A text that is no band.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("bad band: expected a grade A to D and a level 1 to 4 such as B2, found {found:?}")]
pub struct BandError {
    /// The first eight characters of what was found.
    pub found: String,
}

/// The thresholds of both ladders.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BandsSpec {
    /// Of A, B and C; below them is D.
    pub fit: LadderSpec,
    /// Of 1, 2 and 3; below them is 4.
    pub behaviour: LadderSpec,
}

/// The thresholds of one ladder, from the best rung down, in points.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LadderSpec {
    /// A rung is entered at these points or more.
    pub enter: [f64; 3],
    /// A rung that was entered is left below these. Left out, it is left where it is entered. A
    /// gap between the two keeps a lead from going to and fro at a threshold (hysteresis).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave: Option<[f64; 3]>,
}

/// The bands of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Bands {
    pub(super) fit: Ladder,
    pub(super) behaviour: Ladder,
}

impl Bands {
    /// The band of a score after the band before it. Without one before, rungs are as they are
    /// entered.
    pub fn next(&self, before: Option<Band>, score: &Score<'_>) -> Band {
        Band {
            fit: self.fit.next(before.map(|band| band.fit), score.fit),
            behaviour: self.behaviour.next(before.map(|band| band.behaviour), score.behaviour),
        }
    }

    /// Whether a rung may be kept below the points at which it is entered.
    pub(super) fn are_kept(&self) -> bool {
        [&self.fit, &self.behaviour].into_iter().any(|ladder| ladder.leave != ladder.enter)
    }

    /// The bands of scores that follow one another in time.
    pub fn sequence<'s>(&self, scores: impl IntoIterator<Item = &'s Score<'s>>) -> Vec<Band> {
        let step = |before: &mut Option<Band>, score| {
            *before = Some(self.next(*before, score));
            *before
        };
        scores.into_iter().scan(None, step).collect()
    }
}

/// Descending thresholds of three rungs; none is left above its entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ladder {
    enter: [Points; 3],
    leave: [Points; 3],
}

impl Ladder {
    pub(super) fn parse(spec: &LadderSpec) -> Result<Self, ScoringFault> {
        let enter = thresholds(spec.enter)?;
        let leave = spec.leave.map_or(Ok(enter), thresholds)?;
        match enter.into_iter().zip(leave).find(|(enter, leave)| leave > enter) {
            Some((enter, leave)) => Err(ScoringFault::LeftAboveEntry { enter, leave }),
            None => Ok(Self { enter, leave }),
        }
    }

    /// Rungs whose entry is reached are gained, rungs that are not yet left are kept. The second
    /// are never the worse, so that the rung stays between the two.
    fn next(&self, before: Option<u8>, points: Points) -> u8 {
        let gained = rung(&self.enter, points);
        before.map_or(gained, |before| before.clamp(rung(&self.leave, points), gained))
    }
}

fn rung(thresholds: &[Points; 3], points: Points) -> u8 {
    thresholds.partition_point(|threshold| points < *threshold) as u8
}

fn thresholds(spec: [f64; 3]) -> Result<[Points; 3], ScoringFault> {
    let mut parsed = [Points::ZERO; 3];
    for (parsed, found) in parsed.iter_mut().zip(spec) {
        *parsed = Points::parse(found).ok_or(ScoringFault::Points { found })?;
    }
    match parsed.windows(2).find(|pair| pair[0] <= pair[1]) {
        Some(pair) => Err(ScoringFault::UnsortedThresholds { before: pair[0], found: pair[1] }),
        None => Ok(parsed),
    }
}
