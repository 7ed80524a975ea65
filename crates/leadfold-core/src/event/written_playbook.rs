//! A playbook as a log holds it. The text is kept to the letter, so that an event stays the same
//! event when a later leadfold knows more keys or other defaults.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::Playbook;
use crate::json::{RawJson, Unique};

/// A playbook in JSON, with the keys of the playbook file, and what it reads as. Two are equal if
/// their texts are.
///
/// Keys that playbooks do not have are refused, and so is one key twice. Whether its zone is
/// known and its parts fit together is not looked at here: `leadfold_playbook::check` does.
///
/// ```
/// # use leadfold_core::{Playbook, event::WrittenPlaybook};
/// let written: WrittenPlaybook = serde_json::from_str(r#"{"sla": {"decision_seconds": 3600}}"#)?;
/// assert_eq!(written.playbook().sla.decision_seconds, 3_600);
/// assert_eq!(written.as_str(), r#"{"sla": {"decision_seconds": 3600}}"#);
///
/// let wrong = serde_json::from_str::<WrittenPlaybook>(r#"{"sla": {"decision_seconds": -1}}"#);
/// assert!(wrong.unwrap_err().to_string().contains("`playbook.sla.decision_seconds`"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct WrittenPlaybook {
    text: RawJson,
    playbook: Box<Playbook>,
}

impl WrittenPlaybook {
    /// What it reads as.
    pub fn playbook(&self) -> &Playbook {
        &self.playbook
    }

    /// What it reads as, for good.
    pub fn into_playbook(self) -> Playbook {
        *self.playbook
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }
}

/// Every key is written out, so that a later leadfold's defaults change nothing in it.
impl From<Playbook> for WrittenPlaybook {
    fn from(playbook: Playbook) -> Self {
        let text = serde_json::to_string(&playbook).expect("a playbook is what JSON can say");
        let text = RawJson::parse(&text).expect("serde_json writes JSON");
        Self { text, playbook: Box::new(playbook) }
    }
}

impl PartialEq for WrittenPlaybook {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for WrittenPlaybook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Playbook { name, version, .. } = self.playbook();
        write!(f, "WrittenPlaybook({name:?} {version:?}, {} bytes)", self.as_str().len())
    }
}

impl Serialize for WrittenPlaybook {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for WrittenPlaybook {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = RawJson::deserialize(deserializer)?;
        let playbook = read(text.as_str()).map_err(de::Error::custom)?;
        Ok(Self { text, playbook: Box::new(playbook) })
    }
}

/// The playbook, or what is wrong with it and under which key.
fn read(text: &str) -> Result<Playbook, String> {
    let Unique(value) = serde_json::from_str(text).map_err(|error| without_place(&error))?;
    let playbook = Playbook::deserialize(&value).map_err(|error| {
        let fault = error.to_string();
        format!("{fault}, in `playbook{}`", place(&value, &|alone| alone, &fault))
    })?;
    let same = serde_json::to_value(&playbook).map_err(|error| error.to_string())?;
    match list_for_table(&value, &same) {
        None => Ok(playbook),
        Some(path) => Err(format!("invalid type: list, expected an object, in `playbook{path}`")),
    }
}

/// The line counts from where the event's data begins, and not from where the playbook does.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or_else(|| text.clone(), |(fault, _)| fault.to_owned())
}

/// The path to the innermost part that makes the fault by itself. `nest` puts a part where it
/// stands in an otherwise empty playbook.
fn place(value: &Value, nest: &dyn Fn(Value) -> Value, fault: &str) -> String {
    let is_at_fault =
        |part| Playbook::deserialize(nest(part)).is_err_and(|error| error.to_string() == fault);
    // What is missing is missing in any of the parts.
    if is_at_fault(empty(value)) {
        return String::new();
    }
    let part = parts(value).find(|(step, part)| is_at_fault(step.around((*part).clone())));
    part.map_or_else(String::new, |(step, part)| {
        let inside = place(part, &|alone| nest(step.around(alone)), fault);
        format!("{step}{inside}")
    })
}

fn empty(value: &Value) -> Value {
    match value {
        Value::Object(_) => Value::Object(Map::new()),
        Value::Array(_) => Value::Array(Vec::new()),
        _ => Value::Null,
    }
}

/// One step into a value.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

impl Step<'_> {
    /// The container of which the part is all.
    fn around(self, part: Value) -> Value {
        match self {
            Self::Key(key) => Value::Object(Map::from_iter([(key.to_owned(), part)])),
            Self::Item(_) => Value::Array(vec![part]),
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

fn parts(value: &Value) -> Box<dyn Iterator<Item = (Step<'_>, &Value)> + '_> {
    match value {
        Value::Object(map) => Box::new(map.iter().map(|(key, part)| (Step::Key(key), part))),
        Value::Array(items) => {
            Box::new(items.iter().enumerate().map(|(at, part)| (Step::Item(at), part)))
        }
        _ => Box::new(std::iter::empty()),
    }
}

/// Where a list stands for an object. serde takes it for the values of the keys, in an order that
/// nobody wrote down.
fn list_for_table(value: &Value, read: &Value) -> Option<String> {
    if value.is_array() && read.is_object() {
        return Some(String::new());
    }
    parts(value).find_map(|(step, part)| {
        let read = match step {
            Step::Key(key) => read.get(key)?,
            Step::Item(at) => read.get(at)?,
        };
        list_for_table(part, read).map(|path| format!("{step}{path}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        read(text).expect_err(text)
    }

    #[test]
    fn a_fault_names_its_key() {
        for (text, path) in [
            (r#"{"sla":{"decision_seconds":"soon"}}"#, "playbook.sla.decision_seconds"),
            (r#"{"name":"b2b","rules":{"illegel":"skip"}}"#, "playbook.rules.illegel"),
            (r#"{"rules":{"illegal":"maybe"}}"#, "playbook.rules.illegal"),
            (r#"{"calendar":{"mon":["09:00-17:00"]}}"#, "playbook.calendar"),
            (r#"{"pipelines":[{"name":"a","stages":["x",7]}]}"#, "playbook.pipelines[0].stages"),
            (r#"{"gates":{"mql":{"mandatory":[[]]}}}"#, "playbook.gates.mql.mandatory[0]"),
            (r#"{"rules":["apply"],"name":"x"}"#, "playbook.rules"),
            (r#"{"sla":[1,2,"keep"]}"#, "playbook.sla"),
            (r#"["b2b","1"]"#, "playbook"),
            ("7", "playbook"),
        ] {
            let fault = fault(text);
            assert!(fault.contains(&format!("in `{path}")), "{fault}");
        }
    }

    #[test]
    fn a_key_twice_is_refused_wherever_it_stands() {
        for text in [
            r#"{"name":"a","name":"b"}"#,
            r#"{"gates":{"mql":{},"mql":{"mandatory":["phone"]}}}"#,
            r#"{"sla":{"decision_seconds":1,"decision_seconds":2}}"#,
        ] {
            assert!(fault(text).starts_with("duplicate field"), "{}", fault(text));
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let written = WrittenPlaybook::from(Playbook::default());
        assert_eq!(read(written.as_str()).as_ref(), Ok(written.playbook()));
    }
}
