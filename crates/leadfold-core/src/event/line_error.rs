//! What is said of a line that is no event.

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
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct LineError {
    /// The kind, for programs.
    pub code: LineCode,
    /// For people. The text may change.
    pub message: String,
}

impl LineError {
    pub(super) fn new(code: LineCode, message: String) -> Self {
        Self { code, message }
    }

    pub(super) fn missing(field: &str) -> Self {
        Self::new(
            LineCode::MissingField,
            format!("expected the field `{field}`, found none: add it"),
        )
    }

    pub(super) fn needless_lead() -> Self {
        let message = "expected no `lead` in `playbook_published`, found one: a playbook holds for \
                       all leads; leave it out";
        Self::new(LineCode::BadLead, message.to_owned())
    }

    /// Says that the fault is in a version of the type that is no longer written, where it is: its
    /// author looks it up there, and not in the shape that is written now.
    pub(super) fn in_old_version(self, type_name: &str, version: u32, current: u32) -> Self {
        let Self { code, message } = self;
        let message = format!(
            "{message}; the line is a `{type_name}` of version {version}: give it the fields of \
             that version, or write it in version {current}"
        );
        Self { code, message }
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

impl From<serde_json::Error> for LineError {
    // serde_json tells its kinds apart by text only; the texts are pinned by tests.
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        let code = match error.classify() {
            serde_json::error::Category::Data => data_code(&text),
            _ if text.starts_with("number out of range") => LineCode::WrongType,
            _ => LineCode::NotJson,
        };
        Self::new(code, text.replacen(" at line 1 column ", ", at column ", 1))
    }
}

fn data_code(text: &str) -> LineCode {
    const PREFIXES: [(&str, LineCode); 6] = [
        ("duplicate field", LineCode::DuplicateKey),
        ("missing field", LineCode::MissingField),
        ("unknown variant", LineCode::UnknownValue),
        ("unknown field", LineCode::UnknownValue),
        ("bad time", LineCode::BadTime),
        ("bad lead key", LineCode::BadLead),
    ];
    PREFIXES
        .iter()
        .find(|(prefix, _)| text.starts_with(prefix))
        .map_or(LineCode::WrongType, |(_, code)| *code)
}
