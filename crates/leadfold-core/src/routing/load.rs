//! Who has how many leads, who got how many, and whose turn it was.

use std::collections::BTreeMap;

use super::table::{Owner, Routing};
use crate::event::AssignmentCause;
use crate::{DAY, Timestamp};

/// What is known about the owners, folded from assignments.
///
/// It holds all the state that routing has: whoever had the last turn in a team, and what the
/// owners of a team that shares by weight are owed.
///
/// ```
/// # use leadfold_core::{Timestamp, event::AssignmentCause};
/// # use leadfold_core::routing::{Given, Load, OwnerSpec, Routing, RoutingSpec};
/// let (version, owners) = ("1".into(), vec![OwnerSpec::new("ann")]);
/// let routing = Routing::new(RoutingSpec { version, owners, ..RoutingSpec::default() })?;
/// let given = Given {
///     at: Timestamp::default(), owner: "ann".into(), cause: Some(AssignmentCause::Manual),
/// };
/// let mut load = Load::replay(&routing, [given.clone()], [("ann".to_owned(), 5)]);
/// load.apply(&routing, &given);
/// assert_eq!((load.open("ann"), load.assigned_day("ann", given.at)), (6, 2));
/// # Ok::<(), leadfold_core::routing::RoutingErrors>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Load {
    open: BTreeMap<String, u32>,
    /// When each owner got leads, in order.
    given: BTreeMap<String, Vec<Timestamp>>,
    /// Who had the last turn, by team.
    last: BTreeMap<String, String>,
    /// What each owner is owed of their share, in leads times the weight of all.
    owed: BTreeMap<String, i64>,
}

/// A lead was given to an owner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Given {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub owner: String,
    /// What decided it. `round_robin` and `leaver` are a turn in the owner's team, all else is
    /// not.
    pub cause: Option<AssignmentCause>,
}

impl Load {
    /// From the assignments so far, in the order of their times, and from how many leads each
    /// owner has open now.
    pub fn replay(
        routing: &Routing,
        given: impl IntoIterator<Item = Given>,
        open: impl IntoIterator<Item = (String, u32)>,
    ) -> Self {
        let mut load = Self { open: open.into_iter().collect(), ..Self::default() };
        given.into_iter().for_each(|given| load.note(routing, &given));
        load
    }

    /// Takes one more assignment, not older than the last: the owner has one more open lead.
    pub fn apply(&mut self, routing: &Routing, given: &Given) {
        self.note(routing, given);
        let open = self.open.entry(given.owner.clone()).or_default();
        *open = open.saturating_add(1);
    }

    /// An owner has one open lead less.
    pub fn release(&mut self, owner: &str) {
        if let Some(open) = self.open.get_mut(owner) {
            *open = open.saturating_sub(1);
        }
    }

    /// How many leads an owner has open.
    pub fn open(&self, owner: &str) -> u32 {
        self.open.get(owner).copied().unwrap_or_default()
    }

    /// How many leads an owner got in the 24 hours up to an instant, that instant included.
    pub fn assigned_day(&self, owner: &str, at: Timestamp) -> u64 {
        self.assigned(owner, at, DAY)
    }

    /// How many leads an owner got in the 30 days up to an instant, that instant included.
    pub fn assigned_month(&self, owner: &str, at: Timestamp) -> u64 {
        self.assigned(owner, at, 30 * DAY)
    }

    pub(super) fn last(&self, team: &str) -> Option<&str> {
        self.last.get(team).map(String::as_str)
    }

    pub(super) fn owed(&self, owner: &str) -> i64 {
        self.owed.get(owner).copied().unwrap_or_default()
    }

    fn assigned(&self, owner: &str, at: Timestamp, span: i64) -> u64 {
        let given = self.given.get(owner).map(Vec::as_slice).unwrap_or_default();
        let until = |end: i64| given.partition_point(|given| given.micros() <= end);
        let before = at.micros().checked_sub(span).map_or(0, until);
        (until(at.micros()) - before) as u64
    }

    fn note(&mut self, routing: &Routing, given: &Given) {
        let times = self.given.entry(given.owner.clone()).or_default();
        let behind = times.partition_point(|at| *at <= given.at);
        times.insert(behind, given.at);
        if matches!(given.cause, Some(AssignmentCause::RoundRobin | AssignmentCause::Leaver)) {
            self.turn(routing, given);
        }
    }

    /// Each member who is there is owed their part of a lead more, and the one who gets it a whole
    /// lead less. Nobody is owed, or owes, more than one lead: who was full for long does not get
    /// all there is afterwards.
    fn turn(&mut self, routing: &Routing, given: &Given) {
        let Some(owner) = routing.owner(&given.owner) else { return };
        let Some(team) = owner.team.map(|team| &routing.teams[team]) else { return };
        self.last.insert(team.name.clone(), owner.name.clone());
        let takes_part = |other: &&Owner| other.is_present(given.at) || other.name == owner.name;
        let members: Vec<&Owner> = routing.members(team).into_iter().filter(takes_part).collect();
        let whole: i64 = members.iter().map(|member| member.weight).sum();
        for member in members {
            let got = if member.name == owner.name { whole } else { 0 };
            let owed = self.owed.entry(member.name.clone()).or_default();
            *owed = (*owed + member.weight - got).clamp(-whole, whole);
        }
    }
}
