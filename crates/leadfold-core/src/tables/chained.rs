//! Rows that an observer adds to leads, wherever its leads begin.

use super::{NO_ROW, PerLead, Rows, moved};
use crate::fact::LeadIndex;

/// Rows of leads from one on: from the first of the log, or of a shard.
#[derive(Clone, Debug)]
pub(crate) struct Chained<T> {
    rows: Rows<T>,
    newest: PerLead<Newest>,
}

/// The newest row of a lead; none at first.
#[derive(Clone, Copy, Debug)]
struct Newest(u32);

impl Default for Newest {
    fn default() -> Self {
        Self(NO_ROW)
    }
}

impl<T> Default for Chained<T> {
    fn default() -> Self {
        Self::from(LeadIndex(0))
    }
}

impl<T> Chained<T> {
    /// Of no leads yet, the first of which will be this one.
    pub(crate) fn from(first: LeadIndex) -> Self {
        Self { rows: Rows::default(), newest: PerLead::from(first) }
    }

    pub(crate) fn push(&mut self, lead: LeadIndex, row: T) {
        self.rows.push(lead.0, &mut self.newest.reach(lead).0, row);
    }

    /// A lead's rows, newest first.
    pub(crate) fn of(&self, lead: LeadIndex) -> impl Iterator<Item = &T> {
        let Newest(newest) = self.newest.get(lead).copied().unwrap_or_default();
        self.rows.chain(newest)
    }

    /// All rows with their leads, in the order of storage.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (LeadIndex, &T)> {
        self.rows.iter()
    }

    pub(crate) fn forget(&mut self, lead: LeadIndex) {
        if let Some(newest) = self.newest.get_mut(lead) {
            self.rows.drop_chain(std::mem::take(newest).0);
        }
    }

    /// Takes over the rows of leads behind those here.
    pub(crate) fn append(&mut self, mut other: Self) {
        let grown = self.rows.append(other.rows);
        other.newest.iter_mut().for_each(|newest| newest.0 = moved(newest.0, grown));
        self.newest.append(other.newest);
    }
}

#[cfg(test)]
mod tests {
    use super::Chained;
    use crate::fact::LeadIndex;

    #[test]
    fn the_rows_of_shards_are_those_of_their_leads() {
        let mut all: Chained<u32> = Chained::default();
        for first in [0, 3, 9] {
            let mut shard = Chained::from(LeadIndex(first));
            for (lead, row) in [(first, 1), (first + 1, 2), (first, 3)] {
                shard.push(LeadIndex(lead), 10 * first + row);
            }
            all.append(shard);
        }
        all.push(LeadIndex(3), 34);
        all.forget(LeadIndex(4));
        let of = |lead| all.of(LeadIndex(lead)).copied().collect::<Vec<_>>();
        let found: Vec<_> = [0, 1, 2, 3, 4, 9, 10, 11].map(of).into();
        let expected: [&[u32]; 8] = [&[3, 1], &[2], &[], &[34, 33, 31], &[], &[93, 91], &[92], &[]];
        assert_eq!(found, expected);
        assert!(all.iter().all(|(lead, row)| of(lead.0).contains(row)));
        assert_eq!(all.iter().count(), 9);
    }
}
