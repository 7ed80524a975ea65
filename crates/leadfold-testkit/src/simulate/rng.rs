//! Random numbers that are the same everywhere: splitmix64, and floats by `+ - * /` only, which
//! every machine rounds alike (the logarithms of two C libraries do not).

/// What a stream of random numbers is drawn for, so that one knob does not move the others.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Capture,
    Profile,
    Life,
    Mistakes,
    Arrival,
    Twin,
    Cold,
}

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    /// The stream of one lead and one purpose.
    pub(super) fn new(seed: u64, lead: u32, purpose: Purpose) -> Self {
        Self(mix(mix(seed) ^ (u64::from(lead) << 8 | purpose as u64)))
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A whole number from 0 to `bound - 1`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.draw()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from 0 to less than 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// The index of one of the options, by their weights.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let mut rest = self.below(weights.clone().map(u64::from).sum());
        for (index, weight) in weights.enumerate() {
            match rest.checked_sub(u64::from(weight)) {
                Some(left) => rest = left,
                None => return index,
            }
        }
        0
    }

    /// Almost log-normal: half of the draws are below the median, and 5 % above its fourfold.
    pub(super) fn around(&mut self, median: f64) -> f64 {
        // Four uniforms have the variance 1/3 and the shape of a bell.
        let bell = (0..4).map(|_| self.unit()).sum::<f64>() - 2.0;
        median * power_of_two(2.1 * bell)
    }

    /// Exponential.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        let bits = self.draw() | 1;
        let zeros = bits.leading_zeros();
        let mantissa = (bits << zeros) as f64 / (1_u64 << 63) as f64;
        let z = (mantissa - 1.0) / (mantissa + 1.0);
        let ln_mantissa = 2.0 * (z + z * z * z / 3.0 + z * z * z * z * z / 5.0);
        mean * (f64::from(zeros + 1) * std::f64::consts::LN_2 - ln_mantissa)
    }
}

/// The finaliser of splitmix64: one to one, so different inputs never collide.
pub(crate) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// 2 to the power of `x`, within 0.5 %, for -1000 < x < 1000.
fn power_of_two(x: f64) -> f64 {
    let whole = x.floor();
    let part = x - whole;
    let scale = f64::from_bits(((1023 + whole as i64) as u64) << 52);
    scale * (1.0 + part * (0.656 + part * 0.344))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_medians_are_as_asked() {
        let mut rng = Rng::new(1, 0, Purpose::Life);
        let mean = (0..100_000).map(|_| rng.exponential(10.0)).sum::<f64>() / 100_000.0;
        assert!((9.8..10.2).contains(&mean), "{mean}");
        let below = (0..100_000).filter(|_| rng.around(10.0) < 10.0).count();
        assert!((49_000..51_000).contains(&below), "{below}");
        let far = (0..100_000).filter(|_| rng.around(10.0) > 40.0).count();
        assert!((4_000..6_500).contains(&far), "{far}");
    }

    #[test]
    fn powers_of_two_are_close() {
        for step in -400..400 {
            let x = f64::from(step) / 50.0;
            assert!((power_of_two(x) / x.exp2() - 1.0).abs() < 0.005, "{x}");
        }
    }
}
