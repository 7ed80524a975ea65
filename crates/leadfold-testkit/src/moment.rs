//! Times in tests: as an instant or as a text, and how they are shown to people.

use chrono::{DateTime, Timelike};
use leadfold_core::{SECOND, Timestamp, Zone};

/// Something that says when: an instant, or its text.
///
/// ```
/// use leadfold_testkit::Moment;
///
/// assert_eq!("2024-03-01".instant(), "2024-03-01T00:00:00Z".instant());
/// ```
pub trait Moment {
    /// The instant.
    ///
    /// # Panics
    ///
    /// Where a text is neither RFC 3339 nor a date: it is part of a test, and wrong tests fail.
    fn instant(self) -> Timestamp;
}

impl Moment for Timestamp {
    fn instant(self) -> Timestamp {
        self
    }
}

impl Moment for &str {
    #[track_caller]
    fn instant(self) -> Timestamp {
        match self.parse() {
            Ok(at) => at,
            Err(error) => panic!("{error}"),
        }
    }
}

/// `Fri 2024-03-01 18:00` on the clocks of a zone, with seconds where there are any.
pub(crate) fn shown(at: Timestamp, zone: &Zone) -> String {
    let offset = i64::from(zone.offset_seconds(at)) * SECOND;
    let local = DateTime::from_timestamp_micros(at.micros().saturating_add(offset));
    let Some(local) = local else { return at.to_string() };
    let form = match (local.second(), local.nanosecond()) {
        (0, 0) => "%a %Y-%m-%d %H:%M",
        (_, 0) => "%a %Y-%m-%d %H:%M:%S",
        _ => "%a %Y-%m-%d %H:%M:%S%.6f",
    };
    local.format(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_with_their_weekday_and_no_more_than_there_is() {
        let shown = |text: &str| shown(text.instant(), &Zone::utc());
        assert_eq!(shown("2024-03-01T18:00:00Z"), "Fri 2024-03-01 18:00");
        assert_eq!(shown("2024-03-01T18:00:05Z"), "Fri 2024-03-01 18:00:05");
        assert_eq!(shown("2024-03-01T18:00:05.25Z"), "Fri 2024-03-01 18:00:05.250000");
        assert_eq!(shown("0000-01-01"), "Sat 0000-01-01 00:00");
    }

    #[test]
    #[should_panic(expected = "bad time: expected RFC 3339")]
    fn a_text_that_is_no_time_fails_the_test() {
        "soon".instant();
    }
}
