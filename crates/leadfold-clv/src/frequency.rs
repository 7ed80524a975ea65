//! How many customers bought again how often, and how many a model expects.

use serde::Serialize;

use crate::legendre::{LogConcave, nodes};
use crate::{BgNbd, Buying, MbgNbd, ParetoNbd, Patterns};

/// From this many repeats on customers share a row.
const BINS: u32 = 7;

/// A model that tells the probability of each number of purchases.
pub trait Frequency: Buying {
    /// The probabilities of 0, 1, ... up to `most` purchases after the first within `horizon`, of
    /// a new customer.
    fn probabilities(&self, most: u32, horizon: f64) -> Vec<f64>;
}

impl Frequency for BgNbd {
    fn probabilities(&self, most: u32, horizon: f64) -> Vec<f64> {
        self.probabilities(most, horizon)
    }
}

impl Frequency for MbgNbd {
    fn probabilities(&self, most: u32, horizon: f64) -> Vec<f64> {
        self.probabilities(most, horizon)
    }
}

impl Frequency for ParetoNbd {
    /// Fader and Hardie, Deriving an Expression for P(X(t) = x) Under the Pareto/NBD Model (2006):
    /// the customer is still there at the end, or left at some time before. The second part is
    /// left as the integral that it is.
    fn probabilities(&self, most: u32, horizon: f64) -> Vec<f64> {
        let stayed = (-self.s * (horizon / self.beta).ln_1p()).exp();
        let mut sums = Counting::of(self, most, horizon).map(|p| stayed * p);
        let unit = self.alpha.min(self.beta);
        let end = (horizon / unit).ln_1p();
        let panels = end.ceil().max(1.0);
        let width = end / panels;
        for panel in 0..panels as u32 {
            nodes(&Panel { width }, |u, weight| {
                let left = unit * (f64::from(panel) * width + u).exp_m1();
                let rate = (self.s / (self.beta + left)) * (unit + left);
                let gone = (-self.s * (left / self.beta).ln_1p()).exp() * rate * weight;
                let counts = Counting::of(self, most, left);
                sums.iter_mut().zip(counts.0).for_each(|(sum, p)| *sum += gone * p);
            });
        }
        sums
    }
}

/// A stretch on which 16 nodes are enough: in the logarithm of time, all that is summed here is
/// smooth over a width of 1.
struct Panel {
    width: f64,
}

impl LogConcave for Panel {
    fn end(&self) -> f64 {
        self.width
    }

    fn height(&self, _: f64) -> f64 {
        0.0
    }

    fn slope(&self, _: f64) -> f64 {
        0.0
    }

    /// More than the short rule takes, and less than one panel.
    fn steepest(&self) -> f64 {
        3.0 / self.width
    }
}

/// The probabilities of 0, 1, ... purchases by a customer who does not leave: negative binomial.
struct Counting(Vec<f64>);

impl Counting {
    fn of(model: &ParetoNbd, most: u32, horizon: f64) -> Self {
        let ParetoNbd { r, alpha, .. } = *model;
        let z = horizon / (alpha + horizon);
        let mut p = (-r * (horizon / alpha).ln_1p()).exp();
        let mut all = Vec::with_capacity(most as usize + 1);
        for x in 0..=most {
            all.push(p);
            p *= (r + f64::from(x)) / (f64::from(x) + 1.0) * z;
        }
        Self(all)
    }

    fn map(self, change: impl Fn(f64) -> f64) -> Vec<f64> {
        self.0.into_iter().map(change).collect()
    }
}

/// Customers who bought again so often.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FrequencyRow {
    /// Days with purchases after the first; 7 stands for 7 and more.
    pub repeats: u32,
    /// How many customers.
    pub actual: u64,
    /// How many the model expects.
    pub expected: f64,
}

/// The customers by how often they bought again, and what the model expects of as many new
/// customers, each watched for as long.
///
/// ```
/// # use leadfold_clv::{BgNbd, Pattern, Patterns, frequencies};
/// let row = |x, t_x| Pattern { x, t_x, t: 39.0, customers: 50 };
/// let patterns = Patterns::new([row(0, 0.0), row(9, 30.0)])?;
/// let model = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
/// let rows = frequencies(&model, &patterns);
/// assert_eq!((rows.len(), rows[0].actual, rows[7].actual), (8, 50, 50));
/// assert!((rows[0].expected - 57.4).abs() < 0.1);
/// # Ok::<(), leadfold_clv::BadPattern>(())
/// ```
pub fn frequencies(model: &(impl Frequency + ?Sized), patterns: &Patterns) -> Vec<FrequencyRow> {
    let mut rows: Vec<FrequencyRow> =
        (0..=BINS).map(|repeats| FrequencyRow { repeats, actual: 0, expected: 0.0 }).collect();
    let mut watches = std::collections::BTreeMap::<u64, u64>::new();
    for row in patterns.rows() {
        rows[row.x.min(BINS) as usize].actual += row.customers;
        // Times from 0 on are in the order of their bits.
        *watches.entry(row.t.to_bits()).or_default() += row.customers;
    }
    for (watched, customers) in watches {
        let mut rest = 1.0;
        for (row, p) in rows.iter_mut().zip(model.probabilities(BINS - 1, f64::from_bits(watched)))
        {
            row.expected += customers as f64 * p;
            rest -= p;
        }
        rows[BINS as usize].expected += customers as f64 * f64::max(rest, 0.0);
    }
    rows
}
