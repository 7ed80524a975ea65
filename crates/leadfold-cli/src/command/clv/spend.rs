//! What customers spend on a purchase.

use leadfold_clv::{Fit, GammaGamma, History};
use serde::Serialize;

use super::customers::Customers;
use super::fitted::FitReport;
use crate::error::CliError;

/// The gamma-gamma model of a log's customers, or why there is none.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum SpendFit {
    /// Fitted; amounts are in minor units.
    Fitted {
        #[serde(skip)]
        model: GammaGamma,
        #[serde(flatten)]
        report: FitReport,
    },
    /// No spend can be expected, and so no value told.
    Refused { refused: String },
}

impl SpendFit {
    /// A log whose spend cannot be modelled still has purchases to be expected.
    pub(super) fn of(customers: &Customers) -> Result<Self, CliError> {
        Ok(match GammaGamma::fit(&customers.spends()?) {
            Ok(fit) => Self::fitted(&fit),
            Err(error) => Self::Refused { refused: error.to_string() },
        })
    }

    fn fitted(fit: &Fit<GammaGamma, 3>) -> Self {
        match fit.model.expected_spend(0, 0.0) {
            Ok(_) => Self::Fitted { model: fit.model, report: FitReport::of(fit) },
            Err(error) => Self::Refused { refused: error.to_string() },
        }
    }

    /// The mean of a customer's purchases to be expected, minor units. Purchases that brought
    /// nothing are purchases.
    pub(super) fn expected(&self, history: &History) -> Option<f64> {
        let Self::Fitted { model, .. } = self else { return None };
        model.expected_spend(history.x, history.spend as f64).ok()
    }

    pub(super) fn report(&self) -> Option<&FitReport> {
        match self {
            Self::Fitted { report, .. } => Some(report),
            Self::Refused { .. } => None,
        }
    }

    /// What a person has to know of it.
    pub(super) fn warning(&self) -> Option<String> {
        match self {
            Self::Fitted { report, .. } => report.warning(),
            Self::Refused { refused } => Some(format!("no value: {refused}")),
        }
    }
}
