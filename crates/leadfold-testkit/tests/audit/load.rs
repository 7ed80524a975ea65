//! One log is the same log from a file, a store, a vector and a story.

use leadfold_core::audit::AuditCode::{DecisionMissing, Leaked};
use leadfold_core::event::NewEvent;
use leadfold_core::{Playbook, Timestamp};
use leadfold_store::{Append, Blocking, MemoryStore};
use leadfold_testkit::story::Story;
use leadfold_testkit::{Log, LogError, replay};

fn story() -> Story {
    let story = Story::new().at("2024-03-01T17:55:00Z").lead("L1").captured("webinar");
    story.qualified_mql().handed_off("ann").days(4).lead("L2").captured("fair")
}

fn lines(events: Vec<NewEvent>) -> Vec<u8> {
    let mut text = Vec::new();
    for event in events {
        event.write_line(&mut text).expect("a vector takes all");
        text.extend(b"\n\n");
    }
    text
}

fn check<S: leadfold_store::EventStore>(log: &Log<S>) {
    let audit = log.audit(&Playbook::default());
    audit.expect_only(&[(DecisionMissing, "L1"), (Leaked, "L1")]);
    assert_eq!(audit.findings()[0].ids[0], story().events()[2].id);
}

#[test]
fn a_log_is_the_same_from_wherever_it_comes() {
    check(&Log::of(story()).expect("a log"));
    check(&Log::of(story().events()).expect("a log"));
    check(&Log::read(&lines(story().events()), "march.ndjson").expect("a log"));
    let store = Blocking(MemoryStore::new());
    store.append(Append::new(story().events(), Timestamp::default())).expect("memory");
    check(&Log::of_store(&store.0));
}

#[test]
fn a_file_is_read() {
    let folder = std::env::temp_dir().join(format!("leadfold-testkit-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("march.ndjson");
    std::fs::write(&file, lines(story().events())).expect("a file");
    check(&replay(&file).expect("a log"));
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
}

#[test]
fn an_event_is_known_when_it_happens_unless_it_says_otherwise() {
    let text = br#"{"lead":"L1","type":"captured","occurred_at":"2024-03-01T17:55:00Z"}"#;
    let log = Log::read(text, "x").expect("a log");
    let events = log.events().expect("memory does not fail");
    assert_eq!(events[0].recorded_at, events[0].event.occurred_at.at);
    // Equal lines are different events, and get different ids, as in an import.
    let twice = [&text[..], text].join(&b'\n');
    assert_eq!(Log::read(&twice, "x").expect("a log").events().expect("memory").len(), 2);
}

#[test]
fn faults_name_the_file_and_the_line() {
    let error = |text: &str| {
        Log::read(text.as_bytes(), "march.ndjson").expect_err("it is wrong").to_string()
    };
    let good = r#"{"lead":"L1","type":"captured","occurred_at":"2024-03-01T17:55:00Z"}"#;
    let message = error(&format!("{good}\n\n{{\"lead\":\"L1\",\"type\":\"captured\"}}"));
    assert!(message.starts_with("march.ndjson, line 3: expected"), "{message}");
    let missing = replay("no/such.ndjson").expect_err("it is wrong");
    let message = missing.to_string();
    assert!(message.starts_with("cannot read no/such.ndjson: expected a file"), "{message}");
    assert!(matches!(missing, LogError::Read { .. }));
}

#[test]
fn two_events_of_one_id_are_no_log() {
    let mut events = story().events();
    events[1].id = events[0].id;
    assert!(matches!(Log::of(events).expect_err("it is wrong"), LogError::Append(_)));
}
