//! Which of a lead's opportunities an event means.
//!
//! Nearly every lead has a handful, found by walking its chain. A lead with many gets an index,
//! so that no history makes the fold slower than its length.

use std::collections::{BTreeMap, BTreeSet};

use crate::fact::Code;
use crate::tables::{LeadRow, Opportunity, Outcome, Rare, Rows, Tables};

/// From this many opportunities on, a lead has an index.
const INDEXED_FROM: u32 = 8;

/// What an event's opportunity turns out to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Deal {
    Open(u32),
    Closed(u32),
    /// Several are open and none is named; this is the one opened last.
    Ambiguous(u32),
    /// The lead has it not yet.
    Absent,
}

/// Indices of the leads with many opportunities.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deals {
    leads: BTreeMap<u32, Index>,
}

#[derive(Clone, Debug, Default)]
struct Index {
    by_key: BTreeMap<Code, u32>,
    /// (ordinal, row): the last is the one opened last.
    open: BTreeSet<(u32, u32)>,
    /// (closing, row): the last is the one closed last.
    closed: BTreeSet<(u32, u32)>,
}

impl Deals {
    pub(crate) fn forget(&mut self, lead: u32) {
        self.leads.remove(&lead);
    }

    /// Takes in those of leads that tables have taken in, numbered from one on.
    pub(crate) fn append(&mut self, other: &Self, base: u32, tables: &Tables) {
        let leads = other.leads.keys().map(|lead| lead + base);
        self.leads.extend(leads.map(|lead| (lead, Index::of(&Owned::by(lead, tables)))));
    }

    fn index(&self, lead: u32) -> Option<&Index> {
        if self.leads.is_empty() { None } else { self.leads.get(&lead) }
    }

    /// The opportunity of a key. Its row is the newest that has the key.
    pub(crate) fn named(&self, of: &Owned<'_>, key: Code) -> Deal {
        let row = match self.index(of.lead) {
            Some(index) => index.by_key.get(&key).copied(),
            None => of.newest_first().find(|row| of.at(*row).key == key),
        };
        row.map_or(Deal::Absent, |row| of.deal(row))
    }

    /// The opportunity of an outcome without a key: the only open one, else the last one of this
    /// cycle.
    pub(crate) fn unnamed(&self, of: &Owned<'_>) -> Deal {
        if of.rare.n_open > 0 {
            let newest = self.newest_open(of);
            return newest.map_or(Deal::Absent, |newest| match of.rare.n_open {
                1 => Deal::Open(newest),
                _ => Deal::Ambiguous(newest),
            });
        }
        match of.newest_first().next().filter(|newest| of.at(*newest).cycle == of.row.cycle) {
            Some(newest) => of.deal(newest),
            None => Deal::Absent,
        }
    }

    fn newest_open(&self, of: &Owned<'_>) -> Option<u32> {
        match self.index(of.lead) {
            Some(index) => index.open.last().map(|(_, row)| *row),
            None => of.newest_first().find(|row| of.at(*row).outcome == Outcome::Open),
        }
    }

    /// The opportunity that was closed last.
    pub(crate) fn closed_last(&self, of: &Owned<'_>) -> Deal {
        let row = match self.index(of.lead) {
            Some(index) => index.closed.last().map(|(_, row)| *row),
            None => of
                .newest_first()
                .filter(|row| of.at(*row).outcome != Outcome::Open)
                .max_by_key(|row| of.at(*row).closing),
        };
        row.map_or(Deal::Absent, Deal::Closed)
    }

    /// Takes note of a row that is about to change: call with the row as it was.
    pub(crate) fn remove(&mut self, lead: u32, row: u32, deal: &Opportunity) {
        if self.leads.is_empty() {
            return;
        }
        if let Some(index) = self.leads.get_mut(&lead) {
            index.open.remove(&(deal.ordinal, row));
            index.closed.remove(&(deal.closing, row));
        }
    }

    /// Takes note of a new row, or of a changed one as it is now.
    pub(crate) fn insert(&mut self, of: &Owned<'_>, row: u32) {
        if of.rare.n_opportunities == INDEXED_FROM {
            self.leads.entry(of.lead).or_insert_with(|| Index::of(of));
        }
        if self.leads.is_empty() {
            return;
        }
        if let Some(index) = self.leads.get_mut(&of.lead) {
            index.insert(row, of.at(row));
        }
    }
}

/// The opportunities that a lead owns.
#[derive(Clone, Copy)]
pub(crate) struct Owned<'a> {
    pub(crate) lead: u32,
    pub(crate) row: &'a LeadRow,
    pub(crate) rare: &'a Rare,
    pub(crate) opportunities: &'a Rows<Opportunity>,
}

impl<'a> Owned<'a> {
    fn by(lead: u32, tables: &'a Tables) -> Self {
        let (row, profile) = (&tables.leads[lead as usize], &tables.profiles[lead as usize]);
        let rare = tables.rows.rare(profile);
        Self { lead, row, rare, opportunities: &tables.rows.opportunities }
    }

    pub(crate) fn at(&self, row: u32) -> &'a Opportunity {
        self.opportunities.at(row)
    }

    fn newest_first(&self) -> impl Iterator<Item = u32> + 'a {
        self.opportunities.chain_rows(self.row.opportunities)
    }

    fn deal(&self, row: u32) -> Deal {
        match self.at(row).outcome {
            Outcome::Open => Deal::Open(row),
            Outcome::Won | Outcome::Lost => Deal::Closed(row),
        }
    }
}

impl Index {
    fn of(of: &Owned<'_>) -> Self {
        let mut index = Self::default();
        let rows: Vec<u32> = of.newest_first().collect();
        rows.into_iter().rev().for_each(|row| index.insert(row, of.at(row)));
        index
    }

    fn insert(&mut self, row: u32, deal: &Opportunity) {
        self.by_key.insert(deal.key, row);
        match deal.outcome {
            Outcome::Open => self.open.insert((deal.ordinal, row)),
            Outcome::Won | Outcome::Lost => self.closed.insert((deal.closing, row)),
        };
    }
}
