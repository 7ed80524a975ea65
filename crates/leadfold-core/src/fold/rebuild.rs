//! Leads folded from their whole histories: all of them when tables are built anew, some when
//! what came late has to go to its place.

use std::collections::BTreeMap;
use std::ops::Range;

use super::history::external_at;
use super::{Bounds, Fold, Glance, Observer};
use crate::by_lead::{Outline, Tangle};
use crate::fact::{Facts, LeadIndex};
use crate::tables::{BEGUN, COMPLEX, WATCHED};
use crate::{LeadFacts, Playbook, State, Tables, Timestamp};

/// A part of a rebuild that is smaller than that, of what is expected, tells nothing of the rest.
const EXPECTED_TIMES_MAX: usize = 4_096;

impl<O: Observer> Fold<O> {
    /// Folds leads from their whole histories up to a position: a rebuild. It means the same as
    /// the pages of the log do and takes a fraction of the time. Feed it every lead once, in
    /// parts of any size, say so by [`Fold::rebuilt`], and go on with the pages behind.
    pub fn rebuild(&mut self, leads: &LeadFacts) {
        for outline in leads.outlines() {
            self.rebuild_lead(leads.facts(), &outline);
        }
        self.make_room(leads.event_count());
    }

    /// Takes note that the parts of a rebuild have about so many events in all. Tables that grow
    /// are copied again and again; so room is made once, for as many rows as the first part makes
    /// likely. Only the time depends on it.
    pub fn expect(&mut self, events: usize) {
        self.expected = events;
    }

    /// Makes room for what is expected, once `events` of it have been folded and tell how much
    /// that takes.
    pub(super) fn make_room(&mut self, events: usize) {
        let times = self.expected / events.max(1);
        if (2..=EXPECTED_TIMES_MAX).contains(&times) {
            // A little more, since no part is like the whole.
            let times = times + times / 16 + 1;
            self.tables.make_room(times);
            self.observer.make_room(times);
            self.expected = 0;
        }
    }

    /// Takes note that all leads have been fed to [`Fold::rebuild`] up to a position: the pages
    /// of the log go on behind it.
    pub fn rebuilt(&mut self, position: u64) {
        self.position = position;
    }

    #[inline]
    pub(super) fn rebuild_lead(&mut self, facts: &Facts, outline: &Outline) {
        let lead = outline.lead;
        if lead == LeadIndex::NONE.0 || outline.tangle == Tangle::Merged || !self.is_fresh(lead) {
            return self.take_in_turn(facts, outline.events.clone());
        }
        self.tables.reserve_lead(lead);
        if outline.tangle == Tangle::Corrected {
            self.rebuild_corrected(facts, lead, outline.events.clone());
        } else if outline.is_in_order && self.bounds == Bounds::default() {
            self.rebuild_in_order(facts, lead, outline.events.clone());
        } else {
            let counted = self.gather(facts, outline.events.clone());
            self.note_times(facts, &counted);
            counted.into_iter().for_each(|(start, end)| self.evolve(facts, start, end));
        }
    }

    /// Folds a lead's events as they stand.
    fn rebuild_in_order(&mut self, facts: &Facts, lead: u32, mut events: Range<usize>) {
        loop {
            events.start = self.pass(facts, lead, events.clone());
            let Some(event) = events.next() else { break };
            let (start, end) = facts.event(event);
            let is_passive = O::WATCHES && self.is_passive(lead, facts, start, end);
            self.evolve_visibly(facts, start, end, is_passive);
        }
        let last_at = self.tables.leads[lead as usize].last_at;
        self.tables.last_at = self.tables.last_at.max(Some(last_at));
    }

    /// Passes over the events in order that leave no trace, up to one that might: [`Fold::evolve`]
    /// for many of them.
    #[inline]
    fn pass(&mut self, facts: &Facts, lead: u32, events: Range<usize>) -> usize {
        let row = &mut self.tables.leads[lead as usize];
        if !row.has(BEGUN) || row.state == State::Erased {
            return events.start;
        }
        let is_watched = row.has(WATCHED);
        for event in events.clone() {
            let (start, end) = facts.event(event);
            let is_passive =
                facts.kind[start].is_passive() && external_at(facts, start, end).is_none();
            let glance = Glance { facts, head: start, is_watched };
            if !is_passive || O::WATCHES && self.observer.wants(glance) {
                return event;
            }
            row.last_at = facts.at[start];
        }
        events.end
    }

    /// Folds events as if they came one by one.
    fn take_in_turn(&mut self, facts: &Facts, events: Range<usize>) {
        let (as_of, known_at) = self.edges();
        for event in events {
            if facts.recorded_at[facts.event(event).0] <= known_at {
                self.take(facts, event, as_of);
            }
        }
    }

    /// Folds a lead that is corrected and not merged: nobody else's history is needed.
    fn rebuild_corrected(&mut self, facts: &Facts, lead: u32, events: Range<usize>) {
        self.tables.leads[lead as usize].flags |= COMPLEX;
        self.note_times(facts, &self.gather(facts, events.clone()));
        let numbered: Vec<(u32, u32)> = events.map(|event| (lead, event as u32)).collect();
        self.refold_family(facts, &BTreeMap::from([(lead, numbered.as_slice())]));
    }

    fn note_times(&mut self, facts: &Facts, events: &[(usize, usize)]) {
        for (start, _) in events {
            self.note_time(facts.kind[*start], facts.at[*start]);
        }
    }

    /// Whether nothing is known of a lead yet.
    fn is_fresh(&self, lead: u32) -> bool {
        let row = self.tables.leads.get(lead as usize);
        row.is_none_or(|row| row.last_at == i64::MIN && row.flags == 0)
    }

    /// Folds a lead anew that is neither corrected nor merged: its events by time.
    pub(super) fn refold_lead(
        &mut self,
        facts: &Facts,
        lead: u32,
        events: impl Iterator<Item = usize>,
    ) {
        let counted = self.gather(facts, events);
        self.tables.forget_lead(lead);
        self.deals.forget(lead);
        self.observer.forget(LeadIndex(lead));
        counted.into_iter().for_each(|(start, end)| self.evolve(facts, start, end));
    }

    /// The events within the bounds, by time; those of one microsecond in the order of the log.
    fn gather(&self, facts: &Facts, events: impl Iterator<Item = usize>) -> Vec<(usize, usize)> {
        let (as_of, known_at) = self.edges();
        let counts = |(start, _): &(usize, usize)| {
            facts.at[*start] <= as_of && facts.recorded_at[*start] <= known_at
        };
        let events = events.map(|event| facts.event(event));
        let mut counted: Vec<(usize, usize)> = events.filter(counts).collect();
        counted.sort_by_key(|(start, _)| facts.at[*start]);
        counted
    }

    /// The last instants that count: of happening and of becoming known.
    pub(super) fn edges(&self) -> (i64, i64) {
        let Bounds { as_of, known_at } = self.bounds;
        let edge = |bound: Option<Timestamp>| bound.map_or(i64::MAX, Timestamp::micros);
        (edge(as_of), edge(known_at))
    }
}

/// Folds a log that is all in memory, lead by lead: parts that share no lead, and together have
/// every event. It knows no codes: a playbook with pipelines needs a [`Fold`] and
/// [`Fold::learn`].
///
/// ```
/// # use leadfold_core::{Bounds, LeadFacts, Playbook, fold_leads};
/// let tables = fold_leads(&[LeadFacts::default()], &Playbook::default(), Bounds::default());
/// assert_eq!(tables.leads().count(), 0);
/// ```
pub fn fold_leads(parts: &[LeadFacts], playbook: &Playbook, bounds: Bounds) -> Tables {
    let mut fold = Fold::new(playbook.clone(), bounds);
    fold.expect(parts.iter().map(LeadFacts::event_count).sum());
    parts.iter().for_each(|part| fold.rebuild(part));
    let Ok(()) = fold.settle(|leads| {
        let mut facts = Facts::default();
        parts.iter().for_each(|part| part.history(leads, &mut facts));
        Ok::<_, std::convert::Infallible>(facts)
    });
    fold.into_tables()
}
