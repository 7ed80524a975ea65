//! `events`: the log itself, read a page at a time.

use std::collections::BTreeMap;

use leadfold_core::event::{ActorKind, Body, Event, RecordedEvent};
use leadfold_core::{Bounds, Facts, LeadIndex};
use leadfold_store::{EventStore, block_on};

use crate::cell::{Cell, word};
use crate::error::ExportError;
use crate::part::Part;
use crate::schema::{Column, Table};
use crate::withhold::withhold;

/// Events read at once: even of the longest ones a page fits into memory.
const PAGE: usize = 1_024;

pub(crate) const TABLE: Table = Table {
    name: "events",
    columns: &[
        Column::int("lead_index").or_null(),
        Column::text("lead").or_null(),
        Column::int("position"),
        Column::int("sequence").or_null(),
        Column::text("id"),
        Column::text("tenant"),
        Column::text("type"),
        Column::int("version"),
        Column::time("occurred_at"),
        Column::int("occurred_offset_s"),
        Column::text("precision"),
        Column::time("recorded_at"),
        Column::text("actor_kind").or_null(),
        Column::text("actor_id").or_null(),
        Column::text("origin_system").or_null(),
        Column::text("origin_id").or_null(),
        Column::text("causation").or_null(),
        Column::text("correlation").or_null(),
        Column::text("data").or_null(),
    ],
};

/// Which events, and what of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extract {
    /// Position of the last one.
    pub(crate) until: u64,
    pub(crate) bounds: Bounds,
    pub(crate) has_personal_data: bool,
}

pub(crate) fn write<S: EventStore>(
    part: &mut Part<'_, S>,
    store: &S,
    extract: Extract,
    mut progress: impl FnMut(u64, u64),
) -> Result<(), ExportError> {
    let mut position = 0;
    while position < extract.until {
        let events = block_on(store.events(position, PAGE))?;
        let facts = block_on(store.facts(position, PAGE))?;
        // Either may be the shorter page.
        let last = events.last().map(|event| event.position).min(facts.last_position());
        let Some(last) = last else { break };
        let leads = leads(&facts);
        position = last.min(extract.until);
        for event in events.into_iter().filter(|event| event.position <= position) {
            if extract.counts(&event) {
                let lead = leads.get(&event.position).copied();
                part.push(extract.row(lead, event))?;
            }
        }
        progress(position, extract.until);
    }
    Ok(())
}

/// Whose an event is, by its position. The facts know it without a look-up.
fn leads(facts: &Facts) -> BTreeMap<u64, LeadIndex> {
    let facts = facts.rows();
    facts
        .map(|fact| (fact.position, fact.lead))
        .filter(|(_, lead)| *lead != LeadIndex::NONE)
        .collect()
}

impl Extract {
    /// A correction is knowledge and not something that happened: as-of does not bound it.
    fn counts(&self, event: &RecordedEvent) -> bool {
        let Bounds { as_of, known_at } = self.bounds;
        let is_correction = matches!(event.event.body, Body::Corrected(_));
        known_at.is_none_or(|known_at| event.recorded_at <= known_at)
            && (is_correction || as_of.is_none_or(|as_of| event.event.occurred_at.at <= as_of))
    }

    fn row(&self, lead: Option<LeadIndex>, recorded: RecordedEvent) -> [Cell; 19] {
        let RecordedEvent { position, sequence, id, recorded_at, event } = recorded;
        let event = if self.has_personal_data { event } else { withhold(event) };
        let (actor_kind, actor_id) = actor(&event);
        let origin = event.origin.as_ref();
        [
            lead.map(Cell::index).into(),
            event.lead.as_ref().map(|key| key.as_str().to_owned()).into(),
            Cell::count(position),
            lead.map(|_| Cell::count(sequence)).into(),
            id.to_string().into(),
            event.tenant().to_owned().into(),
            event.body.type_name().to_owned().into(),
            event.version.into(),
            event.occurred_at.at.into(),
            i64::from(event.occurred_at.offset_seconds).into(),
            word(event.precision),
            recorded_at.into(),
            word(actor_kind),
            actor_id.into(),
            origin.and_then(|origin| origin.system.clone()).into(),
            origin.and_then(|origin| origin.id.clone()).into(),
            event.causation.map(|id| id.to_string()).into(),
            event.correlation.map(|id| id.to_string()).into(),
            event.data().into(),
        ]
    }
}

fn actor(event: &Event) -> (Option<ActorKind>, Option<String>) {
    event.actor.as_ref().map_or((None, None), |actor| (actor.kind, actor.id.clone()))
}
