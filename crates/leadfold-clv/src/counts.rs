//! What of the likelihood depends on the counts of purchases alone, all customers at once.

use crate::Patterns;
use crate::gamma::{digamma_rise, ln_rising, trigamma};

/// How many customers have more than so many repeats.
pub(crate) struct Counts(Vec<Run>);

/// As many customers have more than `from` repeats as have at least `to`.
struct Run {
    from: u32,
    to: u32,
    customers: f64,
}

impl Counts {
    pub(crate) fn of(patterns: &Patterns) -> Self {
        let rows = patterns.rows();
        let mut above = patterns.customers();
        let mut runs = Vec::new();
        let mut from = 0;
        for same in rows.chunk_by(|a, b| a.x == b.x) {
            let to = same[0].x;
            if to > from {
                runs.push(Run { from, to, customers: above as f64 });
            }
            above -= same.iter().map(|row| row.customers).sum::<u64>();
            from = to;
        }
        Self(runs)
    }

    /// The sum over customers of ln(z (z+1) ... (z+x-1)), with its first two derivatives by z.
    pub(crate) fn slope(&self, z: f64) -> [f64; 3] {
        self.0.iter().fold([0.0; 3], |sum, run| {
            let slope = run.slope(z);
            std::array::from_fn(|i| sum[i] + run.customers * slope[i])
        })
    }
}

impl Run {
    fn slope(&self, r: f64) -> [f64; 3] {
        let (z, n) = (r + f64::from(self.from), self.to - self.from);
        if n == 1 {
            return [z.ln(), 1.0 / z, -1.0 / (z * z)];
        }
        let by = f64::from(n);
        [ln_rising(z, n), digamma_rise(z, by), trigamma(z + by) - trigamma(z)]
    }
}
