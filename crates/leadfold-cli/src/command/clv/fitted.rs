//! A model of buying, fitted to a log's customers.

use std::collections::BTreeMap;

use leadfold_clv::{
    BgNbd, Buying, Convergence, Estimate, Fit, FitError, Frequency, MbgNbd, Model, ParetoNbd,
    Patterns,
};
use serde::Serialize;

/// A number that a model of buying makes.
type Number<'a> = &'a dyn Fn(&dyn Buying) -> f64;

/// A fitted model, whichever it is.
pub(super) struct Fitted {
    pub(super) model: Box<dyn Frequency>,
    /// What is known of a number that it makes.
    pub(super) estimate: Box<dyn Fn(Number<'_>) -> Estimate>,
    pub(super) report: FitReport,
}

/// What is known of the fit.
#[derive(Serialize)]
pub(super) struct FitReport {
    parameters: BTreeMap<&'static str, f64>,
    standard_errors: BTreeMap<&'static str, Option<f64>>,
    intervals: BTreeMap<&'static str, Option<(f64, f64)>>,
    /// None where it has no bound.
    log_likelihood: Option<f64>,
    converged: bool,
    convergence: Convergence,
    #[serde(skip)]
    pub(super) estimates: Vec<Estimate>,
}

impl Fitted {
    pub(super) fn bg_nbd(patterns: &Patterns) -> Result<Self, FitError> {
        BgNbd::fit(patterns).map(Self::of)
    }

    pub(super) fn mbg_nbd(patterns: &Patterns) -> Result<Self, FitError> {
        MbgNbd::fit(patterns).map(Self::of)
    }

    pub(super) fn pareto_nbd(patterns: &Patterns) -> Result<Self, FitError> {
        ParetoNbd::fit(patterns).map(Self::of)
    }

    fn of<M: Model<N> + Frequency + 'static, const N: usize>(fit: Fit<M, N>) -> Self {
        Self {
            report: FitReport::of(&fit),
            model: Box::new(fit.model),
            estimate: Box::new(move |number| fit.estimate_of("number", |model| number(model))),
        }
    }
}

impl FitReport {
    pub(super) fn of<M: Model<N>, const N: usize>(fit: &Fit<M, N>) -> Self {
        let estimates = fit.estimates();
        Self {
            parameters: estimates.iter().map(|one| (one.name, one.value)).collect(),
            standard_errors: estimates.iter().map(|one| (one.name, one.standard_error)).collect(),
            intervals: estimates.iter().map(|one| (one.name, one.interval)).collect(),
            log_likelihood: Some(fit.log_likelihood).filter(|value| value.is_finite()),
            converged: fit.convergence.is_interior(),
            convergence: fit.convergence,
            estimates: estimates.to_vec(),
        }
    }

    /// What a person has to know before reading on, if the fit is at no maximum.
    pub(super) fn warning(&self) -> Option<String> {
        match self.convergence {
            Convergence::Interior { .. } => None,
            Convergence::Boundary { parameter, direction, .. } => Some(format!(
                "these customers fix no best value of {parameter}: it goes to {}; what is expected is \
                 still the likeliest, the parameters say nothing by themselves",
                match direction {
                    leadfold_clv::Direction::Zero => "0",
                    leadfold_clv::Direction::Infinity => "infinity",
                }
            )),
        }
    }
}
