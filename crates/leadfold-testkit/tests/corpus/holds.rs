//! The corpus against what was written down of it.

use leadfold_core::event::{Body, Event};
use serde_json::Value;

use super::judge::{changes, is_broken};
use super::measure::{FILES, events, measured, path, text};
use super::shape::shapes;

/// Demands that a list is as it was written down, or writes down what may be.
fn demand(file: &str, ending: &str, found: &str) {
    let may_update = std::env::var_os("LEADFOLD_UPDATE").is_some();
    let written = match std::fs::read_to_string(path(file, ending)) {
        Ok(written) => written,
        Err(_) if may_update => String::new(),
        Err(error) => panic!("corpus/{file}.{ending}: {error}"),
    };
    let changes = changes(&written, found);
    if may_update && !changes.iter().any(is_broken) {
        std::fs::write(path(file, ending), found).expect("the corpus can be written");
        return;
    }
    assert_eq!(changes, [], "corpus/{file}; LEADFOLD_UPDATE=1 writes down what is not broken");
}

#[test]
fn old_lines_mean_what_they_meant() {
    for file in FILES {
        demand(file, "digests", &measured(events(file)));
    }
}

#[test]
fn a_shape_that_was_written_has_the_fields_that_it_had() {
    demand("every_type", "shapes", &shapes(&text("every_type", "ndjson")));
}

/// A type that is new, or a version of one, is in no old log; but from its first day on it will be.
#[test]
fn every_version_of_every_type_is_there_with_all_of_its_fields() {
    let events: Vec<Event> = events("every_type").into_iter().map(|new| new.event).collect();
    for type_name in Body::TYPES {
        let current = Body::version_of(type_name).expect("the type is known");
        for version in 1..=current {
            let event = events
                .iter()
                .find(|event| event.body.type_name() == *type_name && event.version == version)
                .unwrap_or_else(|| panic!("no line of {type_name} in version {version}"));
            assert_eq!(event.as_written.is_some(), version < current, "{type_name} {version}");
            assert!(event.unknown_data.is_empty(), "{type_name} {version}: an unknown field");
            if version == current {
                let body = format!("{:?}", event.body);
                assert!(!body.contains("None"), "{type_name}: a field is missing: {body}");
            }
        }
    }
}

#[test]
fn the_lines_are_canonical_where_leadfold_knows_all_of_them() {
    for file in ["every_type", "every_word"] {
        let lines = text(file, "ndjson");
        let contents = events(file).into_iter().map(|new| new.event.content());
        assert!(lines.lines().eq(contents), "{file}");
    }
}

/// What the data of an old version says, and what its meaning today does not.
pub(super) fn forgotten(event: &Event) -> Vec<Value> {
    let read = |data: Option<String>| -> Value {
        data.map_or(Value::Null, |data| serde_json::from_str(&data).expect("data is JSON"))
    };
    let today = Event { as_written: None, ..event.clone() };
    let means = leaves(&read(today.data()));
    leaves(&read(event.data())).into_iter().filter(|value| !means.contains(value)).collect()
}

fn leaves(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(fields) => fields.values().flat_map(leaves).collect(),
        Value::Array(list) => list.iter().flat_map(leaves).collect(),
        Value::Null => Vec::new(),
        leaf => vec![leaf.clone()],
    }
}

/// An upcaster that leaves a field out on purpose is named here, with its reason.
#[test]
fn no_upcaster_forgets_what_an_old_version_said() {
    let all = FILES.into_iter().flat_map(events);
    for new in all.filter(|new| new.event.as_written.is_some()) {
        assert_eq!(forgotten(&new.event), Vec::<Value>::new(), "{}", new.event.content());
    }
}
