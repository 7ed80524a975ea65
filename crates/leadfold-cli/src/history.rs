//! The events of a lead, one a line: when, what, and the fields that decide. Never personal data.

use std::fmt;

use leadfold_core::event::{Body, RecordedEvent};
use leadfold_core::{Bounds, Currency, Money, Timestamp};
use serde_json::{Map, Value};

use crate::money::Amount;
use crate::table::one_line;

/// The fields that are shown, in this order, where they are known fields of their type. None of
/// them holds personal data: people are keys, and texts are the business's own words.
const SHOWN: [&str; 36] = [
    "source",
    "medium",
    "campaign",
    "channel",
    "level",
    "side",
    "direction",
    "result",
    "model",
    "total",
    "band",
    "opportunity",
    "follow_up",
    "from",
    "to",
    "into",
    "by",
    "owner",
    "stage",
    "pipeline",
    "product",
    "order",
    "kind",
    "class",
    "reason",
    "competitor",
    "programme",
    "purpose",
    "cause",
    "state",
    "target",
    "action",
    "due",
    "until",
    "decision_due",
    "touch_due",
];

/// Whether an event counts within bounds. A correction is knowledge, and not something that
/// happened: as-of does not bound it.
pub(crate) fn is_within(event: &RecordedEvent, bounds: Bounds) -> bool {
    let is_correction = matches!(event.event.body, Body::Corrected(_));
    let happened = bounds.as_of.is_none_or(|as_of| event.event.occurred_at.at <= as_of);
    let is_known = bounds.known_at.is_none_or(|known_at| event.recorded_at <= known_at);
    (happened || is_correction) && is_known
}

/// One event of a history.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    at: Timestamp,
    position: u64,
    kind: String,
    fields: String,
}

impl Moment {
    /// What is shown of an event.
    pub(crate) fn of(recorded: &RecordedEvent) -> Self {
        let event = &recorded.event;
        Self {
            at: event.occurred_at.at,
            position: recorded.position,
            kind: event.body.type_name().to_owned(),
            fields: fields(recorded),
        }
    }

    /// Whether it had happened by then.
    pub(crate) fn is_by(&self, as_of: Option<Timestamp>) -> bool {
        as_of.is_none_or(|as_of| self.at <= as_of)
    }

    /// The order of a lead's history.
    pub(crate) fn order(&self) -> (Timestamp, u64) {
        (self.at, self.position)
    }
}

/// The shown fields of the event's data. Of a type that leadfold does not know, nothing is.
fn fields(recorded: &RecordedEvent) -> String {
    let event = &recorded.event;
    if matches!(event.body, Body::Other(_)) {
        return String::new();
    }
    let content: Value = serde_json::from_str(&event.content()).unwrap_or_default();
    let Some(data) = content.get("data").and_then(Value::as_object) else { return String::new() };
    let is_known = |name: &str| event.unknown_data.iter().all(|(unknown, _)| unknown != name);
    let mut shown: Vec<String> = SHOWN
        .into_iter()
        .filter(|name| is_known(name))
        .filter_map(|name| Some(format!("{name}={}", scalar(data.get(name)?)?)))
        .collect();
    shown.extend(money(data, is_known("amount")));
    shown.join(" ")
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(one_line(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn money(data: &Map<String, Value>, is_known: bool) -> Option<String> {
    let amount = data.get("amount").filter(|_| is_known)?.as_i64()?;
    let currency = data.get("currency").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let currency = currency.unwrap_or(Currency::NONE);
    Some(format!("amount={}", Amount(Money { currency, amount: amount.into() })))
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{}  {:<25} {}", self.at, one_line(&self.kind), self.fields);
        f.write_str(line.trim_end())
    }
}
