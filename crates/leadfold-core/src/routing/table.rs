//! Routing that can be meant: every name is one of a list.

use serde::{Deserialize, Serialize};

use super::check::Check;
use super::{Candidate, RoutingErrors, RoutingSpec, ShareMethod};
use crate::Timestamp;
use crate::scoring::Condition;

/// Owners, teams, queues and rules, checked.
///
/// ```
/// # use leadfold_core::Timestamp;
/// # use leadfold_core::routing::{Candidate, Load, Outcome, Routing, route};
/// let routing: Routing = serde_json::from_str(r#"{
///     "version": "1",
///     "teams": [{ "name": "inside", "share": "round_robin" }],
///     "owners": [{ "name": "ann", "team": "inside", "left_at": "2024-02-01" },
///                { "name": "bob", "team": "inside" }],
///     "rules": [{ "name": "fair", "source": ["fair"], "to": { "team": "inside" } }]
/// }"#)?;
/// let lead = Candidate { source: Some("fair".into()), ..Candidate::default() };
/// let at: Timestamp = "2024-03-01".parse()?;
/// let assignment = route(&routing, &Load::default(), &lead, at);
/// assert_eq!(assignment.to, Outcome::Owner("bob"));
/// let why: Vec<String> = assignment.considered.iter().map(ToString::to_string).collect();
/// assert_eq!(why, ["ann: left at 2024-02-01T00:00:00Z", "bob: chosen"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "RoutingSpec", into = "RoutingSpec")]
pub struct Routing {
    spec: RoutingSpec,
    pub(super) owners: Vec<Owner>,
    pub(super) teams: Vec<Team>,
    pub(super) queues: Vec<Queue>,
    pub(super) rules: Vec<Rule>,
    pub(super) otherwise: Option<Goal>,
}

/// An owner; the team is an index.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Owner {
    pub(super) name: String,
    pub(super) team: Option<usize>,
    pub(super) capacity: Option<u32>,
    pub(super) open_max: Option<u32>,
    pub(super) weight: i64,
    pub(super) left_at: Option<Timestamp>,
    /// `[from, to)`.
    pub(super) absences: Vec<(Timestamp, Timestamp)>,
}

/// A team; the members are indices, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Team {
    pub(super) name: String,
    pub(super) share: ShareMethod,
    pub(super) members: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Queue {
    pub(super) name: String,
    pub(super) team: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) when: Vec<Condition>,
    pub(super) source: Vec<String>,
    pub(super) medium: Vec<String>,
    pub(super) campaign: Vec<String>,
    pub(super) channel: Vec<String>,
    pub(super) to: Goal,
}

/// A target as an index into its list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    Owner(usize),
    Team(usize),
    Queue(usize),
}

impl Routing {
    /// The routing that a spec describes.
    ///
    /// # Errors
    /// All faults of the spec, each with the owner, team, queue or rule that has it.
    pub fn new(spec: RoutingSpec) -> Result<Self, RoutingErrors> {
        let mut check = Check::new(&spec);
        check.names();
        let (owners, teams) = (check.owners(), check.teams());
        let (queues, rules) = (check.queues(), check.rules());
        let otherwise = check.otherwise();
        check.done()?;
        Ok(Self { owners, teams, queues, rules, otherwise, spec })
    }

    /// The spec that it was made from.
    pub fn spec(&self) -> &RoutingSpec {
        &self.spec
    }

    pub(super) fn owner(&self, name: &str) -> Option<&Owner> {
        self.owners.iter().find(|owner| owner.name == name)
    }

    /// The routing from the instant on at which somebody leaves.
    pub(super) fn without(&self, leaver: &str, at: Timestamp) -> Self {
        let mut after = self.clone();
        let leavers = after.owners.iter_mut().filter(|owner| owner.name == leaver);
        leavers.for_each(|owner| owner.left_at = Some(at));
        after
    }

    pub(super) fn members(&self, team: &Team) -> Vec<&Owner> {
        team.members.iter().map(|index| &self.owners[*index]).collect()
    }
}

impl Owner {
    /// Leads that the owner takes in any 24 hours: a thirtieth of the capacity, half upwards.
    pub(super) fn day_quota(&self) -> Option<u64> {
        self.capacity.map(|capacity| (u64::from(capacity) + 15) / 30)
    }

    pub(super) fn has_left(&self, at: Timestamp) -> bool {
        self.left_at.is_some_and(|left| left <= at)
    }

    /// When the absence ends that the instant falls into, if any.
    pub(super) fn away_until(&self, at: Timestamp) -> Option<Timestamp> {
        let away = self.absences.iter().filter(|(from, to)| *from <= at && at < *to);
        away.map(|(_, to)| *to).max()
    }

    pub(super) fn is_present(&self, at: Timestamp) -> bool {
        !self.has_left(at) && self.away_until(at).is_none()
    }
}

impl Rule {
    pub(super) fn holds(&self, lead: &Candidate) -> bool {
        self.when.iter().all(|condition| condition.holds(&lead.profile))
            && listed(&self.source, lead.source.as_deref())
            && listed(&self.medium, lead.medium.as_deref())
            && listed(&self.campaign, lead.campaign.as_deref())
            && listed(&self.channel, lead.channel.as_deref())
    }
}

fn listed(words: &[String], word: Option<&str>) -> bool {
    words.is_empty() || word.is_some_and(|word| words.iter().any(|listed| listed == word))
}

impl TryFrom<RoutingSpec> for Routing {
    type Error = RoutingErrors;

    fn try_from(spec: RoutingSpec) -> Result<Self, RoutingErrors> {
        Self::new(spec)
    }
}

impl From<Routing> for RoutingSpec {
    fn from(routing: Routing) -> Self {
        routing.spec
    }
}
