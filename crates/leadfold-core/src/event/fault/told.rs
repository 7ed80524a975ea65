//! What serde says, read: the one place that knows the forms of its texts.

use super::{Fault, OBJECT, beginning};
use crate::event::line_error::LineCode;

pub(super) const DUPLICATE: &str = "duplicate field `";
pub(super) const MISSING: &str = "missing field `";
pub(super) const NO_OBJECT: &str = "invalid type: something else, expected an object";

pub(super) fn unknown<'l>(told: &str, field: &str) -> Option<Box<Fault<'l>>> {
    if let Some((_, words)) = between(told, "unknown variant `", "`, expected ") {
        let advice = "write one of these words";
        return Some(Fault::value(LineCode::UnknownValue, field, words, advice));
    }
    let (key, keys) = between(told, "unknown field `", "`, expected ")?;
    let key = key.escape_debug().to_string();
    let object = field.strip_suffix(&key).map_or(field, |object| object.trim_end_matches('.'));
    let (expected, advice) = (format!("as a key {keys}"), "correct the key, or leave it out");
    let fault = Fault::value(LineCode::UnknownValue, object, expected, advice);
    Some(Box::new(Fault { found: Some(format!("`{}`", beginning(&key))), ..*fault }))
}

/// A value of the wrong type, range or length.
pub(super) fn wrong_value<'l>(told: &str, field: &str) -> Option<Box<Fault<'l>>> {
    let is_of_range = told.starts_with("invalid value: ");
    let expected = if is_out_of_range(told) {
        "f64 in range"
    } else if told.starts_with("UUID parsing failed") {
        "a formatted UUID string"
    } else {
        between(told, "invalid type: ", ", expected ")
            .or_else(|| between(told, "invalid value: ", ", expected "))
            .or_else(|| between(told, "invalid length ", ", expected "))?
            .1
    };
    let (expected, advice) = in_words(expected, is_of_range);
    let advice = if matches!(field, "data.amount" | "data.margin") { MONEY } else { advice };
    Some(Fault::value(LineCode::WrongType, field, expected, advice))
}

/// A type of ours says itself what it expected and found; some name their topic first.
pub(super) fn worded_as_ours<'l>(told: &str, field: &str) -> Option<Box<Fault<'l>>> {
    let (topic, rest) = told.split_once("expected ")?;
    if !topic.is_empty() && !topic.ends_with(": ") {
        return None;
    }
    let (expected, found) = match rest.split_once(", found ") {
        Some((expected, found)) => (expected, Some(found.to_owned())),
        None => (rest, None),
    };
    let (code, advice) = match topic {
        "bad time: " => (LineCode::BadTime, "write the time so"),
        "bad lead key: " => (LineCode::BadLead, "correct the key"),
        _ => (LineCode::WrongType, in_words(expected, false).1),
    };
    Some(Box::new(Fault { found, ..*Fault::value(code, field, expected, advice) }))
}

const MONEY: &str = "write minor units, such as cents, without a point and without quotes";

/// What the format calls a type of Rust, and what to do where something else is.
fn in_words(expected: &str, is_of_range: bool) -> (&str, &'static str) {
    const WHOLE: &str = "write it without a point and without quotes";
    match expected {
        "a boolean" => ("`true` or `false`", "write it without quotes"),
        "a string" | "a borrowed string" | "a character" => ("a text", "put it in quotes"),
        "a sequence" => ("a list", "put it in brackets"),
        "f64 in range" => ("a number up to 1.8e308", "correct it"),
        "f32" | "f64" => ("a number", "write it without quotes"),
        "i64" if is_of_range => {
            ("a whole number from -9223372036854775808 to 9223372036854775807", "correct it")
        }
        "i8" | "i16" | "i32" | "i64" => ("a whole number", WHOLE),
        "u8" => ("a whole number from 0 to 255", WHOLE),
        "u16" => ("a whole number from 0 to 65535", WHOLE),
        "u32" => ("a whole number from 0 to 4294967295", WHOLE),
        "u64" | "usize" => ("a whole number, 0 or more", WHOLE),
        "a formatted UUID string" => {
            ("a UUID", "write it as 8-4-4-4-12 hexadecimal digits in quotes")
        }
        "string or map" => ("a word or an object", "docs/PLAYBOOK.md says what it may be"),
        "a map" => (OBJECT, "write its fields in braces"),
        _ if expected.starts_with("struct ") => (OBJECT, "write its fields in braces"),
        "an object of distinct personal data fields" => {
            (expected, "write its fields in braces, each of them once")
        }
        _ if expected.starts_with(OBJECT) => (expected, "write its fields in braces"),
        _ if expected.starts_with('`') || expected.starts_with("one of `") => {
            (expected, "write the word alone, in quotes")
        }
        _ => (expected, "write it so"),
    }
}

pub(super) fn is_missing(told: &str) -> bool {
    told.starts_with(MISSING)
}

pub(super) fn is_out_of_range(told: &str) -> bool {
    told == "number out of range"
}

pub(super) fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&end).map_or_else(|| text.clone(), str::to_owned)
}

/// The name that stands between a beginning and the next backtick.
pub(super) fn named_behind<'a>(told: &'a str, beginning: &str) -> Option<&'a str> {
    told.strip_prefix(beginning)?.split('`').next()
}

/// What stands between a beginning and the last divider, and what stands behind it.
fn between<'a>(message: &'a str, beginning: &str, divider: &str) -> Option<(&'a str, &'a str)> {
    message.strip_prefix(beginning)?.rsplit_once(divider)
}
