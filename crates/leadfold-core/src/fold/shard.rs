//! A rebuild on several threads: each folds leads of its own, then all are put together.

use std::ops::Range;

use super::{Apart, Fold, Sharded};
use crate::by_lead::Outline;
use crate::fact::LeadIndex;
use crate::{LeadFacts, LeadRuns};

/// A part of a rebuild: the leads from one on, folded apart from all others, on any thread.
///
/// ```
/// # use leadfold_core::{Bounds, Fold, LeadFacts, LeadIndex, Playbook};
/// let mut fold = Fold::new(Playbook::default(), Bounds::default());
/// let mut shards = [LeadIndex(0), LeadIndex(1_000)].map(|first| fold.shard(first));
/// shards.iter_mut().for_each(|shard| shard.rebuild(&LeadFacts::default())); // each its leads
/// fold.assemble(shards);
/// assert_eq!(fold.tables().leads().count(), 0);
/// ```
#[derive(Clone, Debug)]
pub struct Shard<O = ()> {
    fold: Fold<O>,
    /// What a shard cannot fold: leads that are merged, whose families may be anywhere, and
    /// events without a lead.
    apart: Apart,
}

impl<O: Sharded> Fold<O> {
    /// A shard for the leads from one on, under the same rules and watched in the same way.
    pub fn shard(&self, base: LeadIndex) -> Shard<O> {
        let mut fold = Self {
            law: self.law.clone(),
            base: base.0,
            ..Self::watched(self.playbook.clone(), self.bounds, self.observer.shard(base))
        };
        fold.tables.count_from(base.0);
        Shard { fold, apart: Apart::of(&[]).with_leadless() }
    }

    /// Makes one of shards, in the order of their leads. What none of them could fold apart is
    /// folded now, and returned: merged leads, and events without a lead.
    ///
    /// # Panics
    /// When a lead is in two shards, or in a shard and here already.
    pub fn assemble(&mut self, shards: impl IntoIterator<Item = Shard<O>>) -> Apart {
        let append = |Shard { fold, apart }| {
            let base = fold.base;
            let is_behind = self.tables.leads.len() <= base as usize;
            // One without leads may begin anywhere: no room is made for the leads before it.
            if !fold.tables.leads.is_empty() {
                assert!(is_behind, "shards come in the order of their leads");
                let grown = self.tables.append(fold.tables, base);
                self.deals.append(&fold.deals, base, &self.tables);
                self.observer.append(fold.observer, grown);
            }
            apart
        };
        let apart = shards.into_iter().map(append).reduce(Apart::and).unwrap_or_default();
        self.rebuild_apart(&apart);
        apart
    }
}

impl<O: Sharded> Shard<O> {
    /// Takes note of how many events its parts have, as [`Fold::expect`] does.
    pub fn expect(&mut self, events: usize) {
        self.fold.expect(events);
    }

    /// Leaves leads out that have to be folded last, in memory that is so far empty.
    #[must_use]
    pub fn apart_from(self, apart: Apart) -> Self {
        Self { apart: apart.with_leadless(), ..self }
    }

    /// So many runs of a log, to be read for the leads of this shard up to one.
    pub fn runs(&self, runs: usize, last: LeadIndex) -> LeadRuns {
        LeadRuns::within(runs, LeadIndex(self.fold.base), last)
    }

    /// Folds leads from their whole histories, as [`Fold::rebuild`] does.
    ///
    /// # Panics
    /// When a lead comes before the shard's first.
    pub fn rebuild(&mut self, leads: &LeadFacts) {
        let is_own = leads.first_lead().is_none_or(|first| first.0 >= self.fold.base);
        assert!(is_own, "a shard is given the leads from its first one on");
        let events = 0..leads.event_count();
        self.rebuild_events(leads, events.clone());
        self.fold.make_room(events.len());
    }

    /// The same with what [its runs](Self::runs) have until one of them wants its next page.
    /// Returns how many events it has seen.
    pub fn rebuild_runs(&mut self, runs: &mut LeadRuns) -> u64 {
        let mut seen = 0;
        while let Some((page, events)) = runs.next() {
            seen += events.len();
            self.rebuild_events(page, events);
        }
        self.fold.make_room(seen);
        seen as u64
    }

    fn rebuild_events(&mut self, page: &LeadFacts, events: Range<usize>) {
        for outline in page.outlines_of(events) {
            if self.is_apart(&outline) {
                self.apart.put(page, outline.events);
            } else {
                self.fold.rebuild_lead(page.facts(), &outline);
            }
        }
    }

    /// Whether a lead cannot be folded by a shard, or is not to be.
    fn is_apart(&self, outline: &Outline) -> bool {
        !self.fold.is_alone(outline) || self.apart.has(outline.lead)
    }
}
