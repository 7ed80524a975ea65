//! Out of one store and into another: nothing is lost and nothing moves.

use leadfold::core::event::{EventLine, NewEvent, RecordedEvent};
use leadfold::sqlite::SqliteStore;
use leadfold::store::{Append, Blocking, EventStore, Outcome, block_on};
use leadfold_testkit::simulate::Simulation;

use crate::data::Log;

fn export(store: &impl EventStore) -> Vec<String> {
    let events = block_on(store.events(0, usize::MAX)).expect("the store reads");
    let line = |event: &RecordedEvent| {
        let mut out = Vec::new();
        event.write_line(&mut out).expect("memory does not fail");
        String::from_utf8(out).expect("JSON is UTF-8")
    };
    events.iter().map(line).collect()
}

fn import(store: &impl EventStore, lines: &[String]) -> Vec<Outcome> {
    let parse = |line: &String| -> NewEvent {
        EventLine::parse(line.as_bytes()).expect("a valid line").identify(|_| 0)
    };
    let now = "2030-01-01".parse().expect("a date");
    let append = Append::new(lines.iter().map(parse).collect(), now);
    block_on(store.append(append)).expect("the events are valid").outcomes
}

fn tables(store: &impl EventStore) -> Vec<u8> {
    let playbook = leadfold::core::Playbook::default();
    let bounds = leadfold::core::Bounds::default();
    block_on(leadfold::engine::replay(store, playbook, bounds, |_, _| {}))
        .expect("the store reads")
        .encode()
}

#[test]
fn an_export_makes_the_same_log_and_the_same_tables_in_any_store() {
    let log = Log::of(Simulation::new(7, 400).events().collect());
    let exported = export(&log.store.0);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sqlite = SqliteStore::open(folder.path().join("copy.db")).expect("a new store");
    import(&sqlite, &exported);
    assert_eq!(export(&sqlite), exported);
    assert_eq!(tables(&sqlite), tables(&log.store.0));

    let again = import(&sqlite, &exported);
    assert!(again.iter().all(|outcome| matches!(outcome, Outcome::Duplicate { .. })));
    assert_eq!(export(&sqlite), exported, "importing twice adds nothing");
}

#[test]
fn what_leadfold_does_not_know_survives() {
    let strange = concat!(
        r#"{"lead":"L1","type":"beamed_up","v":7,"occurred_at":"2024-02-01T09:00:00+05:30","#,
        r#""x":{"deep":[1.10,18446744073709551617,{"a":1,"b":null}]},"data":{"to":"Ω","n":1e400}}"#
    );
    let known = concat!(
        r#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00.25Z","precision":"ms","#,
        r#""origin":{"system":"crm","id":"7","extra":true},"data":{"source":"web","utm_id":[0.10]}}"#
    );
    let log = Log::of_lines(&format!("{strange}\n{known}"));
    let exported = export(&log.store.0);
    for kept in [
        r#""x":{"deep":[1.10,18446744073709551617,{"a":1,"b":null}]}"#,
        r#""n":1e400"#,
        "+05:30",
        r#""v":7"#,
    ] {
        assert!(exported[0].contains(kept), "{kept} in {}", exported[0]);
    }
    for kept in [r#""utm_id":[0.10]"#, r#""extra":true"#, r#""precision":"ms""#, "09:00:00.250Z"] {
        assert!(exported[1].contains(kept), "{kept} in {}", exported[1]);
    }
    let copy = Blocking(leadfold::store::MemoryStore::new());
    import(&copy.0, &exported);
    assert_eq!(export(&copy.0), exported);
}
