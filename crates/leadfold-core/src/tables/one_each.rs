//! What every lead has one of, by the number of the lead.
//!
//! Parts of shards are taken over as they are: to copy them into one is memory that one thread fills
//! once more while the others have nothing to do.

use std::ops::{Index, IndexMut, Range};

use super::reserve;

/// A row of each lead.
#[derive(Clone, Debug)]
pub(crate) struct OneEach<T> {
    /// Parts to which no lead is added, the earlier leads first, each with its first lead.
    closed: Vec<(usize, Vec<T>)>,
    /// The last part: the only one, where there were no shards.
    open: Vec<T>,
    /// The first lead of the last part.
    first: usize,
}

impl<T> Default for OneEach<T> {
    fn default() -> Self {
        Self { closed: Vec::new(), open: Vec::new(), first: 0 }
    }
}

impl<T> OneEach<T> {
    /// One more than the highest number of a lead.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.first + self.open.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(crate) fn get(&self, lead: usize) -> Option<&T> {
        match lead.checked_sub(self.first) {
            Some(place) => self.open.get(place),
            None => Some(self.closed_at(lead)),
        }
    }

    fn closed_at(&self, lead: usize) -> &T {
        let (first, part) = &self.closed[self.part_of(lead)];
        &part[lead - first]
    }

    fn part_of(&self, lead: usize) -> usize {
        self.closed.partition_point(|(first, _)| *first <= lead) - 1
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.closed.iter().flat_map(|(_, part)| part).chain(&self.open)
    }

    /// The rows of a range of leads, part by part, each with its first lead. The parts of two are
    /// the same if their leads came together.
    pub(crate) fn parts(&self, leads: Range<u32>) -> impl Iterator<Item = (u32, &[T])> {
        let closed = self.closed.iter().map(|(first, part)| (*first, part.as_slice()));
        closed.chain([(self.first, self.open.as_slice())]).map(move |(first, part)| {
            let place = |lead: u32| (lead as usize).clamp(first, first + part.len()) - first;
            let start = place(leads.start);
            ((first + start) as u32, &part[start..place(leads.end).max(start)])
        })
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.closed.iter_mut().flat_map(|(_, part)| part).chain(&mut self.open)
    }

    /// The bytes of all rows.
    pub(super) fn memory(&self) -> usize {
        self.len() * size_of::<T>()
    }

    /// Makes room for so many leads in all, if there is as much memory.
    pub(crate) fn make_room(&mut self, leads: usize) {
        reserve(&mut self.open, leads.saturating_sub(self.first));
    }

    /// Takes over the rows of the leads behind those here, as they are.
    pub(crate) fn append(&mut self, other: Self) {
        let base = self.len();
        if !self.is_empty() {
            self.closed.push((self.first, std::mem::take(&mut self.open)));
        }
        self.closed.extend(other.closed.into_iter().map(|(first, part)| (base + first, part)));
        (self.first, self.open) = (base + other.first, other.open);
    }
}

impl<T: Default> OneEach<T> {
    /// Makes rows for leads up to a number.
    #[inline]
    pub(crate) fn reach(&mut self, leads: usize) {
        let len = self.len();
        if len + 1 == leads {
            // Nearly always: leads come one after the other.
            self.open.push(T::default());
        } else if len < leads {
            self.open.resize_with(leads - self.first, T::default);
        }
    }
}

impl<T> Index<usize> for OneEach<T> {
    type Output = T;

    #[inline]
    fn index(&self, lead: usize) -> &T {
        match lead.checked_sub(self.first) {
            Some(place) => &self.open[place],
            None => self.closed_at(lead),
        }
    }
}

impl<T> IndexMut<usize> for OneEach<T> {
    #[inline]
    fn index_mut(&mut self, lead: usize) -> &mut T {
        if let Some(place) = lead.checked_sub(self.first) {
            return &mut self.open[place];
        }
        let part = self.part_of(lead);
        let (first, part) = &mut self.closed[part];
        &mut part[lead - *first]
    }
}

#[cfg(test)]
mod tests {
    use super::OneEach;

    fn of(leads: usize) -> OneEach<usize> {
        let mut rows = OneEach::default();
        rows.reach(leads);
        rows
    }

    #[test]
    fn parts_are_one_sequence() {
        for sizes in [&[0, 0][..], &[3], &[0, 2], &[2, 0], &[1, 2, 3], &[2, 0, 0, 1]] {
            let mut rows = of(0);
            sizes.iter().for_each(|size| rows.append(of(*size)));
            rows.reach(7);
            (0..7).for_each(|lead| rows[lead] = 10 * lead);
            assert_eq!(rows.len(), 7, "{sizes:?}");
            assert_eq!(rows.get(7), None, "{sizes:?}");
            let read: Vec<usize> = (0..7).map(|lead| rows[lead]).collect();
            assert_eq!(read, [0, 10, 20, 30, 40, 50, 60], "{sizes:?}");
            assert!(rows.iter().copied().eq(read), "{sizes:?}");
            for (start, end) in [(0, 7), (0, 3), (2, 5), (6, 9), (4, 4), (9, u32::MAX), (5, 2)] {
                let parts = rows.parts(start..end);
                let found = parts.flat_map(|(first, part)| (first..).zip(part.iter().copied()));
                let expected = (start..end.min(7)).map(|lead| (lead, 10 * lead as usize));
                assert!(found.eq(expected), "{sizes:?}: {start} to {end}");
            }
        }
    }

    #[test]
    fn parts_of_parts_are_one_sequence() {
        let mut shards = of(2);
        shards.append(of(3));
        let mut rows = of(1);
        rows.append(shards);
        (0..6).for_each(|lead| rows[lead] = lead);
        assert!(rows.iter().copied().eq(0..6));
        assert_eq!(rows.get(6), None);
    }
}
