//! Rows that are gone or say something else, in a file that goes on: damage is told as what it is,
//! stays where it is, and keeps nothing out that it does not concern.

use std::path::{Path, PathBuf};

use leadfold_core::event::NewEvent;
use leadfold_sqlite::SqliteStore;
use leadfold_store::{Append, AppendError, Blocking, Damaged, StoreErrorKind, block_on};
use rusqlite::Connection;
use tempfile::TempDir;

use super::faults::open_sealed;
use crate::clauses::support::{NOW, append, captured, corrected, cost, duplicate, retracted};

type Store = Blocking<SqliteStore>;

/// A file with these events, each appended alone.
fn file(events: impl IntoIterator<Item = NewEvent>) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    append_singly(&open(&path), events);
    (directory, path)
}

fn open(path: &Path) -> Store {
    Blocking(SqliteStore::open(path).expect("the file opens"))
}

fn append_singly(store: &Store, events: impl IntoIterator<Item = NewEvent>) {
    events.into_iter().for_each(|event| drop(append(&store.0, vec![event])));
}

fn sql(path: &Path, sql: &str) {
    let changed = Connection::open(path).and_then(|file| file.execute(sql, []));
    assert_ne!(changed.expect("the statement runs"), 0, "{sql}");
}

fn damages(store: &Store) -> Vec<(Damaged, u64, u64)> {
    let damages = store.verify(&mut |_, _| {}).expect("it can be read");
    damages.iter().map(|damage| (damage.what, damage.first, damage.last)).collect()
}

/// An event of one lead, of another, or of none.
fn event(n: u64) -> NewEvent {
    match n % 3 {
        0 => cost(n),
        of => captured(n, &format!("L{of}"), "x"),
    }
}

/// An event of as many facts as any other of these.
fn touch(n: u64) -> NewEvent {
    captured(n, "L", "x")
}

/// The page of facts that is merged with those that come is not taken for one that covers it.
#[test]
fn page_of_facts_that_is_gone_stays_gone_until_a_rebuild() {
    let (_directory, path) = file((1..=3).map(touch));
    sql(&path, "DELETE FROM fact_page WHERE first = 3");
    let store = open(&path);
    append_singly(&store, (4..=40).map(touch));
    assert_eq!(damages(&store), [(Damaged::Facts, 3, 3)]);
    assert!(store.facts(0, usize::MAX).expect_err("a page is gone").is_corrupt());
    block_on(store.0.rebuild_facts()).expect("it rebuilds");
    assert_eq!(damages(&store), []);
}

#[test]
fn damaged_page_of_facts_keeps_no_event_out() {
    let (_directory, path) = file((1..=3).map(touch));
    sql(&path, "UPDATE fact_page SET facts = zeroblob(length(facts)) WHERE first = 3");
    let store = open(&path);
    append_singly(&store, (4..=40).map(touch));
    assert_eq!(damages(&store), [(Damaged::Facts, 3, 3)]);
    block_on(store.0.rebuild_facts()).expect("it rebuilds");
    assert_eq!(damages(&store), []);
}

/// What `verify` finds in a log of 60 events after a statement.
fn damages_after(statement: &str) -> Vec<(Damaged, u64, u64)> {
    let (_directory, path) = file([]);
    append(&open(&path).0, (1..=60).map(event).collect());
    sql(&path, statement);
    damages(&open(&path))
}

/// The events behind it, and the stream that it ends, are sound.
#[test]
fn one_damaged_event_is_one_damage() {
    for position in [1, 2, 3, 31, 32, 33, 58, 59, 60] {
        for change in [
            "body = replace(body, 'default', 'else')",
            "sequence = sequence + 7",
            "previous = previous + 1",
            "lead = 1",
            "lead = NULL",
            "lead = 1000",
            "id = zeroblob(16)",
            "crc = crc + 1",
        ] {
            let statement =
                format!("UPDATE event SET {change}, recorded_at = 0 WHERE position = {position}");
            let expected = [(Damaged::Event, position, position)];
            assert_eq!(damages_after(&statement), expected, "{statement}");
        }
        // The id of an event that is gone is one too many.
        let gone = format!("DELETE FROM event WHERE position = {position}");
        let expected = [(Damaged::Event, position, position), (Damaged::Ids, 0, 0)];
        assert_eq!(damages_after(&gone), expected, "{gone}");
    }
}

/// Nothing says that the log was longer but what is derived: to make that anew would be the end of
/// it.
#[test]
fn last_events_that_are_gone_are_told() {
    for (statement, first) in [
        ("DELETE FROM event WHERE position > 55", 56),
        ("DELETE FROM event WHERE position > 1", 2),
        ("DELETE FROM event", 1),
    ] {
        let expected = [(Damaged::Event, first, 60), (Damaged::Ids, 0, 0)];
        assert_eq!(damages_after(statement), expected, "{statement}");
    }
    // Also where each has a page of facts of its own, and where facts are kept by lead.
    let (_directory, path) = file([]);
    let store = open_sealed(&path);
    append_singly(&store, (1..=32).map(touch));
    sql(&path, "DELETE FROM event WHERE position > 30");
    assert_eq!(damages(&store), [(Damaged::Event, 31, 32), (Damaged::Ids, 0, 0)]);
}

/// Neither are those that correct it, nor those that it has corrected.
#[test]
fn one_damaged_event_among_corrections_is_one_damage() {
    for position in 1..=12 {
        for change in ["SET crc = crc + 1", "SET id = zeroblob(16)", "SET lead = NULL, crc = 0"] {
            let change = format!("UPDATE event {change} WHERE position = {position}");
            assert_eq!(damages_of_corrected(&change), [(Damaged::Event, position, position)]);
        }
        let gone = format!("DELETE FROM event WHERE position = {position}");
        let expected = [(Damaged::Event, position, position), (Damaged::Ids, 0, 0)];
        assert_eq!(damages_of_corrected(&gone), expected, "{gone}");
    }
}

/// What is found whether the facts are on one page or on several.
fn damages_of_corrected(statement: &str) -> Vec<(Damaged, u64, u64)> {
    let found = [corrected().len(), 1].map(|events| {
        let (_directory, path) = file([]);
        let store = open(&path);
        corrected().chunks(events).for_each(|chunk| drop(append(&store.0, chunk.to_vec())));
        sql(&path, statement);
        damages(&store)
    });
    assert_eq!(found[0], found[1], "{statement}");
    found.into_iter().next_back().expect("there are two")
}

/// Events name the row, and are sound.
#[test]
fn lead_that_is_gone_is_no_damage_of_events() {
    for statement in
        ["DELETE FROM lead WHERE lead = 0", "DELETE FROM lead WHERE lead = 1", "DELETE FROM lead"]
    {
        let found = damages_after(statement);
        assert!(!found.is_empty(), "{statement}");
        assert!(found.iter().all(|damage| damage.0 == Damaged::Names), "{statement}: {found:?}");
    }
}

#[test]
fn id_of_an_event_that_is_gone_is_told_as_damage() {
    let (_directory, path) = file((1..=5).map(event));
    sql(&path, "DELETE FROM event WHERE position = 2");
    let store = open(&path);
    let kind = |position| store.event_ids(&[position]).expect_err("it is not there").kind();
    assert_eq!(kind(2), StoreErrorKind::Corrupt);
    assert_eq!([0, 6, u64::MAX].map(kind), [StoreErrorKind::NotFound; 3]);
}

/// Without it nobody can say what the event means now, or what is corrected.
#[test]
fn correction_or_target_that_is_gone_is_damage_to_who_needs_it() {
    let before = [captured(1, "L1", "x"), retracted(2, "L1", 9), captured(3, "L2", "x")];
    let (_directory, path) = file(before);
    sql(&path, "DELETE FROM event WHERE position < 3");
    let store = open(&path);
    for event in [captured(9, "L1", "x"), retracted(10, "L1", 1)] {
        let error = store.append(Append::new(vec![event], NOW)).expect_err("a row is gone");
        assert!(matches!(&error, AppendError::Store(error) if error.is_corrupt()), "{error}");
    }
    append_singly(&store, [captured(4, "L2", "x")]);
    assert_eq!(damages(&store), [(Damaged::Event, 1, 2), (Damaged::Ids, 0, 0)]);
}

/// Nothing in the list itself says that it began earlier.
#[test]
fn event_whose_waiting_id_is_gone_is_not_taken_in_twice() {
    for statement in ["DELETE FROM recent_ids WHERE first = 1", "DELETE FROM recent_ids"] {
        let (_directory, path) = file((1..=3).map(event));
        sql(&path, statement);
        let store = open(&path);
        let error = store.append(Append::new(vec![event(1)], NOW)).expect_err("it cannot tell");
        assert!(
            matches!(&error, AppendError::Store(error) if error.is_corrupt()),
            "{statement}: {error}"
        );
        block_on(store.0.rebuild_facts()).expect("it rebuilds");
        let again = store.append(Append::new(vec![event(1)], NOW)).expect("it is known");
        assert_eq!(again.outcomes, [duplicate(1, 1)], "{statement}");
    }
}
