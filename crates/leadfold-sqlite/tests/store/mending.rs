//! Rows that are gone or say something else, in a file that goes on: damage is told as what it is,
//! stays where it is, and keeps nothing out that it does not concern.

use std::path::{Path, PathBuf};

use leadfold_core::event::NewEvent;
use leadfold_sqlite::SqliteStore;
use leadfold_store::{Append, AppendError, Blocking, Damaged, StoreErrorKind, block_on};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::clauses::support::{NOW, append, captured, cost, duplicate};

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
