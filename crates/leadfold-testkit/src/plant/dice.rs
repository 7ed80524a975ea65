//! Random numbers that are the same everywhere.

use crate::simulate::rng::mix;

/// A stream of random numbers (splitmix64).
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// The stream of a seed and a number.
    pub(super) fn new(seed: u64, number: u32) -> Self {
        Self(mix(mix(seed) ^ u64::from(number)))
    }

    /// A whole number from 0 to `bound - 1`.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        ((u128::from(mix(self.0)) * u128::from(bound)) >> 64) as u32
    }
}
