//! Hand-offs to owners who had no room.

use leadfold_core::audit::AuditCode;
use leadfold_core::routing::OwnerSpec;

use super::owner::{Turn, turns};
use super::row::Row;
use super::rule::QUOTA_SPAN;
use super::{Desk, Expected, Flaw, expected};

/// A turn at a lead that counts against its owner, in the order of the log.
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
    owners.flat_map(|owner| of_owner(owner, &loads)).collect()
}

fn loads<'a>(row: &'a Row, desk: &Desk<'_>) -> Vec<Load<'a>> {
    let order = |index: usize| row.moments[index].event.order();
    let work = turns(row, desk).into_iter().filter(|turn| turn.is_work);
    work.map(|turn| Load { row, from: order(turn.from), until: turn.until.map(order), turn })
        .collect()
}

fn of_owner(owner: &OwnerSpec, loads: &[Load<'_>]) -> Vec<Expected> {
    let own: Vec<&Load<'_>> = loads.iter().filter(|load| load.turn.owner == owner.name).collect();
    own.iter().filter_map(|load| overload(owner, load, &own)).collect()
}

/// What was too much when an offer came.
fn overload(owner: &OwnerSpec, offered: &Load<'_>, own: &[&Load<'_>]) -> Option<Expected> {
    let moment = &offered.row.moments[offered.turn.from];
    if !moment.is_offer() || moment.event.text("to") != Some(owner.name.as_str()) {
        return None;
    }
    let before: Vec<&&Load<'_>> = own.iter().filter(|load| load.from < offered.from).collect();
    let position = |load: &&&Load<'_>| load.row.moments[load.turn.from].event.position;
    let open = before.iter().copied().filter(|l| l.until.is_none_or(|until| until > offered.from));
    let open: Vec<u64> = open.map(|load| position(&load)).collect();
    let day = |load: &&&Load<'_>| offered.from.0 - load.from.0 < QUOTA_SPAN && load.turn.is_given;
    let given: Vec<u64> = before.iter().copied().filter(day).map(|l| position(&l)).collect();
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
