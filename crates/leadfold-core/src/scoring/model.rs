//! A scoring model that can be meant.

use serde::{Deserialize, Serialize};

use super::check::Check;
use super::condition::Condition;
use super::decay::Decay;
use super::limits::Limits;
use super::{
    Bands, Definition, Part, Points, Score, Scorecard, ScoringErrors, ScoringSpec, Signal,
    TouchFilter,
};
use crate::Timestamp;
use crate::event::Scored;

/// A scoring model (P23, P24): the rules, and the limits that they work within.
///
/// Points are whole thousandths. Points that fade are rounded once for each touch, to the nearest
/// thousandth, half away from zero. Then come the limits of each group, of fit, of behaviour and of
/// the total; what they take or give is a contribution of its own.
///
/// ```
/// # use leadfold_core::scoring::{ScoringModel, Sign, Signal};
/// # use leadfold_core::{DAY, Timestamp, event::Touched};
/// let model: ScoringModel = serde_json::from_str(r#"{
///     "name": "b2b", "version": "1",
///     "behaviour": [{ "name": "meeting", "on": { "result": ["meeting"] }, "points": 30,
///                     "decay": { "half_life": "14d" } }],
///     "limits": { "total": { "cap": 25 } }
/// }"#)?;
/// let met: Touched = serde_json::from_str(r#"{ "side": "sales", "result": "meeting" }"#)?;
/// let signal = Signal { at: Timestamp::default(), position: 1, what: Sign::Touch(met) };
///
/// let score = model.score([&signal], Timestamp::from_micros(14 * DAY));
/// assert_eq!(score.total.to_string(), "15");
/// let score = model.score([&signal], Timestamp::default());
/// let points: Vec<_> = score.contributions.iter().map(|line| line.points.to_string()).collect();
/// assert_eq!((points.join(" "), score.total.to_string()), ("30 -5".into(), "25".into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "ScoringSpec", into = "ScoringSpec")]
pub struct ScoringModel {
    spec: ScoringSpec,
    pub(super) groups: Vec<Group>,
    pub(super) fit: Vec<FitRule>,
    pub(super) behaviour: Vec<BehaviourRule>,
    pub(super) limits: PartLimits,
    pub(super) bands: Option<Bands>,
    definitions: Vec<Definition>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) part: Part,
    pub(super) limits: Limits,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct FitRule {
    pub(super) name: String,
    pub(super) group: Option<String>,
    pub(super) when: Vec<Condition>,
    pub(super) points: Points,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct BehaviourRule {
    pub(super) name: String,
    pub(super) group: Option<String>,
    pub(super) on: TouchFilter,
    pub(super) points: Points,
    pub(super) counts_max: usize,
    pub(super) decay: Decay,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct PartLimits {
    pub(super) fit: Limits,
    pub(super) behaviour: Limits,
    pub(super) total: Limits,
}

impl ScoringModel {
    /// The model that a spec describes.
    ///
    /// # Errors
    /// All faults of the spec, each with the rule, group or definition that has it.
    ///
    /// ```
    /// # use leadfold_core::scoring::{ScoringModel, ScoringSpec};
    /// let spec: ScoringSpec = serde_json::from_str(r#"{
    ///     "name": "b2b", "version": "1",
    ///     "behaviour": [{ "name": "visit", "points": 1, "decay": { "half_life": "0d" } }]
    /// }"#)?;
    /// let errors = ScoringModel::new(spec).unwrap_err();
    /// assert_eq!(
    ///     errors.to_string(),
    ///     "behaviour rule \"visit\" (`behaviour[0].decay`): expected a length of time above 0, \
    ///      found 0; write one such as 14d"
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn new(spec: ScoringSpec) -> Result<Self, ScoringErrors> {
        let mut check = Check::new(&spec);
        check.model();
        let (groups, limits) = (check.groups(), check.limits());
        let (fit, behaviour) = (check.fit(), check.behaviour());
        let (bands, definitions) = (check.bands(), check.definitions());
        check.done()?;
        Ok(Self { groups, fit, behaviour, limits, bands, definitions, spec })
    }

    /// The spec that it was made from.
    pub fn spec(&self) -> &ScoringSpec {
        &self.spec
    }

    /// The score of a lead with these signals, in any order, at an instant. What happened later
    /// does not count. [`Scorecard`] keeps the signals for many instants.
    pub fn score<'s>(
        &self,
        signals: impl IntoIterator<Item = &'s Signal>,
        at: Timestamp,
    ) -> Score<'_> {
        let mut card = Scorecard::new(self);
        signals.into_iter().for_each(|signal| card.apply(signal));
        card.score(at)
    }

    /// The thresholds of the bands, if the model has them.
    pub fn bands(&self) -> Option<&Bands> {
        self.bands.as_ref()
    }

    /// The definitions of a qualified lead, in order.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// The definition of that name.
    pub fn definition(&self, name: &str) -> Option<&Definition> {
        self.definitions.iter().find(|definition| definition.name == name)
    }

    /// A score as the event `scored` writes it.
    pub fn scored(&self, score: &Score<'_>) -> Scored {
        Scored {
            model: self.spec.name.clone(),
            model_version: self.spec.version.as_str().into(),
            total: score.total.to_f64(),
            fit: Some(score.fit.to_f64()),
            behaviour: Some(score.behaviour.to_f64()),
            band: score.band.map(|band| band.to_string()),
        }
    }
}

impl TryFrom<ScoringSpec> for ScoringModel {
    type Error = ScoringErrors;

    fn try_from(spec: ScoringSpec) -> Result<Self, ScoringErrors> {
        Self::new(spec)
    }
}

impl From<ScoringModel> for ScoringSpec {
    fn from(model: ScoringModel) -> Self {
        model.spec
    }
}
