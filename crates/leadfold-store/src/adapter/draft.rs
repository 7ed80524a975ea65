//! An append as the writer takes it: everything is done that needs no number of the log.
//!
//! The events are lowered on the caller's thread, in numbers of the append's own, and dropped
//! there. The writer exchanges each of those numbers once for the log's.

use std::convert::Infallible;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use leadfold_core::event::{Body, Event};
use leadfold_core::{
    Code, EarlyCorrection, EventId, Fact, Facts, Intern, LeadId, LeadIndex, LeadKey, Place, Target,
    lower,
};

use super::Map;
use crate::{Batch, Prepared};

/// A batch with its facts.
#[derive(Debug)]
pub struct Draft {
    /// The batch.
    pub batch: Batch,
    /// What the draft's numbers stand for.
    pub names: DraftNames,
    /// The events that its corrections name.
    pub targets: Vec<EventId>,
    facts: Facts,
    /// Where the facts of each event end.
    ends: Vec<usize>,
}

/// What the numbers of a draft stand for, in the order in which its events name it.
///
/// `Debug` leaves the names out: they may hold personal data.
#[derive(Default)]
pub struct DraftNames {
    /// The text of code `n` is at index `n - 1`.
    pub texts: Vec<Arc<str>>,
    /// The lead of index `n` is at index `n`. A lead whose key is written in two ways has two.
    pub leads: Vec<(LeadId, LeadKey)>,
}

impl fmt::Debug for DraftNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (texts, leads) = (self.texts.len(), self.leads.len());
        f.debug_struct("DraftNames").field("texts", &texts).field("leads", &leads).finish()
    }
}

impl Draft {
    /// Lowers the events of a batch.
    pub fn new(batch: Batch, events: &[Event]) -> Self {
        let mut lowerer = Lowerer::default();
        let mut facts = Facts::default();
        let mut targets = Vec::new();
        let mut ends = Vec::with_capacity(events.len());
        for (prepared, event) in batch.events.iter().zip(events) {
            match &event.body {
                // A correction is about another event of the log: the log has to help.
                Body::Corrected(corrected) => targets.push(corrected.target),
                _ if prepared.invalid.is_some() => {}
                _ => lowerer.draft(prepared, event, &mut facts),
            }
            ends.push(facts.len());
        }
        Self { batch, names: lowerer.names, targets, facts, ends }
    }

    /// Where the facts of an event are. There are none where only the log can tell them.
    pub fn facts_of(&self, index: usize) -> Range<usize> {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        start..self.ends[index]
    }

    /// Facts one after the other, in the draft's own numbers, at positions of the draft's own.
    pub fn facts(&self, range: Range<usize>) -> impl Iterator<Item = Fact> + '_ {
        self.facts.rows_in(range)
    }

    /// A fact, in the draft's own numbers, at a position of the draft's own.
    pub fn fact(&self, index: usize) -> Fact {
        self.facts.row(index)
    }
}

/// Lowers events to facts in numbers of its own, which a log's are exchanged for later.
#[derive(Debug, Default)]
pub struct Lowerer {
    /// What the numbers stand for.
    pub names: DraftNames,
    codes: Map<Arc<str>, Code>,
    leads: Map<LeadId, LeadIndex>,
    /// Of leads whose key is written in more than one way, the ways but the first.
    spellings: Map<(LeadId, LeadKey), LeadIndex>,
}

impl Lowerer {
    fn draft(&mut self, prepared: &Prepared, event: &Event, facts: &mut Facts) {
        let lead = self.lead_of(event, prepared.lead);
        // What stands at one position is one event: each has one of its own until the log's is known.
        let position = facts.event_count() as u64 + 1;
        let place = Place { position, recorded_at: prepared.recorded_at.micros(), lead };
        self.lower(event, place, &[], None, facts);
    }

    /// The number of an event's lead.
    pub fn lead_of(&mut self, event: &Event, id: Option<LeadId>) -> LeadIndex {
        match (&event.lead, id) {
            (Some(key), Some(id)) => self.index(id, key),
            _ => LeadIndex::NONE,
        }
    }

    /// Appends the facts of an event, given the corrections that came before it and, of a
    /// correction, the target.
    pub fn lower(
        &mut self,
        event: &Event,
        place: Place,
        early: &[EarlyCorrection],
        target: Option<Target>,
        facts: &mut Facts,
    ) {
        let Ok(()) = lower(event, place, early, &mut Interner { lowerer: self, target }, facts);
    }

    /// One number for each way in which a lead's key is written: the event that wrote the first may
    /// be refused, and then it is not the log's.
    fn index(&mut self, id: LeadId, key: &LeadKey) -> LeadIndex {
        let next = LeadIndex(self.names.leads.len() as u32);
        let first = *self.leads.entry(id).or_insert(next);
        let index = match self.names.leads.get(first.0 as usize) {
            Some((_, known)) if known != key => {
                *self.spellings.entry((id, key.clone())).or_insert(next)
            }
            _ => first,
        };
        if index == next {
            self.names.leads.push((id, key.clone()));
        }
        index
    }

    fn code(&mut self, text: &str) -> Code {
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        let text: Arc<str> = text.into();
        self.names.texts.push(Arc::clone(&text));
        let code = Code(self.names.texts.len() as u32);
        self.codes.insert(text, code);
        code
    }
}

/// A lowerer, and the one event that a correction asks for.
struct Interner<'a> {
    lowerer: &'a mut Lowerer,
    target: Option<Target>,
}

impl Intern for Interner<'_> {
    type Error = Infallible;

    fn string(&mut self, text: &str) -> Result<Code, Infallible> {
        Ok(self.lowerer.code(text))
    }

    fn lead(&mut self, id: LeadId, key: &LeadKey) -> Result<LeadIndex, Infallible> {
        Ok(self.lowerer.index(id, key))
    }

    fn target(&mut self, _: EventId) -> Result<Option<Target>, Infallible> {
        Ok(self.target.clone())
    }
}
