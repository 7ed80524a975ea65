//! Amounts of a CRM: decimal text in units of a currency, to minor units, exactly.

use super::error::CrmFault;
use crate::decimal::parse_money;

/// Reads an amount from 0; `field` is what the fault names.
pub(crate) fn minor_units(
    text: &str,
    currency: Option<&str>,
    field: &str,
) -> Result<i64, CrmFault> {
    let field = || field.to_owned();
    let units = parse_money(text, decimals(currency), '.')
        .map_err(|fault| CrmFault::BadMoney { field: field(), fault })?;
    if units < 0 { Err(CrmFault::NegativeMoney { field: field() }) } else { Ok(units) }
}

/// How many decimals the minor unit of a currency has (ISO 4217); 2 where it is not known.
fn decimals(currency: Option<&str>) -> u8 {
    match currency {
        Some(code) if NO_DECIMALS.contains(&code) => 0,
        Some(code) if THREE_DECIMALS.contains(&code) => 3,
        _ => 2,
    }
}

const NO_DECIMALS: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
];
const THREE_DECIMALS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_in_the_minor_unit_of_their_currency() {
        let units = |text, currency| minor_units(text, currency, "OPPORTUNITY").ok();
        assert_eq!(units("19999.99", Some("RUB")), Some(1_999_999));
        assert_eq!(units("15000.00", Some("JPY")), Some(15_000));
        assert_eq!(units("1.5", Some("KWD")), Some(1_500));
        assert_eq!(units("24234", None), Some(2_423_400));
        assert_eq!(
            (units("0.005", None), units("-1", None), units("1e3", None)),
            (None, None, None)
        );
    }
}
