//! Which of a lead's opportunities an event means.
//!
//! Nearly every lead has a handful, found by walking its chain. A lead with many gets an index,
//! so that no history makes the fold slower than its length.

use std::collections::{BTreeMap, BTreeSet};

use crate::fact::Code;
use crate::tables::{Outcome, Tables};

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
        self.leads.extend(leads.map(|lead| (lead, Index::of(tables, lead))));
    }

    fn index(&self, lead: u32) -> Option<&Index> {
        if self.leads.is_empty() { None } else { self.leads.get(&lead) }
    }

    /// The opportunity of a key. Its row is the newest that has the key.
    pub(crate) fn named(&self, tables: &Tables, lead: u32, key: Code) -> Deal {
        let row = match self.index(lead) {
            Some(index) => index.by_key.get(&key).copied(),
            None => {
                let chain = tables.leads[lead as usize].opportunities;
                let mut rows = tables.opportunities.chain_rows(chain);
                rows.find(|row| tables.opportunities.at(*row).key == key)
            }
        };
        row.map_or(Deal::Absent, |row| deal_of(tables, row))
    }

    /// The opportunity of an outcome without a key: the only open one, else the last one of this
    /// cycle.
    pub(crate) fn unnamed(&self, tables: &Tables, lead: u32) -> Deal {
        let row = &tables.leads[lead as usize];
        let n_open = tables.profiles[lead as usize].n_open;
        if n_open > 0 {
            let newest = self.newest_open(tables, lead);
            return newest.map_or(Deal::Absent, |newest| match n_open {
                1 => Deal::Open(newest),
                _ => Deal::Ambiguous(newest),
            });
        }
        let newest = tables.opportunities.chain_rows(row.opportunities).next();
        match newest.filter(|newest| tables.opportunities.at(*newest).cycle == row.cycle) {
            Some(newest) => deal_of(tables, newest),
            None => Deal::Absent,
        }
    }

    fn newest_open(&self, tables: &Tables, lead: u32) -> Option<u32> {
        match self.index(lead) {
            Some(index) => index.open.last().map(|(_, row)| *row),
            None => {
                let chain = tables.leads[lead as usize].opportunities;
                let mut rows = tables.opportunities.chain_rows(chain);
                rows.find(|row| tables.opportunities.at(*row).outcome == Outcome::Open)
            }
        }
    }

    /// The opportunity that was closed last.
    pub(crate) fn closed_last(&self, tables: &Tables, lead: u32) -> Deal {
        let row = match self.index(lead) {
            Some(index) => index.closed.last().map(|(_, row)| *row),
            None => {
                let chain = tables.leads[lead as usize].opportunities;
                let rows = tables.opportunities.chain_rows(chain);
                rows.filter(|row| tables.opportunities.at(*row).outcome != Outcome::Open)
                    .max_by_key(|row| tables.opportunities.at(*row).closing)
            }
        };
        row.map_or(Deal::Absent, Deal::Closed)
    }

    /// Takes note of a new row, or of one that is about to change: call with the row as it was.
    pub(crate) fn remove(&mut self, tables: &Tables, lead: u32, row: u32) {
        if let Some(index) = self.leads.get_mut(&lead) {
            let deal = tables.opportunities.at(row);
            index.open.remove(&(deal.ordinal, row));
            index.closed.remove(&(deal.closing, row));
        }
    }

    /// Takes note of a row as it is now.
    pub(crate) fn insert(&mut self, tables: &Tables, lead: u32, row: u32) {
        if tables.profiles[lead as usize].n_opportunities == INDEXED_FROM {
            self.leads.entry(lead).or_insert_with(|| Index::of(tables, lead));
        }
        if let Some(index) = self.leads.get_mut(&lead) {
            index.insert(tables, row);
        }
    }
}

impl Index {
    fn of(tables: &Tables, lead: u32) -> Self {
        let mut index = Self::default();
        let chain = tables.leads[lead as usize].opportunities;
        let rows: Vec<u32> = tables.opportunities.chain_rows(chain).collect();
        rows.into_iter().rev().for_each(|row| index.insert(tables, row));
        index
    }

    fn insert(&mut self, tables: &Tables, row: u32) {
        let deal = tables.opportunities.at(row);
        self.by_key.insert(deal.key, row);
        match deal.outcome {
            Outcome::Open => self.open.insert((deal.ordinal, row)),
            Outcome::Won | Outcome::Lost => self.closed.insert((deal.closing, row)),
        };
    }
}

fn deal_of(tables: &Tables, row: u32) -> Deal {
    match tables.opportunities.at(row).outcome {
        Outcome::Open => Deal::Open(row),
        Outcome::Won | Outcome::Lost => Deal::Closed(row),
    }
}
