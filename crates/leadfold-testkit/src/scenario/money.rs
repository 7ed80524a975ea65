//! Amounts as people write them: `1200.50 EUR`.

use leadfold_core::Currency;

/// The amount in minor units; none for what is no amount of that currency.
pub(super) fn minor_units(amount: &str, currency: Currency) -> Option<i64> {
    let digits = usize::from(currency.digits());
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
