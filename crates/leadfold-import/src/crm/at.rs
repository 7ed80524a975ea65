//! An instant of a CRM: read from RFC 3339 or unix seconds, small enough to keep many.

use chrono::{DateTime, SecondsFormat, Timelike};

/// An instant, and how exactly it is known. It is kept in UTC, since a system may write one instant
/// with the offset of whoever asks, and one row has one content.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct At {
    /// Since 1970.
    micros: i64,
    has_fraction: bool,
}

impl At {
    /// Reads RFC 3339 with an offset.
    pub(crate) fn rfc3339(text: &str) -> Option<Self> {
        let at = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
        let has_fraction = at.nanosecond() % 1_000_000_000 != 0;
        Some(Self { micros: at.timestamp_micros(), has_fraction })
    }

    /// Reads seconds since 1970, from 1970 to 9999.
    pub(crate) fn unix(seconds: i64) -> Option<Self> {
        let is_known = (1..UNIX_SECONDS_END).contains(&seconds);
        is_known.then(|| Self { micros: seconds * 1_000_000, has_fraction: false })
    }

    /// Whole seconds since 1970: what tells two moments of one row apart in its name.
    pub(crate) fn seconds(self) -> i64 {
        self.micros.div_euclid(1_000_000)
    }

    /// A second earlier: for what the system does not date, before what it does.
    pub(crate) fn second_before(self) -> Self {
        Self { micros: self.micros.saturating_sub(1_000_000), ..self }
    }

    /// RFC 3339.
    pub(crate) fn text(self) -> String {
        let at = DateTime::from_timestamp_micros(self.micros).unwrap_or_default();
        at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }

    /// The log format's name of the precision; none for its default.
    pub(crate) fn precision(self) -> Option<&'static str> {
        (!self.has_fraction).then_some("s")
    }
}

/// The first second of the year 10000.
const UNIX_SECONDS_END: i64 = 253_402_300_800;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_one_whatever_its_offset() {
        for (text, utc, precision) in [
            ("2024-05-23T18:18:25+03:00", "2024-05-23T15:18:25Z", Some("s")),
            ("1999-12-31T23:59:59Z", "1999-12-31T23:59:59Z", Some("s")),
            ("2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00.500Z", None),
        ] {
            let at = At::rfc3339(text).expect(text);
            assert_eq!((at.text().as_str(), at.precision()), (utc, precision));
            assert_eq!(At::rfc3339(&at.text()), Some(at), "{text}");
        }
        let at = At::rfc3339("2024-05-23T18:18:25+03:00").expect("a time");
        assert_eq!(At::unix(at.seconds()), Some(at));
    }

    #[test]
    fn what_is_no_instant_is_none() {
        for text in ["", "2024-05-23", "2024-05-23T18:18:25", "2024-13-01T00:00:00Z", "tomorrow"] {
            assert_eq!(At::rfc3339(text), None, "{text}");
        }
        assert_eq!((At::unix(0), At::unix(-5), At::unix(i64::MAX)), (None, None, None));
    }
}
