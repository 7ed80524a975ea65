//! The fold: facts in, tables out.
//!
//! Events that come in order go straight into the rows of their lead. What does not (late
//! events, corrections, merges) marks its lead, and [`Fold::settle`] folds the marked leads anew
//! from their whole history, through the same `evolve`. So the tables always equal the fold of
//! the effective events in effective order, whatever the order of arrival.

mod deals;
mod desk;
mod effects;
mod evolve;
mod family;
mod forest;
mod history;
mod judge;
mod law;
mod observer;
mod pair;
mod rebuild;
mod room;
mod shadow;
mod shard;
mod snapshot;
mod stages;
mod step;
mod warm;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::deals::Deal;
use self::deals::Deals;
use self::evolve::Evolve;
pub(crate) use self::history::read_stream;
pub(crate) use self::judge::{Court, Verdict};
use self::law::Law;
pub use self::observer::{Glance, Observer, Seen, Sharded, Touch};
pub use self::rebuild::{Apart, fold_leads, fold_leads_watched};
use self::room::Room;
pub use self::shard::Shard;
pub use self::snapshot::{FOLD, Restore, RestoreError, snapshot_key};
pub(crate) use self::stages::Stages;
pub(crate) use self::step::Step;
use self::warm::WARM_UP;
pub(crate) use self::warm::touch;
use crate::fact::{Code, Facts, LeadIndex};
use crate::machine::Kind;
use crate::tables::{BEGUN, COMPLEX, DIRTY, Tables, WATCHED};
use crate::{Playbook, State, Timestamp};

/// Which part of a log counts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Bounds {
    /// Only what happened by then.
    pub as_of: Option<Timestamp>,
    /// Only what was known by then.
    pub known_at: Option<Timestamp>,
}

/// Folds facts into tables.
///
/// Feed it pages in the order of the log with [`Fold::apply`], then [`Fold::settle`] it with the
/// history of the leads that it asks for; repeat as the log grows.
///
/// An [`Observer`] may watch it; without one, nothing is spent on watching.
#[derive(Clone, Debug, Default)]
pub struct Fold<O = ()> {
    playbook: Playbook,
    bounds: Bounds,
    tables: Tables,
    deals: Deals,
    law: Law,
    /// Leads to be folded anew.
    dirty: Vec<u32>,
    is_no_lead_dirty: bool,
    is_no_lead_complex: bool,
    /// Leads that a merge connects, both ways.
    links: BTreeMap<u32, BTreeSet<u32>>,
    position: u64,
    /// The lead that the tables begin with: 0 but in shards.
    base: u32,
    room: Room,
    observer: O,
}

impl Fold {
    /// A fold under a playbook, of the part of the log that the bounds let through.
    pub fn new(playbook: Playbook, bounds: Bounds) -> Self {
        Self::watched(playbook, bounds, ())
    }
}

impl<O: Observer> Fold<O> {
    /// A fold that an observer watches.
    pub fn watched(playbook: Playbook, bounds: Bounds, observer: O) -> Self {
        Self {
            law: Law::of(&playbook),
            playbook,
            bounds,
            tables: Tables::default(),
            deals: Deals::default(),
            dirty: Vec::new(),
            is_no_lead_dirty: false,
            is_no_lead_complex: false,
            links: BTreeMap::new(),
            position: 0,
            base: 0,
            room: Room::default(),
            observer,
        }
    }

    /// Tells the fold, and who watches it, the log's codes for the words of the playbook. Needed
    /// before [`Fold::apply`] if the playbook has pipelines or the observer looks for words.
    ///
    /// # Errors
    /// What `code_of` returns.
    pub fn learn<E>(
        &mut self,
        mut code_of: impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<(), E> {
        self.law.learn(&self.playbook, &mut code_of)?;
        self.observer.learn(&mut code_of)
    }

    /// Who watches.
    ///
    /// # Panics
    /// When there are marked leads: settle first.
    pub fn observer(&self) -> &O {
        assert!(self.is_settled(), "a fold is settled before its observer is read");
        &self.observer
    }

    /// The position of the last event that was fed, 0 before the first.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The tables.
    ///
    /// # Panics
    /// When there are marked leads: settle first.
    pub fn tables(&self) -> &Tables {
        assert!(self.is_settled(), "a fold is settled before its tables are read");
        &self.tables
    }

    /// The tables, for good.
    ///
    /// # Panics
    /// When there are marked leads: settle first.
    pub fn into_tables(self) -> Tables {
        self.into_parts().0
    }

    /// The tables and who watched, for good.
    ///
    /// # Panics
    /// When there are marked leads: settle first.
    pub fn into_parts(self) -> (Tables, O) {
        assert!(self.is_settled(), "a fold is settled before its tables are read");
        (self.tables, self.observer)
    }

    pub(crate) fn deals(&self) -> &Deals {
        &self.deals
    }

    pub(crate) fn law(&self) -> &Law {
        &self.law
    }

    /// Whether no lead waits to be folded anew.
    pub fn is_settled(&self) -> bool {
        self.dirty.is_empty() && !self.is_no_lead_dirty
    }

    /// Folds the next page of the log.
    pub fn apply(&mut self, facts: &Facts) {
        let (as_of, known_at) = self.edges();
        for event in 0..facts.event_count() {
            if event.is_multiple_of(WARM_UP) {
                self.warm_up(facts, event);
            }
            if facts.recorded_at[event] <= known_at {
                self.take(facts, event, as_of);
            }
        }
        self.position = facts.last_position().unwrap_or(self.position);
    }

    fn take(&mut self, facts: &Facts, event: usize, as_of: i64) {
        debug_assert_eq!(self.base, 0, "a shard folds leads that are whole and alone");
        let (lead, at) = (facts.lead[event], facts.at[event]);
        if at <= as_of {
            self.note_time(facts.kind_of(event), at);
        }
        let is_complex = facts.marks[event].is_complex();
        if lead == LeadIndex::NONE.0 {
            return self.take_no_lead(facts, event, is_complex, at <= as_of);
        }
        self.tables.reserve_lead(lead);
        if is_complex {
            return self.take_complex(facts, event);
        }
        let row = &self.tables.leads[lead as usize];
        if row.flags & (COMPLEX | DIRTY) != 0 {
            self.mark(lead);
        } else if at > as_of {
            // It has not happened yet.
        } else if at < row.last_at && !self.leaves_no_trace(facts, event) {
            self.mark(lead);
        } else {
            self.evolve(facts, event);
        }
    }

    /// Where the tables have the lead in whose stream an event is.
    #[inline]
    fn place_of(&self, facts: &Facts, event: usize) -> u32 {
        facts.lead[event].wrapping_sub(self.base)
    }

    /// Takes note of the latest instant. A version of the rules may be published ahead of its
    /// time: nothing has happened by it.
    #[inline]
    fn note_time(&mut self, kind: Kind, at: i64) {
        if kind != Kind::PlaybookPublished {
            self.tables.last_at = self.tables.last_at.max(Some(at));
        }
    }

    /// Folds an event into the lead in whose stream it is. A late one may only come here if it
    /// leaves no trace.
    #[inline]
    fn evolve(&mut self, facts: &Facts, event: usize) {
        let is_passive = self.is_passive(facts, event);
        if is_passive && !self.is_wanted_next(facts, event) {
            let lead = self.place_of(facts, event);
            let row = &mut self.tables.leads[lead as usize];
            row.last_at = row.last_at.max(facts.at[event]);
            return;
        }
        self.evolve_visibly(facts, event, is_passive);
    }

    /// Folds an event that leaves a trace, in the tables or (a passive one) for who watches.
    fn evolve_visibly(&mut self, facts: &Facts, event: usize, is_passive: bool) {
        let place = self.place_of(facts, event);
        let mut evolve = Evolve {
            tables: &mut self.tables,
            deals: &mut self.deals,
            law: &self.law,
            observer: &mut self.observer,
            base: self.base,
        };
        if is_passive {
            evolve.show(&Step::passive(facts, event, place));
        } else {
            evolve.apply(&Step::of(facts, event, place));
        }
    }

    /// Whether an event changes nothing, in the tables or for who watches.
    #[inline]
    fn leaves_no_trace(&self, facts: &Facts, event: usize) -> bool {
        self.is_passive(facts, event) && !self.is_wanted(facts, event)
    }

    /// Whether an event does nothing to the tables wherever it falls, which half of all events do
    /// (touches, scores): its lead has begun before it and is not erased, and it has no identity
    /// in another system that could turn out to be there twice.
    #[inline]
    fn is_passive(&self, facts: &Facts, event: usize) -> bool {
        let row = &self.tables.leads[self.place_of(facts, event) as usize];
        row.has(BEGUN)
            && row.began_at <= facts.at[event]
            && row.state != State::Erased
            && facts.marks[event].is_passive()
    }

    /// Whether who watches wants to see it all the same.
    #[inline]
    fn is_wanted(&self, facts: &Facts, event: usize) -> bool {
        O::WATCHES && self.observer.wants(self.glance(facts, event))
    }

    /// The same where it is not late.
    #[inline]
    fn is_wanted_next(&self, facts: &Facts, event: usize) -> bool {
        O::WATCHES && self.observer.wants_next(self.glance(facts, event))
    }

    #[inline]
    fn glance<'f>(&self, facts: &'f Facts, event: usize) -> Glance<'f> {
        let lead = self.place_of(facts, event);
        Glance { facts, event, is_watched: self.tables.leads[lead as usize].has(WATCHED) }
    }

    fn take_no_lead(&mut self, facts: &Facts, event: usize, is_complex: bool, is_due: bool) {
        self.is_no_lead_complex |= is_complex;
        if self.is_no_lead_complex {
            self.is_no_lead_dirty = true;
        } else if is_due {
            self.fold_no_lead(&Step::of(facts, event, LeadIndex::NONE.0));
        }
    }

    /// Corrections and merges are weighed with the whole history of all whom they concern. The
    /// merges among the facts are the event's own or those of a replacement.
    fn take_complex(&mut self, facts: &Facts, event: usize) {
        let lead = facts.lead[event];
        let (start, end) = facts.event(event);
        self.tables.leads[lead as usize].flags |= COMPLEX;
        self.mark(lead);
        for term in &facts.terms[start..end] {
            if matches!(term.kind, Kind::Merged | Kind::Unmerged) {
                let other = term.a;
                self.tables.reserve_lead(other);
                self.tables.leads[other as usize].flags |= COMPLEX;
                self.links.entry(lead).or_default().insert(other);
                self.links.entry(other).or_default().insert(lead);
            }
        }
    }

    fn mark(&mut self, lead: u32) {
        let row = &mut self.tables.leads[lead as usize];
        if row.flags & DIRTY == 0 {
            row.flags |= DIRTY;
            self.dirty.push(lead);
        }
    }

    /// The leads whose history [`Fold::settle`] needs, sorted.
    pub fn unsettled(&self) -> Vec<LeadIndex> {
        let (simple, families) = self.dirty_leads();
        let families = families.into_iter().flatten();
        let mut leads: Vec<LeadIndex> = simple.into_iter().chain(families).map(LeadIndex).collect();
        leads.sort_unstable();
        leads.extend(self.is_no_lead_dirty.then_some(LeadIndex::NONE));
        leads
    }

    /// Folds the marked leads anew. `history` gives all facts of the leads that it is asked for,
    /// up to [`Fold::position`], each lead's in the order of the log; [`LeadIndex::NONE`] stands
    /// for the events without a lead.
    ///
    /// # Errors
    /// What `history` returns; the leads stay marked then.
    pub fn settle<E>(
        &mut self,
        history: impl FnOnce(&[LeadIndex]) -> Result<Facts, E>,
    ) -> Result<(), E> {
        if self.is_settled() {
            return Ok(());
        }
        let facts = history(&self.unsettled())?;
        let streams = Streams::of(&facts);
        let (_, families) = self.dirty_leads();
        for events in streams.0.chunk_by(|(a, _), (b, _)| a == b) {
            let lead = events[0].0;
            let row = self.tables.leads.get(lead as usize);
            if row.is_some_and(|row| row.flags & COMPLEX == 0) {
                self.refold_lead(&facts, lead, events.iter().map(|(_, event)| *event as usize));
            }
        }
        for family in families {
            let members = family.iter().map(|lead| (*lead, streams.of_lead(*lead))).collect();
            self.refold_family(&facts, &members);
        }
        if self.is_no_lead_dirty {
            self.refold_no_lead(&facts, streams.of_lead(LeadIndex::NONE.0));
            self.is_no_lead_dirty = false;
        }
        self.dirty.clear();
        Ok(())
    }

    /// The marked leads that stand alone, and those that are corrected or merged, with all that
    /// merges connect them to, family by family.
    fn dirty_leads(&self) -> (Vec<u32>, Vec<Vec<u32>>) {
        let is_complex = |lead: &u32| self.tables.leads[*lead as usize].flags & COMPLEX != 0;
        let (complex, simple): (Vec<u32>, Vec<u32>) =
            self.dirty.iter().partition(|l| is_complex(l));
        let mut seen = BTreeSet::new();
        let mut families = Vec::new();
        for lead in complex {
            if !seen.insert(lead) {
                continue;
            }
            let mut family = vec![lead];
            let mut next = 0;
            while next < family.len() {
                let linked = self.links.get(&family[next]).into_iter().flatten();
                family.extend(linked.filter(|other| seen.insert(**other)));
                next += 1;
            }
            families.push(family);
        }
        (simple, families)
    }
}

/// The events of each lead, by their numbers in the page.
struct Streams(Vec<(u32, u32)>);

impl Streams {
    fn of(facts: &Facts) -> Self {
        let mut events: Vec<_> = facts.lead.iter().copied().zip(0..).collect();
        events.sort_unstable();
        Self(events)
    }

    /// In the order of the log.
    fn of_lead(&self, lead: u32) -> &[(u32, u32)] {
        let from = self.0.partition_point(|(other, _)| *other < lead);
        let events = &self.0[from..];
        &events[..events.partition_point(|(other, _)| *other == lead)]
    }
}

/// Leads, to be asked for often: one bit each.
#[derive(Clone, Debug, Default)]
pub struct LeadSet {
    bits: Vec<u64>,
    has_none: bool,
}

impl LeadSet {
    /// The set of some leads; [`LeadIndex::NONE`] is one of them if it is there.
    pub fn of(leads: &[LeadIndex]) -> Self {
        let mut set = Self::default();
        for lead in leads {
            if *lead == LeadIndex::NONE {
                set.has_none = true;
                continue;
            }
            let word = lead.0 as usize / 64;
            if set.bits.len() <= word {
                set.bits.resize(word + 1, 0);
            }
            set.bits[word] |= 1 << (lead.0 % 64);
        }
        set
    }

    /// Whether a lead is in it.
    pub fn contains(&self, lead: LeadIndex) -> bool {
        let word = self.bits.get(lead.0 as usize / 64).copied().unwrap_or(0);
        word & (1 << (lead.0 % 64)) != 0 || (self.has_none && lead == LeadIndex::NONE)
    }
}

/// Folds pages that are all in memory. It knows no codes, so every stage of a pipeline is known
/// to it: a playbook with pipelines needs a [`Fold`] and [`Fold::learn`].
///
/// ```
/// # use leadfold_core::{Bounds, Facts, Playbook, fold_pages};
/// let tables = fold_pages(&[Facts::default()], &Playbook::default(), Bounds::default());
/// assert_eq!(tables.leads().count(), 0);
/// ```
pub fn fold_pages(pages: &[Facts], playbook: &Playbook, bounds: Bounds) -> Tables {
    let mut fold = Fold::new(playbook.clone(), bounds);
    pages.iter().for_each(|page| fold.apply(page));
    let history = |leads: &[LeadIndex]| {
        let mut facts = Facts::default();
        let wanted = LeadSet::of(leads);
        pages.iter().for_each(|page| facts.extend_filtered(page, |lead| wanted.contains(lead)));
        Ok::<_, std::convert::Infallible>(facts)
    };
    match fold.settle(history) {
        Ok(()) => fold.into_tables(),
        Err(never) => match never {},
    }
}
