//! Figures for people: counts, shares, durations and amounts, told alike wherever they stand.

use std::fmt;

use leadfold_core::metrics::Rate;
use leadfold_core::{Currency, Money};

/// A count with its thousands apart.
///
/// ```
/// assert_eq!(leadfold_report::figure::count(1_234), "1,234");
/// ```
pub fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// A count and its noun.
///
/// ```
/// # use leadfold_report::figure::counted;
/// assert_eq!(counted(1, "lead", "leads"), "1 lead");
/// assert_eq!(counted(2_000, "lead", "leads"), "2,000 leads");
/// ```
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A rate as a percentage; a dash where nothing could be counted.
///
/// ```
/// # use leadfold_core::metrics::Rate;
/// # use leadfold_report::figure::percent;
/// assert_eq!(percent(Rate { num: 1, den: 3 }), "33.3%");
/// assert_eq!(percent(Rate { num: 0, den: 0 }), "-");
/// ```
pub fn percent(rate: Rate) -> String {
    share(rate.ratio())
}

/// A share as a percentage; a dash where there is none.
pub fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", share * 100.0))
}

/// A duration in its two largest units; a dash where there is none.
///
/// ```
/// assert_eq!(leadfold_report::figure::duration(Some(90_000.0)), "1d 01h");
/// ```
pub fn duration(seconds: Option<f64>) -> String {
    let Some(seconds) = seconds else { return "-".to_owned() };
    let sign = if seconds < 0.0 { "-" } else { "" };
    let total = seconds.abs().round() as u64;
    let (days, hours) = (total / 86_400, total / 3_600 % 24);
    let (minutes, seconds) = (total / 60 % 60, total % 60);
    let text = match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {seconds:02}s"),
        (0, _, _) => format!("{hours}h {minutes:02}m"),
        _ => format!("{}d {hours:02}h", count(days)),
    };
    format!("{sign}{text}")
}

/// A duration as the tables of an audit tell it. Hours of working time do not make days, since no
/// working day has 24 of them.
pub fn promised(seconds: Option<f64>, is_working_time: bool) -> String {
    match seconds {
        Some(seconds) if is_working_time && seconds.abs() >= 3_600.0 => {
            let sign = if seconds < 0.0 { "-" } else { "" };
            // Minutes that are full, as everywhere.
            let minutes = seconds.abs().round() as u64 / 60;
            format!("{sign}{}h {:02}m", count(minutes / 60), minutes % 60)
        }
        seconds => duration(seconds),
    }
}

/// An amount in major units with its currency: `1,200.00 EUR`.
#[derive(Clone, Copy, Debug)]
pub struct Amount(pub Money);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Money { currency, amount } = self.0;
        let digits = usize::from(currency.digits());
        let sign = if amount < 0 { "-" } else { "" };
        let padded = format!("{:0width$}", amount.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = padded.split_at(padded.len() - digits);
        write!(f, "{sign}{}", grouped(whole))?;
        if digits > 0 {
            write!(f, ".{fraction}")?;
        }
        write!(f, " {currency}")
    }
}

/// Fractional minor units, rounded to whole ones.
pub fn rounded(currency: Currency, amount: f64) -> Money {
    Money { currency, amount: amount.round() as i128 }
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
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
    fn working_hours_make_no_days() {
        assert_eq!(promised(Some(90_000.0), true), "25h 00m");
        assert_eq!(promised(Some(-90_059.0), true), "-25h 00m");
        assert_eq!(promised(Some(4_000_000.0), true), "1,111h 06m");
        assert_eq!(promised(Some(9_959.0), true), "2h 45m");
        assert_eq!(promised(Some(9_959.0), true), duration(Some(9_959.0)));
        assert_eq!(promised(Some(59.0), true), "59s");
        assert_eq!(promised(Some(90_000.0), false), "1d 01h");
        assert_eq!(promised(None, true), "-");
    }

    #[test]
    fn durations_have_two_units() {
        for (seconds, expected) in [
            (0.0, "0s"),
            (59.6, "1m 00s"),
            (3_599.0, "59m 59s"),
            (3_660.0, "1h 01m"),
            (90_000.0, "1d 01h"),
            (-90_000.0, "-1d 01h"),
        ] {
            assert_eq!(duration(Some(seconds)), expected);
        }
        assert_eq!(duration(None), "-");
    }

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
