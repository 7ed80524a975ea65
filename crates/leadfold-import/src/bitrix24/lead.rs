//! The record of a lead: that it came, from where, and what is known of it now.

use serde_json::json;

use super::{Portal, index::lead_key, moves::is_closed, record, row::Row};
use crate::{
    LeftOut,
    crm::{actor::Actor, at::At, error::CrmFault, event::Happening, sink::Events, step::Step},
};

/// The events of a record. Only its last move has a time, and it is told where no history tells it.
pub(super) fn events(
    row: &Row,
    portal: &Portal<'_>,
    left_out: &mut LeftOut,
) -> Result<Events, CrmFault> {
    let id = row.need_id("ID", "a lead")?;
    let created = row.need_time("DATE_CREATE", "a lead")?;
    let lead = lead_key(id);
    let mut events = Events::new();
    let mut say = |name: String, kind, at, actor: &Actor, data| {
        let name = format!("lead:{id}:{name}");
        let happening = Happening { name, lead: &lead, kind, at, actor, data };
        events.push(happening.event(&portal.map.system));
    };
    say("captured".into(), "captured", created, &Actor::Unknown, record::capture(row));
    if let Some(owner) = row.id("ASSIGNED_BY_ID")? {
        let data = json!({ "to": owner.to_string() });
        say(format!("assigned:{owner}"), "assigned", created, &Actor::Unknown, data);
    }
    if let Some(moved) = last_move(row, id, portal)? {
        let at = moved.at;
        let to = portal.map.recipient(row.id("ASSIGNED_BY_ID")?);
        let named = |word: &str| format!("moved:{}:{}:{word}", at.seconds(), moved.status);
        let steps = portal.steps_of_lead(&moved.status, moved.semantic.as_deref(), left_out);
        if moved.was_closed && !is_closed(steps.clone()) {
            say(named("reopened"), "reopened", at, &moved.actor, json!({}));
        }
        for step in steps {
            if let Some((kind, data)) = step.of_lead(&moved.status, &to) {
                say(named(step.word()), kind, at, &moved.actor, data);
            }
        }
    }
    if let Some((state, at)) = shown(row, id, portal, left_out)? {
        let data = json!({ "state": state, "history_known_from": at.text() });
        let name = format!("shown:{}:{state}", at.seconds());
        say(name, "snapshot_imported", at, &Actor::Unknown, data);
    }
    if let Some((fields, data)) = record::profile(row) {
        let at = row.time("DATE_MODIFY")?.unwrap_or(created);
        let name = format!("profile:{}:{fields}", at.seconds());
        say(name, "profile_updated", at, &Actor::Unknown, data);
    }
    Ok(events)
}

/// The one move that a record knows.
struct Moved {
    status: String,
    semantic: Option<String>,
    at: At,
    actor: Actor,
    /// Whether the history, which ends before it, ends with a closed lead.
    was_closed: bool,
}

fn last_move(row: &Row, id: u64, portal: &Portal<'_>) -> Result<Option<Moved>, CrmFault> {
    let Some(status) = row.code("STATUS_ID")? else { return Ok(None) };
    let last = portal.moves.last(false, id);
    let semantic = row.code("STATUS_SEMANTIC_ID")?;
    let Some(at) = row.time("MOVED_TIME")? else { return Ok(None) };
    if last.is_some_and(|last| last.tells(&status, at)) {
        return Ok(None);
    }
    let was_closed =
        last.is_some_and(|last| is_closed(portal.lead_steps(last.stage, last.semantic)));
    let actor = row.id("MOVED_BY_ID")?.map_or(Actor::Unknown, Actor::User);
    Ok(Some(Moved { status, semantic, at, actor, was_closed }))
}

/// The state that a record shows, where nobody knows since when, and the time at which it did.
fn shown(
    row: &Row,
    id: u64,
    portal: &Portal<'_>,
    left_out: &mut LeftOut,
) -> Result<Option<(&'static str, At)>, CrmFault> {
    let Some(status) = row.code("STATUS_ID")? else { return Ok(None) };
    if row.time("MOVED_TIME")?.is_some() || portal.moves.last(false, id).is_some() {
        return Ok(None);
    }
    let semantic = row.code("STATUS_SEMANTIC_ID")?;
    let steps = portal.steps_of_lead(&status, semantic.as_deref(), left_out);
    let Some(state) = steps.last().filter(|step| **step != Step::New) else { return Ok(None) };
    let at = row.time("DATE_MODIFY")?;
    if at.is_none() {
        left_out.count("lead_status_without_time", &status);
    }
    Ok(at.map(|at| (state.word(), at)))
}
