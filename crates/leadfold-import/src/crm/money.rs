//! Amounts of a CRM: decimal text in units of a currency, to minor units, exactly.

use leadfold_core::Currency;

use super::error::CrmFault;
use crate::decimal::parse_money;

/// Reads an amount from 0; `field` is what the fault names. Without a currency it is in whole units,
/// as it is told again.
pub(crate) fn minor_units(
    text: &str,
    currency: Option<Currency>,
    field: &str,
) -> Result<i64, CrmFault> {
    let field = || field.to_owned();
    let units = parse_money(text, currency.unwrap_or(Currency::NONE).digits(), '.')
        .map_err(|fault| CrmFault::BadMoney { field: field(), fault })?;
    if units < 0 { Err(CrmFault::NegativeMoney { field: field() }) } else { Ok(units) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_in_the_minor_unit_of_their_currency() {
        let units = |text, code: Option<&str>| {
            let currency = code.map(|code| code.parse().expect("a code"));
            minor_units(text, currency, "OPPORTUNITY").ok()
        };
        assert_eq!(units("19999.99", Some("RUB")), Some(1_999_999));
        assert_eq!(units("15000.00", Some("JPY")), Some(15_000));
        assert_eq!(units("1.5", Some("KWD")), Some(1_500));
        assert_eq!(units("1.2345", Some("CLF")), Some(12_345));
        assert_eq!((units("24234.00", None), units("0.5", None)), (Some(24_234), None));
        assert_eq!(
            (units("0.005", None), units("-1", None), units("1e3", None)),
            (None, None, None)
        );
    }
}
