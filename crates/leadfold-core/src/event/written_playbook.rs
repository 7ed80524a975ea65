//! A playbook as a log holds it. The text is kept to the letter, so that an event stays the same
//! event when a later leadfold knows more keys or other defaults.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::place;
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
    read_today(text).or_else(|fault| {
        let is_no_word = |text: &str| fault_of(text).is_some_and(|f| place::is_object_for_word(&f));
        read_today(&place::with_words(text, &is_no_word)).map_err(|_| fault)
    })
}

fn read_today(text: &str) -> Result<Playbook, String> {
    let Unique(value) = serde_json::from_str(text).map_err(|error| without_place(&error))?;
    let playbook = Playbook::deserialize(&value).map_err(|error| {
        let fault = error.to_string();
        let place = place::of_fault(text, &|other| fault_of(other).as_deref() == Some(&*fault));
        format!("{fault}, in `playbook{}`", place.path)
    })?;
    let same = serde_json::to_value(&playbook).map_err(|error| error.to_string())?;
    match list_for_table(&value, &same) {
        None => Ok(playbook),
        Some(path) => Err(format!("invalid type: list, expected an object, in `playbook{path}`")),
    }
}

/// What is wrong with a text as a playbook, without the place.
fn fault_of(text: &str) -> Option<String> {
    let value = serde_json::from_str::<Value>(text).ok()?;
    Playbook::deserialize(&value).err().map(|error| error.to_string())
}

/// The line counts from where the event's data begins, and not from where the playbook does.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or_else(|| text.clone(), |(fault, _)| fault.to_owned())
}

/// Where a list stands for an object. serde takes it for the values of the keys, in an order that
/// nobody wrote down.
fn list_for_table(value: &Value, read: &Value) -> Option<String> {
    match (value, read) {
        (Value::Array(_), Value::Object(_)) => Some(String::new()),
        (Value::Object(value), _) => value.iter().find_map(|(key, part)| {
            let path = list_for_table(part, read.get(key)?)?;
            Some(format!(".{}{path}", key.escape_debug()))
        }),
        (Value::Array(value), _) => value.iter().enumerate().find_map(|(at, part)| {
            list_for_table(part, read.get(at)?).map(|path| format!("[{at}]{path}"))
        }),
        _ => None,
    }
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
