//! `--term` and `--grace`: when a contract is to be renewed.

use std::num::NonZeroU32;
use std::str::FromStr;

use leadfold_clv::Term;

use crate::error::CliError;

/// A term. A month is the twelfth part of a year, as everywhere in value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TermArgument(Term);

impl FromStr for TermArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let months = |n| NonZeroU32::new(n).map(Term::of_months);
        let term = match text {
            "month" => months(1),
            "quarter" => months(3),
            "year" => months(12),
            _ => text.parse().ok().map(Term::of_days),
        };
        let term = term.map(Self);
        term.ok_or_else(|| {
            format!("expected a term as month, quarter, year or days, 1 or more, found {text:?}")
        })
    }
}

impl TermArgument {
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
        self.0.with_grace(days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_a_word_or_days() {
        for (text, days) in [("month", 30.436_875), ("year", 365.2425), ("7", 7.0)] {
            let found: TermArgument = text.parse().expect("a term");
            assert_eq!(found.0.days(), days, "{text}");
        }
        for text in ["0", "-1", "1.5", "week", ""] {
            let error = text.parse::<TermArgument>().expect_err(text);
            assert!(
                error.starts_with("expected a term as month, quarter, year or days"),
                "{error}"
            );
        }
    }
}
