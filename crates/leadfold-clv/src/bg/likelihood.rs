//! The likelihood of histories, with its first and second derivatives in closed form.
//!
//! Fader and Hardie's note 027 (2019), specification 4: no hypergeometric function anywhere. With
//! `k` the chances to leave that a customer let pass,
//!
//! ```text
//! l = sum[j<x] ln(r+j) + sum[j<k] (ln(b+j) - ln(a+b+j)) + r ln(alpha) + ln(exp(A) + exp(B))
//! A = -(r+x) ln(alpha+t)                              still there
//! B = -(r+x) ln(alpha+t_x) + ln(a) - ln(b+k-1)        left after the last purchase, if k > 0
//! ```

use super::Chance;
use crate::newton::Slope;
use crate::{Pattern, Patterns};

/// Histories, made ready for one evaluation after the other.
pub(super) struct Likelihood<'a> {
    chance: Chance,
    rows: &'a [Pattern],
    /// Customers with more than 0, 1, 2, ... repeats.
    beyond: Vec<f64>,
    customers: f64,
}

impl<'a> Likelihood<'a> {
    pub(super) fn of(chance: Chance, patterns: &'a Patterns) -> Self {
        let mut beyond = vec![0.0; patterns.x_max() as usize];
        let mut above = 0.0;
        let mut rows = patterns.rows().iter().rev().peekable();
        for (x, customers) in beyond.iter_mut().enumerate().rev() {
            while let Some(row) = rows.next_if(|row| row.x as usize > x) {
                above += row.customers as f64;
            }
            *customers = above;
        }
        let customers = patterns.customers() as f64;
        Self { chance, rows: patterns.rows(), beyond, customers }
    }

    /// A point to start from: the mean rate of buying, spread widely.
    pub(super) fn start(&self) -> [f64; 4] {
        let watched: f64 = self.rows.iter().map(|row| row.customers as f64 * row.t).sum();
        let repeats: f64 = self.beyond.iter().sum();
        let alpha = if repeats > 0.0 { watched / repeats } else { 1.0 };
        [1.0, alpha.max(f64::MIN_POSITIVE), 1.0, 1.0]
    }

    /// Value, gradient and Hessian by r, alpha, a and b.
    pub(super) fn slope(&self, at: &[f64; 4]) -> Slope<4> {
        let mut slope = self.counts(at);
        for same in self.rows.chunk_by(|one, next| one.x == next.x) {
            let count = Count::of(at, same[0].x, self.chance);
            same.iter().for_each(|row| count.add(row, &mut slope));
        }
        slope.mirrored()
    }

    /// What depends on the counts alone, all customers at once.
    fn counts(&self, &[r, alpha, a, b]: &[f64; 4]) -> Slope<4> {
        let n = self.customers;
        let mut slope = Slope::ZERO;
        slope.value = n * r * alpha.ln();
        slope.gradient[0] = n * alpha.ln();
        slope.gradient[1] = n * r / alpha;
        slope.hessian[0][1] = n / alpha;
        slope.hessian[1][1] = -n * r / (alpha * alpha);
        for (j, beyond) in self.beyond.iter().enumerate() {
            let r = r + j as f64;
            slope.value += beyond * r.ln();
            slope.gradient[0] += beyond / r;
            slope.hessian[0][0] -= beyond / (r * r);
        }
        let first = match self.chance {
            Chance::AfterRepeats => None,
            Chance::AfterAll => Some(n),
        };
        for (j, beyond) in first.iter().chain(&self.beyond).enumerate() {
            let (b, both) = (b + j as f64, a + b + j as f64);
            let square = beyond / (both * both);
            slope.value -= beyond * (a / b).ln_1p();
            slope.gradient[2] -= beyond / both;
            slope.gradient[3] += beyond * (a / (b * both));
            slope.hessian[2][2] += square;
            slope.hessian[2][3] += square;
            slope.hessian[3][3] += square - beyond / (b * b);
        }
        slope
    }
}

/// What customers of as many repeats have in common.
struct Count {
    alpha: f64,
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
    fn of(&[r, alpha, a, b]: &[f64; 4], x: u32, chance: Chance) -> Self {
        let stays = f64::from(chance.stays(x));
        let leaving = b + stays - 1.0;
        let leaving = Leaving { log: a.ln() - leaving.ln(), per: [1.0 / a, 1.0 / leaving] };
        Self { alpha, bought: r + f64::from(x), leaving: (stays > 0.0).then_some(leaving) }
    }

    fn add(&self, row: &Pattern, slope: &mut Slope<4>) {
        let n = row.customers as f64;
        let now = Shifted::of(self.alpha + row.t);
        let Some(Leaving { log, per: [per_a, per_b] }) = self.leaving else {
            slope.value -= n * self.bought * now.log;
            return self.add_rate(slope, n, &now);
        };
        let last = Shifted::of(self.alpha + row.t_x);
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
        let apart = [last.log - now.log, self.bought * (last.per - now.per), -per_a, per_b];
        let weight = n * alive * gone;
        for i in 0..4 {
            for j in i..4 {
                slope.hessian[i][j] += weight * apart[i] * apart[j];
            }
        }
    }

    /// Adds `weight` times the derivatives of -(r+x) ln(alpha + time).
    fn add_rate(&self, slope: &mut Slope<4>, weight: f64, shifted: &Shifted) {
        slope.gradient[0] -= weight * shifted.log;
        slope.gradient[1] -= weight * self.bought * shifted.per;
        slope.hessian[0][1] -= weight * shifted.per;
        slope.hessian[1][1] += weight * self.bought * shifted.per * shifted.per;
    }
}

/// alpha + time, as it is needed.
struct Shifted {
    log: f64,
    per: f64,
}

impl Shifted {
    fn of(time: f64) -> Self {
        Self { log: time.ln(), per: 1.0 / time }
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
