//! Decimal text to exact integers. No float is ever in between.

/// Why a text is not the number that it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecimalError {
    /// Something else than an optional minus, digits, and digits after one decimal mark.
    #[error(
        "expected digits with at most one decimal mark `{mark}`, found something else; \
             remove group separators and currency signs, or set `decimal_mark`"
    )]
    NotDecimal {
        /// The decimal mark that is in force.
        mark: char,
    },
    /// More decimals than the currency has, and they are not zeros.
    #[error(
        "expected at most {decimals} decimals, found more; rounding would invent money: \
             correct the text or the number of decimals"
    )]
    TooManyDecimals {
        /// How many decimals the mapping allows.
        decimals: u8,
    },
    /// The number does not fit 64 bits.
    #[error("expected a number that fits 64 bits, found a larger one; correct it")]
    TooLarge,
}

/// Reads decimal text as minor units: with 2 decimals, `12.5` is 1250.
///
/// Further decimals are allowed only where they are zeros, because nothing is ever rounded.
///
/// # Errors
///
/// When the text is no such number, exactly.
///
/// ```
/// use leadfold_import::{DecimalError, parse_money};
///
/// assert_eq!(parse_money("12.5", 2, '.'), Ok(1250));
/// assert_eq!(parse_money("-0,07", 2, ','), Ok(-7));
/// assert_eq!(parse_money("4821.0000", 2, '.'), Ok(482_100));
/// assert_eq!(parse_money("0.005", 2, '.'), Err(DecimalError::TooManyDecimals { decimals: 2 }));
/// ```
pub fn parse_money(text: &str, decimals: u8, mark: char) -> Result<i64, DecimalError> {
    let (negative, whole, fraction) = split(text, mark)?;
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > usize::from(decimals) {
        return Err(DecimalError::TooManyDecimals { decimals });
    }
    let zeros = std::iter::repeat_n(b'0', usize::from(decimals) - fraction.len());
    let digits = whole.bytes().chain(fraction.bytes()).chain(zeros);
    // Counting down from zero reaches the least integer, which has no positive twin.
    let units = digits
        .map(|digit| i64::from(digit - b'0'))
        .try_fold(0i64, |units, digit| units.checked_mul(10)?.checked_sub(digit));
    let units = if negative { units } else { units.and_then(i64::checked_neg) };
    units.ok_or(DecimalError::TooLarge)
}

/// Reads an integer.
pub(crate) fn parse_integer(text: &str, mark: char) -> Result<i64, DecimalError> {
    parse_money(text, 0, mark)
}

/// Reads a number: an integer where the text is one, else the nearest double.
pub(crate) fn parse_number(text: &str, mark: char) -> Result<serde_json::Value, DecimalError> {
    let (negative, whole, fraction) = split(text, mark)?;
    if fraction.is_empty() {
        return parse_integer(text, mark).map(Into::into);
    }
    let sign = if negative { "-" } else { "" };
    let number: Option<f64> = format!("{sign}{whole}.{fraction}").parse().ok();
    let number = number.and_then(serde_json::Number::from_f64).ok_or(DecimalError::TooLarge)?;
    Ok(number.into())
}

fn split(text: &str, mark: char) -> Result<(bool, &str, &str), DecimalError> {
    let unsigned = text.strip_prefix('-');
    let negative = unsigned.is_some();
    let (whole, fraction) = match unsigned.unwrap_or(text).split_once(mark) {
        Some((_, "")) => return Err(DecimalError::NotDecimal { mark }),
        Some(parts) => parts,
        None => (unsigned.unwrap_or(text), ""),
    };
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return Err(DecimalError::NotDecimal { mark });
    }
    Ok((negative, whole, fraction))
}
