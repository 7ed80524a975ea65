//! Numbers and durations for people.

use leadfold_core::Timestamp;
use leadfold_core::metrics::Rate;

use crate::money::grouped;

/// A count with its thousands apart.
pub(crate) fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// A count and its noun.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// The instant of an answer, behind what it is the answer of; nothing where there is none.
pub(crate) fn as_of(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| format!(" as of {at}"))
}

/// A rate as a percentage; a dash where nothing could be counted.
pub(crate) fn percent(rate: Rate) -> String {
    share(rate.ratio())
}

/// A share as a percentage; a dash where there is none.
pub(crate) fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", share * 100.0))
}

/// A duration in its two largest units; a dash where there is none.
pub(crate) fn duration(seconds: Option<f64>) -> String {
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
pub(crate) fn promised(seconds: Option<f64>, is_working_time: bool) -> String {
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
}
