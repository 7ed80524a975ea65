//! The log: events, their facts, and what leads from names to both.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;
use std::ops::RangeInclusive;

use leadfold_core::event::{Body, Event, RecordedEvent};
use leadfold_core::machine::Kind;
use leadfold_core::{
    Code, EarlyCorrection, EventId, Facts, Intern, LeadFacts, LeadId, LeadIndex, LeadKey, Place,
    Target, lower,
};

use super::names::Names;
use crate::{
    AppendError, Appended, Batch, Expected, ExpectedFamily, FamilyConflict, LeadEntry, Prepared,
    Recorded, StoreError, StoreErrorKind, Unless, Verdict, VersionConflict,
};

#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) names: Names,
    /// The event at position `p` is at index `p - 1`.
    events: Vec<RecordedEvent>,
    leads: Vec<LeadIndex>,
    positions: HashMap<EventId, u64>,
    facts: Facts,
    /// Where the facts of each event end.
    fact_ends: Vec<usize>,
    /// The positions of each lead's events, in order.
    streams: BTreeMap<LeadIndex, Vec<u64>>,
    /// Both directions of every merge ever recorded.
    links: BTreeSet<(LeadIndex, LeadIndex)>,
    /// Corrections that came before their target, by target.
    early: BTreeMap<EventId, Vec<(LeadIndex, EarlyCorrection)>>,
}

impl Log {
    pub(crate) fn head(&self) -> u64 {
        self.events.len() as u64
    }

    /// Appends a batch and the events that it was made of.
    pub(crate) fn append(
        &mut self,
        (batch, events): (Batch, Vec<Event>),
    ) -> Result<Appended, AppendError> {
        let verdicts = batch.judge(|index| Ok(self.recorded(&batch.events[index])))?;
        if verdicts.contains(&Verdict::New) {
            self.check(&batch.expected)?;
            self.check_family(batch.family.as_ref())?;
            batch.unless.iter().try_for_each(|unless| self.check_unless(unless))?;
        }
        let places: Vec<_> = verdicts
            .iter()
            .zip(batch.events.iter().zip(events))
            .map(|(verdict, (prepared, event))| {
                (*verdict == Verdict::New).then(|| self.push(prepared, event))
            })
            .collect();
        Ok(Appended { outcomes: batch.outcomes(&verdicts, &places), head: self.head() })
    }

    fn recorded(&self, event: &Prepared) -> Option<Recorded> {
        let position = *self.positions.get(&event.id)?;
        let recorded = &self.events[index_of(position)];
        let is_same = recorded.event.content() == event.content;
        Some(Recorded { position, sequence: recorded.sequence, is_same })
    }

    fn check(&self, expected: &[Expected]) -> Result<(), VersionConflict> {
        for &Expected { lead, sequence } in expected {
            let actual = self.names.index(lead).map_or(0, |index| self.sequence(index));
            if actual != sequence {
                return Err(VersionConflict { lead, expected: sequence, actual });
            }
        }
        Ok(())
    }

    fn check_family(&self, expected: Option<&ExpectedFamily>) -> Result<(), FamilyConflict> {
        let Some(expected) = expected else { return Ok(()) };
        let known: Vec<_> = expected.of.iter().filter_map(|id| self.names.index(*id)).collect();
        let family = self.family(&known);
        let events = family.iter().map(|lead| self.sequence(*lead)).sum();
        expected.check(family.len() as u64, events)
    }

    fn check_unless(&self, unless: &Unless) -> Result<(), AppendError> {
        let since = self.events(unless.after, usize::MAX);
        unless.check(self.head(), since.iter().map(|event| Ok((event.position, &event.event))))
    }

    fn sequence(&self, lead: LeadIndex) -> u64 {
        self.streams.get(&lead).map_or(0, |stream| stream.len() as u64)
    }

    /// Takes an event in; returns its position and sequence.
    fn push(&mut self, prepared: &Prepared, event: Event) -> (u64, u64) {
        let Prepared { id, recorded_at, .. } = *prepared;
        let position = self.head() + 1;
        let lead = match (&event.lead, prepared.lead) {
            (Some(key), Some(id)) => self.names.intern_lead(id, key),
            _ => LeadIndex::NONE,
        };
        let stream = self.streams.entry(lead).or_default();
        stream.push(position);
        let sequence = if lead == LeadIndex::NONE { 0 } else { stream.len() as u64 };
        self.lower(prepared, &event, position, lead);
        self.positions.insert(id, position);
        self.leads.push(lead);
        self.events.push(RecordedEvent { position, sequence, id, recorded_at, event });
        (position, sequence)
    }

    fn lower(&mut self, prepared: &Prepared, event: &Event, position: u64, lead: LeadIndex) {
        let early: Vec<_> = (self.early.get(&prepared.id).into_iter().flatten())
            .filter(|(of, _)| *of == lead)
            .map(|(_, correction)| correction.clone())
            .collect();
        let place = Place { position, recorded_at: prepared.recorded_at.micros(), lead };
        let start = self.facts.len();
        let Self { names, events, leads, positions, facts, .. } = self;
        let mut interner = Interner { names, events, leads, positions, lead };
        let Ok(()) = lower(event, place, &early, &mut interner, facts);
        if let Body::Corrected(corrected) = &event.body
            && let Ok(None) = interner.target(corrected.target)
        {
            let correction = EarlyCorrection { position, corrected: corrected.clone() };
            self.early.entry(corrected.target).or_default().push((lead, correction));
        }
        for fact in self.facts.rows_in(start..self.facts.len()) {
            if matches!(fact.kind, Kind::Merged | Kind::Unmerged) {
                let other = LeadIndex(fact.a.0);
                self.links.extend([(lead, other), (other, lead)]);
            }
        }
        self.fact_ends.push(self.facts.len());
    }

    pub(crate) fn events(&self, after: u64, events_max: usize) -> &[RecordedEvent] {
        let start = index_of(after.saturating_add(1)).min(self.events.len());
        let end = start.saturating_add(events_max).min(self.events.len());
        &self.events[start..end]
    }

    pub(crate) fn facts(&self, after: u64, events_max: usize) -> Facts {
        let events = self.events(after, events_max);
        self.facts_at(events.iter().map(|event| event.position))
    }

    pub(crate) fn lead_facts(
        &self,
        from: LeadIndex,
        within: &RangeInclusive<u64>,
        events_max: usize,
    ) -> LeadFacts {
        let mut positions = Vec::new();
        for stream in self.streams.range(from..).map(|(_, stream)| stream) {
            positions.extend(stream.iter().copied().filter(|position| within.contains(position)));
            if positions.len() >= events_max.max(1) {
                break;
            }
        }
        let facts = self.facts_at(positions);
        LeadFacts::try_from_facts(facts).expect("streams come by lead, each in the log's order")
    }

    fn facts_at(&self, positions: impl IntoIterator<Item = u64>) -> Facts {
        let mut out = Facts::default();
        for index in positions.into_iter().map(index_of) {
            let start = index.checked_sub(1).map_or(0, |before| self.fact_ends[before]);
            self.facts.rows_in(start..self.fact_ends[index]).for_each(|fact| out.push(fact));
        }
        out
    }

    fn stream(&self, lead: LeadIndex) -> &[u64] {
        self.streams.get(&lead).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn lead_events(&self, lead: LeadIndex) -> Vec<RecordedEvent> {
        self.stream(lead).iter().map(|position| self.events[index_of(*position)].clone()).collect()
    }

    pub(crate) fn history(&self, leads: &[LeadIndex]) -> Facts {
        let positions: BTreeSet<_> = leads.iter().flat_map(|lead| self.stream(*lead)).collect();
        self.facts_at(positions.into_iter().copied())
    }

    pub(crate) fn linked(&self) -> Vec<LeadIndex> {
        let mut leads: Vec<_> = self.links.iter().map(|(lead, _)| *lead).collect();
        leads.dedup();
        leads
    }

    pub(crate) fn family(&self, leads: &[LeadIndex]) -> Vec<LeadIndex> {
        let mut family: BTreeSet<_> = leads.iter().copied().collect();
        let mut open: Vec<_> = leads.to_vec();
        while let Some(lead) = open.pop() {
            let links = self.links.range((lead, LeadIndex(0))..=(lead, LeadIndex::NONE));
            open.extend(links.map(|(_, other)| *other).filter(|other| family.insert(*other)));
        }
        family.into_iter().collect()
    }

    pub(crate) fn lead(&self, id: LeadId) -> Option<LeadEntry> {
        self.entry(self.names.index(id)?)
    }

    pub(crate) fn leads(&self, from: LeadIndex, leads_max: usize) -> Vec<LeadEntry> {
        let indices = (from.0..LeadIndex::NONE.0).map(LeadIndex);
        indices.map_while(|index| self.entry(index)).take(leads_max).collect()
    }

    pub(crate) fn leads_by_key(&self, key: &LeadKey) -> Vec<LeadEntry> {
        self.names.same_key(key).iter().filter_map(|index| self.entry(*index)).collect()
    }

    fn entry(&self, index: LeadIndex) -> Option<LeadEntry> {
        let (id, key) = self.names.lead(index)?.clone();
        Some(LeadEntry { index, id, key, sequence: self.sequence(index) })
    }

    pub(crate) fn event_id(&self, position: u64) -> Result<EventId, StoreError> {
        let event = position.checked_sub(1).and_then(|_| self.events.get(index_of(position)));
        event.map(|event| event.id).ok_or_else(|| {
            let head = self.head();
            StoreError::new(
                StoreErrorKind::NotFound,
                format!("expected a position of 1 to {head}, found {position}: read the log again"),
            )
        })
    }
}

/// The index of the event at a position.
fn index_of(position: u64) -> usize {
    usize::try_from(position - 1).expect("memory holds fewer events")
}

/// The numbers of a log, seen from one lead's stream: corrections do not reach out of it.
struct Interner<'a> {
    names: &'a mut Names,
    events: &'a [RecordedEvent],
    leads: &'a [LeadIndex],
    positions: &'a HashMap<EventId, u64>,
    lead: LeadIndex,
}

impl Intern for Interner<'_> {
    type Error = Infallible;

    fn string(&mut self, text: &str) -> Result<Code, Infallible> {
        Ok(self.names.intern_string(text))
    }

    fn lead(&mut self, id: LeadId, key: &LeadKey) -> Result<LeadIndex, Infallible> {
        Ok(self.names.intern_lead(id, key))
    }

    fn target(&mut self, id: EventId) -> Result<Option<Target>, Infallible> {
        let Some(&position) = self.positions.get(&id) else { return Ok(None) };
        if self.leads[index_of(position)] != self.lead {
            return Ok(None);
        }
        Ok(Some(Target::new(position, &self.events[index_of(position)].event)))
    }
}
