//! An append as the writer takes it: everything is done that needs no number of the log.
//!
//! The events are lowered on the caller's thread, in numbers of the append's own, and dropped
//! there. The writer exchanges each of those numbers once for the log's.

use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;

use leadfold_core::event::{Body, Event};
use leadfold_core::{
    Code, EventId, Fact, Facts, Intern, LeadId, LeadIndex, LeadKey, Place, Target, lower,
};
use leadfold_store::{Batch, Prepared};

use crate::hash::Map;

/// A batch with its facts.
pub(crate) struct Draft {
    pub(crate) batch: Batch,
    pub(crate) names: Names,
    facts: Facts,
    /// Where the facts of each event end.
    ends: Vec<usize>,
}

/// What the draft's numbers stand for, in the order in which its events name it.
#[derive(Default)]
pub(crate) struct Names {
    /// The text of code `n` is at index `n - 1`.
    pub(crate) texts: Vec<Arc<str>>,
    pub(crate) leads: Vec<(LeadId, LeadKey)>,
}

impl Draft {
    /// Lowers the events of a batch.
    pub(crate) fn new(batch: Batch, events: &[Event]) -> Self {
        let mut interner = Interner::default();
        let mut facts = Facts::default();
        let mut ends = Vec::with_capacity(events.len());
        for (prepared, event) in batch.events.iter().zip(events) {
            if prepared.invalid.is_none() && !needs_log(event) {
                interner.lower(prepared, event, &mut facts);
            }
            ends.push(facts.len());
        }
        Self { batch, names: interner.names, facts, ends }
    }

    /// Where the facts of an event are. There are none where only the log can tell them.
    pub(crate) fn facts_of(&self, index: usize) -> Range<usize> {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        start..self.ends[index]
    }

    /// A fact, in the draft's own numbers and without a position.
    pub(crate) fn fact(&self, index: usize) -> Fact {
        self.facts.row(index)
    }
}

/// A correction is about another event of the log.
fn needs_log(event: &Event) -> bool {
    matches!(event.body, Body::Corrected(_))
}

#[derive(Default)]
struct Interner {
    names: Names,
    codes: Map<Arc<str>, Code>,
    leads: Map<LeadId, LeadIndex>,
}

impl Interner {
    fn lower(&mut self, prepared: &Prepared, event: &Event, facts: &mut Facts) {
        let lead = match (&event.lead, prepared.lead) {
            (Some(key), Some(id)) => self.index(id, key),
            _ => LeadIndex::NONE,
        };
        let place = Place { position: 0, recorded_at: prepared.recorded_at.micros(), lead };
        let Ok(()) = lower(event, place, &[], self, facts);
    }

    fn index(&mut self, id: LeadId, key: &LeadKey) -> LeadIndex {
        *self.leads.entry(id).or_insert_with(|| {
            self.names.leads.push((id, key.clone()));
            LeadIndex(self.names.leads.len() as u32 - 1)
        })
    }
}

impl Intern for Interner {
    type Error = Infallible;

    fn string(&mut self, text: &str) -> Result<Code, Infallible> {
        if let Some(code) = self.codes.get(text) {
            return Ok(*code);
        }
        let text: Arc<str> = text.into();
        self.names.texts.push(Arc::clone(&text));
        let code = Code(self.names.texts.len() as u32);
        self.codes.insert(text, code);
        Ok(code)
    }

    fn lead(&mut self, id: LeadId, key: &LeadKey) -> Result<LeadIndex, Infallible> {
        Ok(self.index(id, key))
    }

    /// Only corrections ask.
    fn target(&mut self, _: EventId) -> Result<Option<Target>, Infallible> {
        Ok(None)
    }
}
