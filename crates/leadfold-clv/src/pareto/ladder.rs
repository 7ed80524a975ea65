//! The odds of customers who share their times. For customers of as many repeats
//!
//! ```text
//! R = s exp(E(t)) (I(t_x) - I(t))            E(y) = (r+x) ln(1+y/alpha) + s ln(1+y/beta)
//! I(y) = integral over z from y to the last time of exp(-E(z)) / (beta+z)
//! ```
//!
//! so that one walk from the last time to the first, from rung to rung, makes the integrals of all
//! of them. The difference costs no digit that counts: it is off by a rounding of I(t), and
//! s exp(E(t)) I(t) is below 1, as is what R is added to in ln(1+R).

use super::ParetoNbd;
use crate::newton::Slope;
use crate::times::{Places, Shifted, Times};
use crate::{Pattern, Patterns};

/// The times that many customers share.
pub(super) struct Ladder(Times);

/// Gauss and Legendre's rule of 6 points on the right half of [-1, 1]: nodes and weights.
const RULE: [(f64, f64); 3] = [
    (0.238_619_186_083_196_9, 0.467_913_934_572_691_04),
    (0.661_209_386_466_264_5, 0.360_761_573_048_138_6),
    (0.932_469_514_203_152, 0.171_324_492_379_170_36),
];
/// Its points.
const NODES: usize = 2 * RULE.len();
/// What may happen between two rungs: of (alpha+y)^-p the rule makes an error of at most
/// 1.9e-16 ((p+11) width/(alpha+y))^12, which is below 1e-14 then.
const CHANGE_MAX: f64 = 1.39;
/// As many nodes cost what an integral of its own does.
const NODES_ALONE: usize = 16;
/// The most that a logarithm may differ between the first time and the last.
const RANGE_MAX: f64 = 600.0;

impl Ladder {
    /// None if no customers share theirs.
    pub(super) fn of(patterns: &Patterns) -> Option<Self> {
        let rows = patterns.rows();
        let times = Times::of(patterns);
        // Sorting the times of customers who share none takes long.
        let ladder = (times.times().len() < rows.len()).then(|| Self(times.sorted()))?;
        let is_worth = ladder.groups(rows).any(|(_, places)| is_worth(places));
        is_worth.then_some(ladder)
    }

    /// Customers of as many repeats, with where they stand.
    pub(super) fn groups<'a>(
        &'a self,
        rows: &'a [Pattern],
    ) -> impl Iterator<Item = (&'a [Pattern], &'a [Places])> {
        let mut places = self.0.rows();
        rows.chunk_by(|one, next| one.x == next.x).map(move |same| {
            let (here, rest) = places.split_at(same.len());
            places = rest;
            (same, here)
        })
    }

    /// The ladder under a model.
    pub(super) fn under(&self, model: &ParetoNbd) -> Rungs {
        let times = self.0.times();
        let near = model.alpha.min(model.beta);
        let mut rungs =
            Rungs { model: *model, steepest: 0.0, times: Vec::new(), nodes: Vec::new() };
        rungs.times.extend(times.iter().map(|time| Moment::of(model, *time)));
        for pair in times.windows(2) {
            let (half, middle) = ((pair[1] - pair[0]) / 2.0, (pair[1] + pair[0]) / 2.0);
            rungs.steepest = (2.0 * half / (near + pair[0])).max(rungs.steepest);
            for (node, weight) in RULE {
                for time in [middle - half * node, middle + half * node] {
                    rungs
                        .nodes
                        .push((Moment::of(model, time), half * weight / (model.beta + time)));
                }
            }
        }
        rungs
    }
}

/// The first place of customers, and their last.
fn ends(places: &[Places]) -> (usize, usize) {
    let ends = places
        .iter()
        .fold((u32::MAX, 0), |(low, high), places| (low.min(places.last), high.max(places.now)));
    (ends.0 as usize, ends.1 as usize)
}

/// Whether the walk is shorter than an integral for each customer.
fn is_worth(places: &[Places]) -> bool {
    let (low, high) = ends(places);
    NODES * (high - low) < NODES_ALONE * places.len()
}

/// A time under a model.
struct Moment {
    alpha: Shifted,
    beta: Shifted,
}

impl Moment {
    fn of(model: &ParetoNbd, time: f64) -> Self {
        let shifted = |by: f64| Shifted::of(1.0 / by, time);
        Self { alpha: shifted(model.alpha), beta: shifted(model.beta) }
    }
}

/// The ladder under a model.
pub(super) struct Rungs {
    model: ParetoNbd,
    /// The most that happens between two rungs to (alpha+y)^-1 or (beta+y)^-1.
    steepest: f64,
    times: Vec<Moment>,
    /// Between the rungs, with their shares of dy / (beta+y).
    nodes: Vec<(Moment, f64)>,
}

impl Rungs {
    /// Adds ln(1+R) of customers of as many repeats, with its derivatives. Does nothing and says
    /// no where their integrals are better taken one by one.
    pub(super) fn add(&self, rows: &[Pattern], places: &[Places], slope: &mut Slope<4>) -> bool {
        let bought = self.model.r + f64::from(rows[0].x);
        let (low, high) = ends(places);
        let group = Group { rungs: self, bought, base: 0.0 };
        let group = Group { base: group.height(&self.times[low]), ..group };
        let range = group.height(&self.times[high]);
        let change = (bought + self.model.s + 12.0) * self.steepest;
        // What is no number is left to others.
        let can = change <= CHANGE_MAX && range <= RANGE_MAX && is_worth(places);
        if !can {
            return false;
        }
        let integrals = group.integrals(low, high);
        for (row, places) in rows.iter().zip(places) {
            let (last, now) = (places.last as usize, places.now as usize);
            let between = |i: usize| integrals[last - low][i] - integrals[now - low][i];
            group.add(row.customers as f64, &self.times[now], std::array::from_fn(between), slope);
        }
        true
    }
}

/// Integrals of exp(-E(y)) / (beta+y), of that times the four slopes of the logarithm, and times
/// the products of two of these, the upper half row by row.
type Integrals = [f64; 15];

/// Where the products with a slope begin, less its number.
const PRODUCTS: [usize; 4] = [5, 8, 10, 11];

/// Customers of as many repeats.
struct Group<'a> {
    rungs: &'a Rungs,
    /// r + x.
    bought: f64,
    /// E at their first time, from which it is counted.
    base: f64,
}

impl Group<'_> {
    /// E.
    fn height(&self, moment: &Moment) -> f64 {
        self.bought * moment.alpha.log + self.rungs.model.s * moment.beta.log - self.base
    }

    /// What depends on y in the slopes of the logarithm of exp(E(t)-E(y)) / (beta+y).
    fn slopes(&self, moment: &Moment) -> [f64; 4] {
        let Moment { alpha, beta } = moment;
        let left = self.rungs.model.s + 1.0;
        [-alpha.log, self.bought * alpha.per, -beta.log, left * beta.per]
    }

    /// What depends on t in them.
    fn ends(&self, now: &Moment) -> [f64; 4] {
        let (Moment { alpha, beta }, model) = (now, &self.rungs.model);
        [alpha.log, -self.bought * alpha.per, beta.log, -model.s * beta.per - 1.0 / model.beta]
    }

    /// The integrals from each rung to the last.
    fn integrals(&self, low: usize, high: usize) -> Vec<Integrals> {
        let mut sums = [0.0; 15];
        let mut all = vec![sums; high - low + 1];
        let steps = self.rungs.nodes[NODES * low..NODES * high].chunks_exact(NODES);
        for (step, integrals) in steps.zip(&mut all).rev() {
            let mut here = [0.0; 15];
            for (moment, weight) in step {
                self.add_mass(&mut here, weight * (-self.height(moment)).exp(), moment);
            }
            (0..15).for_each(|i| sums[i] += here[i]);
            *integrals = sums;
        }
        all
    }

    fn add_mass(&self, integrals: &mut Integrals, mass: f64, moment: &Moment) {
        let slopes = self.slopes(moment);
        integrals[0] += mass;
        for i in 0..4 {
            let weighted = mass * slopes[i];
            integrals[1 + i] += weighted;
            for j in i..4 {
                integrals[PRODUCTS[i] + j] += weighted * slopes[j];
            }
        }
    }

    /// Adds ln(1+R) of so many customers, by the integrals from t_x to t.
    fn add(&self, n: f64, now: &Moment, mut integrals: Integrals, slope: &mut Slope<4>) {
        let factor = self.rungs.model.s * self.height(now).exp();
        integrals.iter_mut().for_each(|integral| *integral *= factor);
        let (first, second) = self.derivatives(now, &integrals);
        let there = 1.0 / (1.0 + integrals[0]);
        slope.value += n * integrals[0].ln_1p();
        let first = first.map(|part| there * part);
        for i in 0..4 {
            slope.gradient[i] += n * first[i];
            for j in i..4 {
                slope.hessian[i][j] += n * (there * second[i][j] - first[i] * first[j]);
            }
        }
    }

    /// Those of R, by the integrals that make it: means of the slopes, of their products, and of
    /// their own slopes.
    fn derivatives(&self, now: &Moment, integrals: &Integrals) -> ([f64; 4], [[f64; 4]; 4]) {
        let ParetoNbd { alpha, s, beta, .. } = self.rungs.model;
        let (bought, ends) = (self.bought, self.ends(now));
        let odds = integrals[0];
        let part = |i: usize| integrals[1 + i];
        let product = |i: usize, j: usize| integrals[PRODUCTS[i] + j];
        let mut first: [f64; 4] = std::array::from_fn(|i| part(i) + ends[i] * odds);
        let mut second = [[0.0; 4]; 4];
        for i in 0..4 {
            for j in i..4 {
                second[i][j] = product(i, j) + ends[j] * part(i) + ends[i] * first[j];
            }
        }
        second[0][1] += first[1] / bought;
        second[1][1] +=
            bought * now.alpha.bend * odds - 2.0 / alpha * part(1) + product(1, 1) / bought;
        second[2][3] += part(3) / (s + 1.0) - now.beta.per * odds;
        second[3][3] += (1.0 / (beta * beta) + s * now.beta.bend) * odds - 2.0 / beta * part(3)
            + product(3, 3) / (s + 1.0);
        // That of the factor s.
        let [by_r, by_alpha, by_s, by_beta] = first.map(|part| part / s);
        second[0][2] += by_r;
        second[1][2] += by_alpha;
        second[2][2] += 2.0 * by_s;
        second[2][3] += by_beta;
        first[2] += odds / s;
        (first, second)
    }
}
