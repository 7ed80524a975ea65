//! `--term` and `--grace`: when a contract is to be renewed.

use std::str::FromStr;

use leadfold_clv::{Discount, Term};

use crate::error::CliError;

/// The days of a term. A month is the twelfth part of a year, as everywhere in value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TermDays(f64);

impl FromStr for TermDays {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let months = |n: f64| Some(Self(n * Discount::MONTH_DAYS));
        let term = match text {
            "month" => months(1.0),
            "quarter" => months(3.0),
            "year" => months(12.0),
            _ => text.parse().ok().filter(|days| *days > 0).map(|days: u32| Self(f64::from(days))),
        };
        term.ok_or_else(|| {
            format!("expected a term as month, quarter, year or days, 1 or more, found {text:?}")
        })
    }
}

impl TermDays {
    /// The log does not say how long a term is.
    pub(super) fn given(term: Option<Self>) -> Result<Self, CliError> {
        term.ok_or_else(|| {
            CliError::Usage(
                "expected --term with --model sbg, found none: the log does not say when \
                 contracts are to be renewed; give month, quarter, year or days"
                    .into(),
            )
        })
    }

    pub(super) fn with_grace(self, days: u32) -> Term {
        Term { days: self.0, grace: f64::from(days) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_a_word_or_days() {
        for (text, days) in [("month", 30.436_875), ("year", 365.2425), ("7", 7.0)] {
            let found: TermDays = text.parse().expect("a term");
            assert!((found.0 - days).abs() < 1e-9, "{text}: {found:?}");
        }
        for text in ["0", "-1", "1.5", "week", ""] {
            let error = text.parse::<TermDays>().expect_err(text);
            assert!(
                error.starts_with("expected a term as month, quarter, year or days"),
                "{error}"
            );
        }
    }
}
