//! What is said of a line that is no event.

use std::fmt;

use super::line::LINE_BYTES_MAX;
use crate::json;
use crate::{KeyError, TimeError};

/// Why a line was refused, as a word for programs.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum LineCode {
    /// An `id` that is no UUID.
    BadId,
    /// A lead key that is empty, too long or holds control characters, or stands where no lead
    /// may be.
    BadLead,
    /// A time that is none.
    BadTime,
    /// A field or a key twice in one object.
    DuplicateKey,
    /// A field is missing that must be there.
    MissingField,
    /// Money below zero.
    NegativeAmount,
    /// Not JSON, or cut off.
    NotJson,
    /// Not UTF-8.
    NotUtf8,
    /// Nested too deep.
    TooDeep,
    /// Longer than a line may be.
    TooLong,
    /// A word that the format does not have there.
    UnknownValue,
    /// A value of the wrong type, or out of its range.
    WrongType,
}

impl LineCode {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadId => "bad_id",
            Self::BadLead => "bad_lead",
            Self::BadTime => "bad_time",
            Self::DuplicateKey => "duplicate_key",
            Self::MissingField => "missing_field",
            Self::NegativeAmount => "negative_amount",
            Self::NotJson => "not_json",
            Self::NotUtf8 => "not_utf8",
            Self::TooDeep => "too_deep",
            Self::TooLong => "too_long",
            Self::UnknownValue => "unknown_value",
            Self::WrongType => "wrong_type",
        }
    }
}

/// A line that is no event: what was expected, what was found, what to do.
///
/// Its text begins with the place in the line, where there is one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LineError {
    /// The kind, for programs.
    pub code: LineCode,
    /// The field of which it speaks, such as `data.amount`, if it is of one.
    pub field: Option<Box<str>>,
    /// What the field takes, for who may not tell what was found; none where that is not the point.
    pub expected: Option<Box<str>>,
    /// For people, without the place. The text may change.
    pub message: String,
    /// Line and column, from 1, of the value of which it speaks, or where the text ends to be JSON.
    pub(super) position: Option<(u32, u32)>,
}

impl LineError {
    fn new(code: LineCode, message: String) -> Self {
        Self { code, field: None, expected: None, message, position: None }
    }

    /// Where in its line the value of which it speaks begins, in bytes from 1.
    pub fn column(&self) -> Option<u32> {
        self.position.map(|(_, column)| column)
    }

    /// The error for a line that a reader cut because it is too long.
    pub fn too_long() -> Self {
        let message = format!(
            "expected a line of at most {LINE_BYTES_MAX} bytes, found a longer one: \
             split it, or keep large texts outside the log"
        );
        Self::new(LineCode::TooLong, message)
    }

    pub(super) fn too_deep() -> Self {
        let message = format!(
            "expected at most {} nested objects and lists, found more: flatten the event",
            json::DEPTH_MAX
        );
        Self::new(LineCode::TooDeep, message)
    }

    pub(super) fn not_utf8(error: &std::str::Utf8Error) -> Self {
        let message = format!(
            "expected UTF-8, found another byte at column {}: convert the file",
            error.valid_up_to() + 1
        );
        Self::new(LineCode::NotUtf8, message)
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            None => {}
            Some((1, column)) => write!(f, "column {column}: ")?,
            Some((line, column)) => write!(f, "line {line}, column {column}: ")?,
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for LineError {}

impl From<KeyError> for LineError {
    fn from(error: KeyError) -> Self {
        Self::new(LineCode::BadLead, error.to_string())
    }
}

impl From<TimeError> for LineError {
    fn from(error: TimeError) -> Self {
        Self::new(LineCode::BadTime, error.to_string())
    }
}
