//! The likelihood of histories, with its first and second derivatives. One walk through the
//! integral of the odds gives all three: derivatives of its logarithm are means over it.
//!
//! ```text
//! l = sum[j<x] ln(r+j) + r ln(alpha/(alpha+t)) - x ln(alpha+t) + s ln(beta/(beta+t)) + ln(1+R)
//! ```

use super::ParetoNbd;
use super::ladder::Ladder;
use super::odds::{Moment, Odds};
use super::watches::Watches;
use crate::counts::Counts;
use crate::newton::Slope;
use crate::special::{log_add, sigmoid};
use crate::{Model, Pattern, Patterns};

/// Histories, made ready for one evaluation after the other.
pub(super) struct Likelihood<'a> {
    rows: &'a [Pattern],
    counts: Counts,
    watches: Watches,
    /// None where customers do not share their times.
    ladder: Option<Ladder>,
}

impl<'a> Likelihood<'a> {
    pub(super) fn of(patterns: &'a Patterns) -> Self {
        let (counts, watches) = (Counts::of(patterns), Watches::of(patterns));
        Self { rows: patterns.rows(), counts, watches, ladder: Ladder::of(patterns) }
    }

    /// A point to start from: the mean rate of buying and a stay as long as the watch, both
    /// widely spread.
    pub(super) fn start(&self) -> [f64; 4] {
        let [customers, repeats, watched] = self.watches.sums();
        let spread = |time: f64| (SPREAD * time).max(SHORTEST);
        [SPREAD, spread(watched / repeats), SPREAD, spread(watched / customers)]
    }

    /// Value, gradient and Hessian by r, alpha, s and beta.
    pub(super) fn slope(&self, at: &[f64; 4]) -> Slope<4> {
        let model = ParetoNbd::of(*at);
        let mut slope = self.watches.slope(&model);
        let [value, first, second] = self.counts.slope(model.r);
        slope.value += value;
        slope.gradient[0] += first;
        slope.hessian[0][0] += second;
        match &self.ladder {
            Some(ladder) => self.add_together(&model, ladder, &mut slope),
            None => add_each(&model, self.rows, &mut slope),
        }
        slope.mirrored()
    }

    /// Adds ln(1+R) of all customers, those of as many repeats together where they share times.
    fn add_together(&self, model: &ParetoNbd, ladder: &Ladder, slope: &mut Slope<4>) {
        let rungs = ladder.under(model);
        for (rows, places) in ladder.groups(self.rows) {
            if !rungs.add(rows, places, slope) {
                add_each(model, rows, slope);
            }
        }
    }
}

/// The shape of the rates to start from: they differ widely.
const SPREAD: f64 = 0.5;
/// The shortest time to start from, where nobody was watched at all.
const SHORTEST: f64 = 1e-6;

/// Adds ln(1+R) of customers one by one.
pub(super) fn add_each(model: &ParetoNbd, rows: &[Pattern], slope: &mut Slope<4>) {
    rows.iter().for_each(|row| add_left(model, row, slope));
}

/// Adds ln(1+R) of all customers of a history, with its derivatives.
fn add_left(model: &ParetoNbd, row: &Pattern, slope: &mut Slope<4>) {
    let mut means = Means::default();
    let local = Local::of(model, row);
    let odds = Odds::of(model, row.x, row.t_x, row.t)
        .visit(|moment, mass| means.add(&local.by_parameters(moment), mass));
    if odds > f64::NEG_INFINITY {
        let n = row.customers as f64;
        slope.value += n * log_add(0.0, odds);
        local.add(n, sigmoid(odds), &means, slope);
    }
}

/// Sums over the moments of the integral: of the mass, of the derivatives of its logarithm and of
/// their products, and of what their own derivatives are made of.
#[derive(Default)]
struct Means {
    mass: f64,
    first: [f64; 4],
    products: [[f64; 4]; 4],
    per_alpha: [f64; 2],
    per_beta: [f64; 2],
}

/// The derivatives of the integrand's logarithm at one moment.
struct Derivatives {
    first: [f64; 4],
    per_alpha: f64,
    per_beta: f64,
}

impl Means {
    fn add(&mut self, at: &Derivatives, mass: f64) {
        self.mass += mass;
        for i in 0..4 {
            let weighted = mass * at.first[i];
            self.first[i] += weighted;
            for j in i..4 {
                self.products[i][j] += weighted * at.first[j];
            }
        }
        self.per_alpha[0] += mass * at.per_alpha;
        self.per_alpha[1] += mass * at.per_alpha * at.per_alpha;
        self.per_beta[0] += mass * at.per_beta;
        self.per_beta[1] += mass * at.per_beta * at.per_beta;
    }
}

/// A customer's history under a model.
struct Local {
    s: f64,
    /// r + x.
    bought: f64,
    /// 1/(alpha+t).
    per_alpha: f64,
    /// 1/(beta+t).
    per_beta: f64,
}

impl Local {
    fn of(model: &ParetoNbd, row: &Pattern) -> Self {
        Self {
            s: model.s,
            bought: model.r + f64::from(row.x),
            per_alpha: 1.0 / (model.alpha + row.t),
            per_beta: 1.0 / (model.beta + row.t),
        }
    }

    /// By r, alpha, s (without that of the factor s itself) and beta.
    fn by_parameters(&self, moment: &Moment) -> Derivatives {
        let Moment { since_alpha, since_beta, per_alpha, per_beta, .. } = *moment;
        let s = self.s;
        let first = [
            since_alpha,
            self.bought * (self.per_alpha - per_alpha),
            since_beta,
            s * self.per_beta - (s + 1.0) * per_beta,
        ];
        Derivatives { first, per_alpha, per_beta }
    }

    /// Adds the derivatives of ln(1+R), where `gone` is R/(1+R).
    fn add(&self, n: f64, gone: f64, means: &Means, slope: &mut Slope<4>) {
        let s = self.s;
        let mut first = means.first.map(|sum| sum / means.mass);
        let mut second: [[f64; 4]; 4] = std::array::from_fn(|i| {
            std::array::from_fn(|j| means.products[i][j] / means.mass - first[i] * first[j])
        });
        let [per_alpha, per_alpha_2] = means.per_alpha.map(|sum| sum / means.mass);
        let [per_beta, per_beta_2] = means.per_beta.map(|sum| sum / means.mass);
        first[2] += 1.0 / s;
        second[2][2] -= 1.0 / (s * s);
        second[0][1] += self.per_alpha - per_alpha;
        second[1][1] += self.bought * (per_alpha_2 - self.per_alpha * self.per_alpha);
        second[2][3] += self.per_beta - per_beta;
        second[3][3] += (s + 1.0) * per_beta_2 - s * self.per_beta * self.per_beta;
        for i in 0..4 {
            slope.gradient[i] += n * gone * first[i];
            for j in i..4 {
                let spread = (1.0 - gone) * first[i] * first[j];
                slope.hessian[i][j] += n * gone * (second[i][j] + spread);
            }
        }
    }
}
