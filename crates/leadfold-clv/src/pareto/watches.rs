//! What of the likelihood depends on the length of the watch, and on nothing else but sums: that
//! customers bought so often, and are still there.

use super::ParetoNbd;
use crate::newton::Slope;
use crate::{Pattern, Patterns};

/// Customers by the length of their watch.
pub(super) struct Watches(Vec<Watch>);

struct Watch {
    t: f64,
    customers: f64,
    repeats: f64,
}

impl Watches {
    pub(super) fn of(patterns: &Patterns) -> Self {
        let mut watches: Vec<_> = patterns.rows().iter().map(Watch::of).collect();
        watches.sort_by(|a, b| a.t.total_cmp(&b.t));
        watches.dedup_by(|next, kept| {
            let is_same = next.t == kept.t;
            if is_same {
                kept.customers += next.customers;
                kept.repeats += next.repeats;
            }
            is_same
        });
        Self(watches)
    }

    /// Customers, their repeats, and the time that they were watched.
    pub(super) fn sums(&self) -> [f64; 3] {
        self.0.iter().fold([0.0; 3], |[customers, repeats, time], watch| {
            [customers + watch.customers, repeats + watch.repeats, time + watch.customers * watch.t]
        })
    }

    /// The sum of r ln(alpha/(alpha+t)) - x ln(alpha+t) + s ln(beta/(beta+t)), with its
    /// derivatives; of the Hessian, the upper half.
    pub(super) fn slope(&self, model: &ParetoNbd) -> Slope<4> {
        let mut slope = Slope::ZERO;
        self.0.iter().for_each(|watch| watch.add(model, &mut slope));
        slope
    }
}

impl Watch {
    fn of(row: &Pattern) -> Self {
        let customers = row.customers as f64;
        Self { t: row.t, customers, repeats: customers * f64::from(row.x) }
    }

    fn add(&self, &ParetoNbd { r, alpha, s, beta }: &ParetoNbd, slope: &mut Slope<4>) {
        let Self { t, customers: n, repeats } = *self;
        let (bought, left) = ((t / alpha).ln_1p(), (t / beta).ln_1p());
        let (per_alpha, per_beta) = (1.0 / (alpha + t), 1.0 / (beta + t));
        slope.value -= n * r * bought + repeats * (alpha + t).ln() + n * s * left;
        slope.gradient[0] -= n * bought;
        slope.gradient[1] += (n * r * t / alpha - repeats) * per_alpha;
        slope.gradient[2] -= n * left;
        slope.gradient[3] += n * s * t / beta * per_beta;
        slope.hessian[0][1] += n * t / alpha * per_alpha;
        slope.hessian[1][1] += (n * r + repeats) * per_alpha * per_alpha - n * r / (alpha * alpha);
        slope.hessian[2][3] += n * t / beta * per_beta;
        slope.hessian[3][3] += n * s * (per_beta * per_beta - 1.0 / (beta * beta));
    }
}
