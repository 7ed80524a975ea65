//! A scoring model as a playbook writes it.

use serde::{Deserialize, Serialize};

use super::{BandsSpec, ConditionSpec, DecaySpec, DefinitionSpec, TouchFilter};

/// A scoring model as data. [`ScoringModel::new`](super::ScoringModel::new) checks it.
///
/// In a playbook:
///
/// ```toml
/// [scoring]
/// name = "b2b"
/// version = "3"
/// groups = [{ name = "web", cap = 20 }]
/// limits = { total = { floor = 0, cap = 100 } }
/// bands = { fit = { enter = [40, 20, 10] }, behaviour = { enter = [30, 20, 10] } }
///
/// [[scoring.fit]]
/// name = "industry"
/// when = [{ attribute = "industry", one_of = ["software", "finance"] }]
/// points = 25
///
/// [[scoring.fit]]
/// name = "student"
/// when = [{ attribute = "title", equals = "student" }]
/// points = -50
///
/// [[scoring.behaviour]]
/// name = "pricing page"
/// group = "web"
/// on = { side = ["prospect"], activity = ["/pricing"] }
/// points = 5
/// counts_max = 4
/// decay = { half_life = "14d" }
///
/// [[scoring.behaviour]]
/// name = "meeting"
/// on = { result = ["meeting"] }
/// points = 30
/// decay = { steps = [{ after = "30d", keeps = 0.5 }, { after = "90d", keeps = 0 }] }
///
/// [[scoring.definitions]]
/// name = "mql"
/// version = "2"
/// points_min = 50
/// band_min = "B3"
/// required = ["company"]
/// ```
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ScoringSpec {
    /// What the business calls the model.
    pub name: String,
    /// Its version. A score of one version says nothing about another's.
    pub version: String,
    /// Groups of rules that are limited together.
    #[serde(default)]
    pub groups: Vec<GroupSpec>,
    /// Rules on who they are.
    #[serde(default)]
    pub fit: Vec<FitSpec>,
    /// Rules on what they did.
    #[serde(default)]
    pub behaviour: Vec<BehaviourSpec>,
    /// Limits of fit, behaviour and total.
    #[serde(default)]
    pub limits: LimitsSpec,
    /// Thresholds of the bands; without them a score has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bands: Option<BandsSpec>,
    /// What a qualified lead is.
    #[serde(default)]
    pub definitions: Vec<DefinitionSpec>,
}

/// A group of rules, all of fit or all of behaviour.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSpec {
    /// Its name.
    pub name: String,
    /// The most that its rules bring together, in points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<f64>,
    /// The least that its rules bring together, in points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
}

/// A rule on who they are: points while all its conditions hold.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FitSpec {
    /// Its name, as contributions give it.
    pub name: String,
    /// Its group, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What must hold, all of it.
    pub when: Vec<ConditionSpec>,
    /// Points, negative ones too; at most three decimals.
    pub points: f64,
}

/// A rule on what they did: points for each touch that it is about.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BehaviourSpec {
    /// Its name, as contributions give it.
    pub name: String,
    /// Its group, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The touches that it is about; all of them if left out.
    #[serde(default)]
    pub on: TouchFilter,
    /// Points of a touch, negative ones too; at most three decimals.
    pub points: f64,
    /// How many touches count at most: the latest ones. Left out, all do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_max: Option<u32>,
    /// How the points fade; left out, they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decay: Option<DecaySpec>,
}

/// Limits of fit, behaviour and total. They come after those of the groups.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsSpec {
    /// Of the fit.
    pub fit: LimitSpec,
    /// Of the behaviour.
    pub behaviour: LimitSpec,
    /// Of the total.
    pub total: LimitSpec,
}

/// The most and the least that a sum may be, in points. Left out, there is no such limit, and a
/// score may be negative.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSpec {
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<f64>,
    /// The least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
}
