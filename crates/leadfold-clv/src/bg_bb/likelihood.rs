//! The likelihood of histories, with its first and second derivatives in closed form.

use super::rising::Rising;
use super::{BgBb, Occasions};
use crate::newton::Slope;

/// A model with what all histories need of it.
pub(super) struct Likelihood {
    ln_gamma: f64,
    gamma: f64,
    alpha: Rising,
    beta: Rising,
    buy: Rising,
    delta: Rising,
    leave: Rising,
}

/// One way in which a history can have come about: the logarithm of its likelihood and the
/// derivatives by alpha, beta, gamma and delta.
struct Way {
    log: f64,
    first: [f64; 4],
    /// By alpha and beta: twice by alpha, by both, twice by beta.
    buy: [f64; 3],
    /// The same by gamma and delta.
    leave: [f64; 3],
}

impl Likelihood {
    /// For histories of up to `n` occasions.
    pub(super) fn of(model: &BgBb, n: u32) -> Self {
        let BgBb { alpha, beta, gamma, delta } = *model;
        Self {
            ln_gamma: gamma.ln(),
            gamma,
            alpha: Rising::of(alpha, n),
            beta: Rising::of(beta, n),
            buy: Rising::of(alpha + beta, n),
            delta: Rising::of(delta, n),
            leave: Rising::of(gamma + delta, n + 1),
        }
    }

    /// Of one customer.
    pub(super) fn value(&self, row: &Occasions) -> f64 {
        let peak = self.peak(row);
        peak + (row.t_x..=row.n).map(|m| (self.log(row, m) - peak).exp()).sum::<f64>().ln()
    }

    /// The logarithm of the probability that a customer was still there at the last occasion.
    pub(super) fn ln_there(&self, row: &Occasions) -> f64 {
        self.log(row, row.n) - self.value(row)
    }

    /// Adds value, gradient and upper half of the Hessian of all customers of a history.
    pub(super) fn add(&self, row: &Occasions, slope: &mut Slope<4>) {
        let n = row.customers as f64;
        let value = self.value(row);
        slope.value += n * value;
        let (mut first, mut second) = ([0.0; 4], [[0.0; 4]; 4]);
        for m in row.t_x..=row.n {
            let way = self.way(row, m);
            let share = (way.log - value).exp();
            way.add(share, &mut first, &mut second);
        }
        for i in 0..4 {
            slope.gradient[i] += n * first[i];
            for j in i..4 {
                slope.hessian[i][j] += n * (second[i][j] - first[i] * first[j]);
            }
        }
    }

    fn peak(&self, row: &Occasions) -> f64 {
        (row.t_x..=row.n).map(|m| self.log(row, m)).fold(f64::NEG_INFINITY, f64::max)
    }

    fn log(&self, row: &Occasions, m: u32) -> f64 {
        self.way(row, m).log
    }

    /// The customer let the chance to leave pass m times, and left then unless that is all.
    fn way(&self, row: &Occasions, m: u32) -> Way {
        let left = u32::from(m < row.n);
        let (alpha, beta) = (self.alpha.at(row.x), self.beta.at(m - row.x));
        let (buy, delta, leave) = (self.buy.at(m), self.delta.at(m), self.leave.at(m + left));
        let [ln_gamma, per_gamma] =
            if left == 1 { [self.ln_gamma, 1.0 / self.gamma] } else { [0.0; 2] };
        Way {
            log: alpha[0] + beta[0] - buy[0] + ln_gamma + delta[0] - leave[0],
            first: [alpha[1] - buy[1], beta[1] - buy[1], per_gamma - leave[1], delta[1] - leave[1]],
            buy: [alpha[2] - buy[2], -buy[2], beta[2] - buy[2]],
            leave: [-per_gamma * per_gamma - leave[2], -leave[2], delta[2] - leave[2]],
        }
    }
}

impl Way {
    fn add(&self, share: f64, first: &mut [f64; 4], second: &mut [[f64; 4]; 4]) {
        for i in 0..4 {
            first[i] += share * self.first[i];
            let weighted = share * self.first[i];
            for (j, product) in second[i].iter_mut().enumerate().skip(i) {
                *product += weighted * self.first[j];
            }
        }
        for (at, own) in [(0, self.buy), (2, self.leave)] {
            second[at][at] += share * own[0];
            second[at][at + 1] += share * own[1];
            second[at + 1][at + 1] += share * own[2];
        }
    }
}
