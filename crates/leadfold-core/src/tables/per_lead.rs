//! What an observer keeps of each lead, wherever its leads begin.

use super::OneEach;
use crate::fact::LeadIndex;

/// A row of each lead from one on: from the first of the log, or of a shard.
#[derive(Clone, Debug)]
pub(crate) struct PerLead<T> {
    first: u32,
    rows: OneEach<T>,
}

impl<T> Default for PerLead<T> {
    fn default() -> Self {
        Self::from(LeadIndex(0))
    }
}

impl<T> PerLead<T> {
    /// Of no leads yet, the first of which will be this one.
    pub(crate) fn from(LeadIndex(first): LeadIndex) -> Self {
        Self { first, rows: OneEach::default() }
    }

    #[inline]
    fn place(&self, lead: LeadIndex) -> usize {
        lead.0.wrapping_sub(self.first) as usize
    }

    #[inline]
    pub(crate) fn get(&self, lead: LeadIndex) -> Option<&T> {
        self.rows.get(self.place(lead))
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, lead: LeadIndex) -> Option<&mut T> {
        let place = self.place(lead);
        (place < self.rows.len()).then(|| &mut self.rows[place])
    }

    /// All rows with their leads.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (LeadIndex, &T)> {
        (self.first..).map(LeadIndex).zip(self.rows.iter())
    }

    /// Makes room for so many times the rows that there are, if there is as much memory.
    pub(crate) fn make_room(&mut self, times: usize) {
        self.rows.make_room(self.rows.len().saturating_mul(times));
    }
}

impl<T: Default> PerLead<T> {
    /// The row of a lead, made if there is none.
    #[inline]
    pub(crate) fn reach(&mut self, lead: LeadIndex) -> &mut T {
        let place = self.place(lead);
        self.rows.reach(place + 1);
        &mut self.rows[place]
    }

    /// Takes over the rows of leads behind those here.
    pub(crate) fn append(&mut self, other: Self) {
        self.rows.reach(self.place(LeadIndex(other.first)));
        self.rows.append(other.rows);
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.rows.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::PerLead;
    use crate::fact::LeadIndex;

    #[test]
    fn the_rows_of_shards_stand_by_their_leads() {
        let mut all: PerLead<u32> = PerLead::default();
        for (first, leads) in [(0, 2), (4, 3), (9, 0), (9, 1)] {
            let mut shard = PerLead::from(LeadIndex(first));
            for lead in (first..first + leads).map(LeadIndex) {
                *shard.reach(lead) = 10 + lead.0;
            }
            assert_eq!(shard.get(LeadIndex(first + leads)), None);
            assert_eq!(shard.get(LeadIndex(first.wrapping_sub(1))), None, "before the first");
            all.append(shard);
        }
        *all.reach(LeadIndex(11)) = 21;
        let expected = [10, 11, 0, 0, 14, 15, 16, 0, 0, 19, 0, 21];
        assert!(all.iter().eq((0..).map(LeadIndex).zip(&expected)));
        let read = |lead| all.get(LeadIndex(lead)).copied();
        assert!((0..12).map(read).eq(expected.map(Some)));
        assert_eq!(all.get_mut(LeadIndex(4)), Some(&mut 14));
        assert_eq!(all.get_mut(LeadIndex(12)), None);
    }
}
