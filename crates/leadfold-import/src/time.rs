//! Reads foreign times: formats, the zone of wall clocks, and the precision that is left.
//! The machine's own zone and clock are never asked.

use std::fmt::Write as _;

use chrono::{
    DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, SecondsFormat, TimeZone,
    Timelike, Utc,
    format::{Item, Parsed, StrftimeItems, parse},
};
use chrono_tz::{GapInfo, Tz};

/// Reads times by the mapping's formats, in the mapping's zone.
#[derive(Debug)]
pub(crate) struct TimeReader {
    pub(crate) zone: Tz,
    pub(crate) ambiguous: Ambiguous,
    pub(crate) formats: Vec<Format>,
}

/// What a wall-clock time means that the zone's clocks show twice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Ambiguous {
    #[default]
    Earlier,
    Later,
    Refuse,
}

/// An instant as text, and how exactly it is known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moment {
    /// RFC 3339, with the offset that the source's clocks had.
    pub(crate) text: String,
    pub(crate) date: NaiveDate,
    pub(crate) precision: Precision,
}

/// How exactly an instant is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Precision {
    Microsecond,
    Millisecond,
    Second,
    Day,
}

impl Precision {
    /// The log format's name; none for its default.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Microsecond => None,
            Self::Millisecond => Some("ms"),
            Self::Second => Some("s"),
            Self::Day => Some("day"),
        }
    }
}

impl TimeReader {
    /// Reads a cell by the first format that fits.
    pub(crate) fn read(&self, text: &str) -> Result<Moment, TimeError> {
        self.read_by(&self.formats, text)
    }

    /// Reads a constant of the mapping file: RFC 3339 or a date, whatever the cells look like.
    pub(crate) fn read_constant(&self, text: &str) -> Result<Moment, TimeError> {
        let formats: Vec<_> = DEFAULT_FORMATS.into_iter().filter_map(Format::parse).collect();
        self.read_by(&formats, text)
    }

    fn read_by(&self, formats: &[Format], text: &str) -> Result<Moment, TimeError> {
        for format in formats {
            if let Some(reading) = format.read(text) {
                let at = self.place(reading)?;
                let precision = format.precision;
                return Ok(Moment { text: to_text(at), date: at.date_naive(), precision });
            }
        }
        let formats: Vec<_> = formats.iter().map(|format| format.text.as_str()).collect();
        Err(TimeError::NoFormat { formats: formats.join("`, `"), found: shape(text) })
    }

    fn place(&self, reading: Reading) -> Result<DateTime<FixedOffset>, TimeError> {
        match reading {
            Reading::Instant(at) => Ok(at),
            Reading::Local(local) => self.place_local(local),
            Reading::Date(date) => self.first_instant_of(date),
        }
    }

    fn place_local(&self, local: NaiveDateTime) -> Result<DateTime<FixedOffset>, TimeError> {
        let found = self.zone.from_local_datetime(&local);
        let zone = self.zone.name();
        if found == chrono::LocalResult::None {
            return Err(TimeError::Nonexistent { zone });
        }
        let at = match self.ambiguous {
            Ambiguous::Earlier => found.earliest(),
            Ambiguous::Later => found.latest(),
            Ambiguous::Refuse => found.single(),
        };
        at.map(|at| at.fixed_offset()).ok_or(TimeError::Ambiguous { zone })
    }

    /// Midnight; where clocks skip it, the instant they skip to; where they show it twice, the
    /// earlier one. A date that the zone skipped whole does not exist.
    fn first_instant_of(&self, date: NaiveDate) -> Result<DateTime<FixedOffset>, TimeError> {
        let midnight = date.and_time(NaiveTime::MIN);
        let skipped_to = || GapInfo::new(&midnight, &self.zone).and_then(|gap| gap.end);
        let first = self.zone.from_local_datetime(&midnight).earliest().or_else(skipped_to);
        match first {
            Some(at) if at.date_naive() == date => Ok(at.fixed_offset()),
            _ => Err(TimeError::Nonexistent { zone: self.zone.name() }),
        }
    }
}

/// One strftime format that is known to tell an instant.
#[derive(Clone, Debug)]
pub(crate) struct Format {
    text: String,
    items: Vec<Item<'static>>,
    precision: Precision,
}

impl Format {
    /// Parses a format and tries it on a sample; none when it cannot tell a date.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let items = StrftimeItems::new(text).parse_to_owned().ok()?;
        let mut format = Self { text: text.to_owned(), items, precision: Precision::Day };
        let sample =
            NaiveDate::from_ymd_opt(2001, 2, 3)?.and_hms_nano_opt(16, 5, 6, 123_456_789)?;
        let mut written = String::new();
        let zoned = sample.and_utc().fixed_offset();
        write!(written, "{}", zoned.format_with_items(format.items.iter())).ok()?;
        let nanosecond = match format.read(&written)? {
            Reading::Date(_) => return Some(format),
            Reading::Local(local) => local.nanosecond(),
            Reading::Instant(at) => at.nanosecond(),
        };
        format.precision = match nanosecond {
            0 => Precision::Second,
            123_000_000 => Precision::Millisecond,
            _ => Precision::Microsecond,
        };
        Some(format)
    }

    fn read(&self, text: &str) -> Option<Reading> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.items.iter()).ok()?;
        if parsed.timestamp().is_some() {
            let utc = parsed.to_naive_datetime_with_offset(0).ok()?;
            return Some(Reading::Instant(utc.and_utc().fixed_offset()));
        }
        if parsed.offset().is_some() {
            return parsed.to_datetime().ok().map(Reading::Instant);
        }
        if parsed.hour_mod_12().is_none() {
            return parsed.to_naive_date().ok().map(Reading::Date);
        }
        parsed.to_naive_datetime_with_offset(0).ok().map(Reading::Local)
    }
}

enum Reading {
    Instant(DateTime<FixedOffset>),
    Local(NaiveDateTime),
    Date(NaiveDate),
}

/// Why a text is no instant.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// No format fits.
    #[error(
        "expected a time like `{formats}`, found text shaped like `{found}`; correct it or add \
         its format to [time]"
    )]
    NoFormat {
        /// The formats that were tried.
        formats: String,
        /// The text with its letters and digits replaced.
        found: String,
    },
    /// The zone's clocks never showed this time.
    #[error(
        "expected a time that clocks in {zone} have shown, found one that they skipped; correct \
         it, or the zone in [time]"
    )]
    Nonexistent {
        /// The mapping's zone.
        zone: &'static str,
    },
    /// The zone's clocks showed this time twice.
    #[error(
        "expected one instant, found a time that clocks in {zone} have shown twice; say which by \
         `ambiguous` in [time]"
    )]
    Ambiguous {
        /// The mapping's zone.
        zone: &'static str,
    },
}

impl TimeError {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NoFormat { .. } => "bad_time",
            Self::Nonexistent { .. } => "nonexistent_time",
            Self::Ambiguous { .. } => "ambiguous_time",
        }
    }
}

/// The formats of a mapping that names none.
pub(crate) const DEFAULT_FORMATS: [&str; 2] = ["%+", "%Y-%m-%d"];

/// How much of a text its shape shows.
const SHAPE_CHARS_MAX: usize = 40;

/// What a text looks like without what it says: letters become `a`, digits `9`.
pub(crate) fn shape(text: &str) -> String {
    let shape = |c: char| match c {
        '0'..='9' => '9',
        _ if c.is_alphanumeric() => 'a',
        _ if c.is_control() => ' ',
        _ => c,
    };
    let mut shaped: String = text.chars().take(SHAPE_CHARS_MAX).map(shape).collect();
    if text.chars().nth(SHAPE_CHARS_MAX).is_some() {
        shaped.push_str("...");
    }
    shaped
}

/// The log keeps microseconds and offsets of whole minutes; finer offsets are of another age.
fn to_text(at: DateTime<FixedOffset>) -> String {
    let whole = at.nanosecond() / 1_000 * 1_000;
    let at = at.with_nanosecond(whole).unwrap_or(at);
    let at = match at.offset().fix().local_minus_utc() % 60 {
        0 => at,
        _ => at.with_timezone(&Utc).fixed_offset(),
    };
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
