//! The likelihood of histories, with its first and second derivatives in closed form.
//!
//! Fader and Hardie's note 027 (2019), specification 4: no hypergeometric function anywhere. With
//! `k` the chances to leave that a customer let pass,
//!
//! ```text
//! l = sum[j<x] ln(r+j) + sum[j<k] (ln(b+j) - ln(a+b+j)) - x ln(alpha) + ln(exp(A) + exp(B))
//! A = -(r+x) ln(1+t/alpha)                            still there
//! B = -(r+x) ln(1+t_x/alpha) + ln(a) - ln(b+k-1)      left after the last purchase, if k > 0
//! ```
//!
//! The note has r ln(alpha) and ln(alpha+t), which lose all digits where rates are nearly alike
//! and r and alpha are large.

use super::Chance;
use crate::counts::Counts;
use crate::newton::Slope;
use crate::{Pattern, Patterns};

/// Histories, made ready for one evaluation after the other.
pub(super) struct Likelihood<'a> {
    chance: Chance,
    rows: &'a [Pattern],
    counts: Counts,
    customers: f64,
    repeats: f64,
}

impl<'a> Likelihood<'a> {
    pub(super) fn of(chance: Chance, patterns: &'a Patterns) -> Self {
        let (rows, counts) = (patterns.rows(), Counts::of(patterns));
        let customers = patterns.customers() as f64;
        let repeats = rows.iter().map(|row| row.customers as f64 * f64::from(row.x)).sum();
        Self { chance, rows, counts, customers, repeats }
    }

    /// A point to start from: the mean rate of buying, spread as widely as it mostly is.
    pub(super) fn start(&self) -> [f64; 4] {
        let watched: f64 = self.rows.iter().map(|row| row.customers as f64 * row.t).sum();
        let alpha = if self.repeats > 0.0 { watched / self.repeats } else { 1.0 };
        [RATES, RATES * alpha.max(f64::MIN_POSITIVE), LEAVING[0], LEAVING[1]]
    }

    /// Value, gradient and Hessian by r, alpha, a and b.
    pub(super) fn slope(&self, at: &[f64; 4]) -> Slope<4> {
        let mut slope = self.counts(at);
        let mut times = Times::of(at[1]);
        for same in self.rows.chunk_by(|one, next| one.x == next.x) {
            let count = Count::of(at, same[0].x, self.chance);
            same.iter().for_each(|row| count.add(row, &mut times, &mut slope));
        }
        slope.mirrored()
    }

    /// What depends on the counts alone, all customers at once.
    fn counts(&self, &[r, alpha, a, b]: &[f64; 4]) -> Slope<4> {
        let bought = self.counts.slope(r);
        let (stayed, could) = (self.stayed(b), self.stayed(a + b));
        let mut slope = Slope::ZERO;
        slope.value = bought[0] - self.repeats * alpha.ln() + stayed[0] - could[0];
        slope.gradient = [bought[1], -self.repeats / alpha, -could[1], stayed[1] - could[1]];
        slope.hessian[0][0] = bought[2];
        slope.hessian[1][1] = self.repeats / (alpha * alpha);
        slope.hessian[2][2] = -could[2];
        slope.hessian[2][3] = -could[2];
        slope.hessian[3][3] = stayed[2] - could[2];
        slope
    }

    /// The sum over customers of ln(z (z+1) ... (z+k-1)), with its first two derivatives.
    fn stayed(&self, z: f64) -> [f64; 3] {
        let n = self.customers;
        match self.chance {
            Chance::AfterRepeats => self.counts.slope(z),
            Chance::AfterAll => {
                let [value, first, second] = self.counts.slope(z + 1.0);
                [value + n * z.ln(), first + n / z, second - n / (z * z)]
            }
        }
    }
}

/// The shape of the rates to start from: they differ widely.
const RATES: f64 = 0.3;
/// The parameters of leaving to start from: every fourth purchase is the last.
const LEAVING: [f64; 2] = [1.0, 3.0];

/// What customers of as many repeats have in common.
struct Count {
    /// r + x.
    bought: f64,
    /// If they could have left.
    leaving: Option<Leaving>,
}

/// Of having left after the last purchase.
struct Leaving {
    /// ln(a) - ln(b+k-1).
    log: f64,
    /// 1 / a and 1 / (b+k-1).
    per: [f64; 2],
}

impl Count {
    fn of(&[r, _, a, b]: &[f64; 4], x: u32, chance: Chance) -> Self {
        let stays = f64::from(chance.stays(x));
        let leaving = b + (stays - 1.0);
        let leaving = Leaving { log: a.ln() - leaving.ln(), per: [1.0 / a, 1.0 / leaving] };
        Self { bought: r + f64::from(x), leaving: (stays > 0.0).then_some(leaving) }
    }

    fn add(&self, row: &Pattern, times: &mut Times, slope: &mut Slope<4>) {
        let n = row.customers as f64;
        let now = times.shifted(row.t);
        let Some(Leaving { log, per: [per_a, per_b] }) = self.leaving else {
            slope.value -= n * self.bought * now.log;
            return self.add_rate(slope, n, &now);
        };
        let last = times.shifted(row.t_x);
        let there = -self.bought * now.log;
        let odds = self.bought * (last.log - now.log) - log;
        let (alive, gone, sum) = shares(odds);
        slope.value += n * (there + sum);
        self.add_rate(slope, n * alive, &now);
        self.add_rate(slope, n * gone, &last);
        slope.gradient[2] += n * gone * per_a;
        slope.gradient[3] -= n * gone * per_b;
        slope.hessian[2][2] -= n * gone * per_a * per_a;
        slope.hessian[3][3] += n * gone * per_b * per_b;
        let apart = [last.log - now.log, self.bought * (now.per - last.per), -per_a, per_b];
        let weight = n * alive * gone;
        for i in 0..4 {
            for j in i..4 {
                slope.hessian[i][j] += weight * apart[i] * apart[j];
            }
        }
    }

    /// Adds `weight` times the derivatives of -(r+x) ln(1 + time/alpha).
    fn add_rate(&self, slope: &mut Slope<4>, weight: f64, shifted: &Shifted) {
        let Shifted { log, per, bend } = *shifted;
        slope.gradient[0] -= weight * log;
        slope.gradient[1] += weight * self.bought * per;
        slope.hessian[0][1] += weight * per;
        slope.hessian[1][1] -= weight * self.bought * bend;
    }
}

/// What has been computed of times. A log counts in days, so that many customers share theirs:
/// looking them up takes a third off a fit (`benches/README.md`).
struct Times {
    /// 1/alpha.
    per_alpha: f64,
    /// Each time at the place of its hash, if no other took it.
    known: Vec<(f64, Shifted)>,
}

/// Places for times: a power of two.
const PLACES: usize = 1_024;

impl Times {
    fn of(alpha: f64) -> Self {
        let per_alpha = 1.0 / alpha;
        Self { per_alpha, known: vec![(0.0, Shifted::of(per_alpha, 0.0)); PLACES] }
    }

    #[inline]
    fn shifted(&mut self, time: f64) -> Shifted {
        // The highest bits of a product depend on all bits of its factors.
        let hash = time.to_bits().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54;
        let place = &mut self.known[hash as usize % PLACES];
        if place.0 != time {
            *place = (time, Shifted::of(self.per_alpha, time));
        }
        place.1
    }
}

/// ln(1 + time/alpha), and by alpha its slope downwards and its curvature.
#[derive(Clone, Copy)]
struct Shifted {
    log: f64,
    per: f64,
    bend: f64,
}

/// Below this ln(1+z) is not ln of 1+z.
const SMALL: f64 = 0.1;

impl Shifted {
    fn of(per_alpha: f64, time: f64) -> Self {
        let ratio = time * per_alpha;
        let log = if ratio < SMALL { ratio.ln_1p() } else { (1.0 + ratio).ln() };
        // 1/(alpha+time)
        let per_sum = per_alpha / (1.0 + ratio);
        let per = ratio * per_sum;
        Self { log, per, bend: per * (per_alpha + per_sum) }
    }
}

/// The shares of two chances by the log-odds of the first, and what the second adds to the
/// logarithm of the first. One exponential for all three.
fn shares(odds: f64) -> (f64, f64, f64) {
    let small = (-odds.abs()).exp();
    let (less, more) = (small / (1.0 + small), 1.0 / (1.0 + small));
    let log = small.ln_1p();
    if odds < 0.0 { (less, more, log - odds) } else { (more, less, log) }
}
