//! Amounts as people write them: `1200.50 EUR`.

use leadfold_core::Currency;

/// Currencies of ISO 4217 without minor units, and those with three or four digits of them. All
/// others have two.
const DIGITS: [(&str, usize); 26] = [
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
];

/// The amount in minor units; none for what is no amount of that currency.
pub(super) fn minor_units(amount: &str, currency: Currency) -> Option<i64> {
    let name = currency.to_string();
    let special = DIGITS.iter().find(|(known, _)| *known == name);
    let digits = special.map_or(2, |(_, digits)| *digits);
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = !whole.is_empty() && is_plain(whole);
    if !is_whole || !is_plain(fraction) || fraction.len() > digits || amount.ends_with('.') {
        return None;
    }
    format!("{whole}{fraction:0<digits$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_of_their_currency() {
        let minor = |amount, currency: &str| minor_units(amount, currency.parse().expect("a code"));
        assert_eq!(minor("900", "EUR"), Some(90_000));
        assert_eq!(minor("0.5", "EUR"), Some(50));
        assert_eq!(minor("1200.05", "USD"), Some(120_005));
        assert_eq!(minor("900", "JPY"), Some(900));
        assert_eq!(minor("1.234", "KWD"), Some(1_234));
        for wrong in ["", ".5", "5.", "-1", "1.234", "1,5", "9223372036854775807"] {
            assert_eq!(minor(wrong, "EUR"), None, "{wrong}");
        }
        assert_eq!(minor("1.5", "JPY"), None);
    }
}
