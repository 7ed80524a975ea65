//! Facts of stored events, derived again with the numbers that the log has given.
//!
//! All names of all the events are looked up together: a look-up is a journey to the server.

use std::collections::BTreeMap;
use std::sync::Arc;

use leadfold_core::event::{Body, Event};
use leadfold_core::{Code, EventId, Fact, Facts, LeadId, LeadIndex, LeadKey, Place, Target};
use leadfold_store::StoreError;
use leadfold_store::adapter::{Dictionary, EventRow, Lowerer, Map, Numbers, parse};
use uuid::Uuid;

use super::{Early, codes, early, early_of, has_early};
use crate::connection::{Connection, column};
use crate::error::{Result, corrupt};
use crate::row::{self, columns, lead_of};

/// Facts in numbers of their own, and the log's for these.
pub(crate) struct Relowered {
    lowerer: Lowerer,
    facts: Facts,
    /// Where the facts of each event end.
    ends: Vec<usize>,
    known: Known,
    /// The corrections before which their targets had not come: the indices of their events.
    pub(crate) early: Vec<(usize, EventId)>,
}

/// Derives the facts of sound events, and changes nothing.
pub(crate) fn relower(connection: &mut Connection, rows: &[EventRow]) -> Result<Relowered> {
    let events: Vec<Event> = rows.iter().map(EventRow::event).collect::<Result<_>>()?;
    let targets = targets(connection, &events)?;
    let early = if has_early(connection)? {
        early(connection, &rows.iter().map(|row| row.id.0).collect::<Vec<_>>())?
    } else {
        Early::default()
    };
    let (mut lowerer, mut facts, mut ends) = (Lowerer::default(), Facts::default(), Vec::new());
    let mut unmet = Vec::new();
    for (index, (row, event)) in rows.iter().zip(&events).enumerate() {
        let lead = row.placed.lead;
        let position = row.placed.position;
        let early = early_of(&early, row.id, lead, position);
        let target = match &event.body {
            Body::Corrected(corrected) => targets.get(&corrected.target),
            _ => None,
        };
        let target = target.filter(|(of, target)| *of == lead && target.position < position);
        if let (None, Body::Corrected(corrected)) = (&target, &event.body) {
            unmet.push((index, corrected.target));
        }
        let recorded_at = row.recorded_at.micros();
        let place = Place { position, recorded_at, lead: lowerer.lead_of(event, event.lead_id()) };
        let target = target.map(|(_, target)| target.clone());
        lowerer.lower(event, place, &early, target, &mut facts);
        ends.push(facts.len());
    }
    let known = Known::load(connection, &lowerer)?;
    Ok(Relowered { lowerer, facts, ends, known, early: unmet })
}

/// The events that corrections name, with their leads.
fn targets(
    connection: &mut Connection,
    events: &[Event],
) -> Result<Map<EventId, (LeadIndex, Target)>> {
    let named = events.iter().filter_map(|event| match &event.body {
        Body::Corrected(corrected) => Some(corrected.target.0),
        _ => None,
    });
    let ids: Vec<Uuid> = named.collect();
    if ids.is_empty() {
        return Ok(Map::default());
    }
    let rows = connection.query(columns!("event WHERE id = ANY($1)"), &[&ids])?;
    let target = |row| {
        let row = row::read(row)?;
        Ok((row.id, (row.placed.lead, target_of(&row.body, row.placed.position)?)))
    };
    rows.iter().map(target).collect()
}

/// An event as the target of a correction.
pub(crate) fn target_of(body: &str, position: u64) -> Result<Target> {
    Ok(Target::new(position, &parse(body, position)?))
}

impl Relowered {
    /// The keys of the leads that the events name, as they name them first: a key that is a UUID
    /// may be spelled in several ways.
    pub(crate) fn keys(&self) -> BTreeMap<LeadIndex, &LeadKey> {
        let mut keys = BTreeMap::new();
        for (id, key) in &self.lowerer.names.leads {
            if let Some(lead) = self.known.leads.get(id) {
                keys.entry(*lead).or_insert(key);
            }
        }
        keys
    }

    /// All facts, in the log's numbers.
    pub(crate) fn into_facts(mut self) -> Result<Facts> {
        let mut out = Facts::default();
        self.for_each(|_, fact| fact.map(|fact| out.push(fact)))?;
        Ok(out)
    }

    /// Hands out every fact with the index of its event, or why it has none in the log's numbers.
    pub(crate) fn for_each(
        &mut self,
        mut take: impl FnMut(usize, Result<Fact>) -> Result<()>,
    ) -> Result<()> {
        let Self { lowerer, facts, ends, known, .. } = self;
        let mut numbers = Numbers::new(&lowerer.names);
        let mut event = 0;
        for index in 0..facts.len() {
            while ends[event] <= index {
                event += 1;
            }
            let fact = facts.row(index);
            let exchanged = numbers.lead(known, fact.lead).and_then(|(lead, _)| {
                let fact = numbers.exchange(known, fact)?;
                Ok(Fact { lead, ..fact })
            });
            take(event, exchanged)?;
        }
        Ok(())
    }
}

/// What the log has of the names that have been asked for.
struct Known {
    codes: Map<Arc<str>, Code>,
    leads: Map<LeadId, LeadIndex>,
}

impl Known {
    fn load(connection: &mut Connection, lowerer: &Lowerer) -> Result<Self> {
        let texts: Vec<_> = lowerer.names.texts.iter().map(|text| text.as_bytes()).collect();
        let codes = codes(connection, &texts)?;
        let codes = codes.into_iter().map(|(code, text)| (text.into(), code)).collect();
        let ids: Vec<Uuid> = lowerer.names.leads.iter().map(|(id, _)| id.0).collect();
        let rows = connection.query("SELECT id, lead FROM lead WHERE id = ANY($1)", &[&ids])?;
        let lead = |row| Ok((LeadId(column(row, 0)?), lead_of(Some(column(row, 1)?))));
        Ok(Self { codes, leads: rows.iter().map(lead).collect::<Result<_>>()? })
    }
}

impl Dictionary for Known {
    fn string(&mut self, text: &str) -> Result<Code, StoreError> {
        self.codes.get(text).copied().ok_or_else(|| {
            corrupt(
                "expected the strings of the event to have codes, found one without; \
                 rebuild what is derived from the events",
            )
        })
    }

    fn lead(&mut self, id: LeadId, _: &LeadKey) -> Result<(LeadIndex, bool), StoreError> {
        let index = self.leads.get(&id).copied().ok_or_else(|| {
            corrupt(format!(
                "expected lead {id} to have an index, found none; \
                 rebuild what is derived from the events"
            ))
        })?;
        Ok((index, false))
    }
}
