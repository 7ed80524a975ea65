//! Leads that wait in a queue until somebody claims them.

use super::desk::{Desk, nowhere};
use super::table::Routing;
use super::{Assignment, Considered, Load, Outcome, Verdict};
use crate::Timestamp;
use crate::event::AssignmentCause;

/// Somebody wants a lead from a queue.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// Who.
    pub owner: String,
    /// When.
    pub at: Timestamp,
    /// Where the claim stands in the log.
    pub position: u64,
}

/// Decides which of several claims of one lead wins: the earliest by (time, position) of somebody
/// who may claim from the queue and is free at that instant. The claims may come in any order.
///
/// `None` when routing lists no such queue. Without a valid claim the lead stays in its queue.
///
/// ```
/// # use leadfold_core::Timestamp;
/// # use leadfold_core::routing::{Claim, Load, Outcome, Routing, claim};
/// let routing: Routing = serde_json::from_str(r#"{
///     "version": "1", "owners": [{ "name": "ann" }, { "name": "bob" }],
///     "queues": [{ "name": "pool" }]
/// }"#)?;
/// let at = Timestamp::default();
/// let claims = [("ann", 8), ("bob", 7)];
/// let claims = claims.map(|(owner, position)| Claim { owner: owner.into(), at, position });
/// let assignment = claim(&routing, &Load::default(), "pool", &claims).ok_or("no such queue")?;
/// assert_eq!(assignment.to, Outcome::Owner("bob"));
/// assert_eq!(assignment.considered[1].to_string(), "ann: claimed after another");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn claim<'a>(
    routing: &'a Routing,
    load: &Load,
    queue: &str,
    claims: &'a [Claim],
) -> Option<Assignment<'a>> {
    let queue = routing.queues.iter().find(|listed| listed.name == queue)?;
    let mut ordered: Vec<&Claim> = claims.iter().collect();
    ordered.sort_by_key(|claim| (claim.at, claim.position));
    let mut decision = nowhere(Outcome::Queue(&queue.name));
    for claim in ordered {
        let owner = &*claim.owner;
        let hindrance = hindrance(routing, load, queue.team, claim);
        let verdict = hindrance.unwrap_or_else(|| win(&mut decision, owner));
        decision.considered.push(Considered { owner, verdict });
    }
    Some(decision)
}

/// The first who gets here wins.
fn win<'a>(decision: &mut Assignment<'a>, owner: &'a str) -> Verdict {
    if decision.owner().is_some() {
        return Verdict::TooLate;
    }
    decision.to = Outcome::Owner(owner);
    decision.cause = Some(AssignmentCause::PoolClaim);
    Verdict::Chosen
}

fn hindrance(
    routing: &Routing,
    load: &Load,
    team: Option<usize>,
    claim: &Claim,
) -> Option<Verdict> {
    let Some(owner) = routing.owner(&claim.owner) else { return Some(Verdict::Unknown) };
    if team.is_some() && team != owner.team {
        return Some(Verdict::NotInTeam);
    }
    Desk { routing, load, at: claim.at, leaver: None }.hindrance(owner)
}
