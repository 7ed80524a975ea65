//! From what a playbook writes to what it means. Every fault is found, not only the first.

use std::collections::BTreeSet;

use super::table::{Goal, Owner, Queue, Rule, Team};
use super::{
    AbsenceSpec, OwnerSpec, QueueSpec, RoutingError, RoutingErrors, RoutingFault, RoutingSpec,
    RuleSpec, ShareMethod, Target, TeamSpec,
};
use crate::Timestamp;
use crate::scoring::Condition;

/// A spec under examination. What has a fault is left out of what the methods return.
#[derive(Debug)]
pub(super) struct Check<'s> {
    spec: &'s RoutingSpec,
    errors: Vec<RoutingError>,
}

/// A part of the spec: what it is, and where.
struct Spot {
    part: String,
    key: String,
}

impl Spot {
    fn new(what: &str, name: &str, list: &str, at: usize) -> Self {
        Self { part: format!("{what} {name:?}"), key: format!("{list}[{at}]") }
    }
}

type Parsed<T> = Result<T, RoutingFault>;

impl<'s> Check<'s> {
    pub(super) fn new(spec: &'s RoutingSpec) -> Self {
        Self { spec, errors: Vec::new() }
    }

    pub(super) fn done(self) -> Result<(), RoutingErrors> {
        if self.errors.is_empty() { Ok(()) } else { Err(RoutingErrors(self.errors)) }
    }

    /// Everything has a name. Teams and rules have lists of their own; owners and queues share
    /// one, as a lead's owner in the log is either.
    pub(super) fn names(&mut self) {
        let spec = self.spec;
        let version = Spot { part: "version of the routing".into(), key: "version".into() };
        self.take(&version, "", named(&spec.version));
        let mut keys = BTreeSet::new();
        self.list("owner", "owners", spec.owners.iter().map(|owner| &*owner.name), &mut keys);
        self.list("queue", "queues", spec.queues.iter().map(|queue| &*queue.name), &mut keys);
        let teams = spec.teams.iter().map(|team| &*team.name);
        self.list("team", "teams", teams, &mut BTreeSet::new());
        let rules = spec.rules.iter().map(|rule| &*rule.name);
        self.list("rule", "rules", rules, &mut BTreeSet::new());
    }

    pub(super) fn owners(&mut self) -> Vec<Owner> {
        let owners = self.spec.owners.iter().enumerate();
        owners.filter_map(|(at, spec)| self.owner(at, spec)).collect()
    }

    pub(super) fn teams(&mut self) -> Vec<Team> {
        let teams = self.spec.teams.iter().enumerate();
        teams.filter_map(|(at, spec)| self.team(at, spec)).collect()
    }

    pub(super) fn queues(&mut self) -> Vec<Queue> {
        let queues = self.spec.queues.iter().enumerate();
        queues.filter_map(|(at, spec)| self.queue(at, spec)).collect()
    }

    pub(super) fn rules(&mut self) -> Vec<Rule> {
        let rules = self.spec.rules.iter().enumerate();
        rules.filter_map(|(at, spec)| self.rule(at, spec)).collect()
    }

    pub(super) fn otherwise(&mut self) -> Option<Goal> {
        let spot = Spot { part: "routing of the rest".into(), key: "otherwise".into() };
        let goal = self.goal(self.spec.otherwise.as_ref()?);
        self.take(&spot, "", goal)
    }

    fn owner(&mut self, at: usize, spec: &OwnerSpec) -> Option<Owner> {
        let spot = Spot::new("owner", &spec.name, "owners", at);
        let team = self.take(&spot, "team", self.team_index(spec.team.as_deref()));
        let capacity = self.take(&spot, "capacity", self.capacity(spec));
        let weight = self.take(&spot, "weight", weight(spec.weight));
        let absences: Parsed<Vec<_>> = spec.absences.iter().map(absence).collect();
        let absences = self.take(&spot, "absences", absences);
        Some(Owner {
            name: spec.name.clone(),
            team: team?,
            capacity: capacity?,
            open_max: spec.open_max,
            weight: weight?,
            left_at: spec.left_at,
            absences: absences?,
        })
    }

    fn team(&mut self, at: usize, spec: &TeamSpec) -> Option<Team> {
        let owners = self.spec.owners.iter().enumerate();
        let own = owners.filter(|(_, owner)| owner.team.as_deref() == Some(&*spec.name));
        let members: Vec<usize> = own.map(|(index, _)| index).collect();
        let members = if members.is_empty() { Err(RoutingFault::EmptyTeam) } else { Ok(members) };
        let spot = Spot::new("team", &spec.name, "teams", at);
        let members = self.take(&spot, "name", members)?;
        Some(Team { name: spec.name.clone(), share: spec.share, members })
    }

    fn queue(&mut self, at: usize, spec: &QueueSpec) -> Option<Queue> {
        let spot = Spot::new("queue", &spec.name, "queues", at);
        let team = self.take(&spot, "team", self.team_index(spec.team.as_deref()))?;
        Some(Queue { name: spec.name.clone(), team })
    }

    fn rule(&mut self, at: usize, spec: &RuleSpec) -> Option<Rule> {
        let spot = Spot::new("rule", &spec.name, "rules", at);
        self.take(&spot, "when", asks(spec));
        let when: Result<Vec<_>, _> = spec.when.iter().map(Condition::parse).collect();
        let when = self.take(&spot, "when", when.map_err(RoutingFault::from));
        let to = self.take(&spot, "to", self.goal(&spec.to));
        Some(Rule {
            name: spec.name.clone(),
            when: when?,
            source: spec.source.clone(),
            medium: spec.medium.clone(),
            campaign: spec.campaign.clone(),
            channel: spec.channel.clone(),
            to: to?,
        })
    }

    fn team_index(&self, name: Option<&str>) -> Parsed<Option<usize>> {
        let Some(name) = name else { return Ok(None) };
        let index = self.spec.teams.iter().position(|team| team.name == name);
        index.map(Some).ok_or_else(|| RoutingFault::UnknownTeam { found: name.to_owned() })
    }

    fn capacity(&self, spec: &OwnerSpec) -> Parsed<Option<u32>> {
        let by_load = |team: &TeamSpec| team.share == ShareMethod::LeastLoaded;
        let mut teams =
            self.spec.teams.iter().filter(|team| spec.team.as_ref() == Some(&team.name));
        match spec.capacity {
            Some(found @ 1..=14) => Err(RoutingFault::SmallCapacity { found }),
            None if teams.any(by_load) => Err(RoutingFault::NoCapacity),
            capacity => Ok(capacity),
        }
    }

    fn goal(&self, target: &Target) -> Parsed<Goal> {
        let goal = match target {
            Target::Owner(name) => {
                self.spec.owners.iter().position(|owner| owner.name == *name).map(Goal::Owner)
            }
            Target::Team(name) => {
                self.spec.teams.iter().position(|team| team.name == *name).map(Goal::Team)
            }
            Target::Queue(name) => {
                self.spec.queues.iter().position(|queue| queue.name == *name).map(Goal::Queue)
            }
        };
        goal.ok_or_else(|| RoutingFault::UnknownTarget { found: target.clone() })
    }

    fn list<'n>(
        &mut self,
        what: &str,
        list: &str,
        names: impl Iterator<Item = &'n str>,
        taken: &mut BTreeSet<&'n str>,
    ) {
        for (at, name) in names.enumerate() {
            let own = if taken.insert(name) { Ok(()) } else { Err(RoutingFault::TakenName) };
            self.take(&Spot::new(what, name, list, at), "name", named(name).and(own));
        }
    }

    /// Keeps the fault of one key, or hands on what was parsed.
    fn take<T>(&mut self, spot: &Spot, key: &str, parsed: Parsed<T>) -> Option<T> {
        let dot = if key.is_empty() { "" } else { "." };
        let error = |fault| {
            let key = format!("{}{dot}{key}", spot.key);
            RoutingError { part: spot.part.clone(), key, fault }
        };
        parsed.map_err(|fault| self.errors.push(error(fault))).ok()
    }
}

fn named(name: &str) -> Parsed<()> {
    if name.is_empty() { Err(RoutingFault::NoName) } else { Ok(()) }
}

fn weight(found: u32) -> Parsed<i64> {
    match found {
        1..=RoutingFault::WEIGHT_MAX => Ok(i64::from(found)),
        _ => Err(RoutingFault::Weight { found }),
    }
}

fn absence(spec: &AbsenceSpec) -> Parsed<(Timestamp, Timestamp)> {
    let AbsenceSpec { from, to } = *spec;
    if from < to { Ok((from, to)) } else { Err(RoutingFault::EmptyAbsence { from, to }) }
}

fn asks(spec: &RuleSpec) -> Parsed<()> {
    let lists = [&spec.source, &spec.medium, &spec.campaign, &spec.channel];
    let asks = !spec.when.is_empty() || lists.iter().any(|list| !list.is_empty());
    if asks { Ok(()) } else { Err(RoutingFault::NoCriterion) }
}
