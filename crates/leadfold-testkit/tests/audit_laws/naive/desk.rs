//! Hand-offs to owners who had no room.

use std::collections::BTreeSet;

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

impl Load<'_> {
    fn position(&self) -> u64 {
        self.row.moments[self.turn.from].event.position
    }
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
    let before = own.iter().copied().filter(|load| load.from < offered.from);
    let is_open = |l: &&Load<'_>| l.turn.is_work && l.until.is_none_or(|u| u > offered.from);
    let open: Vec<u64> = before.filter(is_open).map(Load::position).collect();
    let came = came(offered, own, desk);
    let given = came.first().map(|came| others(came, own, desk));
    let limit = owner.open_max.map(u64::from).filter(|limit| open.len() as u64 >= *limit);
    let quota = owner.capacity.map(|capacity| (u64::from(capacity) * 2 + 30) / 60);
    let given = given.zip(quota).filter(|(given, quota)| given.len() as u64 >= *quota);
    let (mut proof, detail) = match (limit, given) {
        (Some(limit), _) => (filling(&open, limit), format!("{} open of {limit}", open.len())),
        (None, Some((given, quota))) => {
            let mut proof = filling(&given, quota);
            // If it had not come then, it would have come next, or by the offer.
            let next = others(came.get(1).unwrap_or(&offered), own, desk);
            let is_same = (given.len(), &proof) == (next.len(), &filling(&next, quota));
            proof.extend(came.first().filter(|_| !is_same).map(|came| came.position()));
            (proof, format!("{} given of {quota}", given.len()))
        }
        (None, None) => return None,
    };
    let event = &moment.event;
    proof.push(event.position);
    proof.sort_unstable();
    proof.dedup();
    let (code, about) = (AuditCode::OverCapacity, (event.position, event.at));
    let handoff = Some(event.position);
    let name = Some(owner.name.as_str());
    Some(expected(code, offered.row, about, name, handoff, detail, Some(vec![proof])))
}

/// Where there are more than the limit, no single one makes it so.
fn filling(leads: &[u64], limit: u64) -> Vec<u64> {
    if leads.len() as u64 == limit { leads.to_vec() } else { Vec::new() }
}

/// The turns by which the lead came to the owner in the 24 hours up to the offer, in order.
fn came<'a, 'b>(offered: &'b Load<'a>, own: &[&'b Load<'a>], desk: &Desk<'_>) -> Vec<&'b Load<'a>> {
    if desk.has(Flaw::OwnLeadCounts) || desk.has(Flaw::LatecomersCount) {
        return vec![offered];
    }
    let is_it = |load: &&&Load<'_>| {
        let is_before = load.from <= offered.from && offered.from.0 - load.from.0 < QUOTA_SPAN;
        load.row.lead == offered.row.lead && load.turn.is_given && is_before
    };
    let mut came: Vec<&Load<'_>> = own.iter().copied().filter(|load| is_it(&load)).collect();
    came.sort_by_key(|load| load.from);
    if came.is_empty() && desk.has(Flaw::OldLeadsCount) {
        came.push(offered);
    }
    came
}

/// The events by which other leads had come to the owner in the 24 hours before that: the first
/// of each lead.
fn others(came: &Load<'_>, own: &[&Load<'_>], desk: &Desk<'_>) -> Vec<u64> {
    let counts = |load: &&&Load<'_>| {
        let is_recent = load.from < came.from && came.from.0 - load.from.0 < QUOTA_SPAN;
        let is_other = load.row.lead != came.row.lead || desk.has(Flaw::OwnLeadCounts);
        let is_heeded = load.turn.is_work || !desk.has(Flaw::OnlySalesCounts);
        load.turn.is_given && is_recent && is_other && is_heeded
    };
    let mut turns: Vec<&&Load<'_>> = own.iter().filter(counts).collect();
    turns.sort_by_key(|load| load.from);
    let mut leads = BTreeSet::new();
    let is_new = |load: &&&Load<'_>| leads.insert(load.row.lead.clone());
    turns.iter().copied().filter(is_new).map(|load| load.position()).collect()
}
