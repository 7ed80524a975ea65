//! Leads folded from their whole histories: all of them when tables are built anew, some when
//! what came late has to go to its place.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Bounds, Fold, LeadSet, Observer};
use crate::fact::{Facts, LeadIndex};
use crate::machine::Kind;
use crate::tables::COMPLEX;
use crate::{LeadFacts, LeadRuns, Playbook, Tables, Timestamp};

impl<O: Observer> Fold<O> {
    /// Folds leads from their whole histories up to a position: a rebuild. It means the same as
    /// the pages of the log do and takes a fraction of the time. Feed it every lead once, in
    /// parts of any size, say so by [`Fold::rebuilt`], and go on with the pages behind.
    pub fn rebuild(&mut self, leads: &LeadFacts) {
        let mut events = Vec::new();
        for (lead, range) in leads.leads() {
            self.rebuild_lead(leads.facts(), lead, range, &mut events);
        }
    }

    /// The same with what runs have until one of them wants its next page, and leaves out what is
    /// apart, which is to be folded last by [`Fold::rebuild_apart`]. Returns how many events it
    /// has seen.
    pub fn rebuild_runs(&mut self, runs: &mut LeadRuns, apart: &mut Apart) -> u64 {
        let (mut seen, mut counted) = (0, Vec::new());
        while let Some((page, events)) = runs.next() {
            seen += events.len() as u64;
            for (lead, events) in page.leads_of(events) {
                if apart.has(lead) {
                    apart.put(page, events, 0);
                } else {
                    self.rebuild_lead(page.facts(), lead, events, &mut counted);
                }
            }
        }
        seen
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

    /// `counted` is memory to be used again.
    pub(super) fn rebuild_lead(
        &mut self,
        facts: &Facts,
        lead: u32,
        events: Range<usize>,
        counted: &mut Vec<(usize, usize)>,
    ) {
        if lead == LeadIndex::NONE.0 || !self.is_fresh(lead) {
            return self.take_in_turn(facts, events);
        }
        match Tangle::of(facts, events.clone()) {
            Tangle::Merged => self.take_in_turn(facts, events),
            Tangle::Corrected => self.rebuild_corrected(facts, lead, events),
            Tangle::None => {
                self.tables.reserve_lead(lead);
                self.gather(facts, events, counted);
                for (start, end) in counted.iter().copied() {
                    self.note_time(facts.kind[start], facts.at[start]);
                    self.evolve(facts, start, end);
                }
            }
        }
    }

    /// Folds events as if they came one by one.
    fn take_in_turn(&mut self, facts: &Facts, events: Range<usize>) {
        let (as_of, known_at) = self.edges();
        for (start, end) in events.map(|event| facts.event(event)) {
            if facts.recorded_at[start] <= known_at {
                self.take(facts, start, end, as_of);
            }
        }
    }

    /// Folds a lead that is corrected and not merged: nobody else's history is needed.
    fn rebuild_corrected(&mut self, facts: &Facts, lead: u32, events: Range<usize>) {
        self.tables.reserve_lead(lead);
        self.tables.leads[lead as usize].flags |= COMPLEX;
        let mut counted = Vec::new();
        self.gather(facts, events.clone(), &mut counted);
        for (start, _) in counted {
            self.note_time(facts.kind[start], facts.at[start]);
        }
        let numbered: Vec<(u32, u32)> = events.map(|event| (lead, event as u32)).collect();
        self.refold_family(facts, &BTreeMap::from([(lead, numbered.as_slice())]));
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
        let mut counted = Vec::new();
        self.gather(facts, events, &mut counted);
        self.tables.forget_lead(lead);
        self.deals.forget(lead);
        self.observer.forget(LeadIndex(lead));
        counted.into_iter().for_each(|(start, end)| self.evolve(facts, start, end));
    }

    /// The events within the bounds, by time; those of one microsecond in the order of the log.
    fn gather(
        &self,
        facts: &Facts,
        events: impl Iterator<Item = usize>,
        counted: &mut Vec<(usize, usize)>,
    ) {
        let (as_of, known_at) = self.edges();
        let counts = |(start, _): &(usize, usize)| {
            facts.at[*start] <= as_of && facts.recorded_at[*start] <= known_at
        };
        counted.clear();
        counted.extend(events.map(|event| facts.event(event)).filter(counts));
        if !counted.is_sorted_by_key(|(start, _)| facts.at[*start]) {
            counted.sort_by_key(|(start, _)| facts.at[*start]);
        }
    }

    /// The last instants that count: of happening and of becoming known.
    pub(super) fn edges(&self) -> (i64, i64) {
        let Bounds { as_of, known_at } = self.bounds;
        let edge = |bound: Option<Timestamp>| bound.map_or(i64::MAX, Timestamp::micros);
        (edge(as_of), edge(known_at))
    }
}

/// Leads that a rebuild folds last: those that merges connect, and the events without a lead.
/// Their facts are kept, so that [`Fold::settle`] need not ask a store for them.
#[derive(Clone, Debug, Default)]
pub struct Apart {
    leads: LeadSet,
    facts: LeadFacts,
}

impl Apart {
    /// Nothing yet of some leads, which are all that merges have ever connected.
    pub fn of(linked: &[LeadIndex]) -> Self {
        let leads: Vec<LeadIndex> = linked.iter().copied().chain([LeadIndex::NONE]).collect();
        Self { leads: LeadSet::of(&leads), facts: LeadFacts::default() }
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
        let pairs = self.leads.bits.iter().zip(&other.leads.bits);
        let bits = pairs.map(|(one, other)| one & other).collect();
        let has_none = self.leads.has_none && other.leads.has_none;
        Self { leads: LeadSet { bits, has_none }, facts: self.facts }
    }

    #[inline]
    pub(super) fn has(&self, lead: u32) -> bool {
        self.leads.contains(LeadIndex(lead))
    }

    /// Keeps events of a page whose leads are counted from `base` on, behind those that are here.
    pub(super) fn put(&mut self, page: &LeadFacts, events: Range<usize>, base: u32) {
        let own = self.facts.facts().len();
        self.facts.append_events(page, events);
        self.facts.number_back(own, base);
    }
}

/// What of a lead's history keeps it from being folded event by event.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Tangle {
    None,
    Corrected,
    /// The histories of others count, too.
    Merged,
}

impl Tangle {
    pub(super) fn of(facts: &Facts, events: Range<usize>) -> Self {
        let (start, end) = facts.events_at(&events);
        let tangle = |kind: &Kind| match kind {
            Kind::Merged | Kind::Unmerged => Self::Merged,
            Kind::Corrected | Kind::Amendment => Self::Corrected,
            _ => Self::None,
        };
        facts.kind[start..end].iter().map(tangle).max().unwrap_or(Self::None)
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
    parts.iter().for_each(|part| fold.rebuild(part));
    let Ok(()) = fold.settle(|leads| {
        let mut facts = Facts::default();
        parts.iter().for_each(|part| part.history(leads, &mut facts));
        Ok::<_, std::convert::Infallible>(facts)
    });
    fold.into_tables()
}
