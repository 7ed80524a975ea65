//! What becomes of the leads of somebody who leaves.

use super::desk::Desk;
use super::table::Routing;
use super::{Assignment, Candidate, Load};
use crate::Timestamp;
use crate::event::AssignmentCause;

/// Routes the open leads of somebody who leaves at an instant, one after the other, as though they
/// had just come. The leaver is not considered, whatever `left_at` says; limits hold, so that some
/// may find nobody free. The assignments are in the order of the leads.
///
/// ```
/// # use leadfold_core::Timestamp;
/// # use leadfold_core::routing::{Candidate, Load, Routing, reassign};
/// let routing: Routing = serde_json::from_str(r#"{
///     "version": "1", "otherwise": { "team": "inside" },
///     "teams": [{ "name": "inside", "share": "round_robin" }],
///     "owners": [{ "name": "ann", "team": "inside" }, { "name": "bob", "team": "inside" },
///                { "name": "cleo", "team": "inside" }]
/// }"#)?;
/// let leads = vec![Candidate::default(); 3];
/// let assignments = reassign(&routing, &Load::default(), "ann", &leads, Timestamp::default());
/// let owners: Vec<_> = assignments.iter().filter_map(|assignment| assignment.owner()).collect();
/// assert_eq!(owners, ["bob", "cleo", "bob"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn reassign<'r>(
    routing: &'r Routing,
    load: &Load,
    leaver: &str,
    leads: &[Candidate],
    at: Timestamp,
) -> Vec<Assignment<'r>> {
    // The turns that are given out here are already without the leaver.
    let (after, mut load) = (routing.without(leaver, at), load.clone());
    let mut assignments = Vec::with_capacity(leads.len());
    for lead in leads {
        let mut assignment = Desk { routing, load: &load, at, leaver: Some(leaver) }.route(lead);
        assignment.cause = assignment.cause.map(|_| AssignmentCause::Leaver);
        if let Some(given) = assignment.given(at) {
            load.apply(&after, &given);
        }
        assignments.push(assignment);
    }
    assignments
}
