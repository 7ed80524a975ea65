//! Random numbers of a seed that is printed, and how many rounds they are drawn for.

/// How many rounds of killing there are, over all tests.
const ROUNDS: &str = "LEADFOLD_FAULT_ROUNDS";
const SEED: &str = "LEADFOLD_FAULT_SEED";

/// A stream of random numbers (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    /// The stream of a test.
    pub(crate) fn of(test: &str) -> Self {
        let seed = number(SEED).unwrap_or(514_715_677);
        println!("{test}: {SEED}={seed}");
        Self(
            test.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0193)),
        )
    }

    /// A whole number from 0 to `bound - 1`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(mixed ^ (mixed >> 31)) * u128::from(bound)) >> 64) as u64
    }

    /// Does nothing for a while, mostly short: so a kill does not always hit the same place.
    pub(crate) fn linger(&mut self) {
        let turns = 1 << self.below(18);
        (0..self.below(turns)).for_each(|_| std::hint::spin_loop());
    }
}

/// A share of all rounds, in percent.
pub(crate) fn rounds(percent: u64) -> u64 {
    (number(ROUNDS).unwrap_or(1_000) * percent).div_ceil(100)
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("expected a whole number in {name}, found {text}")))
}
