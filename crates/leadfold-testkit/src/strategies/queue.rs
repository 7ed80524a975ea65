//! Events as commands that come one after the other.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::event::{Body, Event, NewEvent};
use leadfold_core::{DAY, SECOND, Timestamp};

use super::words::instant;

/// What passes between two commands, microseconds: a hundred commands take two weeks.
pub(super) const PAUSES: [i64; 8] =
    [0, 0, 1, SECOND, 60 * SECOND, 3_600 * SECOND, 3_600 * SECOND, DAY];

/// The events of the leads that have most of them, as those of `L1`, `L2` and so on.
pub(super) fn longest(
    events: impl Iterator<Item = NewEvent>,
    leads: usize,
) -> impl Iterator<Item = NewEvent> {
    let events: Vec<NewEvent> = events.collect();
    let mut counts = BTreeMap::new();
    let keys = events.iter().filter_map(|new| new.event.lead.as_ref());
    keys.for_each(|key| *counts.entry(key.as_str().to_owned()).or_insert(0) += 1);
    let mut busiest: Vec<(String, u32)> = counts.into_iter().collect();
    busiest.sort_by_key(|(_, count)| Reverse(*count));
    busiest.truncate(leads);
    events.into_iter().filter_map(move |new| {
        let lead = new.event.lead.as_ref()?;
        let place = busiest.iter().position(|(key, _)| key == lead.as_str())?;
        let key = format!("L{}", place + 1).parse().expect("a letter and a digit are a key");
        Some(NewEvent { event: Event { lead: Some(key), ..new.event }, ..new })
    })
}

/// Takes turns between two rows of events, and pauses before each. Only those are taken that have
/// no lead, or one that has been captured, or is now. A turn is whose it is (the first row's if
/// true), and which pause.
pub(super) fn queue(
    mut first: impl Iterator<Item = NewEvent>,
    mut second: impl Iterator<Item = NewEvent>,
    turns: &[(bool, usize)],
) -> Vec<NewEvent> {
    let mut now = instant(0).micros();
    let mut captured = BTreeSet::new();
    let mut queued = Vec::with_capacity(turns.len());
    for (is_first, pause) in turns {
        let Some(new) = (if *is_first { first.next() } else { second.next() }) else { continue };
        if matches!(new.event.body, Body::Captured(_)) {
            captured.extend(new.event.lead_id());
        }
        if new.event.lead_id().is_none_or(|lead| captured.contains(&lead)) {
            now += PAUSES[*pause];
            let at = Timestamp::from_micros(now);
            let event = Event { occurred_at: at.into(), ..new.event };
            queued.push(NewEvent { recorded_at: Some(at), event, ..new });
        }
    }
    queued
}
