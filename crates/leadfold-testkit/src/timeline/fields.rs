//! What an event says, on one short line.

use leadfold_core::event::Event;
use serde_json::{Map, Value};

use crate::text::short;

/// What is not shown: personal data, and data whose meaning nobody knows.
const HIDDEN: [&str; 3] = ["pii", "evidence", "data"];

/// The fields of an event, as `name value`, with commas between them. Of an event that leadfold
/// cannot read there is nothing to show: anything in it may be personal.
pub(super) fn fields(event: &Event) -> String {
    let known = known(event);
    let texts = known.iter().filter_map(|(name, value)| field(name, value));
    texts.collect::<Vec<_>>().join(", ")
}

fn known(event: &Event) -> Map<String, Value> {
    let is_known = leadfold_core::event::Body::TYPES.contains(&event.body.type_name());
    let is_readable = is_known && !matches!(event.body, leadfold_core::event::Body::Other(_));
    let content: Value = serde_json::from_str(&event.content()).unwrap_or_default();
    let Some(Value::Object(mut data)) = content.get("data").cloned().filter(|_| is_readable) else {
        return Map::new();
    };
    let is_unknown = |name: &str| event.unknown_data.iter().any(|(unknown, _)| unknown == name);
    data.retain(|name, _| !HIDDEN.contains(&name.as_str()) && !is_unknown(name));
    data
}

fn field(name: &str, value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => short(text),
        Value::Number(number) => number.to_string(),
        Value::Object(parts) => short(&parts.keys().cloned().collect::<Vec<_>>().join(" ")),
        Value::Array(names) => {
            short(&names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "))
        }
        Value::Bool(_) | Value::Null => return None,
    };
    Some(format!("{} {text}", name.replace('_', " ")))
}
