//! Owners' turns at a lead.

use super::row::{Moment, Row};
use super::{Desk, Flaw};

/// Sales has the lead.
pub(crate) fn is_with_sales(state: Option<&str>) -> bool {
    ["handed_off", "accepted", "sql", "opportunity"].map(Some).contains(&state)
}

/// An owner's turn, by the indices of the moments that began and ended it.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    pub(crate) owner: String,
    pub(crate) from: usize,
    pub(crate) until: Option<usize>,
    pub(crate) is_work: bool,
    /// It began with a change of owner.
    pub(crate) is_given: bool,
}

/// A turn lasts while owner and side are the same.
pub(crate) fn turns(row: &Row, desk: &Desk<'_>) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut open: Option<Turn> = None;
    for (index, moment) in row.moments.iter().enumerate() {
        let fills_desks = desk.has(Flaw::CustomersFillDesks) && moment.state() == Some("customer");
        let is_work = is_with_sales(moment.state()) || fills_desks;
        let owner = moment.owner();
        if let Some(turn) = open.take() {
            if Some(turn.owner.as_str()) == owner && turn.is_work == is_work {
                open = Some(turn);
                continue;
            }
            turns.push(Turn { until: Some(index), ..turn });
        }
        open = owner.map(|owner| Turn {
            owner: owner.to_owned(),
            from: index,
            until: None,
            is_work,
            is_given: Some(owner) != moment.owner_before(),
        });
    }
    turns.extend(open);
    turns
}

/// Whether an owner loses the lead by this moment to somebody else, or to nobody, and not by
/// their own doing. Nobody loses a lead from a queue.
pub(crate) fn is_loss(moment: &Moment, desk: &Desk<'_>) -> bool {
    let is_taken = moment.event.is_one_of(&["assigned", "reassigned", "unassigned"]);
    let Some(lost) = moment.owner_before().filter(|_| is_taken) else { return false };
    let is_person = !desk.is_queue(lost) || desk.has(Flaw::QueuesArePeople);
    is_person && Some(lost) != moment.owner()
}

/// Whether the lead is taken from somebody who has left: by the playbook at that time, or for the
/// reason that the event gives.
pub(crate) fn is_of_leaver(moment: &Moment, desk: &Desk<'_>) -> bool {
    let is_cause = moment.event.text("cause") == Some("leaver") && !desk.has(Flaw::CauseIgnored);
    let has_left = has_left(moment.owner_before(), moment.event.at, desk);
    is_cause || has_left && !desk.has(Flaw::LeaversAreThere)
}

/// Whether the playbook says that somebody is gone at an instant.
pub(crate) fn has_left(name: Option<&str>, at: i64, desk: &Desk<'_>) -> bool {
    let mut owners = desk.book.playbook.routing.iter().flat_map(|routing| &routing.owners);
    let owner = owners.find(|owner| Some(owner.name.as_str()) == name);
    let left_at = owner.and_then(|owner| owner.left_at);
    left_at.is_some_and(|left_at| left_at.micros() <= at)
}

/// The people who had the lead one after the other, with the last moment that gave it to each.
/// Queues are nobody.
pub(crate) fn people(row: &Row, desk: &Desk<'_>) -> Vec<(String, Vec<usize>)> {
    let mut people: Vec<(String, Vec<usize>)> = Vec::new();
    for (index, moment) in row.moments.iter().enumerate() {
        let Some(owner) = moment.owner().filter(|o| Some(*o) != moment.owner_before()) else {
            continue;
        };
        if desk.is_queue(owner) && !desk.has(Flaw::PingPongThroughQueues) {
            continue;
        }
        match people.last_mut().filter(|(last, _)| last == owner) {
            Some((_, given)) => given.push(index),
            None => people.push((owner.to_owned(), vec![index])),
        }
    }
    people
}
