//! One line of a log with its fields, and what counts of a stream after its corrections.

use std::collections::BTreeMap;

use leadfold_core::When;
use leadfold_core::event::{Body, EventLine};
use serde_json::{Map, Value, json};

/// An event. Its data are what they are after corrections.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// As the oracle of the fold reads it.
    pub(crate) line: Value,
    pub(crate) lead: Option<String>,
    pub(crate) kind: String,
    pub(crate) is_known: bool,
    pub(crate) at: i64,
    pub(crate) recorded_at: i64,
    pub(crate) position: u64,
    pub(crate) id: String,
}

impl Event {
    pub(crate) fn of(line: &Value) -> Self {
        let text = |name: &str| line.get(name).and_then(Value::as_str).map(str::to_owned);
        let kind = text("type").expect("a line has a type");
        let version = line.get("v").and_then(Value::as_u64);
        let at = micros(line, "occurred_at").expect("a line has a time");
        Self {
            lead: text("lead"),
            is_known: Body::TYPES.contains(&kind.as_str()) && version.is_none_or(|v| v == 1),
            kind,
            at,
            recorded_at: micros(line, "recorded_at").expect("an exported line has it"),
            position: line["position"].as_u64().expect("an exported line has it"),
            id: text("id").expect("an exported line has it"),
            line: line.clone(),
        }
    }

    /// Whether it is of a type, in a version that is understood.
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.is_known && self.kind == kind
    }

    pub(crate) fn is_one_of(&self, kinds: &[&str]) -> bool {
        kinds.iter().any(|kind| self.is(kind))
    }

    pub(crate) fn order(&self) -> (i64, u64) {
        (self.at, self.position)
    }

    pub(crate) fn data(&self) -> Option<&Map<String, Value>> {
        self.line.get("data").and_then(Value::as_object)
    }

    /// A text of the data; an empty one says as much as none.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.data()?.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// A date or a time of the data, microseconds.
    pub(crate) fn time(&self, name: &str) -> Option<i64> {
        let when = When::parse(self.text(name)?).expect("the line was read");
        Some(when.at().micros())
    }

    fn is_automatic(&self) -> bool {
        self.line.pointer("/actor/kind").and_then(Value::as_str) == Some("automation")
    }

    /// Somebody in sales tried.
    pub(crate) fn is_attempt(&self) -> bool {
        self.is("touched") && self.text("side") == Some("sales") && !self.is_automatic()
    }

    /// They spoke.
    pub(crate) fn is_contact(&self) -> bool {
        let results = ["contact", "meeting", "reply"];
        self.is_attempt() && self.text("result").is_some_and(|result| results.contains(&result))
    }

    /// Marketing's doing.
    pub(crate) fn is_campaign(&self) -> bool {
        let is_inbound = self.text("direction") == Some("in");
        self.is("touched") && self.text("side") == Some("marketing") && !is_inbound
    }
}

fn micros(line: &Value, name: &str) -> Option<i64> {
    let time: leadfold_core::Timestamp = line.get(name)?.as_str()?.parse().expect("a time");
    Some(time.micros())
}

/// The events of every lead that count, each lead's in order. Corrections are gone.
pub(crate) fn effective(lines: &[Value], as_of: i64) -> BTreeMap<String, Vec<Event>> {
    let mut streams: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for line in lines {
        let event = Event::of(line);
        if let Some(lead) = event.lead.clone() {
            streams.entry(lead).or_default().push(event);
        }
    }
    for events in streams.values_mut() {
        *events = corrected(events);
        events.retain(|event| event.at <= as_of);
        events.sort_by_key(Event::order);
    }
    streams
}

/// Goes back from the last correction to the first: whether one counts is known when it is read.
fn corrected(stream: &[Event]) -> Vec<Event> {
    // By the target's id: none is gone, some are the data in place.
    let mut changes: BTreeMap<&str, Option<Value>> = BTreeMap::new();
    for correction in stream.iter().rev().filter(|event| event.is("corrected")) {
        let target = stream.iter().find(|event| correction.text("target") == Some(&event.id));
        let Some(target) = target.filter(|_| !changes.contains_key(correction.id.as_str())) else {
            continue;
        };
        let is_retraction = correction.text("action") == Some("retract");
        let is_early = target.is("corrected") && target.position >= correction.position;
        let data = correction.data().and_then(|data| data.get("data")).cloned();
        let data = data.filter(|data| !data.is_null()).unwrap_or_else(|| json!({}));
        if is_retraction && !is_early {
            changes.entry(&target.id).or_insert(None);
        } else if !is_retraction && reads_as(target, &data) {
            changes.entry(&target.id).or_insert(Some(data));
        }
    }
    let mut kept = Vec::new();
    for event in stream.iter().filter(|event| !event.is("corrected")) {
        match changes.get(event.id.as_str()) {
            None => kept.push(event.clone()),
            Some(None) => {}
            Some(Some(data)) => {
                let mut event = event.clone();
                event.line["data"] = data.clone();
                kept.push(event);
            }
        }
    }
    kept
}

fn reads_as(target: &Event, data: &Value) -> bool {
    let line = json!({
        "lead": "x", "type": target.kind, "occurred_at": "2024-01-01T00:00:00Z", "data": data,
    });
    let is_read = EventLine::parse(line.to_string().as_bytes()).is_ok();
    target.is_known && !target.is("corrected") && is_read
}
