//! Leads folded from their whole histories: all of them when tables are built anew, some when
//! what came late has to go to its place.

use std::collections::BTreeMap;
use std::ops::Range;

use super::desk::Desk;
use super::room::Room;
use super::{Bounds, Fold, Glance, LeadSet, Observer, Step};
use crate::by_lead::{Outline, Tangle, active_among};
use crate::fact::{Facts, LeadIndex};
use crate::tables::{BEGUN, COMPLEX, WATCHED};
use crate::{LeadFacts, LeadRuns, Playbook, State, Tables, Timestamp};

/// So many events are told apart beforehand in one go.
const BITS: usize = u64::BITS as usize;

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

    /// Takes note, of a fold that is new, that the parts of its rebuild have about so many events
    /// in all. Tables that grow are copied again and again; so room is made once, for as many rows
    /// as the beginning makes likely, if there is as much memory. Only time and memory depend on
    /// it.
    pub fn expect(&mut self, events: usize) {
        self.room = Room::expecting(events);
    }

    /// Makes room for what is expected, once enough of it has been folded, `events` of it now, to
    /// tell how much that takes.
    pub(super) fn make_room(&mut self, events: usize) {
        if let Some(times) = self.room.times(events) {
            self.tables.make_room(times);
            self.observer.make_room(times);
        }
    }

    /// The same with what runs have until one of them wants its next page, and leaves out what is
    /// apart, which is to be folded last by [`Fold::rebuild_apart`]. Returns how many events it
    /// has seen.
    pub fn rebuild_runs(&mut self, runs: &mut LeadRuns, apart: &mut Apart) -> u64 {
        let mut seen = 0;
        while let Some((page, events)) = runs.next() {
            seen += events.len();
            self.rebuild_but(page, events, apart);
        }
        self.make_room(seen);
        seen as u64
    }

    /// Folds some events of a page but those that are apart, which are put there.
    fn rebuild_but(&mut self, page: &LeadFacts, events: Range<usize>, apart: &mut Apart) {
        for outline in page.outlines_of(events) {
            if apart.has(outline.lead) {
                apart.put(page, outline.events);
            } else {
                self.rebuild_lead(page.facts(), &outline);
            }
        }
    }

    /// Folds what a rebuild has put apart.
    pub fn rebuild_apart(&mut self, apart: &Apart) {
        self.rebuild(&apart.facts);
    }

    /// Takes note that all leads have been fed to [`Fold::rebuild`] up to a position: the pages
    /// of the log go on behind it.
    pub fn rebuilt(&mut self, position: u64) {
        self.position = position;
    }

    #[inline]
    pub(super) fn rebuild_lead(&mut self, facts: &Facts, outline: &Outline) {
        let lead = outline.lead.wrapping_sub(self.base);
        if !self.is_alone(outline) {
            return self.take_in_turn(facts, outline.events.clone());
        }
        self.tables.reserve_lead(lead);
        if outline.tangle == Tangle::Corrected {
            self.rebuild_corrected(facts, lead, outline.events.clone());
        } else if outline.is_in_order && self.bounds == Bounds::default() {
            self.rebuild_in_order(facts, lead, outline);
        } else {
            let counted = self.gather(facts, outline.events.clone());
            self.note_times(facts, &counted);
            counted.into_iter().for_each(|event| self.evolve(facts, event));
        }
    }

    /// Folds a lead's events as they stand.
    fn rebuild_in_order(&mut self, facts: &Facts, lead: u32, outline: &Outline) {
        let mut events = outline.events.clone();
        if !O::WATCHES && events.len() <= BITS {
            // The first one may begin the lead: it is never passed over.
            events.start = self.fold_active(facts, lead, events.clone(), outline.active | 1);
        } else if !O::WATCHES {
            events.start = self.fold_active_of_many(facts, lead, events.clone());
        }
        while !events.is_empty() {
            let is_passive;
            (events.start, is_passive) = self.pass(facts, lead, events.clone());
            let Some(event) = events.next() else { break };
            self.evolve_visibly(facts, event, is_passive);
        }
        // What was passed over has happened, too.
        let row = &mut self.tables.leads[lead as usize];
        row.last_at = facts.at[outline.events.end - 1];
        self.tables.last_at = self.tables.last_at.max(Some(row.last_at));
    }

    /// Folds the events that leave a trace, in their order, and tells from which event on the rest
    /// has to be asked one by one: from where the lead has not begun, or is erased. The bits tell
    /// beforehand which these are: to ask each event is a guess that the processor often loses.
    fn fold_active(
        &mut self,
        facts: &Facts,
        lead: u32,
        Range { start, end }: Range<usize>,
        mut active: u64,
    ) -> usize {
        // On the desk for all of them: it is not laid out again for each.
        let mut desk = Desk {
            row: &mut self.tables.leads[lead as usize],
            profile: &mut self.tables.profiles[lead as usize],
            rows: &mut self.tables.rows,
            deals: &mut self.deals,
            law: &self.law,
        };
        if active & 1 != 0 && desk.capture_first(&Step::of(facts, start, lead)) {
            active &= active - 1;
        }
        while active != 0 {
            let event = start + active.trailing_zeros() as usize;
            desk.fold(&Step::of(facts, event, lead));
            if !desk.row.has(BEGUN) || desk.row.state == State::Erased {
                return event + 1;
            }
            active &= active - 1;
        }
        end
    }

    /// The same of more events than there are bits, so many at a time.
    #[cold]
    fn fold_active_of_many(&mut self, facts: &Facts, lead: u32, events: Range<usize>) -> usize {
        let (mut next, mut first) = (events.start, 1);
        while next < events.end {
            let some = next..events.end.min(next + BITS);
            let active = active_among(&facts.marks[some.clone()]) | std::mem::take(&mut first);
            next = self.fold_active(facts, lead, some, active);
            let row = &self.tables.leads[lead as usize];
            if !row.has(BEGUN) || row.state == State::Erased {
                break;
            }
        }
        next
    }

    /// Passes over the events in order that leave no trace, up to one that might: [`Fold::evolve`]
    /// for many of them. Tells whether that one leaves none in the tables.
    #[inline]
    fn pass(&self, facts: &Facts, lead: u32, events: Range<usize>) -> (usize, bool) {
        let row = &self.tables.leads[lead as usize];
        if !row.has(BEGUN) || row.state == State::Erased {
            return (events.start, false);
        }
        let is_watched = row.has(WATCHED);
        for event in events.clone() {
            let is_passive = facts.marks[event].is_passive();
            let is_wanted =
                || O::WATCHES && self.observer.wants_next(Glance { facts, event, is_watched });
            if !is_passive || is_wanted() {
                return (event, is_passive);
            }
        }
        (events.end, false)
    }

    /// Folds events as if they came one by one.
    fn take_in_turn(&mut self, facts: &Facts, events: Range<usize>) {
        let (as_of, known_at) = self.edges();
        for event in events {
            if facts.recorded_at[event] <= known_at {
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

    fn note_times(&mut self, facts: &Facts, events: &[usize]) {
        for event in events {
            self.note_time(facts.kind_of(*event), facts.at[*event]);
        }
    }

    /// Whether a lead can be folded without looking at anything but its events here.
    #[inline]
    pub(super) fn is_alone(&self, outline: &Outline) -> bool {
        let lead = outline.lead.wrapping_sub(self.base);
        outline.lead != LeadIndex::NONE.0 && outline.tangle != Tangle::Merged && self.is_fresh(lead)
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
        self.observer.forget(LeadIndex(lead + self.base));
        counted.into_iter().for_each(|event| self.evolve(facts, event));
    }

    /// The events within the bounds, by time; those of one microsecond in the order of the log.
    fn gather(&self, facts: &Facts, events: impl Iterator<Item = usize>) -> Vec<usize> {
        let (as_of, known_at) = self.edges();
        let counts =
            |event: &usize| facts.at[*event] <= as_of && facts.recorded_at[*event] <= known_at;
        let mut counted: Vec<usize> = events.filter(counts).collect();
        counted.sort_by_key(|event| facts.at[*event]);
        counted
    }

    /// The last instants that count: of happening and of becoming known.
    pub(super) fn edges(&self) -> (i64, i64) {
        let Bounds { as_of, known_at } = self.bounds;
        let edge = |bound: Option<Timestamp>| bound.map_or(i64::MAX, Timestamp::micros);
        (edge(as_of), edge(known_at))
    }
}

/// Leads that a rebuild folds last: those that merges connect, and in shards the events without a
/// lead. Their facts are kept, so that [`Fold::settle`] need not ask a store for them.
#[derive(Clone, Debug, Default)]
pub struct Apart {
    leads: LeadSet,
    facts: LeadFacts,
}

impl Apart {
    /// Nothing yet of some leads, which are all that merges have ever connected.
    pub fn of(linked: &[LeadIndex]) -> Self {
        Self { leads: LeadSet::of(linked), facts: LeadFacts::default() }
    }

    /// The same, and of the events without a lead, which no shard can fold.
    pub(super) fn with_leadless(mut self) -> Self {
        self.leads.has_none = true;
        self
    }

    /// All facts of some sorted leads, if all of them are here.
    pub fn history(&self, leads: &[LeadIndex]) -> Option<Facts> {
        let mut facts = Facts::default();
        leads.iter().all(|lead| self.leads.contains(*lead)).then(|| {
            self.facts.history(leads, &mut facts);
            facts
        })
    }

    /// Both together: the other has leads behind those here. What only one leaves out may have
    /// been folded by the other.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.facts.append(&other.facts);
        self.put_in_order();
        let pairs = self.leads.bits.iter().zip(&other.leads.bits);
        let bits = pairs.map(|(one, other)| one & other).collect();
        let has_none = self.leads.has_none && other.leads.has_none;
        Self { leads: LeadSet { bits, has_none }, facts: self.facts }
    }

    /// Puts the facts by lead, if parts did not come in the order of their leads.
    fn put_in_order(&mut self) {
        if !self.facts.facts().lead.is_sorted() {
            self.facts = LeadFacts::of(&[self.facts.facts()]);
        }
    }

    #[inline]
    pub(super) fn has(&self, lead: u32) -> bool {
        self.leads.contains(LeadIndex(lead))
    }

    /// Keeps events of a page, behind those that are here.
    pub(super) fn put(&mut self, page: &LeadFacts, events: Range<usize>) {
        self.facts.append_events(page, events);
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
    fold_leads_watched(parts, playbook, bounds, ()).0
}

/// The same, while an observer watches.
pub fn fold_leads_watched<O: Observer>(
    parts: &[LeadFacts],
    playbook: &Playbook,
    bounds: Bounds,
    observer: O,
) -> (Tables, O) {
    let mut fold = Fold::watched(playbook.clone(), bounds, observer);
    fold.expect(parts.iter().map(LeadFacts::event_count).sum());
    let linked: Vec<LeadIndex> = parts.iter().flat_map(LeadFacts::linked).collect();
    let mut apart = Apart::of(&linked);
    for part in parts {
        fold.rebuild_but(part, 0..part.event_count(), &mut apart);
        fold.make_room(part.event_count());
    }
    apart.put_in_order();
    fold.rebuild_apart(&apart);
    let Ok(()) = fold.settle(|leads| {
        let of_parts = || {
            let mut facts = Facts::default();
            parts.iter().for_each(|part| part.history(leads, &mut facts));
            facts
        };
        Ok::<_, std::convert::Infallible>(apart.history(leads).unwrap_or_else(of_parts))
    });
    fold.into_parts()
}
