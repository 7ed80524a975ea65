//! Rows of many leads in one vector, chained from each lead's newest to its oldest.
//!
//! A scan reads them in the order of storage; a lead's own are found without a scan, and dropped
//! without moving anybody else's.

use super::NO_ROW;
use crate::fact::LeadIndex;

/// Append-only rows that belong to leads.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    rows: Vec<Row<T>>,
    free: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Row<T> {
    /// Whose it is; `FREE` once it is dropped.
    lead: u32,
    older: u32,
    value: T,
}

/// No log has that many leads: the row is free. (Rows without a lead have `u32::MAX`.)
const FREE: u32 = u32::MAX - 1;

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), free: Vec::new() }
    }
}

impl<T> Rows<T> {
    /// Adds a row in front of a lead's chain and gives the row's number.
    pub(crate) fn push(&mut self, lead: u32, chain: &mut u32, value: T) -> u32 {
        let row = Row { lead, older: *chain, value };
        *chain = match self.free.pop() {
            Some(slot) => {
                self.rows[slot as usize] = row;
                slot
            }
            None => {
                self.rows.push(row);
                (self.rows.len() - 1) as u32
            }
        };
        *chain
    }

    /// Puts the rows of other leads, numbered from one on, behind these. Gives what their numbers
    /// grow by.
    pub(crate) fn append(&mut self, other: Self, base: u32) -> u32 {
        let offset = self.rows.len() as u32;
        self.rows.extend(other.rows.into_iter().map(|row| Row {
            lead: if row.lead == FREE { FREE } else { row.lead + base },
            older: moved(row.older, offset),
            value: row.value,
        }));
        self.free.extend(other.free.into_iter().map(|row| row + offset));
        offset
    }

    /// The rows with other values.
    pub(crate) fn map(self, mut change: impl FnMut(T) -> T) -> Self {
        let change = |row: Row<T>| Row { value: change(row.value), ..row };
        Self { rows: self.rows.into_iter().map(change).collect(), free: self.free }
    }

    pub(crate) fn at(&self, row: u32) -> &T {
        &self.rows[row as usize].value
    }

    pub(crate) fn at_mut(&mut self, row: u32) -> &mut T {
        &mut self.rows[row as usize].value
    }

    /// The newest row of a chain.
    pub(crate) fn newest(&self, chain: u32) -> Option<&T> {
        (chain != NO_ROW).then(|| self.at(chain))
    }

    /// The numbers of a chain's rows, newest first.
    pub(crate) fn chain_rows(&self, chain: u32) -> impl Iterator<Item = u32> {
        let older = |row: &u32| Some(self.rows[*row as usize].older).filter(|row| *row != NO_ROW);
        std::iter::successors(Some(chain).filter(|row| *row != NO_ROW), older)
    }

    /// A chain's rows, newest first.
    pub(crate) fn chain(&self, chain: u32) -> impl Iterator<Item = &T> {
        self.chain_rows(chain).map(|row| self.at(row))
    }

    /// Frees a chain's rows.
    pub(crate) fn drop_chain(&mut self, chain: u32) {
        let mut next = chain;
        while next != NO_ROW {
            let row = &mut self.rows[next as usize];
            row.lead = FREE;
            self.free.push(next);
            next = row.older;
        }
    }

    /// All rows with their leads, in the order of storage.
    pub fn iter(&self) -> impl Iterator<Item = (LeadIndex, &T)> {
        self.rows.iter().filter(|row| row.lead != FREE).map(|row| (LeadIndex(row.lead), &row.value))
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len() - self.free.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A row's number, or the end of a chain, once the rows stand behind so many others.
pub(crate) const fn moved(row: u32, offset: u32) -> u32 {
    if row == NO_ROW { NO_ROW } else { row + offset }
}
