//! What is wrong with a line, in the words of the format.
//!
//! serde's errors are texts. A text of no known form is passed on as it is, so that a new form makes
//! a message worse and never wrong.

mod field;
mod told;

use serde::de::IgnoredAny;

use self::field::{field_at, find, last, narrow, position};
use self::told::{
    DUPLICATE, MISSING, NO_OBJECT, is_missing, is_out_of_range, named_behind, unknown,
    without_position, worded_as_ours, wrong_value,
};
use super::line_error::{LineCode, LineError};
use super::place;

/// What is wrong, before it is told with its place in the line.
#[derive(Debug)]
pub(super) struct Fault<'l> {
    code: LineCode,
    /// The field, such as `data.amount`; empty for the line.
    field: String,
    wanted: Wanted,
    /// Without it, the value at fault is shown.
    found: Option<String>,
    place: Place<'l>,
    advice: &'static str,
    /// The type, and its version if that is not the one in which it is written.
    of: String,
    /// What else might be done.
    rather: String,
}

/// What would be right.
#[derive(Debug)]
enum Wanted {
    /// That the field is there.
    Field,
    /// That the field is there once.
    Once,
    /// A value of the field.
    Value(String),
    /// What says itself of which field it speaks.
    Phrase(&'static str),
}

/// Where the fault is.
#[derive(Debug)]
enum Place<'l> {
    /// Where the field is, if it is there.
    Field,
    /// Where a part of the line is.
    Part(&'l str),
    /// At a line and a column, both from 1.
    At(u32, u32),
}

/// The most characters of a line that a message repeats.
const SHOWN_MAX: usize = 40;

impl<'l> Fault<'l> {
    fn new(code: LineCode, field: impl Into<String>, wanted: Wanted) -> Box<Self> {
        Box::new(Self {
            code,
            field: field.into(),
            wanted,
            found: None,
            place: Place::Field,
            advice: "write it so",
            of: String::new(),
            rather: String::new(),
        })
    }

    pub(super) fn missing(field: impl Into<String>) -> Box<Self> {
        let fault = Self::new(LineCode::MissingField, field, Wanted::Field);
        Box::new(Self { advice: "give it a value", ..*fault })
    }

    /// A value that is not what its field takes.
    pub(super) fn value(
        code: LineCode,
        field: impl Into<String>,
        expected: impl Into<String>,
        advice: &'static str,
    ) -> Box<Self> {
        let fault = Self::new(code, field, Wanted::Value(expected.into()));
        Box::new(Self { advice, ..*fault })
    }

    pub(super) fn needless_lead() -> Box<Self> {
        let wanted = Wanted::Phrase("no `lead` in `playbook_published`");
        let fault = Self::new(LineCode::BadLead, "lead", wanted);
        let advice = "a playbook holds for all leads; leave it out";
        Box::new(Self { found: Some("one".to_owned()), advice, ..*fault })
    }

    /// Of what serde says of the line and its fields.
    pub(super) fn of_line(line: &'l str, error: &serde_json::Error) -> Box<Self> {
        let told = without_position(error);
        let at = Place::At(narrow(error.line()), narrow(error.column()));
        if !error.is_data() && !is_out_of_range(&told) {
            let advice = beside_json(line.trim_ascii());
            return Box::new(Self { place: at, advice, ..*Self::not_json(String::new(), &told) });
        }
        let whole = line.trim_ascii();
        if !whole.starts_with('{') {
            return Self::of_no_object(whole, &told);
        }
        if told.starts_with(DUPLICATE) {
            return Self::of_text(&told, String::new(), Some(whole));
        }
        if let Some((name, value)) = field_at(line, error) {
            return Self::of_text(&told, name, Some(value));
        }
        // The value is no JSON, but what it begins with was wrong already.
        let fault = Self::of_text(&told, String::new(), None);
        Box::new(Self { found: Some("something else".to_owned()), place: at, ..*fault })
    }

    /// Of a line that begins as something else than an object. What it begins with may be JSON, as
    /// the number of a CSV file's row is, and the rest of it somebody's data.
    fn of_no_object(whole: &'l str, told: &str) -> Box<Self> {
        let is_list = whole.starts_with('[');
        match serde_json::from_str::<IgnoredAny>(whole) {
            Ok(_) if is_list => {
                let fault = Self::of_text(told, String::new(), Some(whole));
                Box::new(Self { advice: LIST, ..*fault })
            }
            Ok(_) => Self::of_text(told, String::new(), Some(whole)),
            Err(error) => {
                let fault = Self::not_json(String::new(), &without_position(&error));
                let advice = beside_json(whole);
                Box::new(Self { place: Place::Part(whole), advice, ..*fault })
            }
        }
    }

    /// Of what serde says of a part of the line; `read` says it of a text in place of the part.
    pub(super) fn of_part(
        name: &str,
        part: &'l str,
        error: &serde_json::Error,
        read: &dyn Fn(&str) -> Option<serde_json::Error>,
    ) -> Box<Self> {
        if !part.starts_with('{') {
            return Self::of_text(NO_OBJECT, name.to_owned(), Some(part));
        }
        let told = without_position(error);
        let is_same = |other: &str| read(other).is_some_and(|e| without_position(&e) == told);
        let place = if is_missing(&told) {
            place::of_missing(part, &is_same)
        } else {
            place::of_fault(part, &is_same)
        };
        let field = format!("{name}{}", place.path);
        if place.depth == 1 && place.text == "null" {
            // It counts as absent.
            return Box::new(Self { place: Place::Part(place.text), ..*Self::missing(field) });
        }
        if error.is_data() || is_out_of_range(&told) {
            return Self::of_text(&told, field, Some(place.text));
        }
        let fault = Self::not_json(field, &told);
        Box::new(Self { place: Place::Part(place.text), ..*fault })
    }

    /// Of a text of serde or of ours; `value` is what `field` has, or what misses a field.
    pub(super) fn of_text(told: &str, field: String, value: Option<&'l str>) -> Box<Self> {
        // The way to the field says it, too.
        let told = told.rsplit_once(", in `playbook").map_or(told, |(told, _)| told);
        if let Some(name) = named_behind(told, MISSING) {
            return Self::missing(inside(&field, name));
        }
        if let Some(name) = named_behind(told, DUPLICATE) {
            let fault = Self::new(LineCode::DuplicateKey, inside(&field, name), Wanted::Once);
            let second = value.and_then(|whole| last(whole, name));
            let place = second.map_or(Place::Field, Place::Part);
            let advice = "leave one of them out";
            return Box::new(Self { found: Some("it twice".to_owned()), place, advice, ..*fault });
        }
        let fault = unknown(told, &field)
            .or_else(|| wrong_value(told, &field))
            .or_else(|| worded_as_ours(told, &field))
            .unwrap_or_else(|| Self::as_told(field, told));
        Box::new(Self { place: value.map_or(Place::Field, Place::Part), ..*fault })
    }

    fn as_told(field: String, told: &str) -> Box<Self> {
        let advice = "docs/EVENTS.md says what it may be";
        let fault = Self::value(LineCode::WrongType, field, "a sound value", advice);
        Box::new(Self { found: Some(format!("something else ({told})")), ..*fault })
    }

    fn not_json(field: String, told: &str) -> Box<Self> {
        let advice = "the line is damaged or cut off; write it anew";
        let fault = Self::value(LineCode::NotJson, field, "sound JSON", advice);
        Box::new(Self { found: Some(format!("something else ({told})")), ..*fault })
    }

    /// Says of which type the fault is, and of which version if it is not the one that is written
    /// now: its author looks it up there.
    pub(super) fn of_type(self, type_name: &str, version: u32, current: u32) -> Box<Self> {
        let of = if version == current {
            format!(" of `{type_name}`")
        } else {
            format!(" of version {version} of `{type_name}`")
        };
        let rather = if version.max(1) < current {
            format!(", or write the line in version {current}")
        } else {
            String::new()
        };
        Box::new(Self { of, rather, ..self })
    }

    /// The refusal of the line.
    pub(super) fn told(self, line: &'l str) -> LineError {
        let (value, position) = match self.place {
            Place::At(row, column) => (None, Some((row, column))),
            Place::Part(part) => (Some(part), Some(position(line, part))),
            Place::Field => {
                let value = find(line, &self.field);
                (value, value.map(|value| position(line, value)))
            }
        };
        let message = self.message(value);
        let Self { code, field, wanted, .. } = self;
        let expected = if let Wanted::Value(value) = wanted { Some(value.into()) } else { None };
        let field = if field.is_empty() { None } else { Some(field.into()) };
        LineError { code, field, expected, message, position }
    }

    fn message(&self, value: Option<&str>) -> String {
        let Self { wanted, field, of, .. } = self;
        let wanted = match wanted {
            Wanted::Field => format!("the field `{field}`{of}"),
            Wanted::Once => format!("the field `{field}`{of} once"),
            Wanted::Value(value) if field.is_empty() => format!("{value}{of}"),
            Wanted::Value(value) => format!("{value} in `{field}`{of}"),
            Wanted::Phrase(phrase) => (*phrase).to_owned(),
        };
        let found = self.found.clone().or_else(|| Some(shown(value?, &self.wanted)));
        let (found, advice) = match found {
            None => ("none".to_owned(), "add it"),
            Some(found) => (found, self.advice),
        };
        format!("expected {wanted}, found {found}: {advice}{}", self.rather)
    }
}

const OBJECT: &str = "an object";
const LIST: &str = "write one object a line, without brackets and commas between them";

/// What to do about a line that is no JSON.
fn beside_json(line: &str) -> &'static str {
    match line.as_bytes().first() {
        Some(b'{') if line.ends_with(',') => LIST,
        Some(b'{') => "the line is damaged, cut off or goes on below; write one event a line",
        Some(b'[' | b']') => LIST,
        _ => "write one event a line, an object in braces; a CSV file needs `import --map`",
    }
}

/// What is found, in words or as it stands there.
///
/// Of what should be an object only the kind is told: somebody's data may be in it, in a text, too.
fn shown(value: &str, wanted: &Wanted) -> String {
    let is_object = matches!(wanted, Wanted::Value(expected) if expected.starts_with(OBJECT));
    match value.as_bytes().first() {
        Some(b'{') if is_object => "another one".to_owned(),
        Some(b'{') => OBJECT.to_owned(),
        Some(b'[') => "a list".to_owned(),
        Some(b'"') if is_object => "a text".to_owned(),
        Some(b'-' | b'0'..=b'9') if is_object => "a number".to_owned(),
        Some(b'"') => {
            let text = serde_json::from_str::<String>(value);
            text.map_or_else(|_| "a text".to_owned(), |text| format!("{:?}", beginning(&text)))
        }
        _ => beginning(value),
    }
}

fn beginning(text: &str) -> String {
    let mut chars = text.chars();
    let mut shown: String = chars.by_ref().take(SHOWN_MAX).collect();
    if chars.next().is_some() {
        shown.push_str("...");
    }
    shown
}

fn inside(field: &str, name: &str) -> String {
    if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") }
}
