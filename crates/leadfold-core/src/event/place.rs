//! Where in a JSON text a fault is.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::json::Text;

/// A part of a text, and the way to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Place<'t> {
    /// One step after the other: `.sla.decision_seconds`, `.stages[0]`; empty for the whole.
    pub(super) path: String,
    /// How many steps that are.
    pub(super) depth: usize,
    /// The part.
    pub(super) text: &'t str,
}

/// The innermost part that makes a fault by itself. `is_at_fault` looks at a text in place of the
/// whole one.
pub(super) fn of_fault<'t>(text: &'t str, is_at_fault: &dyn Fn(&str) -> bool) -> Place<'t> {
    innermost(text, |_| true, is_at_fault)
}

/// The innermost part in which a field is missing. Alone, the first of two required fields misses
/// the second one as its object does, and only an object can have it.
pub(super) fn of_missing<'t>(text: &'t str, is_missing: &dyn Fn(&str) -> bool) -> Place<'t> {
    innermost(text, |part| part.starts_with(['{', '[']), is_missing)
}

fn innermost<'t>(
    text: &'t str,
    may_be: fn(&str) -> bool,
    is_at_fault: &dyn Fn(&str) -> bool,
) -> Place<'t> {
    // What is missing is missing in any of the parts.
    let is_any = is_at_fault(empty(text));
    let parts = if is_any { Vec::new() } else { parts(text) };
    let of_fault =
        |(step, part): &(Step<'_>, &str)| may_be(part) && is_at_fault(&step.around(part));
    let Some((step, part)) = parts.into_iter().find(of_fault) else {
        return Place { path: String::new(), depth: 0, text };
    };
    let inside = innermost(part, may_be, &|other| is_at_fault(&step.around(other)));
    Place { path: format!("{step}{}", inside.path), depth: inside.depth + 1, ..inside }
}

fn empty(text: &str) -> &'static str {
    match text.as_bytes().first() {
        Some(b'{') => "{}",
        Some(b'[') => "[]",
        _ => "null",
    }
}

/// The text with words as strings where it has them as objects, `{"mql": null}`.
///
/// serde took those for words once, and texts that are kept to the letter may have one in
/// somebody's log. `is_no_word` tells whether a text in place of the whole one has something else
/// where a word must be.
pub(super) fn with_words(text: &str, is_no_word: &dyn Fn(&str) -> bool) -> String {
    let parts = parts(text);
    if let [(Step::Key(word), "null")] = &*parts
        && is_no_word(text)
    {
        return quoted(word);
    }
    let parts = parts.into_iter().map(|(step, part)| {
        let part = with_words(part, &|other| is_no_word(&step.around(other)));
        match step {
            Step::Key(key) => format!("{}:{part}", quoted(&key)),
            Step::Item(_) => part,
        }
    });
    let parts = parts.collect::<Vec<_>>().join(",");
    match text.as_bytes().first() {
        Some(b'{') => format!("{{{parts}}}"),
        Some(b'[') => format!("[{parts}]"),
        _ => text.to_owned(),
    }
}

/// Whether serde says of an object that it is no word. See [`crate::word`].
pub(super) fn is_object_for_word(fault: &str) -> bool {
    let expected = fault.strip_prefix("invalid type: map, expected ");
    expected.is_some_and(|expected| expected.starts_with('`') || expected.starts_with("one of `"))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// One step into a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step<'t> {
    Key(Cow<'t, str>),
    Item(usize),
}

impl Step<'_> {
    /// The container of which the part is all.
    fn around(&self, part: &str) -> String {
        match self {
            Self::Key(key) => format!("{{{}:{part}}}", quoted(key)),
            Self::Item(_) => format!("[{part}]"),
        }
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, ".{}", key.escape_debug()),
            Self::Item(at) => write!(f, "[{at}]"),
        }
    }
}

/// The parts of an object or a list, as far as they are JSON.
pub(super) fn parts(text: &str) -> Vec<(Step<'_>, &str)> {
    let mut parts = Vec::new();
    // What ends in a fault has parts in front of it.
    let _ = Parts(&mut parts).deserialize(&mut serde_json::Deserializer::from_str(text));
    parts
}

struct Parts<'p, 't>(&'p mut Vec<(Step<'t>, &'t str)>);

impl<'t> DeserializeSeed<'t> for Parts<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Reads a key. As a type of its own it shares no code with the reading of events, whose keys are
/// then read in place; with this one more reader of the same they were not, and lines took 5 % more.
struct Key;

impl<'t> DeserializeSeed<'t> for Key {
    type Value = Cow<'t, str>;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Cow<'t, str>, D::Error> {
        Text::deserialize(deserializer).map(|Text(key)| key)
    }
}

impl<'t> de::Visitor<'t> for Parts<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Key)? {
            self.0.push((Step::Key(key), map.next_value::<&'t RawValue>()?.get()));
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(part) = items.next_element::<&'t RawValue>()? {
            self.0.push((Step::Item(self.0.len()), part.get()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::event::{Body, Corrected, CorrectionAction, Level, Qualified, RawJson, Side};

    fn replaced(type_name: &str, data: &str) -> Option<Body> {
        let correction = Corrected {
            target: crate::EventId(uuid::Uuid::nil()),
            action: CorrectionAction::Replace,
            reason: "typing error".to_owned(),
            data: Some(RawJson::parse(data).expect("it is JSON")),
            by: None,
        };
        correction.replacement(type_name, 1)
    }

    /// What a correction has is kept to the letter, and was a replacement once.
    #[test]
    fn a_replacement_that_a_log_has_with_a_word_as_an_object_is_one_for_ever() {
        let body = replaced("qualified", r#"{"level":{"sql":null},"by":"ann"}"#);
        let by = Some("ann".to_owned());
        assert_eq!(body, Some(Qualified { level: Level::Sql, definition: None, by }.into()));

        let data = r#"{ "x": {"out": null}, "side": {"sales": null}, "direction":{"in":null} }"#;
        let Some(Body::Touched(body)) = replaced("touched", data) else { panic!("no touch") };
        assert_eq!((body.side, body.direction.is_some()), (Side::Sales, true));
    }

    #[test]
    fn an_object_that_was_never_a_word_is_none() {
        for (type_name, data) in [
            ("qualified", r#"{"level":{"sql":1}}"#),
            ("qualified", r#"{"level":{"pql":null}}"#),
            ("qualified", r#"{"level":{"sql":null},"by":{"ann":null}}"#),
            ("handed_off", r#"{"to":{"nurture":null}}"#),
            ("scored", r#"{"model":"m","model_version":{"1":null},"total":1}"#),
        ] {
            assert_eq!(replaced(type_name, data), None, "{data}");
        }
    }
}
