//! Files of older layouts.

use std::path::{Path, PathBuf};

use leadfold_core::event::{NewEvent, RecordedEvent};
use leadfold_core::{LeadIndex, Timestamp};
use leadfold_sqlite::{Options, SqliteStore};
use leadfold_store::{Append, Blocking, Damaged, MemoryStore, Outcome};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::clauses::support::{captured, fill};
use crate::same::assert_same;

fn version_1() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    sql(&path, include_str!("version_1.sql"));
    (directory, path)
}

fn sql(path: &Path, sql: &str) {
    Connection::open(path).and_then(|file| file.execute_batch(sql)).expect("the statements run");
}

fn version(path: &Path) -> u32 {
    let file = Connection::open(path).expect("it is SQLite");
    file.pragma_query_value(None, "user_version", |row| row.get(0)).expect("it has a version")
}

fn again(event: RecordedEvent) -> NewEvent {
    let RecordedEvent { id, recorded_at, event, .. } = event;
    NewEvent { id, recorded_at: Some(recorded_at), event }
}

#[test]
fn file_of_version_1_becomes_what_its_events_make_today() {
    let (_directory, path) = version_1();
    let store = Blocking(SqliteStore::open(&path).expect("it opens"));
    assert_eq!(version(&path), 4);
    let plan = "EXPLAIN QUERY PLAN SELECT lead FROM lead WHERE key = '17'";
    let file = Connection::open(&path).expect("it is SQLite");
    let plan: String = file.query_row(plan, [], |row| row.get(3)).expect("there is a plan");
    assert!(plan.contains("lead_key"), "{plan}");
    let events = store.events(0, usize::MAX).expect("reads");
    assert_eq!(events.len(), 9);
    let memory = MemoryStore::new();
    let events: Vec<_> = events.into_iter().map(again).collect();
    Blocking(&memory).append(Append::new(events.clone(), Timestamp::default())).expect("sound");
    assert_same(&memory, &store.0);

    let known = store.append(Append::new(events, Timestamp::default())).expect("all are known");
    assert!(known.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Duplicate { .. })));
    drop(store);
    assert_same(&memory, &SqliteStore::open(&path).expect("it opens again"));
}

/// What version 2 had not is only derived: without it a file is one of version 2.
#[test]
fn file_of_version_2_gets_its_facts_by_lead() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    fill(&SqliteStore::open(&path).expect("a new file opens"));
    sql(&path, "DROP TABLE run; DROP TABLE segment; PRAGMA user_version = 2");
    let options = Options { seal_events: 16, ..Options::default() };
    let store = Blocking(SqliteStore::open_with(&path, &options).expect("it opens"));
    assert_eq!(version(&path), 4);
    assert_eq!(store.sealed().expect("reads"), 288);
    assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
}

/// Version 3 packed facts by lead in another layout, whose first byte was 1.
#[test]
fn file_of_version_3_gets_its_facts_by_lead_in_the_new_layout() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    let options = Options { seal_events: 16, ..Options::default() };
    let open = || Blocking(SqliteStore::open_with(&path, &options).expect("it opens"));
    let store = open();
    fill(&store.0);
    let expected = store.lead_facts(LeadIndex(0), 1..=288, 1_000).expect("reads");
    drop(store);
    sql(&path, "UPDATE segment SET packed = x'01'; PRAGMA user_version = 3");
    let store = open();
    assert_eq!((version(&path), store.sealed().expect("reads")), (4, 288));
    assert!(store.lead_facts(LeadIndex(0), 1..=288, 1_000).expect("reads") == expected);
    assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
}

#[test]
fn file_of_version_1_with_a_damaged_event_opens_and_says_so() {
    let (_directory, path) = version_1();
    sql(&path, "UPDATE event SET sequence = 9 WHERE position = 5");
    let store = Blocking(SqliteStore::open(&path).expect("it opens"));
    assert_eq!(version(&path), 1, "it stays as it is");
    let damages = store.verify(&mut |_, _| {}).expect("it can be read");
    assert_eq!((damages[0].what, damages[0].first, damages[0].last), (Damaged::Event, 5, 5));
    let key = "17".parse().expect("a sound key");
    assert_eq!(store.leads_by_key(&key).expect("reads without the index").len(), 2);
    let append = Append::new(vec![captured(1, "A", "x")], Timestamp::default());
    assert_eq!(store.append(append).expect("it takes more").head, 10);
}
