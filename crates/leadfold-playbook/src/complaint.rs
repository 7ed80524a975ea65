//! The words of serde and of the TOML parser, read back into what was expected and found.
//!
//! Their errors are texts: this is the one place that knows their forms. A text of no known form
//! is passed on as it is, so that a new form makes a message worse and never wrong.

use crate::error::SEE_THE_PAGE;
use crate::nearest::nearest;
use crate::outline::bare_or_quoted;

/// What a deserializer complains of, without the place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Complaint {
    pub(crate) expected: String,
    /// None where only the place shows it.
    pub(crate) found: Option<String>,
    pub(crate) advice: String,
    /// A key that is not to be there, as paths have it: the place may be that of its table.
    pub(crate) unknown_key: Option<String>,
}

/// The most characters of a file that a message repeats.
const SHOWN_MAX: usize = 80;

impl Complaint {
    /// Of what serde says of a value.
    pub(crate) fn of_value(message: &str) -> Self {
        let message = message.trim_end();
        unknown_key(message)
            .or_else(|| unknown_word(message))
            .or_else(|| missing_key(message))
            .or_else(|| wrong_value(message))
            .or_else(|| worded_as_ours(message))
            .unwrap_or_else(|| Self::new(format!("a sound value ({})", shown(message)), None))
    }

    /// Of what the parser says of a text that is no TOML.
    pub(crate) fn of_syntax(message: &str) -> Self {
        if message == "duplicate key" {
            let advice = "it is there already: leave one of them out".to_owned();
            return Self { advice, ..Self::new("each key once".to_owned(), None) };
        }
        match message.split_once(", expected ") {
            Some((NO_VALUE, _)) => Self::new(ANY_VALUE.to_owned(), None),
            Some((what, expected)) => Self::new(format!("{expected} ({what})"), None),
            None => Self::new(format!("sound TOML ({message})"), None),
        }
    }

    fn new(expected: String, found: Option<String>) -> Self {
        Self { expected, found, advice: SEE_THE_PAGE.to_owned(), unknown_key: None }
    }
}

/// What the parser calls everything that it takes for a text without quotes.
const NO_VALUE: &str = "string values must be quoted";

const ANY_VALUE: &str = "a text in quotes, a number, `true`, `false`, a list or a table";

fn unknown_key(message: &str) -> Option<Complaint> {
    let (key, known) = between(message, "unknown field `", "`, expected ")?;
    let name = bare_or_quoted(key);
    let found = format!("`{}`", shown(&name));
    Some(Complaint { unknown_key: Some(name), ..suggesting(known, key, found) })
}

/// A text that has to be one of some words.
fn unknown_word(message: &str) -> Option<Complaint> {
    let (word, known) = between(message, "unknown variant `", "`, expected ")?;
    Some(suggesting(known, word, format!("{:?}", shown(word))))
}

/// `known` is serde's list of words, each in backticks.
fn suggesting(known: &str, word: &str, found: String) -> Complaint {
    let near = nearest(word, known.split('`').skip(1).step_by(2));
    let advice =
        near.map_or_else(|| SEE_THE_PAGE.to_owned(), |near| format!("did you mean `{near}`?"));
    Complaint { advice, ..Complaint::new(known.to_owned(), Some(found)) }
}

fn missing_key(message: &str) -> Option<Complaint> {
    let key = message.strip_prefix("missing field `")?.strip_suffix('`')?;
    let complaint = Complaint::new(format!("the key `{key}`"), Some("none".to_owned()));
    Some(Complaint { advice: "add it".to_owned(), ..complaint })
}

/// A value of the wrong type, range or length.
fn wrong_value(message: &str) -> Option<Complaint> {
    if message == "wanted string or table" {
        return Some(Complaint::new("a word in quotes".to_owned(), None));
    }
    let (found, expected) = between(message, "invalid type: ", ", expected ")
        .or_else(|| between(message, "invalid value: ", ", expected "))
        .or_else(|| between(message, "invalid length ", ", expected "))?;
    Some(Complaint::new(type_name(expected), Some(shown(&value_name(found)))))
}

/// A type of a section that says itself what it expected, as all our messages do; some name their
/// topic first.
fn worded_as_ours(message: &str) -> Option<Complaint> {
    let (topic, rest) = message.split_once("expected ")?;
    if !topic.is_empty() && !topic.ends_with(": ") {
        return None;
    }
    let Some((expected, found)) = rest.rsplit_once(", found ") else {
        return Some(Complaint::new(shown(rest), None));
    };
    let (found, advice) = found.rsplit_once("; ").unwrap_or((found, SEE_THE_PAGE));
    let complaint = Complaint::new(expected.to_owned(), Some(shown(found)));
    Some(Complaint { advice: advice.to_owned(), ..complaint })
}

/// What stands between a beginning and the last divider, and what stands behind it.
fn between<'a>(message: &'a str, beginning: &str, divider: &str) -> Option<(&'a str, &'a str)> {
    message.strip_prefix(beginning)?.rsplit_once(divider)
}

/// What TOML calls a type of Rust.
fn type_name(expected: &str) -> String {
    let name = match expected {
        "a boolean" => "`true` or `false`",
        "a string" | "a borrowed string" | "a character" => "a text in quotes",
        "a sequence" => "a list",
        "a map" => "a table",
        "f32" | "f64" => "a number",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number, 0 or more",
        _ if expected.starts_with("struct ") => "a table",
        _ => expected,
    };
    name.to_owned()
}

/// What TOML calls a value that serde found.
fn value_name(found: &str) -> String {
    match found {
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => {
            let kinds = ["string ", "integer ", "floating point ", "boolean "];
            let value = kinds.iter().find_map(|kind| found.strip_prefix(kind)).unwrap_or(found);
            let too_large =
                value.strip_suffix(" as i128").or_else(|| value.strip_suffix(" as u128"));
            too_large.map_or_else(|| value.to_owned(), |n| format!("{n}, which is too large"))
        }
    }
}

/// A text of the file as a message shows it: what would act on a terminal is written out, and
/// what is long is cut off.
pub(crate) fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let mut shown: String = chars.by_ref().take(SHOWN_MAX).flat_map(visible).collect();
    if chars.next().is_some() {
        shown.push_str("...");
    }
    shown
}

fn visible(c: char) -> Vec<char> {
    if c.is_control() { c.escape_default().collect() } else { vec![c] }
}
