//! A rebuild on several threads: each folds leads of its own, then all are put together.

use super::Fold;
use crate::LeadFacts;
use crate::by_lead::{Outline, Tangle};
use crate::fact::{Facts, LeadIndex};

/// A part of a rebuild: the leads from one on, folded apart from all others, on any thread.
///
/// ```
/// # use leadfold_core::{Bounds, Fold, LeadFacts, LeadIndex, Playbook};
/// let mut fold = Fold::new(Playbook::default(), Bounds::default());
/// let mut shards = [LeadIndex(0), LeadIndex(1_000)].map(|first| fold.shard(first));
/// shards.iter_mut().for_each(|shard| shard.rebuild(LeadFacts::default())); // each its leads
/// fold.assemble(shards);
/// assert_eq!(fold.tables().leads().count(), 0);
/// ```
#[derive(Clone, Debug)]
pub struct Shard {
    fold: Fold,
    /// Its first lead: the fold of a shard counts from there.
    base: u32,
    /// What a shard cannot fold: leads that are merged, whose families may be anywhere, and
    /// events without a lead.
    aside: Facts,
}

impl Fold {
    /// A shard for the leads from one on, under the same rules.
    pub fn shard(&self, base: LeadIndex) -> Shard {
        let mut fold = Self {
            stages: self.stages.clone(),
            queues: self.queues.clone(),
            ..Self::new(self.playbook.clone(), self.bounds)
        };
        fold.tables.count_from(base.0);
        Shard { fold, base: base.0, aside: Facts::default() }
    }

    /// Makes one of shards, in the order of their leads. What none of them could fold apart is
    /// folded now: merged leads, and events without a lead.
    ///
    /// # Panics
    /// When a lead is in two shards, or in a shard and here already.
    pub fn assemble(&mut self, shards: impl IntoIterator<Item = Shard>) {
        let mut apart = Vec::new();
        for Shard { fold, base, aside } in shards {
            let is_behind = self.tables.leads.len() <= base as usize;
            assert!(is_behind, "shards come in the order of their leads");
            self.tables.append(fold.tables, base);
            self.deals.append(&fold.deals, base, &self.tables);
            apart.push(aside);
        }
        self.rebuild(&LeadFacts::of(&apart.iter().collect::<Vec<_>>()));
    }
}

impl Shard {
    /// Takes note of how many events its parts have, as [`Fold::expect`] does.
    pub fn expect(&mut self, events: usize) {
        self.fold.expect(events);
    }

    /// Folds leads from their whole histories, as [`Fold::rebuild`] does.
    ///
    /// # Panics
    /// When a lead comes before the shard's first.
    pub fn rebuild(&mut self, mut leads: LeadFacts) {
        let Self { fold, base, aside } = self;
        for outline in leads.outlines().filter(is_apart) {
            let (start, end) = leads.facts().events_at(&outline.events);
            aside.extend_from(leads.facts(), start, end);
        }
        leads.number_from(*base);
        for outline in leads.outlines().filter(|outline| !is_apart(outline)) {
            fold.rebuild_lead(leads.facts(), &outline);
        }
        fold.make_room(leads.event_count());
    }
}

/// Whether a lead cannot be folded by a shard.
fn is_apart(outline: &Outline) -> bool {
    outline.lead == LeadIndex::NONE.0 || outline.tangle == Tangle::Merged
}
