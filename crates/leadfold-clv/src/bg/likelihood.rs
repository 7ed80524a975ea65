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
use crate::times::{Places, Shifted, Times};
use crate::{Pattern, Patterns};

/// Histories, made ready for one evaluation after the other.
pub(super) struct Likelihood<'a> {
    chance: Chance,
    rows: &'a [Pattern],
    counts: Counts,
    times: Times,
    /// Of each time, who was watched for so long.
    watched: Vec<Watched>,
    customers: f64,
    repeats: f64,
}

/// Customers, and how often they bought again.
#[derive(Clone, Copy, Default)]
struct Watched {
    customers: f64,
    repeats: f64,
}

impl<'a> Likelihood<'a> {
    pub(super) fn of(chance: Chance, patterns: &'a Patterns) -> Self {
        let (rows, counts, times) = (patterns.rows(), Counts::of(patterns), Times::of(patterns));
        let mut watched = vec![Watched::default(); times.times().len()];
        for (row, places) in rows.iter().zip(times.rows()) {
            let (customers, watched) = (row.customers as f64, &mut watched[places.now as usize]);
            watched.customers += customers;
            watched.repeats += customers * f64::from(row.x);
        }
        let customers = watched.iter().map(|watched| watched.customers).sum();
        let repeats = watched.iter().map(|watched| watched.repeats).sum();
        Self { chance, rows, counts, times, watched, customers, repeats }
    }

    /// A point to start from: the mean rate of buying, spread as widely as it mostly is.
    pub(super) fn start(&self) -> [f64; 4] {
        let watched: f64 = self.rows.iter().map(|row| row.customers as f64 * row.t).sum();
        let alpha = if self.repeats > 0.0 { watched / self.repeats } else { 1.0 };
        [RATES, RATES * alpha.max(f64::MIN_POSITIVE), LEAVING[0], LEAVING[1]]
    }

    /// Value, gradient and Hessian by r, alpha, a and b.
    pub(super) fn slope(&self, at: &[f64; 4]) -> Slope<4> {
        let per_alpha = 1.0 / at[1];
        let shifted = self.times.times().iter().map(|time| Shifted::of(per_alpha, *time));
        let shifted: Vec<_> = shifted.collect();
        let mut slope = self.counts(at);
        for (watched, shifted) in self.watched.iter().zip(&shifted) {
            watched.add(at[0], shifted, &mut slope);
        }
        let mut places = self.times.rows();
        for same in self.rows.chunk_by(|one, next| one.x == next.x) {
            let (here, rest) = places.split_at(same.len());
            places = rest;
            if let Some(gone) = Gone::of(at, same[0].x, self.chance) {
                gone.sums(same, here, &shifted).add_to(&mut slope, &gone);
            }
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

impl Watched {
    /// Adds A, the logarithm of the probability that they are still there, with its derivatives.
    fn add(&self, r: f64, shifted: &Shifted, slope: &mut Slope<4>) {
        let Shifted { log, per, bend } = *shifted;
        let bought = r * self.customers + self.repeats;
        slope.value -= bought * log;
        slope.gradient[0] -= self.customers * log;
        slope.gradient[1] += bought * per;
        slope.hessian[0][1] += self.customers * per;
        slope.hessian[1][1] -= bought * bend;
    }
}

/// What customers of as many repeats have in common who may have left after the last purchase.
struct Gone {
    /// r + x.
    bought: f64,
    /// ln(a) - ln(b+k-1).
    log: f64,
    /// 1 / a and 1 / (b+k-1).
    per: [f64; 2],
}

impl Gone {
    /// None if they cannot have left.
    fn of(&[r, _, a, b]: &[f64; 4], x: u32, chance: Chance) -> Option<Self> {
        let stays = f64::from(chance.stays(x));
        let leaving = b + (stays - 1.0);
        let (log, per) = (a.ln() - leaving.ln(), [1.0 / a, 1.0 / leaving]);
        (stays > 0.0).then(|| Self { bought: r + f64::from(x), log, per })
    }

    fn sums(&self, rows: &[Pattern], places: &[Places], shifted: &[Shifted]) -> Sums {
        let mut sums = Sums::default();
        for (rows, places) in rows.chunks(FACTORS).zip(places.chunks(FACTORS)) {
            let mut product = 1.0;
            for (row, places) in rows.iter().zip(places) {
                let (last, now) = (&shifted[places.last as usize], &shifted[places.now as usize]);
                let growth = sums.add(self, row.customers as f64, last, now);
                if row.customers == 1 {
                    product *= growth;
                } else {
                    sums.value += row.customers as f64 * growth.ln();
                }
            }
            sums.value += product.ln();
        }
        sums
    }
}

/// Factors from 1 to 2 whose product is a number.
const FACTORS: usize = 1_000;

/// Sums over customers of as many repeats, from which the derivatives of ln(1 + exp(B-A)) follow.
#[derive(Default)]
struct Sums {
    value: f64,
    /// Of the probabilities of having left, times 1 and what B-A is made of: the differences of
    /// the logarithms, their slopes and their curvatures.
    gone: [f64; 4],
    /// Of the variances of being there, times 1, log, per, log^2, log per and per^2.
    spread: [f64; 6],
}

impl Sums {
    /// Adds so many customers, but for n ln of what is returned.
    fn add(&mut self, of: &Gone, n: f64, last: &Shifted, now: &Shifted) -> f64 {
        let (log, per, bend) = (now.log - last.log, now.per - last.per, now.bend - last.bend);
        let odds = of.bought * log + of.log;
        let small = (-odds.abs()).exp();
        let more = 1.0 / (1.0 + small);
        let less = small * more;
        let gone = n * if odds < 0.0 { less } else { more };
        let spread = n * less * more;
        let (spread_log, spread_per) = (spread * log, spread * per);
        self.value += n * odds.max(0.0);
        self.gone[0] += gone;
        self.gone[1] += gone * log;
        self.gone[2] += gone * per;
        self.gone[3] += gone * bend;
        self.spread[0] += spread;
        self.spread[1] += spread_log;
        self.spread[2] += spread_per;
        self.spread[3] += spread_log * log;
        self.spread[4] += spread_log * per;
        self.spread[5] += spread_per * per;
        1.0 + small
    }

    /// What they come to, with its derivatives.
    fn add_to(&self, slope: &mut Slope<4>, of: &Gone) {
        let Gone { bought, per: [a, b], .. } = *of;
        let ([gone, gone_log, gone_per, gone_bend], spread) = (self.gone, self.spread);
        slope.value += self.value;
        slope.gradient[0] += gone_log;
        slope.gradient[1] -= bought * gone_per;
        slope.gradient[2] += a * gone;
        slope.gradient[3] -= b * gone;
        slope.hessian[0][0] += spread[3];
        slope.hessian[0][1] -= gone_per + bought * spread[4];
        slope.hessian[0][2] += a * spread[1];
        slope.hessian[0][3] -= b * spread[1];
        slope.hessian[1][1] += bought * (gone_bend + bought * spread[5]);
        slope.hessian[1][2] -= bought * a * spread[2];
        slope.hessian[1][3] += bought * b * spread[2];
        slope.hessian[2][2] += a * a * (spread[0] - gone);
        slope.hessian[2][3] -= a * b * spread[0];
        slope.hessian[3][3] += b * b * (spread[0] + gone);
    }
}
