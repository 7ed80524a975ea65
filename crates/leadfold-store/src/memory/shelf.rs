//! The place for a snapshot.

use crate::adapter::unknown;
use crate::{KeptSnapshot, Snapshot, StoreError};

/// Has one snapshot at the most.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    kept: Option<Snapshot>,
    /// How many there have been: the number of the one that is there.
    number: u64,
}

impl Shelf {
    pub(crate) fn keep(&mut self, snapshot: Snapshot) {
        self.number += 1;
        self.kept = Some(snapshot);
    }

    pub(crate) fn drop_it(&mut self) -> bool {
        self.kept.take().is_some()
    }

    pub(crate) fn kept(&self) -> Option<KeptSnapshot> {
        self.kept.as_ref().map(|snapshot| KeptSnapshot {
            number: self.number,
            key: snapshot.key.clone(),
            at: snapshot.at,
            parts: snapshot.parts.len() as u32,
        })
    }

    pub(crate) fn part(&self, number: u64, part: u32) -> Result<Vec<u8>, StoreError> {
        let kept = self.kept.as_ref().filter(|_| number == self.number);
        let part_of = |snapshot: &Snapshot| snapshot.parts.get(part as usize).cloned();
        kept.and_then(part_of).ok_or_else(|| unknown("part of a snapshot", part.into()))
    }
}
