//! Rising products z (z+1) ... (z+n-1) for all small n at once.

/// The logarithms of the products, with their first and second derivatives by z.
pub(super) struct Rising(Vec<[f64; 3]>);

impl Rising {
    /// Products of 0 to `most` factors.
    pub(super) fn of(z: f64, most: u32) -> Self {
        let factors = (0..most).map(|j| {
            let factor = z + f64::from(j);
            [factor.ln(), 1.0 / factor, -1.0 / (factor * factor)]
        });
        let sums = factors.scan([0.0; 3], |sum, factor| {
            *sum = std::array::from_fn(|i| sum[i] + factor[i]);
            Some(*sum)
        });
        Self([[0.0; 3]].into_iter().chain(sums).collect())
    }

    /// That of n factors.
    pub(super) fn at(&self, n: u32) -> [f64; 3] {
        self.0[n as usize]
    }
}
