//! Logs of short lines: a lead, a time, a type and its data.

use leadfold_testkit::Log;
use serde_json::{Value, json};

/// A log of events of leads, each at a minute of March 2024.
pub(crate) fn log(events: &[(&str, &str, &str, Value)]) -> Log {
    let line = |(lead, at, kind, data): &(&str, &str, &str, Value)| {
        let at = format!("2024-03-{at}:00Z");
        json!({"lead": lead, "type": kind, "occurred_at": at, "data": data}).to_string()
    };
    let lines: Vec<String> = events.iter().map(line).collect();
    Log::read(lines.join("\n").as_bytes(), "life").expect("a log")
}
