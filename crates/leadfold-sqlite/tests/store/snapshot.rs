//! A snapshot in a file, and a view that begins with it: whatever becomes of its bytes, the tables
//! are those of the log.

use std::path::{Path, PathBuf};

use leadfold_core::{Bounds, Playbook, Timestamp};
use leadfold_engine::{Distrust, Restored, Sample, View, replay};
use leadfold_sqlite::SqliteStore;
use leadfold_store::{Append, EventStore, block_on};
use leadfold_testkit::simulate::Simulation;
use rusqlite::Connection;
use tempfile::TempDir;

fn append(store: &SqliteStore, skip: usize, events: usize) {
    let events = Simulation::new(8, 120).events().skip(skip).take(events).collect();
    block_on(store.append(Append::new(events, Timestamp::from_micros(0)))).expect("it is valid");
}

/// A file with a snapshot, and some events behind it.
fn kept() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    let store = SqliteStore::open(&path).expect("a new file opens");
    append(&store, 0, 400);
    let mut view = View::new(&store, Playbook::default(), Bounds::default());
    block_on(view.catch_up(|_, _| {})).expect("it reads");
    assert!(block_on(view.keep_snapshot()).expect("it is kept"));
    append(&store, 400, 50);
    (directory, path)
}

fn whole(store: &SqliteStore) -> Vec<u8> {
    let tables = block_on(replay(store, Playbook::default(), Bounds::default(), |_, _| {}));
    tables.expect("it reads").encode()
}

#[track_caller]
fn restored(store: &SqliteStore, sample: Sample, whole: &[u8]) -> Restored {
    let mut view = View::new(store, Playbook::default(), Bounds::default());
    let restored = block_on(view.restore(sample)).expect("it reads");
    block_on(view.catch_up(|_, _| {})).expect("it reads");
    assert!(view.tables().expect("current").encode() == whole, "other tables");
    restored
}

#[test]
fn view_begins_with_the_snapshot_of_a_file() {
    let (_directory, path) = kept();
    let store = SqliteStore::open(&path).expect("it opens");
    let whole = whole(&store);
    for sample in [Sample::default(), Sample::ALL, Sample::NONE] {
        let restored = restored(&store, sample, &whole);
        assert!(matches!(restored, Restored::From { position } if position < 450), "{restored:?}");
    }
}

fn parts(path: &Path) -> Vec<Vec<u8>> {
    let file = Connection::open(path).expect("it is SQLite");
    let sql = "SELECT bytes FROM snapshot_part ORDER BY part";
    let mut select = file.prepare(sql).expect("the statement is sound");
    let parts = select.query_map([], |row| row.get(0)).expect("it reads");
    parts.collect::<Result<_, _>>().expect("it reads")
}

/// Bits that flip and parts that are cut, in a file that SQLite finds sound: at every 29th byte.
#[test]
fn changed_parts_are_refused_and_the_tables_are_those_of_the_log() {
    let (_directory, path) = kept();
    let store = SqliteStore::open(&path).expect("it opens");
    let whole = whole(&store);
    let file = Connection::open(&path).expect("it is SQLite");
    let mut change = file.prepare("UPDATE snapshot_part SET bytes = ?1 WHERE part = ?2");
    let change = change.as_mut().expect("the statement is sound");
    for (part, bytes) in (0_u32..).zip(parts(&path)) {
        for at in (0..bytes.len()).step_by(29) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            for changed in [&flipped[..], &bytes[..at]] {
                change.execute((changed, part)).expect("it runs");
                let found = restored(&store, Sample::NONE, &whole);
                let is_told = matches!(found, Restored::Refused(Distrust::Damaged(_)));
                assert!(is_told, "part {part}, byte {at}: {found:?}");
            }
        }
        change.execute((&bytes, part)).expect("it runs");
    }
    let found = restored(&store, Sample::ALL, &whole);
    assert!(matches!(found, Restored::From { .. }), "{found:?}");
}
