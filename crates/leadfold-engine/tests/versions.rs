//! Published playbooks in a store, in memory and in SQLite: which one is in force, and which one
//! a reading gets.

use leadfold_core::event::{EventLine, NewEvent};
use leadfold_core::{Bounds, Playbook, Timestamp};
use leadfold_engine::{in_force, resolve, versions};
use leadfold_sqlite::SqliteStore;
use leadfold_store::{Append, Blocking, EventStore, MemoryStore, block_on};

/// The parts of a line that a test is about: when, when known, and what.
type Line<'a> = (&'a str, &'a str, &'a str);

fn time(hour: &str) -> Timestamp {
    format!("2024-03-01T{hour}:00:00Z").parse().expect("a time")
}

fn event(number: usize, (at, known, rest): Line<'_>) -> NewEvent {
    let line = format!(
        r#"{{"id":"{}","occurred_at":"2024-03-01T{at}:00:00Z","recorded_at":"2024-03-01T{known}:00:00Z",{rest}}}"#,
        id(number)
    );
    EventLine::parse(line.as_bytes()).expect("a sound line").identify(|_| 0)
}

fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn published(version: &str) -> String {
    format!(r#""type":"playbook_published","data":{{"playbook":{{"version":"{version}"}}}}"#)
}

fn retracted(target: usize) -> String {
    let target = id(target);
    format!(
        r#""type":"corrected","data":{{"target":"{target}","action":"retract","reason":"wrong"}}"#
    )
}

fn replaced(target: usize, data: &str) -> String {
    let target = id(target);
    format!(
        r#""type":"corrected","data":{{"target":"{target}","action":"replace","reason":"wrong","data":{data}}}"#
    )
}

/// The version in force at an hour, as known at another.
fn version(store: &impl EventStore, at: &str, known_at: Option<&str>) -> Option<String> {
    let bounds = Bounds { as_of: Some(time(at)), known_at: known_at.map(time) };
    let found = block_on(in_force(store, bounds)).expect("the store reads");
    found.map(|published| published.playbook.version)
}

/// Runs a check on a log in each kind of store. Every event is an append of its own.
fn on_each_store(lines: &[Line<'_>], check: impl Fn(&dyn EventStore)) {
    let directory = tempfile::tempdir().expect("a directory");
    let sqlite = SqliteStore::open(directory.path().join("log.db")).expect("a new file opens");
    let stores: [Box<dyn EventStore>; 2] = [Box::new(MemoryStore::new()), Box::new(sqlite)];
    for store in stores {
        for (number, line) in lines.iter().enumerate() {
            let append = Append::new(vec![event(number + 1, *line)], Timestamp::default());
            block_on(store.append(append)).expect("it goes in");
        }
        check(&*store);
        assert_eq!(Blocking(&*store).verify(&mut |_, _| ()).expect("it reads"), []);
    }
}

/// The version in force at an hour, known at an hour, is as expected.
type Expected<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

fn check(lines: &[Line<'_>], expected: &[Expected<'_>]) {
    on_each_store(lines, |store| {
        for (at, known_at, expected) in expected {
            let found = version(&store, at, *known_at);
            assert_eq!(found.as_deref(), *expected, "at {at}, known at {known_at:?}");
        }
    });
}

#[test]
fn the_last_by_time_is_in_force_and_of_a_tie_the_last_by_position() {
    let [one, two, three] = ["1", "2", "3"].map(published);
    let log = [("06", "06", &*one), ("12", "06", &two), ("12", "06", &three)];
    let expected = [
        ("05", None, None),
        ("06", None, Some("1")),
        ("11", None, Some("1")),
        ("12", None, Some("3")),
        ("23", None, Some("3")),
    ];
    check(&log, &expected);
}

#[test]
fn a_late_publication_is_in_force_from_its_time_for_those_who_know_it() {
    let [one, two] = ["1", "2"].map(published);
    let log = [("12", "12", &*one), ("06", "18", &two)];
    let expected = [
        ("06", Some("17"), None),
        ("06", Some("18"), Some("2")),
        ("12", None, Some("1")),
        ("11", None, Some("2")),
    ];
    check(&log, &expected);
}

#[test]
fn corrections_count_as_for_any_event() {
    let [one, two] = ["1", "2"].map(published);
    let better = replaced(2, r#"{"playbook":{"version":"2.1"}}"#);
    let unreadable = replaced(2, r#"{"playbook":{"verison":"2.2"}}"#);
    let (gone, not_gone) = (retracted(2), retracted(5));
    let log = [
        ("06", "06", &*one),
        ("08", "08", &two),
        ("10", "10", &better),
        ("11", "11", &unreadable),
        ("12", "12", &gone),
        ("14", "14", &not_gone),
    ];
    let expected = [
        ("09", Some("09"), Some("2")),
        ("09", Some("10"), Some("2.1")),
        ("09", Some("11"), Some("2.1")),
        ("09", Some("12"), Some("1")),
        ("09", Some("14"), Some("2.1")),
        ("07", None, Some("1")),
    ];
    check(&log, &expected);
}

#[test]
fn a_correction_may_come_before_its_publication() {
    let [one, two] = ["1", "2"].map(published);
    let better = replaced(3, r#"{"playbook":{"version":"1.1"}}"#);
    let gone = retracted(4);
    let log = [("06", "06", &*better), ("06", "06", &gone), ("06", "06", &one), ("08", "08", &two)];
    check(&log, &[("07", None, Some("1.1")), ("09", None, Some("1.1"))]);
}

#[test]
fn a_given_playbook_wins_and_without_any_it_is_the_default_one() {
    let one = published("1.0");
    let at = |hour| Bounds { as_of: Some(time(hour)), known_at: None };
    on_each_store(&[("06", "06", &one)], |store| {
        let strict = Playbook { version: "strict".into(), ..Playbook::default() };
        let find = |given, bounds| block_on(resolve(&store, given, bounds)).expect("it reads");
        let found = find(Some(strict.clone()), at("07"));
        assert_eq!((found.playbook, found.publication), (strict, None));
        let found = find(None, at("05"));
        assert_eq!((found.playbook, found.publication), (Playbook::default(), None));
        let found = find(None, at("07"));
        assert_eq!(found.playbook.version, "1.0");
        assert_eq!(found.publication.map(|publication| publication.position), Some(1));
    });
}

/// Without an as-of it is the log's last event that counts, and a publication is none.
#[test]
fn without_an_as_of_the_last_event_says_which_version() {
    let [one, two, three] = ["1", "2", "3"].map(published);
    let touched = r#""lead":"L1","type":"touched","data":{"side":"sales"}"#;
    let log = [
        ("12", "12", touched),
        ("06", "13", &*one),
        ("10", "13", &two),
        ("20", "13", &three),
        ("08", "14", touched),
    ];
    on_each_store(&log, |store| {
        let version = |known_at: Option<&str>| {
            let bounds = Bounds { as_of: None, known_at: known_at.map(time) };
            let found = block_on(in_force(&store, bounds)).expect("it reads");
            found.map(|published| published.playbook.version)
        };
        assert_eq!(version(None).as_deref(), Some("2"));
        assert_eq!(version(Some("12")), None);
        assert_eq!(block_on(versions(&store, None)).expect("it reads").all().len(), 3);
    });
    let alone = [("20", "13", &*three)];
    on_each_store(&alone, |store| {
        let found = block_on(in_force(&store, Bounds::default())).expect("it reads");
        assert!(found.is_some(), "a log of nothing but rules is read under them");
    });
}
