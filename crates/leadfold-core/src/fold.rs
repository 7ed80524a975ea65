//! The fold: facts in, tables out.
//!
//! Events that come in order go straight into the rows of their lead. What does not (late
//! events, corrections, merges) marks its lead, and [`Fold::settle`] folds the marked leads anew
//! from their whole history, through the same `evolve`. So the tables always equal the fold of
//! the effective events in effective order, whatever the order of arrival.

mod deals;
mod evolve;
mod family;
mod forest;
mod history;
mod judge;
mod stages;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use self::deals::Deals;
use self::evolve::Evolve;
pub(crate) use self::judge::{Court, Verdict};
use self::stages::Stages;
pub(crate) use self::step::Step;
use crate::fact::{Code, Facts, LeadIndex};
use crate::machine::Kind;
use crate::tables::{COMPLEX, DIRTY, Tables};
use crate::{Playbook, Timestamp};

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
#[derive(Clone, Debug, Default)]
pub struct Fold {
    playbook: Playbook,
    bounds: Bounds,
    tables: Tables,
    deals: Deals,
    stages: Stages,
    /// Leads to be folded anew.
    dirty: Vec<u32>,
    is_no_lead_dirty: bool,
    is_no_lead_complex: bool,
    /// Leads that a merge connects, both ways.
    links: BTreeMap<u32, BTreeSet<u32>>,
    position: u64,
}

impl Fold {
    /// A fold under a playbook, of the part of the log that the bounds let through.
    pub fn new(playbook: Playbook, bounds: Bounds) -> Self {
        Self { playbook, bounds, ..Self::default() }
    }

    /// Tells the fold the log's codes for the stages that the playbook describes. Needed before
    /// [`Fold::apply`] if the playbook has pipelines; costs nothing if it has none.
    ///
    /// # Errors
    /// What `code_of` returns.
    pub fn learn_stages<E>(
        &mut self,
        code_of: impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<(), E> {
        if !self.playbook.pipelines.is_empty() {
            self.stages = Stages::of(&self.playbook, code_of)?;
        }
        Ok(())
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
        assert!(self.is_settled(), "a fold is settled before its tables are read");
        self.tables
    }

    pub(crate) fn deals(&self) -> &Deals {
        &self.deals
    }

    /// Whether no lead waits to be folded anew.
    pub fn is_settled(&self) -> bool {
        self.dirty.is_empty() && !self.is_no_lead_dirty
    }

    /// Folds the next page of the log.
    pub fn apply(&mut self, facts: &Facts) {
        let as_of = self.bounds.as_of.map_or(i64::MAX, Timestamp::micros);
        let known_at = self.bounds.known_at.map(Timestamp::micros);
        let mut start = 0;
        while start < facts.len() {
            let end = facts.event_end(start);
            if known_at.is_none_or(|bound| facts.recorded_at[start] <= bound) {
                self.take(facts, start, end, as_of);
            }
            start = end;
        }
        self.position = facts.last_position().unwrap_or(self.position);
    }

    fn take(&mut self, facts: &Facts, start: usize, end: usize, as_of: i64) {
        let lead = facts.lead[start];
        let kind = facts.kind[start];
        let at = facts.at[start];
        if at <= as_of {
            self.tables.last_at = self.tables.last_at.max(Some(at));
        }
        let is_complex = matches!(kind, Kind::Corrected | Kind::Merged | Kind::Unmerged)
            || facts.kind[start..end].contains(&Kind::Amendment);
        if lead == LeadIndex::NONE.0 {
            return self.take_no_lead(facts, (start, end), is_complex, at <= as_of);
        }
        self.tables.reserve_lead(lead);
        if is_complex {
            return self.take_complex(facts, start, end);
        }
        let row = &self.tables.leads[lead as usize];
        if row.flags & (COMPLEX | DIRTY) != 0 || at < row.last_at {
            return self.mark(lead);
        }
        if at > as_of {
            return;
        }
        let step = Step {
            facts,
            head: start,
            end,
            lead,
            stream: lead,
            at,
            position: facts.position[start],
            external: history::external_at(facts, start, end),
            is_quiet: false,
        };
        let mut evolve = Evolve {
            tables: &mut self.tables,
            deals: &mut self.deals,
            stages: &self.stages,
            rules: &self.playbook.rules,
        };
        evolve.apply(&step);
    }

    fn take_no_lead(
        &mut self,
        facts: &Facts,
        (head, end): (usize, usize),
        is_complex: bool,
        is_due: bool,
    ) {
        self.is_no_lead_complex |= is_complex;
        if self.is_no_lead_complex {
            self.is_no_lead_dirty = true;
        } else if is_due {
            let none = LeadIndex::NONE.0;
            let (at, position) = (facts.at[head], facts.position[head]);
            let (external, is_quiet) = (None, false);
            let step =
                Step { facts, head, end, lead: none, stream: none, at, position, external, is_quiet };
            self.fold_no_lead(&step);
        }
    }

    /// Corrections and merges are weighed with the whole history of all whom they concern. The
    /// merges among the facts are the event's own or those of a replacement.
    fn take_complex(&mut self, facts: &Facts, start: usize, end: usize) {
        let lead = facts.lead[start];
        self.tables.leads[lead as usize].flags |= COMPLEX;
        self.mark(lead);
        for index in start..end {
            if matches!(facts.kind[index], Kind::Merged | Kind::Unmerged) {
                let other = facts.a[index];
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
        let families = self.dirty_families();
        let mut leads: Vec<LeadIndex> = families.into_iter().flatten().map(LeadIndex).collect();
        leads.sort_unstable();
        leads.extend(self.is_no_lead_dirty.then_some(LeadIndex::NONE));
        leads
    }

    /// Folds the marked leads anew. `history` gives all facts of the leads that it is asked for,
    /// up to [`Fold::position`], in the order of the log; [`LeadIndex::NONE`] stands for the
    /// events without a lead.
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
        let families = self.dirty_families();
        let facts = history(&self.unsettled())?;
        let mut starts = starts_by_lead(&facts);
        for family in families {
            let mut members: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            for lead in family {
                members.insert(lead, starts.remove(&lead).unwrap_or_default());
            }
            self.refold_family(&facts, &members);
        }
        if self.is_no_lead_dirty {
            let mut only = Facts::default();
            only.extend_filtered(&facts, |lead| lead == LeadIndex::NONE);
            self.refold_no_lead(&only);
            self.is_no_lead_dirty = false;
        }
        self.dirty.clear();
        Ok(())
    }

    /// The marked leads with all that merges connect them to, family by family.
    fn dirty_families(&self) -> Vec<Vec<u32>> {
        let mut seen = BTreeSet::new();
        let mut families = Vec::new();
        for lead in &self.dirty {
            if !seen.insert(*lead) {
                continue;
            }
            let mut family = vec![*lead];
            let mut next = 0;
            while next < family.len() {
                let linked = self.links.get(&family[next]).into_iter().flatten();
                family.extend(linked.filter(|other| seen.insert(**other)));
                next += 1;
            }
            families.push(family);
        }
        families
    }
}

/// The indices at which events start.
pub(crate) fn event_starts(facts: &Facts) -> impl Iterator<Item = usize> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let start = (next < facts.len()).then_some(next)?;
        next = facts.event_end(start);
        Some(start)
    })
}

fn starts_by_lead(facts: &Facts) -> BTreeMap<u32, Vec<usize>> {
    let mut starts: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for start in event_starts(facts) {
        starts.entry(facts.lead[start]).or_default().push(start);
    }
    starts
}

/// Folds pages that are all in memory.
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
        for page in pages {
            facts.extend_filtered(page, |lead| leads.binary_search(&lead).is_ok());
        }
        Ok::<_, std::convert::Infallible>(facts)
    };
    match fold.settle(history) {
        Ok(()) => fold.into_tables(),
        Err(never) => match never {},
    }
}
