//! The record of a lead: that it came, from where, and what is known of it now.

use super::{
    Portal,
    index::lead_key,
    kind::Kind,
    moves::Told,
    record::{self, Seen},
    row::Row,
};
use crate::{
    LeftOut,
    crm::{
        actor::Actor,
        at::At,
        error::CrmFault,
        event::Happening,
        sink::{Events, Place},
        step::Step,
    },
};

/// The events of a record. Its last move is one among those of the history, which may tell it, too.
pub(super) fn events(
    row: &Row,
    place: &Place,
    portal: &Portal<'_>,
    told: &mut Told,
    left_out: &mut LeftOut,
) -> Result<Events, CrmFault> {
    let seen = Seen::of(Kind::Lead, row, portal.map)?;
    let Seen { id, created, .. } = seen;
    match (&seen.stage, moved_at(&seen, portal)) {
        (Some(status), Some(at)) => told.push(Kind::Lead, &seen, status, at, place)?,
        (Some(status), None) if !portal.moves.has(false, id) => {
            let steps = portal.steps_of_lead(status, seen.semantic.as_deref(), left_out);
            if steps.last().is_some_and(|step| *step != Step::New) {
                left_out.count("lead_status_without_time", status);
            }
        }
        _ => {}
    }
    let lead = lead_key(id);
    let mut events = Events::new();
    let mut say = |name: String, kind, at, data| {
        let name = format!("lead:{id}:{name}");
        let happening = Happening { name, lead: &lead, kind, at, actor: &Actor::Unknown, data };
        events.push(happening.event(&portal.map.system));
    };
    if portal.index.is_leading(Kind::Lead, &seen) {
        say("captured".into(), "captured", created, seen.capture);
        if let Some(latest) = portal.index.responsible_for_lead(id) {
            let (name, data) = record::assigned(latest);
            say(name, "assigned", created, data);
        }
    }
    if let Some((fields, data)) = record::profile(row) {
        let at = seen.modified.unwrap_or(created);
        say(format!("profile:{}:{fields}", at.seconds()), "profile_updated", at, data);
    }
    Ok(events)
}

/// When a lead came to its status: where the portal does not say so of every move, it says when the
/// lead was closed.
fn moved_at(seen: &Seen, portal: &Portal<'_>) -> Option<At> {
    let closed = || {
        let is_final = portal.is_final(seen.stage.as_deref()?, seen.semantic.as_deref());
        seen.closed.filter(|_| is_final)
    };
    seen.moved.or_else(closed)
}
