//! Numbers and durations for people, as the report tells them, too.

use leadfold_core::Timestamp;
pub(crate) use leadfold_report::figure::{count, counted, duration, percent, promised, share};

/// The instant of an answer, behind what it is the answer of; nothing where there is none.
pub(crate) fn as_of(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| format!(" as of {at}"))
}
