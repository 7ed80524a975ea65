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
use crate::special::log_add;
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
        [1.0, alpha.clamp(1e-6, 1e6), 1.0, 1.0]
    }

    /// Value, gradient and Hessian by r, alpha, a and b.
    pub(super) fn slope(&self, at: &[f64; 4]) -> Slope<4> {
        let mut slope = self.counts(at);
        for row in self.rows {
            self.add_row(at, row, &mut slope);
        }
        for i in 0..4 {
            for j in 0..i {
                slope.hessian[i][j] = slope.hessian[j][i];
            }
        }
        slope
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

    fn add_row(&self, &[r, alpha, a, b]: &[f64; 4], row: &Pattern, slope: &mut Slope<4>) {
        let n = row.customers as f64;
        let stays = f64::from(self.chance.stays(row.x));
        let bought = r + f64::from(row.x);
        let (now, last) = (alpha + row.t, alpha + row.t_x);
        let there = -bought * now.ln();
        if stays == 0.0 {
            slope.value += n * there;
            add_rate(slope, n, bought, now);
            return;
        }
        let leaving = b + stays - 1.0;
        let left = -bought * last.ln() + a.ln() - leaving.ln();
        slope.value += n * log_add(there, left);
        let w = crate::special::sigmoid(there - left);
        let gone = crate::special::sigmoid(left - there);
        add_rate(slope, n * w, bought, now);
        add_rate(slope, n * gone, bought, last);
        slope.gradient[2] += n * gone / a;
        slope.gradient[3] -= n * gone / leaving;
        slope.hessian[2][2] -= n * gone / (a * a);
        slope.hessian[3][3] += n * gone / (leaving * leaving);
        let apart =
            [last.ln() - now.ln(), bought * (1.0 / last - 1.0 / now), -1.0 / a, 1.0 / leaving];
        for i in 0..4 {
            for j in i..4 {
                slope.hessian[i][j] += n * w * gone * apart[i] * apart[j];
            }
        }
    }
}

/// Adds `weight` times the derivatives of -bought ln(alpha + time).
fn add_rate(slope: &mut Slope<4>, weight: f64, bought: f64, shifted: f64) {
    slope.gradient[0] -= weight * shifted.ln();
    slope.gradient[1] -= weight * bought / shifted;
    slope.hessian[0][1] -= weight / shifted;
    slope.hessian[1][1] += weight * bought / (shifted * shifted);
}
