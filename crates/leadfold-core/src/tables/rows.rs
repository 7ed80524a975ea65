//! Rows of many leads, chained from each lead's newest to its oldest.
//!
//! A scan reads them in the order of storage; a lead's own are found without a scan, and dropped
//! without moving anybody else's. A row knows how far its elder is from it, not where it stands:
//! rows can be taken over from other tables as they are.

use super::NO_ROW;
use crate::fact::LeadIndex;

/// Append-only rows that belong to leads.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    /// Parts to which no row is added: those of shards that have been taken over, and full ones.
    /// A row's number has the part in its upper bits and the place there in the lower ones.
    closed: Vec<Vec<Row<T>>>,
    /// How many rows those have.
    n_closed: usize,
    /// The last part.
    open: Vec<Row<T>>,
    free: Vec<u32>,
    /// What is added to a lead to tell whose a row is.
    base: u32,
}

#[derive(Clone, Debug)]
struct Row<T> {
    /// Whose it is; `FREE` once it is dropped.
    lead: u32,
    /// From this row's number down to that of the lead's row before it, 0 for the oldest; modulo
    /// 2^32, since a freed place may be lower than an older row's.
    back: u32,
    value: T,
}

/// No log has that many leads: the row is free. (Rows without a lead have `u32::MAX`.)
const FREE: u32 = u32::MAX - 1;

/// Bits of the place in a part.
const PLACE_BITS: u32 = 27;
const PLACES: usize = 1 << PLACE_BITS;
/// What the upper bits of a number can tell; the last number of all is no row.
const PARTS_MAX: usize = (1 << (u32::BITS - PLACE_BITS)) - 1;
/// So many parts are taken over as they are; what comes behind them is copied.
const PARTS_TAKEN_MAX: usize = 16;

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { closed: Vec::new(), n_closed: 0, open: Vec::new(), free: Vec::new(), base: 0 }
    }
}

impl<T> Rows<T> {
    /// Counts the leads of the rows to come from one on.
    pub(crate) fn count_from(&mut self, base: u32) {
        self.base = base;
    }

    /// Makes room for so many times the rows that there are, if there is as much memory.
    pub(crate) fn make_room(&mut self, times: usize) {
        let wanted = self.open.len().saturating_mul(times).min(PLACES);
        reserve(&mut self.open, wanted);
    }

    /// Adds a row in front of a lead's chain and gives the row's number.
    #[inline(always)]
    pub(crate) fn push(&mut self, lead: u32, chain: &mut u32, value: T) -> u32 {
        let number = self.next_number();
        let row = Row { lead: lead.wrapping_add(self.base), back: back(number, *chain), value };
        // Nearly always there is room behind the last row, and no place is free.
        if self.free.is_empty() && self.open.len() < self.open.capacity().min(PLACES) {
            self.open.push(row);
            *chain = number;
        } else {
            self.push_elsewhere(chain, row);
        }
        *chain
    }

    /// Adds a row at a free place, or behind all others once there is room.
    #[cold]
    fn push_elsewhere(&mut self, chain: &mut u32, mut row: Row<T>) {
        if let Some(number) = self.free.pop() {
            row.back = back(number, *chain);
            *self.row_mut(number) = row;
            *chain = number;
            return;
        }
        if self.open.len() == PLACES {
            self.close(Vec::new());
        }
        let number = self.next_number();
        row.back = back(number, *chain);
        self.open.push(row);
        *chain = number;
    }

    /// The number of the row that comes next, while the last part is not full.
    #[inline]
    fn next_number(&self) -> u32 {
        self.first_open() | self.open.len() as u32
    }

    /// Closes the last part and goes on with another.
    #[cold]
    fn close(&mut self, next: Vec<Row<T>>) {
        self.n_closed += self.open.len();
        self.closed.push(std::mem::replace(&mut self.open, next));
        assert!(self.closed.len() < PARTS_MAX, "a table has at most 2^32 rows");
    }

    /// The number of the first row of the last part.
    #[inline]
    fn first_open(&self) -> u32 {
        (self.closed.len() as u32) << PLACE_BITS
    }

    /// Takes over the rows of other leads. Gives what their numbers grow by.
    pub(crate) fn append(&mut self, other: Self) -> u32 {
        if self.closed.is_empty() && self.open.is_empty() {
            *self = Self { base: self.base, ..other };
            return 0;
        }
        let rows = other.n_closed + other.open.len();
        let is_copied = self.closed.len() >= PARTS_TAKEN_MAX && self.open.len() + rows <= PLACES;
        let offset = if is_copied {
            let offset = self.next_number();
            self.open.extend(other.closed.into_iter().flatten().chain(other.open));
            offset
        } else {
            self.close(other.open);
            let offset = self.first_open();
            self.n_closed += other.n_closed;
            self.closed.extend(other.closed);
            assert!(self.closed.len() < PARTS_MAX, "a table has at most 2^32 rows");
            offset
        };
        self.free.extend(other.free.into_iter().map(|row| row + offset));
        offset
    }

    #[inline]
    fn row(&self, number: u32) -> &Row<T> {
        let (part, place) = place_of(number);
        if part == self.closed.len() { &self.open[place] } else { &self.closed[part][place] }
    }

    #[inline]
    fn row_mut(&mut self, number: u32) -> &mut Row<T> {
        let (part, place) = place_of(number);
        let is_open = part == self.closed.len();
        if is_open { &mut self.open[place] } else { &mut self.closed[part][place] }
    }

    fn rows(&self) -> impl Iterator<Item = &Row<T>> {
        self.closed.iter().flatten().chain(&self.open)
    }

    #[inline]
    pub(crate) fn at(&self, row: u32) -> &T {
        &self.row(row).value
    }

    #[inline]
    pub(crate) fn at_mut(&mut self, row: u32) -> &mut T {
        &mut self.row_mut(row).value
    }

    /// The row of a lead that has one at the most, made of its default where there is none yet.
    #[inline]
    pub(crate) fn only_mut(&mut self, lead: u32, chain: &mut u32) -> &mut T
    where
        T: Default,
    {
        if *chain == NO_ROW {
            self.push(lead, chain, T::default());
        }
        self.at_mut(*chain)
    }

    /// All values, to be changed.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.closed.iter_mut().flatten().chain(&mut self.open).map(|row| &mut row.value)
    }

    /// The newest row of a chain.
    #[inline]
    pub(crate) fn newest(&self, chain: u32) -> Option<&T> {
        (chain != NO_ROW).then(|| self.at(chain))
    }

    /// The numbers of a chain's rows, newest first.
    pub(crate) fn chain_rows(&self, chain: u32) -> impl Iterator<Item = u32> {
        let older = |number: &u32| match self.row(*number).back {
            0 => None,
            back => Some(number.wrapping_sub(back)),
        };
        std::iter::successors(Some(chain).filter(|row| *row != NO_ROW), older)
    }

    /// A chain's rows, newest first.
    pub(crate) fn chain(&self, chain: u32) -> impl Iterator<Item = &T> {
        self.chain_rows(chain).map(|row| self.at(row))
    }

    /// Changes all rows of a chain.
    pub(crate) fn change_chain(&mut self, chain: u32, mut change: impl FnMut(&mut T)) {
        let mut next = (chain != NO_ROW).then_some(chain);
        while let Some(number) = next {
            let row = self.row_mut(number);
            change(&mut row.value);
            next = (row.back != 0).then(|| number.wrapping_sub(row.back));
        }
    }

    /// A chain's rows, newest first, each with the one before it.
    pub(crate) fn chain_with_elders(&self, chain: u32) -> impl Iterator<Item = (&T, Option<&T>)> {
        let mut next = (chain != NO_ROW).then(|| (chain, self.row(chain)));
        std::iter::from_fn(move || {
            let (number, row) = next?;
            let elder = (row.back != 0).then(|| number.wrapping_sub(row.back));
            next = elder.map(|elder| (elder, self.row(elder)));
            Some((&row.value, next.map(|(_, elder)| &elder.value)))
        })
    }

    /// Whether rows of a chain are all over memory, as they are where leads come and go as in a log;
    /// a rebuild has them side by side. Told from a few rows, since only time depends on it.
    pub(crate) fn is_scattered(&self) -> bool {
        let step = ((self.n_closed + self.open.len()) / ROWS_LOOKED_AT).max(1);
        let (mut near, mut far) = (0, 0);
        for row in self.rows().step_by(step).filter(|row| row.back != 0) {
            *(if row.back > NEAR { &mut far } else { &mut near }) += 1;
        }
        far > near
    }

    /// Reads chains in one go, row by row of all of them. Waiting for each in turn took longer than
    /// all else where they are scattered, and reads that nobody waits for overlap.
    pub(crate) fn warm_up(&self, chains: &mut Vec<u32>) {
        chains.retain(|chain| *chain != NO_ROW);
        while !chains.is_empty() {
            let backs = chains.iter().map(|number| self.row(*number).back);
            std::hint::black_box(backs.fold(0, |all, back| all ^ back));
            chains.retain_mut(|number| {
                let back = self.row(*number).back;
                *number = number.wrapping_sub(back);
                back > NEAR
            });
        }
    }

    /// The value of the lead's row before one.
    #[inline]
    fn elder(&self, number: u32, row: &Row<T>) -> Option<&T> {
        (row.back != 0).then(|| self.at(number.wrapping_sub(row.back)))
    }

    /// Frees a chain's rows.
    pub(crate) fn drop_chain(&mut self, chain: u32) {
        let mut next = (chain != NO_ROW).then_some(chain);
        while let Some(number) = next {
            let row = self.row_mut(number);
            row.lead = FREE;
            next = (row.back != 0).then(|| number.wrapping_sub(row.back));
            self.free.push(number);
        }
    }

    /// All rows with their leads, in the order of storage.
    pub fn iter(&self) -> impl Iterator<Item = (LeadIndex, &T)> {
        let used = self.rows().filter(|row| row.lead != FREE);
        used.map(|row| (LeadIndex(row.lead), &row.value))
    }

    /// Hands out the rows that are wanted, each with the lead's row before it: in loops of its own,
    /// since a chain of iterators over parts cost the metrics 3 ns an event.
    pub(crate) fn each_with_elder<'a>(
        &'a self,
        is_wanted: impl Fn(&T) -> bool,
        mut take: impl FnMut(u32, &'a T, Option<&'a T>),
    ) {
        for (part, number) in self.closed.iter().chain([&self.open]).zip(0_u32..) {
            for (row, number) in part.iter().zip(number << PLACE_BITS..) {
                if row.lead != FREE && is_wanted(&row.value) {
                    take(row.lead, &row.value, self.elder(number, row));
                }
            }
        }
    }

    /// The number of rows.
    #[inline]
    pub fn len(&self) -> usize {
        self.n_closed + self.open.len() - self.free.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of all rows, those that are free included.
    pub(super) fn memory(&self) -> usize {
        (self.n_closed + self.open.len()) * size_of::<Row<T>>()
    }
}

/// Rows at most so far apart are near each other.
const NEAR: u32 = 16;
/// How many rows tell whether all are scattered.
const ROWS_LOOKED_AT: usize = 256;

/// Makes room for so many rows in all, if there is as much memory; without it they grow as they
/// come.
pub(crate) fn reserve<T>(rows: &mut Vec<T>, wanted: usize) {
    drop(rows.try_reserve_exact(wanted.saturating_sub(rows.len())));
}

/// How far it is from a row down to the one that a chain begins with, if it has one.
#[inline]
fn back(number: u32, chain: u32) -> u32 {
    if chain == NO_ROW { 0 } else { number.wrapping_sub(chain) }
}

/// The part of a row, and its place there.
#[inline]
pub(crate) const fn place_of(number: u32) -> (usize, usize) {
    ((number >> PLACE_BITS) as usize, number as usize % PLACES)
}

/// The numbers at which the parts begin whose first one begins at a number.
pub(crate) fn parts_from(first: u32) -> impl Iterator<Item = u32> {
    (first..).step_by(PLACES)
}

/// A row's number, or the end of a chain, once numbers have grown by so many.
pub(crate) const fn moved(row: u32, offset: u32) -> u32 {
    if row == NO_ROW { NO_ROW } else { row + offset }
}

#[cfg(test)]
mod rows_test;
