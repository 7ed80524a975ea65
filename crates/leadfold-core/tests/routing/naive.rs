//! The oracle: a decision from the spec and from all that was given before. It can be told to have
//! a flaw, to see whether the comparison would notice.

use std::collections::BTreeMap;

use leadfold_core::event::AssignmentCause;
use leadfold_core::routing::{
    Candidate, Given, Outcome, OwnerSpec, RoutingSpec, RuleSpec, ShareMethod, Target, Verdict,
};
use leadfold_core::{DAY, Timestamp};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Flaw {
    None,
    /// A lead of exactly 24 hours ago still counts.
    LongDay,
    /// The last rule decides.
    LastRule,
    /// Absences are overlooked.
    Absent,
    /// An owner is gone only after the instant.
    LateLeaver,
    /// One more open lead is allowed.
    OneMore,
    /// Whoever is first in the list has every turn.
    First,
    /// Open leads are counted without regard to capacity.
    Unscaled,
    /// Weights are not looked at.
    Unweighted,
}

impl Flaw {
    pub(super) const ALL: [Self; 8] = [
        Self::LongDay,
        Self::LastRule,
        Self::Absent,
        Self::LateLeaver,
        Self::OneMore,
        Self::First,
        Self::Unscaled,
        Self::Unweighted,
    ];
}

/// What is known when a lead comes.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    pub(super) given: Vec<Given>,
    pub(super) open: BTreeMap<String, u32>,
}

impl Past {
    pub(super) fn open(&self, owner: &str) -> u32 {
        self.open.get(owner).copied().unwrap_or(0)
    }

    /// How many an owner got in the time span that ends with an instant.
    pub(super) fn got(&self, owner: &str, at: Timestamp, span: i64) -> u64 {
        let is_near = |given: &&Given| {
            let age = at.micros() - given.at.micros();
            given.owner == owner && (0..span).contains(&age)
        };
        self.given.iter().filter(is_near).count() as u64
    }
}

/// Where the lead goes, and who was looked at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plain {
    pub(super) rule: Option<String>,
    pub(super) to: String,
    pub(super) verdicts: Vec<(String, Verdict)>,
}

pub(super) fn named(outcome: Outcome<'_>) -> String {
    match outcome {
        Outcome::Owner(name) | Outcome::Queue(name) => name.to_owned(),
        Outcome::NobodyFree => "nobody free".to_owned(),
        Outcome::NoRule => "no rule".to_owned(),
    }
}

pub(super) fn route(
    spec: &RoutingSpec,
    past: &Past,
    lead: &Candidate,
    at: Timestamp,
    flaw: Flaw,
) -> Plain {
    let mut rules = spec.rules.iter().filter(|rule| holds(rule, lead));
    let rule = if flaw == Flaw::LastRule { rules.next_back() } else { rules.next() };
    let target = rule.map(|rule| &rule.to).or(spec.otherwise.as_ref());
    let name = rule.map(|rule| rule.name.clone());
    let (owners, team): (Vec<&OwnerSpec>, Option<&String>) = match target {
        None => return Plain { rule: name, to: "no rule".into(), verdicts: Vec::new() },
        Some(Target::Queue(queue)) => {
            return Plain { rule: name, to: queue.clone(), verdicts: Vec::new() };
        }
        Some(Target::Owner(owner)) => {
            (spec.owners.iter().filter(|other| other.name == *owner).collect(), None)
        }
        Some(Target::Team(team)) => {
            let members = spec.owners.iter().filter(|other| other.team.as_ref() == Some(team));
            (members.collect(), Some(team))
        }
    };
    let free: Vec<&OwnerSpec> =
        owners.iter().copied().filter(|o| hindrance(o, past, at, flaw).is_none()).collect();
    let chosen = match team {
        None => free.first().map(|owner| owner.name.clone()),
        Some(team) => turn(spec, team, &owners, &free, past, at, flaw),
    };
    let verdict = |owner: &&OwnerSpec| {
        let is_chosen = Some(&owner.name) == chosen.as_ref();
        let free = if is_chosen { Verdict::Chosen } else { Verdict::Passed };
        (owner.name.clone(), hindrance(owner, past, at, flaw).unwrap_or(free))
    };
    let verdicts = owners.iter().map(verdict).collect();
    Plain { rule: name, to: chosen.unwrap_or_else(|| "nobody free".into()), verdicts }
}

fn holds(rule: &RuleSpec, lead: &Candidate) -> bool {
    let says = |list: &[String], word: &Option<String>| {
        list.is_empty() || word.as_ref().is_some_and(|word| list.contains(word))
    };
    let is = |name: &str, value: &Option<leadfold_core::event::AttributeValue>| {
        value.is_some() && lead.profile.value(name) == value.as_ref()
    };
    rule.when.iter().all(|condition| is(&condition.attribute, &condition.equals))
        && says(&rule.source, &lead.source)
        && says(&rule.medium, &lead.medium)
        && says(&rule.campaign, &lead.campaign)
        && says(&rule.channel, &lead.channel)
}

pub(super) fn hindrance(
    owner: &OwnerSpec,
    past: &Past,
    at: Timestamp,
    flaw: Flaw,
) -> Option<Verdict> {
    let is_gone = |left: &Timestamp| {
        if flaw == Flaw::LateLeaver { *left < at } else { *left <= at }
    };
    if let Some(left) = owner.left_at.filter(is_gone) {
        return Some(Verdict::Left { at: left });
    }
    let away = owner.absences.iter().filter(|away| away.from <= at && away.to > at);
    if let Some(until) = away.map(|away| away.to).max().filter(|_| flaw != Flaw::Absent) {
        return Some(Verdict::Absent { until });
    }
    let assigned = past.got(&owner.name, at, if flaw == Flaw::LongDay { DAY + 1 } else { DAY });
    let quota = owner.capacity.map(|capacity| (f64::from(capacity) / 30.0).round() as u64);
    if let Some(quota) = quota.filter(|quota| assigned >= *quota) {
        return Some(Verdict::DayFull { quota, assigned });
    }
    let open = past.open(&owner.name);
    let more = u32::from(flaw == Flaw::OneMore);
    let most = owner.open_max.filter(|most| open >= most + more)?;
    Some(Verdict::OpenFull { open_max: most, open })
}

fn is_there(owner: &OwnerSpec, at: Timestamp) -> bool {
    owner.left_at.is_none_or(|left| left > at)
        && !owner.absences.iter().any(|away| away.from <= at && at < away.to)
}

fn is_turn(given: &Given) -> bool {
    [Some(AssignmentCause::RoundRobin), Some(AssignmentCause::Leaver)].contains(&given.cause)
}

fn turn(
    spec: &RoutingSpec,
    team: &str,
    members: &[&OwnerSpec],
    free: &[&OwnerSpec],
    past: &Past,
    at: Timestamp,
    flaw: Flaw,
) -> Option<String> {
    if flaw == Flaw::First {
        return free.first().map(|owner| owner.name.clone());
    }
    let share = spec.teams.iter().find(|listed| listed.name == team)?.share;
    let chosen = match share {
        ShareMethod::RoundRobin => round_robin(members, free, past),
        ShareMethod::Weighted => weighted(members, free, past, at, flaw),
        ShareMethod::LeastLoaded => least_loaded(free, past, flaw),
    };
    chosen.map(|owner| owner.name.clone())
}

/// The list, turned until it begins behind the last turn.
fn round_robin<'o>(
    members: &[&'o OwnerSpec],
    free: &[&'o OwnerSpec],
    past: &Past,
) -> Option<&'o OwnerSpec> {
    let mut order = members.to_vec();
    let is_member = |given: &&Given| members.iter().any(|m| m.name == given.owner);
    if let Some(last) = past.given.iter().filter(|g| is_turn(g)).rfind(is_member) {
        while order.last().is_some_and(|owner| owner.name != last.owner) {
            order.rotate_left(1);
        }
    }
    order.into_iter().find(|owner| free.contains(owner))
}

/// Counts on its fingers how many turns are left until each one's next lead is due.
fn weighted<'o>(
    members: &[&'o OwnerSpec],
    free: &[&'o OwnerSpec],
    past: &Past,
    at: Timestamp,
    flaw: Flaw,
) -> Option<&'o OwnerSpec> {
    let weight =
        |owner: &OwnerSpec| if flaw == Flaw::Unweighted { 1 } else { i64::from(owner.weight) };
    let mut owed: BTreeMap<&str, i64> = members.iter().map(|m| (&*m.name, 0)).collect();
    for given in past.given.iter().filter(|given| is_turn(given)) {
        if !owed.contains_key(&*given.owner) {
            continue;
        }
        let part = |m: &&&OwnerSpec| is_there(m, given.at) || m.name == given.owner;
        let there: Vec<&OwnerSpec> = members.iter().filter(part).copied().collect();
        let whole: i64 = there.iter().map(|owner| weight(owner)).sum();
        for owner in there {
            let entry = owed.entry(&owner.name).or_default();
            *entry += weight(owner) - i64::from(owner.name == given.owner) * whole;
            *entry = (*entry).min(whole).max(-whole);
        }
    }
    let whole: i64 = members.iter().filter(|m| is_there(m, at)).map(|m| weight(m)).sum();
    let mut best: Option<(bool, i64, i64, &OwnerSpec)> = None;
    for owner in free.iter().copied() {
        let now = owed[&*owner.name];
        let early = now + weight(owner) <= 0;
        // What was owed under a greater whole may be more than a lead of this one.
        let mut turns = -100;
        while now + turns * weight(owner) < whole {
            turns += 1;
        }
        let rank = (early, turns, -(now + weight(owner)));
        if best.as_ref().is_none_or(|(early, turns, owed, _)| rank < (*early, *turns, *owed)) {
            best = Some((rank.0, rank.1, rank.2, owner));
        }
    }
    best.map(|(_, _, _, owner)| owner)
}

fn least_loaded<'o>(free: &[&'o OwnerSpec], past: &Past, flaw: Flaw) -> Option<&'o OwnerSpec> {
    let load = |owner: &OwnerSpec| {
        let capacity = owner.capacity.filter(|_| flaw != Flaw::Unscaled).unwrap_or(1);
        f64::from(past.open(&owner.name)) / f64::from(capacity)
    };
    let mut ordered = free.to_vec();
    ordered.sort_by(|a, b| load(a).total_cmp(&load(b)).then(a.name.cmp(&b.name)));
    ordered.first().copied()
}
