//! What may be wrong with the text of a calendar.

/// A text that is no hours or no date.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// No date, or one outside the years 0 to 9999.
    #[error("bad date: expected a day such as 2024-12-25, years 0000 to 9999, found {found:?}")]
    BadDate {
        /// The first 40 characters of what was found.
        found: String,
    },
    /// No span of hours within a day.
    #[error(
        "bad hours: expected HH:MM-HH:MM between 00:00 and 24:00, such as 09:00-12:30, found {found:?}"
    )]
    BadHours {
        /// The first 40 characters of what was found.
        found: String,
    },
    /// Two spans of a day share time.
    #[error(
        "overlapping hours: expected one to end before the next begins, found {first} and {second}; \
         join them or move one"
    )]
    OverlappingHours {
        /// The one that begins first.
        first: String,
        /// The one that begins before the first has ended.
        second: String,
    },
    /// A span that ends where it begins, or before.
    #[error(
        "reversed hours: expected an end later than the start, found {found}; write hours over \
         midnight as two, such as 22:00-24:00 and, on the next day, 00:00-06:00"
    )]
    ReversedHours {
        /// The span.
        found: String,
    },
}

/// As much of a text as an error shows.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
