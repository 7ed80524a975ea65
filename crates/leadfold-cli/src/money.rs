//! Money for people.

use leadfold_core::Money;
pub(crate) use leadfold_report::figure::{Amount, rounded};

/// Amounts, or a dash for none.
pub(crate) fn amounts(amounts: &[Money]) -> String {
    let all: Vec<String> = amounts.iter().map(|money| Amount(*money).to_string()).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(", ") }
}
