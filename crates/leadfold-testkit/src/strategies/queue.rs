//! Events as commands that come one after the other.

use std::collections::BTreeSet;

use leadfold_core::event::{Captured, Event, NewEvent, Origin};
use leadfold_core::{DAY, SECOND, Timestamp};

use super::words::instant;
use crate::ids::event_id;

/// What passes between two commands, microseconds; most come at once.
pub(super) const PAUSES: [i64; 8] =
    [0, 0, 0, 1, SECOND, 3_600 * SECOND, DAY, 20 * DAY];

/// Events at the times of the pauses, with a capture before the first one of each lead.
pub(super) fn queue(events: Vec<NewEvent>, pauses: &[usize]) -> Vec<NewEvent> {
    let mut now = instant(0).micros();
    let mut known = BTreeSet::new();
    let mut queued = Vec::with_capacity(events.len());
    for (number, (new, pause)) in events.into_iter().zip(pauses).enumerate() {
        now += PAUSES[*pause];
        let at = Timestamp::from_micros(now);
        let is_new = new.event.lead_id().is_some_and(|lead| known.insert(lead));
        if is_new && new.event.body.type_name() != "captured" {
            queued.push(capture(&new.event, at, number as u64));
        }
        let event = Event { occurred_at: at.into(), ..new.event };
        queued.push(NewEvent { recorded_at: Some(at), event, ..new });
    }
    queued
}

/// The capture of an event's lead, by the same tenant and from the same system: they are part of
/// its identity.
fn capture(event: &Event, at: Timestamp, number: u64) -> NewEvent {
    let captured = Captured {
        source: Some("web".into()),
        medium: None,
        campaign: None,
        channel: None,
        origin: None,
        attributes: None,
        pii: None,
    };
    let origin = event.origin.clone().map(|origin| Origin { id: None, ..origin });
    let first = Event {
        lead: event.lead.clone(),
        tenant: event.tenant.clone(),
        origin,
        ..Event::without_lead(at, captured)
    };
    NewEvent { id: event_id(at, number | 1 << 40), recorded_at: Some(at), event: first }
}
