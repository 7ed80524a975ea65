//! Whose turn it is among the members of a team who are free.

use std::cmp::Reverse;

use super::desk::Desk;
use super::table::{Owner, Team};
use super::{Load, ShareMethod};

/// The one who gets the lead, of those who are free in the order of the team; none of nobody.
pub(super) fn pick<'r>(
    desk: &Desk<'r, '_>,
    team: &'r Team,
    free: &[&'r Owner],
) -> Option<&'r Owner> {
    match team.share {
        ShareMethod::RoundRobin => next_in_turn(desk, team, free),
        ShareMethod::Weighted => first_due(desk, team, free),
        ShareMethod::LeastLoaded => least_loaded(free, desk.load),
    }
}

/// The first who is free behind whoever had the last turn, else from the start.
fn next_in_turn<'r>(desk: &Desk<'r, '_>, team: &'r Team, free: &[&'r Owner]) -> Option<&'r Owner> {
    let members = desk.routing.members(team);
    let last = desk.load.last(&team.name);
    let behind = members.iter().position(|m| Some(&*m.name) == last).map_or(0, |at| at + 1);
    let mut turns = members[behind..].iter().chain(&members[..behind]);
    turns.find(|member| free.iter().any(|free| free.name == member.name)).copied()
}

/// Smooth weighted turns. Of those whose share has not run ahead, the one whose next lead is due
/// first; ties by what is owed, then by the order of the team.
///
/// A share of `w` of `whole` entitles to the lead number `k` in the turns after
/// `floor((k - 1) * whole / w)` up to `ceil(k * whole / w)`. Taking the earliest end of such a
/// window always keeps them all, so that everybody is within one lead of their share after every
/// turn (S. K. Baruah et al., "Proportionate Progress", 1996, for one resource).
fn first_due<'r>(desk: &Desk<'r, '_>, team: &'r Team, free: &[&'r Owner]) -> Option<&'r Owner> {
    let present = desk.routing.members(team).into_iter().filter(|member| desk.is_present(member));
    let whole: i64 = present.map(|member| member.weight).sum();
    let owed = |owner: &Owner| desk.load.owed(&owner.name) + owner.weight;
    let due = |owner: &&&Owner| {
        let turns_ago = (owed(owner) - owner.weight - whole).div_euclid(owner.weight);
        (-turns_ago, Reverse(owed(owner)))
    };
    let entitled = free.iter().filter(|owner| owed(owner) > 0).min_by_key(due);
    // When those who are entitled are full, the others take their leads.
    entitled.or_else(|| free.iter().min_by_key(due)).copied()
}

/// The smallest open over capacity, compared without rounding; ties by name.
fn least_loaded<'r>(free: &[&'r Owner], load: &Load) -> Option<&'r Owner> {
    let open = |owner: &Owner| u64::from(load.open(&owner.name));
    // The check of the spec gives every member of such a team a capacity.
    let capacity = |owner: &Owner| u64::from(owner.capacity.unwrap_or_default());
    let order = |a: &&&Owner, b: &&&Owner| {
        let (left, right) = (open(a) * capacity(b), open(b) * capacity(a));
        left.cmp(&right).then_with(|| a.name.cmp(&b.name))
    };
    free.iter().min_by(order).copied()
}
