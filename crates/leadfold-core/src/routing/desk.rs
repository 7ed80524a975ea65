//! The decision itself.

use super::share::pick;
use super::table::{Goal, Owner, Routing, Team};
use super::{Assignment, Candidate, Considered, Load, Outcome, ShareMethod, Verdict};
use crate::Timestamp;
use crate::event::AssignmentCause;

/// Decides where a lead goes at an instant, and says why.
///
/// The first rule that holds decides, else `otherwise`. A rule that leads to somebody who is not
/// free leads nowhere; the rules behind it are not asked. Whoever acts on the decision gives it to
/// the load ([`Assignment::given`]) before the next one.
///
/// ```
/// # use leadfold_core::Timestamp;
/// # use leadfold_core::routing::{Candidate, Load, Routing, route};
/// let routing: Routing = serde_json::from_str(r#"{
///     "version": "1", "otherwise": { "team": "inside" },
///     "teams": [{ "name": "inside", "share": "weighted" }],
///     "owners": [{ "name": "ann", "team": "inside", "weight": 2 },
///                { "name": "bob", "team": "inside" }]
/// }"#)?;
/// let (mut load, mut owners) = (Load::default(), String::new());
/// for second in 1..=6 {
///     let at = Timestamp::from_micros(second * leadfold_core::SECOND);
///     let assignment = route(&routing, &load, &Candidate::default(), at);
///     owners += assignment.owner().ok_or("nobody")?;
///     load.apply(&routing, &assignment.given(at).ok_or("nobody")?);
/// }
/// assert_eq!(owners, "annbobannannbobann");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn route<'r>(
    routing: &'r Routing,
    load: &Load,
    lead: &Candidate,
    at: Timestamp,
) -> Assignment<'r> {
    Desk { routing, load, at, leaver: None }.route(lead)
}

/// Where leads are given out at an instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Desk<'r, 'l> {
    pub(super) routing: &'r Routing,
    pub(super) load: &'l Load,
    pub(super) at: Timestamp,
    /// Somebody who is leaving now, whatever the routing says.
    pub(super) leaver: Option<&'l str>,
}

impl<'r> Desk<'r, '_> {
    pub(super) fn route(&self, lead: &Candidate) -> Assignment<'r> {
        let rule = self.routing.rules.iter().find(|rule| rule.holds(lead));
        let goal = rule.map(|rule| rule.to).or(self.routing.otherwise);
        let rule = rule.map(|rule| &*rule.name);
        match goal {
            None => nowhere(Outcome::NoRule),
            Some(Goal::Owner(owner)) => {
                Assignment { rule, ..self.give_to_owner(&self.routing.owners[owner]) }
            }
            Some(Goal::Team(team)) => {
                Assignment { rule, ..self.give_to_team(&self.routing.teams[team]) }
            }
            Some(Goal::Queue(queue)) => Assignment {
                rule,
                cause: Some(AssignmentCause::Rule),
                ..nowhere(Outcome::Queue(&self.routing.queues[queue].name))
            },
        }
    }

    pub(super) fn is_present(&self, owner: &Owner) -> bool {
        owner.is_present(self.at) && self.leaver != Some(&owner.name)
    }

    /// Why somebody cannot be given a lead, if so.
    pub(super) fn hindrance(&self, owner: &Owner) -> Option<Verdict> {
        let at = self.at;
        if let Some(left) = owner.left_at.filter(|left| *left <= at) {
            return Some(Verdict::Left { at: left });
        }
        if self.leaver == Some(&owner.name) {
            return Some(Verdict::Left { at });
        }
        let absent = owner.away_until(at).map(|until| Verdict::Absent { until });
        absent.or_else(|| self.day_full(owner)).or_else(|| self.open_full(owner))
    }

    fn day_full(&self, owner: &Owner) -> Option<Verdict> {
        let assigned = self.load.assigned_day(&owner.name, self.at);
        let quota = owner.day_quota().filter(|quota| assigned >= *quota)?;
        Some(Verdict::DayFull { quota, assigned })
    }

    fn open_full(&self, owner: &Owner) -> Option<Verdict> {
        let open = self.load.open(&owner.name);
        let open_max = owner.open_max.filter(|most| open >= *most)?;
        Some(Verdict::OpenFull { open_max, open })
    }

    fn give_to_owner(&self, owner: &'r Owner) -> Assignment<'r> {
        let hindrance = self.hindrance(owner);
        let chosen = hindrance.is_none().then_some(owner);
        let considered = [(owner, hindrance)];
        assignment(chosen, AssignmentCause::Rule, &considered)
    }

    fn give_to_team(&self, team: &'r Team) -> Assignment<'r> {
        let members = self.routing.members(team).into_iter();
        let considered: Vec<(&Owner, Option<Verdict>)> =
            members.map(|member| (member, self.hindrance(member))).collect();
        let free: Vec<&Owner> =
            considered.iter().filter(|(_, why)| why.is_none()).map(|(owner, _)| *owner).collect();
        let chosen = pick(self, team, &free);
        let cause = match team.share {
            ShareMethod::RoundRobin | ShareMethod::Weighted => AssignmentCause::RoundRobin,
            ShareMethod::LeastLoaded => AssignmentCause::Rule,
        };
        assignment(chosen, cause, &considered)
    }
}

fn assignment<'r>(
    chosen: Option<&'r Owner>,
    cause: AssignmentCause,
    considered: &[(&'r Owner, Option<Verdict>)],
) -> Assignment<'r> {
    let chosen = chosen.map(|owner| &*owner.name);
    let verdict = |(owner, hindrance): &(&'r Owner, Option<Verdict>)| {
        let free = if chosen == Some(&owner.name) { Verdict::Chosen } else { Verdict::Passed };
        Considered { owner: &owner.name, verdict: hindrance.unwrap_or(free) }
    };
    Assignment {
        rule: None,
        to: chosen.map_or(Outcome::NobodyFree, Outcome::Owner),
        cause: chosen.map(|_| cause),
        considered: considered.iter().map(verdict).collect(),
    }
}

pub(super) fn nowhere(to: Outcome<'_>) -> Assignment<'_> {
    Assignment { rule: None, to, cause: None, considered: Vec::new() }
}
