//! How a fit ended.

use serde::Serialize;

/// How a fit ended. There is no third way: a fit that does neither is an error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Convergence {
    /// At a maximum.
    Interior {
        /// The largest component of the gradient by the logarithms of the parameters, per
        /// customer: 0 but for rounding.
        gradient: f64,
    },
    /// The likelihood grows on as a parameter leaves: the data know no best value of it. Others
    /// may leave with it.
    Boundary {
        /// The parameter.
        parameter: &'static str,
        /// Where it goes.
        direction: Direction,
        /// What the log-likelihood tends to, but for a hundred-millionth or so; none where it has
        /// no bound, as where all customers spend the same.
        limit: Option<f64>,
    },
}

impl Convergence {
    /// Whether there is a best value of each parameter.
    pub fn is_interior(&self) -> bool {
        matches!(self, Self::Interior { .. })
    }
}

/// Where a parameter goes that has no best value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To 0.
    Zero,
    /// Above all bounds.
    Infinity,
}
