//! `--model auto`: the model that did best on what it did not know.

use std::fmt;

use leadfold_clv::{BuyingModel, Candidate, Choice, FitError, Patterns};
use serde::Serialize;

use super::customers::{Customers, WEEK};
use super::fitted::Fitted;
use super::holdout::Split;
use crate::error::CliError;
use crate::table::Table;
use crate::text::{count, share};

/// A way to a fit.
pub(super) type FitFn = fn(&Patterns) -> Result<Fitted, FitError>;

/// How a model is fitted.
pub(super) fn fit_of(model: BuyingModel) -> FitFn {
    match model {
        BuyingModel::BgNbd => Fitted::bg_nbd,
        BuyingModel::MbgNbd => Fitted::mbg_nbd,
        BuyingModel::Pareto => Fitted::pareto_nbd,
    }
}

/// The models against each other, and why one was taken.
#[derive(Serialize)]
pub(super) struct ChoiceReport {
    #[serde(flatten)]
    choice: Choice,
    reason: String,
}

impl ChoiceReport {
    pub(super) fn of(customers: &Customers, split: Split) -> Result<Self, CliError> {
        let days = (split.calibrated_to, split.until);
        let choice = Choice::of(&customers.purchases, days, WEEK)
            .map_err(|error| CliError::Nothing(format!("no fit of the calibration: {error}")))?;
        let reason = choice.reason();
        Ok(Self { choice, reason })
    }

    pub(super) fn best(&self) -> BuyingModel {
        self.choice.best().model
    }
}

impl fmt::Display for ChoiceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Choice { candidates, failed, actual, .. } = &self.choice;
        let headings =
            ["model", "log-likelihood", "expected", "made", "bias", "error a customer", "deviance"];
        let mut table = Table::new(&headings, 1);
        for one in candidates {
            let Candidate { model, log_likelihood, expected, bias, error, deviance, .. } = one;
            table.row([
                model.title().to_owned(),
                format!("{log_likelihood:.2}"),
                format!("{expected:.1}"),
                count(*actual),
                share(*bias),
                format!("{error:.4}"),
                format!("{deviance:.4}"),
            ]);
        }
        write!(f, "{table}\n{}\n", self.reason)?;
        failed.iter().try_for_each(|(model, why)| writeln!(f, "{}: no fit: {why}", model.title()))
    }
}
