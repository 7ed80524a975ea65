//! One line of the log, with its fields taken out of the JSON.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate};
use serde_json::{Map, Value};

use super::schema;

/// One event; `data` is what it means after corrections.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) lead: Option<String>,
    pub(super) kind: String,
    /// A known type in a known version.
    pub(super) known: bool,
    pub(super) at: i64,
    pub(super) recorded_at: i64,
    pub(super) position: u64,
    pub(super) data: Map<String, Value>,
    /// The id in the source system: (system, id).
    pub(super) origin: Option<(String, String)>,
    /// Another event of the stream, earlier in order, has the same origin.
    pub(super) duplicate: bool,
    /// A correction that found nothing that it could correct.
    pub(super) without_target: bool,
}

impl Event {
    /// Takes a line apart; `index` stands in where an example leaves out id and position.
    pub(super) fn read(line: &Value, index: usize) -> Self {
        let text = |name: &str| line.get(name).and_then(Value::as_str).map(str::to_owned);
        let kind = text("type").expect("every line of a log has a type");
        let version = line.get("v").filter(|v| !v.is_null());
        let at = micros(line, "occurred_at").expect("every line of a log has a time");
        let origin = line.get("origin");
        let origin_field = |name: &str| Some(origin?.get(name)?.as_str()?.to_owned());
        let next = u64::try_from(index).expect("an index fits 64 bits") + 1;
        Self {
            id: text("id").unwrap_or_else(|| format!("line {next}")),
            lead: text("lead"),
            known: schema::is_known(&kind) && version.is_none_or(|v| v.as_u64() == Some(1)),
            kind,
            at,
            recorded_at: micros(line, "recorded_at").unwrap_or(at),
            position: line.get("position").and_then(Value::as_u64).unwrap_or(next),
            data: line.get("data").and_then(Value::as_object).cloned().unwrap_or_default(),
            origin: origin_field("system").zip(origin_field("id").filter(|id| !id.is_empty())),
            duplicate: false,
            without_target: false,
        }
    }

    /// Whether it is of this type, in a version that is understood.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.known && self.kind == kind
    }

    /// Its place: by time, and within one microsecond by arrival.
    pub(super) fn order(&self) -> (i64, u64) {
        (self.at, self.position)
    }

    /// A string of the data; an empty one says no more than none.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A date (its first instant in UTC) or an instant of the data.
    pub(super) fn time(&self, name: &str) -> Option<i64> {
        let text = self.text(name)?;
        match text.parse::<NaiveDate>() {
            Ok(date) => Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros()),
            Err(_) => DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_micros()),
        }
    }

    /// A string of the data, to keep.
    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// A whole number of the data.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.data.get(name).and_then(Value::as_i64)
    }
}

/// Marks every event, in order, whose origin an earlier one has; corrections are not counted.
pub(super) fn mark_duplicates(events: &mut [Event]) {
    let mut seen = BTreeSet::new();
    for event in events.iter_mut().filter(|event| !event.is("corrected")) {
        if let Some(origin) = &event.origin {
            event.duplicate = !seen.insert(origin.clone());
        }
    }
}

/// The strings and numbers of an object, numbers as their JSON text, without empty ones.
pub(super) fn texts(object: &Map<String, Value>) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    object.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
}

fn micros(line: &Value, name: &str) -> Option<i64> {
    let text = line.get(name)?.as_str()?;
    let time = DateTime::parse_from_rfc3339(text).expect("a time in a log is RFC 3339");
    Some(time.timestamp_micros())
}
