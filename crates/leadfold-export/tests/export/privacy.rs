//! Personal data is in no file, unless it is asked for; and then in one column.

use leadfold_core::event::{Body, EventLine, NewEvent};
use serde_json::{Value as Json, json};

use crate::support::{Found, Log, Value, read};

const MARK: &str = "zq-7-ann-example";

fn pii() -> Json {
    json!({"name": MARK, "more": {"deep": [MARK, 7]}})
}

/// All that may hold personal data, or anything.
fn events() -> Vec<NewEvent> {
    let data = [
        ("captured", json!({"pii": pii(), "later": MARK, "source": "web"})),
        ("profile_updated", json!({"attributes": {"size": 1}, "pii": pii()})),
        (
            "snapshot_imported",
            json!({"state": "mql", "history_known_from": "2024-01-01", "pii": pii()}),
        ),
        ("attribution_resolved", json!({"source": "web", "evidence": {"mail": MARK}})),
        ("from_tomorrow", json!({"pii": pii()})),
        (
            "corrected",
            json!({"target": id(0), "action": "replace", "reason": "typo", "data": {"pii": pii()}}),
        ),
    ];
    let line = |(index, (kind, data)): (usize, &(&str, Json))| {
        json!({
            "id": id(index), "lead": "a", "type": kind, "data": data, "later": MARK,
            "actor": {"kind": "user", "id": "u1", "name": MARK},
            "origin": {"system": "crm", "id": index.to_string(), "note": MARK},
            "occurred_at": "2024-01-01T00:00:00Z", "recorded_at": "2024-01-01T00:00:00Z",
        })
    };
    let lines = data.iter().enumerate().map(line);
    lines.map(|line| parse(&line)).collect()
}

fn parse(line: &Json) -> NewEvent {
    EventLine::parse(line.to_string().as_bytes()).expect("a valid line").identify(|_| 0)
}

fn id(index: usize) -> String {
    format!("00000000-0000-7000-8000-{index:012}")
}

/// The columns that hold the mark.
fn marked(found: &Found) -> Vec<String> {
    let mut marked = Vec::new();
    for (table, rows) in found {
        for (column, value) in rows.iter().flatten() {
            if matches!(value, Value::Text(text) if text.contains(MARK)) {
                marked.push(format!("{table}.{column}"));
            }
        }
    }
    marked
}

#[test]
fn personal_data_is_left_out_unless_it_is_asked_for() {
    let log = Log::of(events());
    assert_eq!(log.position, 6);
    let found = log.exported();
    assert_eq!(marked(&found), Vec::<String>::new());
    let data = |n: usize| found["events"][n]["data"].clone();
    assert_eq!(data(0), Value::Text(r#"{"source":"web"}"#.into()));
    assert_eq!(data(4), Value::Null);
    let dir = tempfile::tempdir().expect("a temporary directory");
    log.export(&log.audit()).including_personal_data().write(dir.path(), |_, _| {}).expect("files");
    assert_eq!(marked(&read(dir.path())), vec!["events.data"; 6]);
}

/// A field of these types may hold anything; this test and `withhold` know all that there are.
#[test]
fn no_field_that_may_hold_personal_data_is_new() {
    let source = include_str!("../../../leadfold-core/src/event/body.rs");
    let fields = |kind: &str| source.lines().filter(|line| line.trim().ends_with(kind)).count();
    assert_eq!((fields(": Pii,"), fields(": RawJson,")), (3, 2));
    assert_eq!(Body::TYPES.len(), 37);
}
