//! Why the log refuses an event that a row became, without what the row's cells say: rows hold
//! people's data.

use leadfold_core::event::{EventLine, LineCode, LineError};
use serde_json::Value;

use super::source::Refusal;

/// Where serde begins to say what it expected. What it found stands before.
const EXPECTED: &str = ", expected ";
/// What would be right where nothing more is known of it.
const ANYTHING: &str = "a value that the log has there";
/// What a column of a line would be that nobody sees.
const COLUMN: &str = ", at column ";

/// The refusal of an event, as it was made of the row.
pub(super) fn refusal(event: &[u8], error: &LineError) -> Refusal {
    let code = error.code.as_str();
    let event: Value = serde_json::from_slice(event).unwrap_or_default();
    let kind = event["type"].as_str().unwrap_or_default();
    let message = match error.code {
        // These have no text of a cell.
        LineCode::BadLead | LineCode::MissingField | LineCode::TooDeep | LineCode::TooLong => {
            format!("event `{kind}`: {}", without_column(&error.message))
        }
        _ => {
            let field = field(&event, &without_column(&error.message));
            let field = field.map_or_else(String::new, |field| format!("`{field}` of "));
            format!(
                "expected {} in {field}the event `{kind}`, found something else: correct the cell, \
                 or the rule of the mapping",
                expected(error)
            )
        }
    };
    Refusal { code, message }
}

fn without_column(message: &str) -> String {
    message.rsplit_once(COLUMN).map_or(message, |(message, _)| message).to_owned()
}

/// What would be right.
fn expected(error: &LineError) -> String {
    match error.code {
        LineCode::BadTime => "RFC 3339 with an offset, years 0 to 9999".to_owned(),
        LineCode::NegativeAmount => "0 or more minor units".to_owned(),
        LineCode::UnknownValue | LineCode::WrongType => {
            serdes_words(&error.message).unwrap_or_else(|| ANYTHING.to_owned())
        }
        _ => ANYTHING.to_owned(),
    }
}

/// What a message of serde ends with. Others may end with what was found.
fn serdes_words(message: &str) -> Option<String> {
    if message.starts_with("bad currency") {
        return Some("an ISO 4217 code of three capital letters".to_owned());
    }
    const BEGIN: [&str; 4] = ["invalid type", "invalid value", "unknown field", "unknown variant"];
    let message = without_column(message);
    let is_serdes = BEGIN.iter().any(|begin| message.starts_with(begin));
    let words = message.rsplit_once(EXPECTED).filter(|_| is_serdes);
    words.map(|(_, words)| words.to_owned())
}

/// The field of which a message speaks: with something else in it, another message would come.
fn field(event: &Value, message: &str) -> Option<String> {
    let mut leaves = Vec::new();
    collect(event, &mut Vec::new(), &mut leaves);
    let is_meant = |path: &Vec<String>| {
        let mut other = event.clone();
        let leaf = path.iter().try_fold(&mut other, |value, name| child(value, name));
        let Some(leaf) = leaf else { return false };
        let is_named = message.contains(&beginning(leaf));
        *leaf = if leaf.is_number() { Value::from(-1.5) } else { Value::from("?") };
        let line = other.to_string();
        let found = EventLine::parse(line.as_bytes()).err();
        is_named && found.is_none_or(|error| without_column(&error.message) != message)
    };
    leaves.into_iter().find(is_meant).map(|path| path.join("."))
}

/// Messages show no more of a long text.
fn beginning(leaf: &Value) -> String {
    let text = leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned);
    text.chars().take(40).collect()
}

fn child<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    match value {
        Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
        object => object.get_mut(name),
    }
}

/// The paths of all that is neither an object nor a list.
fn collect(value: &Value, path: &mut Vec<String>, leaves: &mut Vec<Vec<String>>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(n, value)| (n.to_string(), value)).collect()
        }
        _ => return leaves.push(path.clone()),
    };
    for (name, value) in children {
        path.push(name);
        collect(value, path, leaves);
        path.pop();
    }
}
