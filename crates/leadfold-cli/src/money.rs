//! Money for people.

use std::fmt;

use leadfold_core::{Currency, Money};

/// Currencies whose minor unit is not a hundredth (ISO 4217), and their digits.
const DIGITS: [(&str, usize); 27] = [
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
    ("XXX", 0),
];

/// An amount in major units with its currency: `1,200.00 EUR`.
pub(crate) struct Amount(pub(crate) Money);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Money { currency, amount } = self.0;
        let code = currency.to_string();
        let digits = DIGITS.iter().find(|(known, _)| *known == code).map_or(2, |(_, n)| *n);
        let sign = if amount < 0 { "-" } else { "" };
        let padded = format!("{:0width$}", amount.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = padded.split_at(padded.len() - digits);
        write!(f, "{sign}{}", grouped(whole))?;
        if digits > 0 {
            write!(f, ".{fraction}")?;
        }
        write!(f, " {code}")
    }
}

/// Amounts, or a dash for none.
pub(crate) fn amounts(amounts: &[Money]) -> String {
    let all: Vec<String> = amounts.iter().map(|money| Amount(*money).to_string()).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(", ") }
}

/// Fractional minor units, rounded to whole ones.
pub(crate) fn rounded(currency: Currency, amount: f64) -> Money {
    Money { currency, amount: amount.round() as i128 }
}

/// Digits in groups of three.
pub(crate) fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        for (amount, currency, expected) in [
            (120_000, "EUR", "1,200.00 EUR"),
            (5, "EUR", "0.05 EUR"),
            (-105, "USD", "-1.05 USD"),
            (1_234_567, "JPY", "1,234,567 JPY"),
            (1_234_567, "KWD", "1,234.567 KWD"),
            (0, "EUR", "0.00 EUR"),
            (i128::MIN, "JPY", "-170,141,183,460,469,231,731,687,303,715,884,105,728 JPY"),
        ] {
            let currency = currency.parse().expect("a currency");
            assert_eq!(Amount(Money { currency, amount }).to_string(), expected);
        }
    }
}
