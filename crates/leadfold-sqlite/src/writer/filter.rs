//! Which ids the index may have: most new ids are recognised without a look into the index.

use std::hash::BuildHasher;

use leadfold_core::EventId;
use leadfold_store::adapter::Seeded;

/// Bits for every id that there is room for: with four of them set, one new id in 70 is looked up
/// for nothing.
const BITS_PER_ID: usize = 16;
/// 16 MiB: good for 8 million ids, and of some use for four times as many.
const WORDS_MAX: usize = 1 << 21;

/// A Bloom filter whose bits for one id lie in one word: one access to memory each.
#[derive(Debug)]
pub(crate) struct Filter {
    words: Vec<u64>,
    hash: Seeded,
    len: usize,
}

impl Filter {
    /// An empty one with room for so many ids.
    pub(crate) fn with_room_for(ids: usize) -> Self {
        let words = (ids / (64 / BITS_PER_ID)).clamp(1, WORDS_MAX).next_power_of_two();
        Self { words: vec![0; words], hash: Seeded::default(), len: 0 }
    }

    /// Whether a larger one would be better.
    pub(crate) fn is_full(&self) -> bool {
        self.words.len() < WORDS_MAX && self.len * BITS_PER_ID > self.words.len() * 64
    }

    pub(crate) fn insert(&mut self, id: EventId) {
        let (word, bits) = self.place(id);
        self.words[word] |= bits;
        self.len += 1;
    }

    /// False is certain.
    pub(crate) fn may_have(&self, id: EventId) -> bool {
        let (word, bits) = self.place(id);
        self.words[word] & bits == bits
    }

    /// The word of an id and its four bits.
    fn place(&self, id: EventId) -> (usize, u64) {
        let hash = self.hash.hash_one(id);
        let bits = [0, 6, 12, 18].iter().fold(0, |bits, shift| bits | 1 << ((hash >> shift) & 63));
        ((hash >> 24) as usize & (self.words.len() - 1), bits)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(n: u64) -> EventId {
        EventId(Uuid::from_u64_pair(n, 7))
    }

    #[test]
    fn what_is_in_is_never_denied_and_little_else_is_admitted() {
        let mut filter = Filter::with_room_for(50_000);
        (0..50_000).for_each(|n| filter.insert(id(n)));
        assert!((0..50_000).all(|n| filter.may_have(id(n))));
        let admitted = (50_000..150_000).filter(|n| filter.may_have(id(*n))).count();
        assert!(admitted < 3_000, "{admitted} of 100,000");
        assert!(!filter.is_full(), "it has the room of a power of two");
        (50_000..100_000).for_each(|n| filter.insert(id(n)));
        assert!(filter.is_full());
    }
}
