//! Hand-offs to owners who had no room.

use leadfold_core::audit::AuditCode;
use leadfold_core::routing::OwnerSpec;

use super::owner::{Turn, turns};
use super::row::Row;
use super::rule::QUOTA_SPAN;
use super::{Desk, Expected, Flaw, expected};

/// A turn at a lead, in the order of the log. Those with sales fill a desk; those that gave the
/// lead to its owner take of the day.
struct Load<'a> {
    row: &'a Row,
    turn: Turn,
    from: (i64, u64),
    until: Option<(i64, u64)>,
}

pub(crate) fn overloads(rows: &[Row], desk: &Desk<'_>) -> Vec<Expected> {
    let standing = rows.iter().filter(|row| !row.is_merged || desk.has(Flaw::MergedHaveEpisodes));
    let loads: Vec<Load<'_>> = standing.flat_map(|row| loads(row, desk)).collect();
    let owners = desk.book.playbook.routing.iter().flat_map(|routing| &routing.owners);
    owners.flat_map(|owner| of_owner(owner, &loads, desk)).collect()
}

fn loads<'a>(row: &'a Row, desk: &Desk<'_>) -> Vec<Load<'a>> {
    let order = |index: usize| row.moments[index].event.order();
    let turns = turns(row, desk).into_iter();
    turns
        .map(|turn| Load { row, from: order(turn.from), until: turn.until.map(order), turn })
        .collect()
}

fn of_owner(owner: &OwnerSpec, loads: &[Load<'_>], desk: &Desk<'_>) -> Vec<Expected> {
    let own: Vec<&Load<'_>> = loads.iter().filter(|load| load.turn.owner == owner.name).collect();
    own.iter().filter_map(|load| overload(owner, load, &own, desk)).collect()
}

/// What was too much when an offer came.
fn overload(
    owner: &OwnerSpec,
    offered: &Load<'_>,
    own: &[&Load<'_>],
    desk: &Desk<'_>,
) -> Option<Expected> {
    let moment = &offered.row.moments[offered.turn.from];
    let is_to_owner = moment.event.text("to") == Some(owner.name.as_str());
    if !moment.is_offer() || !is_to_owner || !offered.turn.is_work {
        return None;
    }
    let before: Vec<&&Load<'_>> = own.iter().filter(|load| load.from < offered.from).collect();
    let position = |load: &&&Load<'_>| load.row.moments[load.turn.from].event.position;
    let is_open = |l: &&&Load<'_>| l.turn.is_work && l.until.is_none_or(|u| u > offered.from);
    let open = before.iter().copied().filter(is_open);
    let open: Vec<u64> = open.map(|load| position(&load)).collect();
    let is_other = |load: &Load<'_>| load.row.lead != offered.row.lead;
    let is_recent = |load: &Load<'_>| offered.from.0 - load.from.0 < QUOTA_SPAN;
    let is_other = |load: &Load<'_>| is_other(load) || desk.has(Flaw::OwnLeadCounts);
    let is_heeded = |load: &Load<'_>| load.turn.is_work || !desk.has(Flaw::OnlySalesCounts);
    let came = |load: &&&Load<'_>| {
        load.turn.is_given && is_recent(load) && is_other(load) && is_heeded(load)
    };
    let given: Vec<u64> = before.iter().copied().filter(came).map(|l| position(&l)).collect();
    let limit = owner.open_max.map(u64::from).filter(|limit| open.len() as u64 >= *limit);
    let quota = owner.capacity.map(|capacity| (u64::from(capacity) * 2 + 30) / 60);
    let quota = quota.filter(|quota| given.len() as u64 >= *quota);
    let (fill, limit, word) = match (limit, quota) {
        (Some(limit), _) => (open, limit, "open"),
        (None, Some(quota)) => (given, quota, "given"),
        (None, None) => return None,
    };
    let event = &moment.event;
    let detail = format!("{} {word} of {limit}", fill.len());
    let mut proof = if fill.len() as u64 == limit { fill } else { Vec::new() };
    proof.push(event.position);
    proof.sort_unstable();
    let (code, about) = (AuditCode::OverCapacity, (event.position, event.at));
    let handoff = Some(event.position);
    let name = Some(owner.name.as_str());
    Some(expected(code, offered.row, about, name, handoff, detail, Some(vec![proof])))
}
