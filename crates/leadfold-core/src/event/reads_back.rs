//! Which events are certain to read back from their own JSON as themselves.
//!
//! A log keeps text, so what does not come back out of its text must not get in. To write an
//! event and to read it again settles that for every event, and costs more than anything else in
//! an append. Nearly every event is certain without it, by what its fields hold; this file says
//! which. It may be wrong in one direction only: what it is not sure of is read back.

use super::line::{check_body, needs_lead};
use super::{
    AssignmentCause, AttributeValue, Attributes, CaptureOrigin, CorrectionAction, Direction,
    DisqualifiedClass, Event, Level, OpportunityKind, ReturnTarget, RevenueKind, Scope, Side,
    TouchResult, Version, WrittenPlaybook,
};
use crate::json::DEPTH_MAX;
use crate::{Currency, EventId, LeadKey, Pii, RawJson, State, Timestamp, When, ZonedTime};

/// A value that may be certain to read back from its JSON as itself.
pub(super) trait ReadsBack {
    /// Whether it is. False says nothing.
    fn reads_back(&self) -> bool;
}

impl Event {
    /// Whether a line with `content`, the event's own [`content`](Event::content), and the time at
    /// which it became known is certain to read back as the event and the time. It looks at the
    /// fields and does not read: false says nothing.
    ///
    /// ```
    /// # use leadfold_core::event::{Event, Reactivated, Scored};
    /// # use leadfold_core::Timestamp;
    /// let at = Timestamp::from_micros(0);
    /// let plain = Event::new("L1".parse()?, at, Reactivated { reason: None });
    /// assert!(plain.surely_reads_back(&plain.content(), at));
    ///
    /// let not_a_number = Event::new("L1".parse()?, at, Scored {
    ///     model: "fit".into(), model_version: "1".into(), total: f64::NAN,
    ///     fit: None, behaviour: None, band: None,
    /// });
    /// assert!(!not_a_number.surely_reads_back(&not_a_number.content(), at));
    /// # Ok::<(), leadfold_core::KeyError>(())
    /// ```
    pub fn surely_reads_back(&self, content: &str, recorded_at: Timestamp) -> bool {
        recorded_at.reads_back()
            && self.reads_back()
            && count(content.as_bytes(), opens) <= DEPTH_MAX
            && count(content.as_bytes(), breaks) == 0
    }

    /// Unknown fields may have names that are known, or one name twice.
    fn has_no_unknown(&self) -> bool {
        self.unknown.is_empty()
            && self.unknown_data.is_empty()
            && self.actor.as_ref().is_none_or(|actor| actor.unknown.is_empty())
            && self.origin.as_ref().is_none_or(|origin| origin.unknown.is_empty())
    }
}

impl ReadsBack for Event {
    fn reads_back(&self) -> bool {
        // An older version is written as it came, and that need not be what the body says.
        self.as_written.is_none()
            && self.body.version() == Some(self.version.max(1))
            && self.has_no_unknown()
            && (self.lead.is_some() || !needs_lead(&self.body))
            && self.occurred_at.reads_back()
            && self.body.reads_back()
            && check_body(&self.body).is_ok()
    }
}

/// Opens a nested object or list, unless it stands in a string.
pub(super) fn opens(byte: u8) -> bool {
    byte == b'{' || byte == b'['
}

/// Ends a line, wherever it stands: a string holds it escaped.
pub(super) fn breaks(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// How many bytes are such. Without branches, so that it runs over many bytes at once.
pub(super) fn count(text: &[u8], is_such: impl Fn(u8) -> bool) -> usize {
    let count = |part: &[u8]| part.iter().map(|byte| u8::from(is_such(*byte))).sum::<u8>();
    text.chunks(usize::from(u8::MAX)).map(|part| usize::from(count(part))).sum()
}

impl ReadsBack for Timestamp {
    /// In the years 1 to 9998 no offset leads out of the years that can be written.
    fn reads_back(&self) -> bool {
        const YEAR_1: i64 = -62_135_596_800_000_000;
        const YEAR_9999: i64 = 253_370_764_800_000_000;
        (YEAR_1..YEAR_9999).contains(&self.micros())
    }
}

impl ReadsBack for ZonedTime {
    /// An offset is written in minutes, and is less than a day.
    fn reads_back(&self) -> bool {
        self.at.reads_back()
            && self.offset_seconds % 60 == 0
            && self.offset_seconds.unsigned_abs() < 86_400
    }
}

impl ReadsBack for When {
    fn reads_back(&self) -> bool {
        match self {
            Self::Date(_) => self.at().reads_back(),
            Self::Time(time) => time.reads_back(),
        }
    }
}

impl ReadsBack for f64 {
    /// What is not finite is written as `null`. The rest is written so that it reads exactly.
    fn reads_back(&self) -> bool {
        self.is_finite()
    }
}

impl ReadsBack for RawJson {
    /// A `null` reads as an absent field.
    fn reads_back(&self) -> bool {
        self.as_str() != "null"
    }
}

impl<T: ReadsBack> ReadsBack for Option<T> {
    fn reads_back(&self) -> bool {
        self.as_ref().is_none_or(T::reads_back)
    }
}

impl ReadsBack for WrittenPlaybook {
    /// There are few, and it takes a reading to know.
    fn reads_back(&self) -> bool {
        false
    }
}

/// Types whose every value reads back.
macro_rules! always {
    ($($type:ty),* $(,)?) => {$(
        impl ReadsBack for $type {
            fn reads_back(&self) -> bool {
                true
            }
        }
    )*};
}

always! {
    AssignmentCause, AttributeValue, Attributes, CaptureOrigin, CorrectionAction, Currency,
    Direction, DisqualifiedClass, EventId, LeadKey, Level, OpportunityKind, Pii, ReturnTarget,
    RevenueKind, Scope, Side, State, String, TouchResult, Vec<String>, Version, i64,
}
