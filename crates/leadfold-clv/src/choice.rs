//! Which model of buying does best on what it did not know.
//!
//! All models are fitted to the customers of a calibration and asked what each of them buys in the
//! holdout. The score is the Poisson deviance a customer, 2 (y ln(y/m) - (y - m)) for `y`
//! purchases where `m` were expected. It is 0 where all came as expected, and it is consistent for
//! expectations (Gneiting, Making and Evaluating Point Forecasts, JASA 106 (2011)): no model gains
//! by saying anything but its mean. It is the likelihood of the holdout but for a constant, if
//! purchases scatter about their expectation as Poisson's do; a miss of 2 weighs less of a customer
//! of whom 20 were expected than of one of whom none was. The plain error a customer would not do:
//! it is smallest for who expects nothing of most customers, since most buy nothing.

use serde::Serialize;

use crate::{
    BgNbd, Convergence, Counts, Day, Fit, FitError, Frequency, Holdout, MbgNbd, Model, ParetoNbd,
    Patterns, Purchases,
};

/// A model of buying by its name.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BuyingModel {
    /// [`BgNbd`].
    BgNbd,
    /// [`MbgNbd`].
    MbgNbd,
    /// [`ParetoNbd`].
    Pareto,
}

impl BuyingModel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::BgNbd, Self::MbgNbd, Self::Pareto];

    /// What papers call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::BgNbd => "BG/NBD",
            Self::MbgNbd => "MBG/NBD",
            Self::Pareto => "Pareto/NBD",
        }
    }
}

/// A model that was fitted to the calibration, and how it did on the holdout.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// The model.
    pub model: BuyingModel,
    /// Its log-likelihood on the calibration. All models have four parameters, so these compare.
    pub log_likelihood: f64,
    /// How the fit ended.
    pub convergence: Convergence,
    /// Purchases expected in the holdout.
    pub expected: f64,
    /// By how much it expected too much (above 0) or too little, of what was bought; none if
    /// nothing was.
    pub bias: Option<f64>,
    /// Mean absolute error a customer, purchases.
    pub error: f64,
    /// The score: mean Poisson deviance a customer. The lowest is the best.
    pub deviance: f64,
    /// By how much it is behind the best one, a customer; none for the best.
    pub behind: Option<Behind>,
}

/// How far a model is behind the best one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Behind {
    /// Mean difference of the deviances, customer by customer.
    pub deviance: f64,
    /// Its standard error: what other customers of the same kind could change.
    pub standard_error: f64,
}

impl Behind {
    /// Whether the difference is more than twice its standard error.
    pub fn is_clear(&self) -> bool {
        self.deviance > 2.0 * self.standard_error
    }
}

/// The models, the best one first, and what they were held against.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choice {
    /// Purchases of the holdout.
    pub actual: u64,
    /// Customers of the calibration.
    pub customers: u64,
    /// Those that could be fitted, by their scores.
    pub candidates: Vec<Candidate>,
    /// Those that could not, and why.
    pub failed: Vec<(BuyingModel, String)>,
}

impl Choice {
    /// Fits all models to the customers at the end of `end` and holds them against what those
    /// bought until the end of `until`. `unit_days` is the unit of the fits, 7 for weeks.
    ///
    /// # Errors
    /// When no model can be fitted: that of the first one.
    ///
    /// ```
    /// # use leadfold_clv::{Choice, Day, Purchases};
    /// let mut purchases = Purchases::default();
    /// for customer in 0..200 {
    ///     for purchase in 0..1 + customer % 5 {
    ///         let day = customer % 9 + purchase * (13 + customer % 29);
    ///         purchases.buy(customer as u64, Day(day), 1_000);
    ///     }
    /// }
    /// let choice = Choice::of(&purchases, (Day(60), Day(120)), 7.0)?;
    /// assert!(choice.candidates.is_sorted_by(|a, b| a.deviance <= b.deviance));
    /// println!("{}: {}", choice.best().model.title(), choice.reason());
    /// # Ok::<(), leadfold_clv::FitError>(())
    /// ```
    pub fn of(
        purchases: &Purchases,
        (end, until): (Day, Day),
        unit_days: f64,
    ) -> Result<Self, FitError> {
        let held = Held { purchases, days: (end, until), unit_days };
        let counts: Counts = purchases.histories(end).map(|(_, history)| history).collect();
        let patterns = counts.patterns(end, unit_days)?;
        let (mut tried, mut failed) = (Vec::new(), Vec::new());
        for model in BuyingModel::ALL {
            match held.fit(model, &patterns) {
                Ok(one) => tried.push(one),
                Err(error) => failed.push((model, error)),
            }
        }
        if tried.is_empty() {
            return Err(failed.swap_remove(0).1);
        }
        let actual = purchases.after(end, until).map(|(_, bought, _)| u64::from(bought)).sum();
        let failed = failed.into_iter().map(|(model, why)| (model, why.to_string())).collect();
        Ok(Self { actual, customers: patterns.customers(), candidates: ranked(tried), failed })
    }

    /// The best one.
    pub fn best(&self) -> &Candidate {
        self.candidates.first().expect("a choice has a candidate")
    }

    /// Why it is the best, as a sentence.
    pub fn reason(&self) -> String {
        let best = self.best().model.title();
        let Some((next, behind)) =
            self.candidates.iter().find_map(|one| Some((one.model.title(), one.behind?)))
        else {
            return format!("{best} is the only model that could be fitted");
        };
        let Behind { deviance, standard_error } = behind;
        let lead = format!(
            "{best} has the lowest deviance; {next} is {deviance:.4} a customer behind, with a \
             standard error of {standard_error:.4}"
        );
        if behind.is_clear() {
            lead
        } else {
            format!("{lead}: other customers could have reversed that")
        }
    }
}

/// What the models are held against.
struct Held<'a> {
    purchases: &'a Purchases,
    days: (Day, Day),
    unit_days: f64,
}

/// A candidate with its deviances, customer by customer.
struct Tried {
    candidate: Candidate,
    deviances: Vec<f64>,
}

impl Held<'_> {
    fn fit(&self, model: BuyingModel, patterns: &Patterns) -> Result<Tried, FitError> {
        Ok(match model {
            BuyingModel::BgNbd => self.hold(model, &BgNbd::fit(patterns)?),
            BuyingModel::MbgNbd => self.hold(model, &MbgNbd::fit(patterns)?),
            BuyingModel::Pareto => self.hold(model, &ParetoNbd::fit(patterns)?),
        })
    }

    fn hold<M: Model<4> + Frequency>(&self, model: BuyingModel, fit: &Fit<M, 4>) -> Tried {
        let holdout = Holdout::of(&fit.model, self.purchases, self.days, self.unit_days);
        let missed: Vec<(f64, f64)> = self.pairs(&fit.model).collect();
        let deviances: Vec<f64> = missed.iter().map(|(made, m)| deviance(*made, *m)).collect();
        let candidate = Candidate {
            model,
            log_likelihood: fit.log_likelihood,
            convergence: fit.convergence,
            expected: holdout.expected(),
            bias: holdout.bias(),
            error: mean(&missed.iter().map(|(made, m)| (made - m).abs()).collect::<Vec<_>>()),
            deviance: mean(&deviances),
            behind: None,
        };
        Tried { candidate, deviances }
    }

    /// Made and expected, customer by customer.
    fn pairs(&self, model: &impl Frequency) -> impl Iterator<Item = (f64, f64)> {
        let ((end, until), unit) = (self.days, self.unit_days);
        let horizon = (f64::from(until.0) - f64::from(end.0)) / unit;
        let customers = self.purchases.histories(end).zip(self.purchases.after(end, until));
        customers.filter_map(move |((_, history), (_, made, _))| {
            let row = history.pattern(end, unit)?;
            Some((f64::from(made), model.expected(row.x, row.t_x, row.t, horizon)))
        })
    }
}

fn ranked(mut tried: Vec<Tried>) -> Vec<Candidate> {
    tried.sort_by(|a, b| a.candidate.deviance.total_cmp(&b.candidate.deviance));
    let mut best: Option<Vec<f64>> = None;
    let rank = |Tried { mut candidate, deviances }: Tried| {
        candidate.behind = best.as_ref().map(|best| behind(best, &deviances));
        best.get_or_insert(deviances);
        candidate
    };
    tried.into_iter().map(rank).collect()
}

/// The mean of the differences and its standard error.
fn behind(best: &[f64], other: &[f64]) -> Behind {
    let differences: Vec<f64> = best.iter().zip(other).map(|(best, other)| other - best).collect();
    let deviance = mean(&differences);
    let squares: Vec<f64> = differences.iter().map(|d| (d - deviance).powi(2)).collect();
    let n = differences.len() as f64;
    Behind { deviance, standard_error: (mean(&squares) / (n - 1.0).max(1.0)).sqrt() }
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / (numbers.len() as f64).max(1.0)
}

/// Poisson's: twice what the logarithm of the likelihood lacks to the best. Nobody is expected to
/// buy nothing at all; where a number cannot tell, the least number stands.
fn deviance(made: f64, expected: f64) -> f64 {
    let expected = expected.max(f64::MIN_POSITIVE);
    // Not the logarithm of the quotient, which would be infinite.
    let log = if made > 0.0 { made * (made.ln() - expected.ln()) } else { 0.0 };
    2.0 * (log - (made - expected))
}

#[cfg(test)]
mod tests {
    use super::deviance;

    #[test]
    fn a_deviance_is_a_number_whatever_was_expected() {
        for made in [0.0, 1.0, 6.0, 1e6] {
            let all = [0.0, 1e-300, 0.5, 6.0, 1e6].map(|expected| deviance(made, expected));
            assert!(
                all.iter().all(|found| found.is_finite() && *found >= -1e-9),
                "{made}: {all:?}"
            );
        }
        assert!(deviance(6.0, 6.0).abs() < 1e-12 && deviance(6.0, 0.0) > deviance(6.0, 1e-300));
    }
}
