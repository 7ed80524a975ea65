//! A hash for keys that are looked up once an event. The standard one costs more than the rest of
//! the look-up; this one is a multiplication for every eight bytes, seeded so that nobody outside
//! can choose keys that collide.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// A map with this hash.
pub type Map<K, V> = std::collections::HashMap<K, V, Seeded>;

/// Makes hashers of one seed.
#[derive(Clone, Copy, Debug)]
pub struct Seeded(u64);

impl Default for Seeded {
    fn default() -> Self {
        Self(RandomState::new().build_hasher().finish())
    }
}

impl BuildHasher for Seeded {
    type Hasher = Folding;

    fn build_hasher(&self) -> Folding {
        Folding(self.0)
    }
}

/// Folds what it is given into 64 bits.
#[derive(Debug)]
pub struct Folding(u64);

impl Folding {
    fn mix(&mut self, word: u64) {
        // The digits of pi: odd, and without a pattern.
        const FACTOR: u64 = 0x243f_6a88_85a3_08d3;
        let product = u128::from(self.0 ^ word) * u128::from(FACTOR);
        self.0 = (product as u64) ^ (product >> 64) as u64;
    }
}

impl Hasher for Folding {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.mix(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        // The length keeps a text apart from the same text with zeros behind it.
        self.mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    fn write_u32(&mut self, number: u32) {
        self.mix(u64::from(number));
    }

    fn write_usize(&mut self, _: usize) {
        // The length of what follows, which `write` adds itself.
    }

    fn finish(&self) -> u64 {
        // The table takes the highest bits and the lowest: both have to depend on everything.
        self.0 ^ self.0.rotate_left(32)
    }
}
