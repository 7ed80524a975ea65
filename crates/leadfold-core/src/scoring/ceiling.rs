//! What behaviour brings at most, in a search instead of a sum over all touches; and what it brings,
//! in a sum without the lines of a score.

use std::ops::Range;

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
    /// What one point at the first touch is worth at each: half-lives, and a factor from 1 to 2.
    grown: Vec<(u64, f64)>,
}

/// More than the relative error of the floating-point sums, which only have to be no less than
/// what they stand for.
const SLACK: f64 = 1e-8;

/// Thousandths that are this near to a half are rounded by whole numbers. It is more than the
/// error of a floating-point number for the most points that a model may write.
const EDGE: f64 = 1e-3;
const NEARLY_ONE: f64 = 1.0 - EDGE;

impl<'m> Ceiling<'m> {
    pub(super) fn of(card: &Scorecard<'m>) -> Self {
        let rules = card.model.behaviour.iter().zip(&card.touches);
        Self(rules.map(|(rule, places)| Run::of(rule, places.iter().map(|(at, _)| at))).collect())
    }

    /// Adds what each rule brings at most, as one line.
    pub(super) fn add_most(&self, at: Timestamp, sheet: &mut Sheet<'m>) {
        self.add(sheet, |run| run.most(at.micros()));
    }

    /// Adds what each rule brings, as one line: the sum of what the touches bring in a score.
    pub(super) fn add_all(&self, at: Timestamp, sheet: &mut Sheet<'m>) {
        self.add(sheet, |run| run.all(at.micros()));
    }

    fn add(&self, sheet: &mut Sheet<'m>, points: impl Fn(&Run<'m>) -> Points) {
        for run in &self.0 {
            sheet.add(Contribution {
                part: Part::Behaviour,
                group: run.rule.group.as_deref(),
                cause: Cause::Rule(&run.rule.name),
                points: points(run),
                of: None,
            });
        }
    }
}

impl<'m> Run<'m> {
    fn of<'t>(rule: &'m BehaviourRule, at: impl Iterator<Item = &'t Timestamp>) -> Self {
        let at: Vec<i64> = at.map(|at| at.micros()).collect();
        let mut run = Self { rule, at, times: Vec::new(), halved: Vec::new(), grown: Vec::new() };
        match rule.decay {
            Decay::Linear(_) => run.times = sums(&run.at),
            Decay::HalfLife(half) => {
                (run.halved, run.grown) = (halved(&run.at, half), grown(&run.at, half));
            }
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

    /// What the rule brings at an instant.
    fn all(&self, at: i64) -> Points {
        let until = self.at.partition_point(|touched| *touched <= at);
        let from = until.saturating_sub(self.rule.counts_max);
        let alive = || self.alive(at, from, until);
        match &self.rule.decay {
            Decay::Never | Decay::Steps(_) => self.most(at),
            Decay::Linear(end) => {
                let per_micro = self.millis() / *end as f64;
                let rest = |touch: usize| (end - self.at[touch].abs_diff(at)) as f64;
                self.sum(at, alive()..until, |touch| per_micro * rest(touch))
            }
            Decay::HalfLife(half) => {
                let (halvings, factor) = growth(&self.at, at, *half);
                let millis = self.millis() / factor;
                self.sum(at, alive()..until, |touch| {
                    let (before, factor) = self.grown[touch];
                    millis * factor * half_to_the(halvings - before)
                })
            }
        }
    }

    /// The sum of what is left of touches, each rounded to the thousandth. `left` is that before
    /// the rounding, to within an error that [`EDGE`] covers.
    fn sum(&self, at: i64, touches: Range<usize>, left: impl Fn(usize) -> f64) -> Points {
        let rounded = |touch: usize| {
            let left = left(touch);
            let up = left.abs() + 0.5;
            match up.fract() {
                EDGE..=NEARLY_ONE => up.trunc().copysign(left) as i128,
                _ => self.left(at.abs_diff(self.at[touch])).millis(),
            }
        };
        points(touches.map(rounded).sum())
    }

    fn millis(&self) -> f64 {
        self.rule.points.millis() as f64
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
        let millis = self.millis();
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

fn grown(at: &[i64], half: u64) -> Vec<(u64, f64)> {
    at.iter().map(|touched| growth(at, *touched, half)).collect()
}

/// The half-lives from the first touch to an instant that is not before it, and what is left
/// behind the last whole one, as a factor from 1 to 2.
fn growth(touches: &[i64], at: i64, half: u64) -> (u64, f64) {
    let age = touches.first().map_or(0, |first| first.abs_diff(at));
    (age / half, ((age % half) as f64 / half as f64).exp2())
}

/// `2^-times`, as the exponent of a floating-point number: nothing beyond a thousand.
fn half_to_the(times: u64) -> f64 {
    f64::from_bits(1_023_u64.saturating_sub(times) << 52)
}

fn halving(age: u64, half: u64) -> f64 {
    (-(age as f64) / half as f64).exp2()
}
