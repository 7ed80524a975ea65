//! What behaviour brings at most, in a search instead of a sum over all touches.

use super::decay::Decay;
use super::model::BehaviourRule;
use super::sheet::Sheet;
use super::{Cause, Contribution, Part, Points, Scorecard};
use crate::Timestamp;

/// The touches of a lead, ready to be summed up to any instant.
#[derive(Debug)]
pub(super) struct Ceiling<'m>(Vec<Run<'m>>);

/// The touches of one rule, in the order of their times.
#[derive(Debug)]
struct Run<'m> {
    rule: &'m BehaviourRule,
    at: Vec<i64>,
    /// Before each touch, and behind the last, the sum of the times so far.
    times: Vec<i128>,
    /// At each touch, what is left of one point for it and for each before it.
    halved: Vec<f64>,
}

/// More than the relative error of the floating-point sums, which only have to be no less than
/// what they stand for.
const SLACK: f64 = 1e-8;

impl<'m> Ceiling<'m> {
    pub(super) fn of(card: &Scorecard<'m>) -> Self {
        let rules = card.model.behaviour.iter().zip(&card.touches);
        Self(rules.map(|(rule, places)| Run::of(rule, places.iter().map(|(at, _)| at))).collect())
    }

    /// Adds what each rule brings at most, as one line.
    pub(super) fn add(&self, at: Timestamp, sheet: &mut Sheet<'m>) {
        for run in &self.0 {
            sheet.add(Contribution {
                part: Part::Behaviour,
                group: run.rule.group.as_deref(),
                cause: Cause::Rule(&run.rule.name),
                points: run.most(at.micros()),
                of: None,
            });
        }
    }
}

impl<'m> Run<'m> {
    fn of<'t>(rule: &'m BehaviourRule, at: impl Iterator<Item = &'t Timestamp>) -> Self {
        let at: Vec<i64> = at.map(|at| at.micros()).collect();
        let mut run = Self { rule, times: Vec::new(), halved: Vec::new(), at };
        match rule.decay {
            Decay::Linear(_) => run.times = sums(&run.at),
            Decay::HalfLife(half) => run.halved = halved(&run.at, half),
            Decay::Never | Decay::Steps(_) => {}
        }
        run
    }

    /// What the rule brings at most at an instant; exactly that, unless it fades all the time.
    fn most(&self, at: i64) -> Points {
        let until = self.at.partition_point(|touched| *touched <= at);
        let from = until.saturating_sub(self.rule.counts_max);
        match &self.rule.decay {
            Decay::Never => points(self.rule.points.millis() * size(from, until)),
            Decay::Steps(steps) => self.stepped(steps, at, from, until),
            Decay::Linear(end) => self.linear(*end, at, self.alive(at, from, until), until),
            Decay::HalfLife(half) => self.fading(*half, at, self.alive(at, from, until), until),
        }
    }

    /// What is left of a touch's points.
    fn left(&self, age: u64) -> Points {
        self.rule.decay.of(self.rule.points, age)
    }

    /// The first touch of which anything is left.
    fn alive(&self, at: i64, from: usize, until: usize) -> usize {
        let is_gone = |touched: &i64| self.left(at.abs_diff(*touched)) == Points::ZERO;
        from + self.at[from..until].partition_point(is_gone)
    }

    fn stepped(&self, steps: &[(u64, u32)], at: i64, from: usize, until: usize) -> Points {
        let (mut sum, mut behind, mut age) = (0, until, 0);
        for (after, _) in steps {
            let is_older = |touched: &i64| at.abs_diff(*touched) >= *after;
            let first = from + self.at[from..until].partition_point(is_older);
            sum += self.left(age).millis() * size(first, behind);
            (behind, age) = (first, *after);
        }
        points(sum + self.left(age).millis() * size(from, behind))
    }

    /// The sum of `points * (end - age) / end`, and half a thousandth a touch for the rounding.
    fn linear(&self, end: u64, at: i64, from: usize, until: usize) -> Points {
        let (n, end) = (size(from, until), i128::from(end));
        let rest = n * (end - i128::from(at)) + self.times[until] - self.times[from];
        points((self.rule.points.millis() * rest).div_euclid(end) + 1 + rounding(n))
    }

    /// The sum of `points * 2^(-age / half)`, and half a thousandth a touch for the rounding.
    fn fading(&self, half: u64, at: i64, from: usize, until: usize) -> Points {
        if from == until {
            return Points::ZERO;
        }
        let last = until - 1;
        let since = |touch: usize, at: i64| halving(self.at[touch].abs_diff(at), half);
        let before = from.checked_sub(1);
        let before = before.map_or(0.0, |touch| self.halved[touch] * since(touch, self.at[last]));
        let (sum, slack) = (self.halved[last] - before, self.halved[last] * SLACK);
        let millis = self.rule.points.millis() as f64;
        let most = (millis * sum + millis.abs() * slack) * since(last, at);
        points(most.ceil() as i128 + 1 + rounding(size(from, until)))
    }
}

fn size(from: usize, until: usize) -> i128 {
    until.saturating_sub(from) as i128
}

/// What rounding adds to so many numbers at most.
fn rounding(n: i128) -> i128 {
    n / 2 + 1
}

/// No lead has so many touches that 64 bits do not hold their points.
fn points(millis: i128) -> Points {
    Points::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

fn sums(at: &[i64]) -> Vec<i128> {
    let sums = at.iter().scan(0, |sum, at| {
        *sum += i128::from(*at);
        Some(*sum)
    });
    std::iter::once(0).chain(sums).collect()
}

fn halved(at: &[i64], half: u64) -> Vec<f64> {
    let mut left = (0.0, 0_i64);
    let step = |at: &i64| {
        left = (left.0 * halving(left.1.abs_diff(*at), half) + 1.0, *at);
        left.0
    };
    at.iter().map(step).collect()
}

fn halving(age: u64, half: u64) -> f64 {
    (-(age as f64) / half as f64).exp2()
}
