//! Money comes out of decimal text exactly, for every amount and every number of decimals.

use leadfold_import::{DecimalError, parse_money};
use proptest::prelude::{any, prop_assert_eq, proptest};

/// The decimal text of an amount in minor units.
fn to_text(units: i64, decimals: u8, mark: char) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{:0>1$}", units.unsigned_abs(), decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let sign = if units < 0 { "-" } else { "" };
    match fraction {
        "" => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}{mark}{fraction}"),
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(units in any::<i64>(), decimals in 0u8..=18, zeros in 0usize..4) {
        for mark in ['.', ','] {
            let text = to_text(units, decimals, mark);
            prop_assert_eq!(parse_money(&text, decimals, mark), Ok(units));
            if decimals > 0 {
                let padded = text + &"0".repeat(zeros);
                prop_assert_eq!(parse_money(&padded, decimals, mark), Ok(units));
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), decimals in any::<u8>()) {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let refused = parse_money(&text, decimals, '.') == Err(DecimalError::NotDecimal { mark: '.' });
        if is_number {
            prop_assert_eq!(refused, false);
        }
    }
}

#[test]
fn what_is_no_amount() {
    for text in ["", "-", ".", "1.", ".5", "+1", "1e3", "0x1", "1 000", "1,5", "\u{661}", "NaN"] {
        assert_eq!(
            parse_money(text, 2, '.'),
            Err(DecimalError::NotDecimal { mark: '.' }),
            "{text}"
        );
    }
}

#[test]
fn the_bounds_of_64_bits() {
    assert_eq!(parse_money("92233720368547758.07", 2, '.'), Ok(i64::MAX));
    assert_eq!(parse_money("-92233720368547758.08", 2, '.'), Ok(i64::MIN));
    assert_eq!(parse_money("92233720368547758.08", 2, '.'), Err(DecimalError::TooLarge));
    assert_eq!(parse_money("1", 255, '.'), Err(DecimalError::TooLarge));
}
