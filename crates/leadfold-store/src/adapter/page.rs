//! The facts of consecutive events as one block.

use leadfold_core::Facts;

use super::corrupt;
use crate::{Damage, Damaged, StoreError};

/// A page has no more facts than this, unless one event alone has more.
pub const FACTS_MAX: usize = 4_096;

/// Whether a page is to be merged with one of `count` facts behind it: if both fit into one page
/// and it has no more facts than they. So pages of single events become pages of many, and no fact
/// is written more often than pages double.
pub fn merges(before: u64, count: u64) -> bool {
    before <= count && before + count <= FACTS_MAX as u64
}

/// A page as it is stored.
#[derive(Debug)]
pub struct PageRow {
    /// Position of its first event.
    pub first: u64,
    /// Position of its last event.
    pub last: u64,
    /// Whether the stored checksum is that of the page.
    pub is_sound: bool,
    /// What [`Facts::encode`] wrote.
    pub bytes: Vec<u8>,
}

impl PageRow {
    /// Whether the page has the facts of the event at a position.
    pub fn holds(&self, position: u64) -> bool {
        (self.first..=self.last).contains(&position)
    }

    /// Hands out everything that a checksum covers.
    pub fn feed(first: u64, last: u64, bytes: &[u8], mut take: impl FnMut(&[u8])) {
        take(&first.to_le_bytes());
        take(&last.to_le_bytes());
        take(bytes);
    }

    /// Appends the facts to `out`.
    ///
    /// # Errors
    /// `Corrupt` where the checksum or the facts are not sound.
    pub fn decode(&self, out: &mut Facts) -> Result<(), StoreError> {
        let Self { first, last, .. } = self;
        if !self.is_sound {
            return Err(corrupt(format!(
                "the page of facts at positions {first} to {last} is damaged: expected another \
                 checksum; rebuild the facts from the events"
            )));
        }
        out.decode(&self.bytes).map_err(|error| corrupt(error.to_string()).because(error))
    }

    /// What is wrong with the page. Without the facts of its events nothing is compared.
    pub fn damage(&self, expected: Option<&Facts>) -> Option<Damage> {
        let mut found = Facts::default();
        let detail = match self.decode(&mut found) {
            Err(error) => error.to_string(),
            Ok(()) if expected.is_some_and(|expected| found != *expected) => {
                "expected the facts of the events, found others".to_owned()
            }
            Ok(()) => return None,
        };
        Some(Damage::new(Damaged::Facts, self.first, self.last, detail))
    }
}

/// What is told by the pages that end behind the head of a log, in their order. The log ends where
/// its facts end: nothing else says that its last events are lost.
pub fn damages_behind(head: u64, pages: &[PageRow]) -> Vec<Damage> {
    let unsound = pages.iter().filter(|page| !page.is_sound && page.first > head);
    let mut damages: Vec<_> = unsound.filter_map(|page| page.damage(None)).collect();
    let ends = pages.iter().filter(|page| page.is_sound).map(|page| page.last);
    if let Some(end) = ends.max().filter(|end| *end > head) {
        let detail = "expected the events of a page of facts, found none";
        damages.push(Damage::new(Damaged::Event, head + 1, end, detail));
    }
    damages
}
