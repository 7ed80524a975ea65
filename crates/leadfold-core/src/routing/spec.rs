//! Routing as a playbook writes it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::scoring::ConditionSpec;
use crate::word::read_from_strings;

/// Owners, teams, queues and rules as data. [`Routing::new`](super::Routing::new) checks them.
///
/// In a playbook:
///
/// ```toml
/// [routing]
/// version = "2"
/// otherwise = { queue = "triage" }
///
/// [[routing.teams]]
/// name = "dach"
/// share = "weighted"
///
/// [[routing.owners]]
/// name = "ann"
/// team = "dach"
/// weight = 2
/// capacity = 300
/// absences = [{ from = "2024-07-01", to = "2024-07-15" }]
///
/// [[routing.owners]]
/// name = "bob"
/// team = "dach"
/// open_max = 40
///
/// [[routing.queues]]
/// name = "triage"
///
/// [[routing.rules]]
/// name = "german speaking"
/// when = [{ attribute = "country", one_of = ["DE", "AT", "CH"] }]
/// to = { team = "dach" }
/// ```
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingSpec {
    /// Its version.
    pub version: String,
    /// Where a lead goes for which no rule holds. Left out, it goes nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Target>,
    /// Teams. Their members are in the order of `owners`.
    #[serde(default)]
    pub teams: Vec<TeamSpec>,
    /// Owners.
    #[serde(default)]
    pub owners: Vec<OwnerSpec>,
    /// Queues.
    #[serde(default)]
    pub queues: Vec<QueueSpec>,
    /// Rules; the first that holds decides.
    #[serde(default)]
    pub rules: Vec<RuleSpec>,
}

/// A team.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TeamSpec {
    /// Its name.
    pub name: String,
    /// How it shares its leads.
    pub share: ShareMethod,
}

/// How a team shares its leads among those of its members who are free.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum ShareMethod {
    /// The next one in the order of `owners` behind whoever had the last turn.
    RoundRobin,
    /// In proportion to the weights. While the same members are free, each is always within one
    /// lead of their share.
    Weighted,
    /// The least part of the capacity in use: open leads over `capacity`; ties by name.
    LeastLoaded,
}

read_from_strings!(ShareMethod);

/// Somebody who can own leads.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerSpec {
    /// The key, as events give it.
    pub name: String,
    /// The team, if any. Without one, only rules that name the owner reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// How many leads in 30 days. In any 24 hours it is a thirtieth of that, to the nearest whole
    /// number, half upwards. Left out, there is no such limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// How many leads may be open at a time. Left out, there is no such limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_max: Option<u32>,
    /// The weight within a team that shares by weight.
    #[serde(default = "one")]
    pub weight: u32,
    /// From when on they are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Timestamp>,
    /// When they are away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absences: Vec<AbsenceSpec>,
}

impl OwnerSpec {
    /// Somebody without a team and without limits.
    pub fn new(name: &str) -> Self {
        let (team, capacity, open_max, left_at) = (None, None, None, None);
        let (name, absences) = (name.to_owned(), Vec::new());
        Self { name, team, capacity, open_max, weight: 1, left_at, absences }
    }
}

fn one() -> u32 {
    1
}

/// A stretch of time, `[from, to)`, in which somebody is away.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AbsenceSpec {
    /// The first instant of it.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

/// A queue, from which leads are claimed.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct QueueSpec {
    /// The key, as events give it.
    pub name: String,
    /// The team that may claim. Left out, every owner may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

/// A rule: if all that it asks for holds, the lead goes there. It asks for something.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// Its name.
    pub name: String,
    /// What must hold of the attributes, all of it.
    #[serde(default)]
    pub when: Vec<ConditionSpec>,
    /// One of these sources; any if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    /// One of these media; any if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub medium: Vec<String>,
    /// One of these campaigns; any if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub campaign: Vec<String>,
    /// One of these channels; any if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channel: Vec<String>,
    /// Where the lead goes.
    pub to: Target,
}

/// Where a lead goes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// To one owner.
    Owner(String),
    /// To a team, which shares it.
    Team(String),
    /// To a queue, from which somebody claims it.
    Queue(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner(name) => write!(f, "owner {name:?}"),
            Self::Team(name) => write!(f, "team {name:?}"),
            Self::Queue(name) => write!(f, "queue {name:?}"),
        }
    }
}
