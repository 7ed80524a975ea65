//! Rows of the derived tables that say something else, or are gone, in a file that is sound to
//! SQLite: no answer changes, `verify` tells, and rebuilding what is derived mends it.

use std::path::{Path, PathBuf};

use leadfold_store::block_on;
use rusqlite::Connection;

use crate::flips::{Counts, Sound, open, snapshot, verify};

/// Columns of each such table, and rows that are missing where it begins and ends.
const CHANGES: [&str; 56] = [
    "UPDATE lead SET lead = 1000 WHERE lead = 0",
    "UPDATE lead SET id = zeroblob(16) WHERE lead = 0",
    "UPDATE lead SET key = key || '0' WHERE lead = 0",
    "UPDATE lead SET crc = crc + 1 WHERE lead = 0",
    "DELETE FROM lead WHERE lead = 0",
    "DELETE FROM lead WHERE lead = (SELECT max(lead) FROM lead)",
    "DELETE FROM lead",
    "UPDATE stream SET lead = 1000 WHERE lead = 0",
    "UPDATE stream SET events = events - 1 WHERE lead = 0",
    "UPDATE stream SET last = (SELECT previous FROM event WHERE position = last) WHERE lead = 0",
    "UPDATE stream SET links = links + 1 WHERE lead = 0",
    "UPDATE stream SET events = 0, last = 0, links = 0 WHERE lead = 0",
    "UPDATE stream SET events = 0, last = 0 WHERE lead = 4294967295",
    "DELETE FROM stream WHERE lead = 0",
    "DELETE FROM stream WHERE lead = 4294967295",
    "DELETE FROM stream",
    "UPDATE string SET code = 1000 WHERE code = 1",
    "UPDATE string SET text = text || '0' WHERE code = 1",
    "DELETE FROM string WHERE code = 1",
    "DELETE FROM string WHERE code = (SELECT max(code) FROM string)",
    "DELETE FROM string",
    "UPDATE total SET leads = leads - 1",
    "UPDATE total SET strings = strings + 1",
    "UPDATE total SET links = links - 1",
    "UPDATE total SET log = 2",
    "DELETE FROM total",
    "UPDATE link SET lead = 1000 WHERE lead = (SELECT max(lead) FROM link)",
    "UPDATE link SET other = 1000 WHERE lead = (SELECT max(lead) FROM link)",
    "DELETE FROM link WHERE lead = (SELECT max(lead) FROM link)",
    "DELETE FROM link",
    "UPDATE early_correction SET target = zeroblob(16) WHERE position = (SELECT max(position) \
     FROM early_correction)",
    "UPDATE early_correction SET lead = 1000",
    "DELETE FROM early_correction",
    "UPDATE recent_ids SET ids = substr(ids, 2) WHERE first = 1",
    "DELETE FROM recent_ids WHERE first = (SELECT max(first) FROM recent_ids)",
    "DELETE FROM recent_ids WHERE first = 1",
    "DELETE FROM recent_ids",
    "UPDATE run SET run = 1000 WHERE first = (SELECT max(first) FROM run)",
    "UPDATE run SET last = last + 1 WHERE first = (SELECT max(first) FROM run)",
    "UPDATE run SET level = level + 1 WHERE first = 1",
    "DELETE FROM run WHERE first = 1",
    "DELETE FROM run WHERE first = (SELECT max(first) FROM run)",
    "DELETE FROM run",
    "UPDATE segment SET last_lead = last_lead - 1 WHERE segment = 1",
    "DELETE FROM segment WHERE segment = (SELECT min(segment) FROM segment)",
    "DELETE FROM segment WHERE segment = (SELECT max(segment) FROM segment)",
    "UPDATE snapshot SET number = number + 1",
    "UPDATE snapshot SET key = zeroblob(3)",
    "UPDATE snapshot SET position = position + 1",
    "UPDATE snapshot SET event = NULL",
    "UPDATE snapshot SET parts = parts - 1",
    "DELETE FROM snapshot",
    "UPDATE snapshot_part SET bytes = zeroblob(length(bytes)) WHERE part = 1",
    "UPDATE snapshot_part SET bytes = substr(bytes, 2) WHERE part = 2",
    "UPDATE snapshot_part SET part = 9 WHERE part = 1",
    "DELETE FROM snapshot_part WHERE part = 2",
];

fn change(sound: &Sound, statement: &str) -> PathBuf {
    let path = sound.changed(&std::fs::read(&sound.path).expect("reads"));
    let changed = Connection::open(&path).and_then(|file| file.execute(statement, []));
    assert_ne!(changed.expect("the statement runs"), 0, "{statement}");
    path
}

fn mend(path: &Path, statement: &str) {
    let store = open(path).expect("it opens");
    block_on(store.0.rebuild_facts()).expect("it rebuilds");
    // What is derived by the engine is not derived anew by the store.
    assert_eq!(store.snapshot().expect("it reads"), None, "{statement}");
    assert!(store.keep_snapshot(snapshot()).expect("it is kept"), "there is a place for it");
    assert_eq!(verify(&store).expect("it reads"), [], "{statement}");
}

#[test]
fn changed_rows_are_detected_never_served_and_mended() {
    let sound = Sound::new();
    let mut counts = Counts::default();
    for statement in CHANGES {
        let path = change(&sound, statement);
        counts.look(&sound, &path, statement, verify);
        mend(&path, statement);
        let mut mended = Counts::default();
        mended.look(&sound, &path, statement, verify);
        assert_eq!((mended.unchanged, mended.files), (1, 1), "{statement}: {mended:?}");
    }
    println!("changed rows: {counts:?}");
    counts.assert_clean();
    assert_eq!(counts.detected, counts.files);
    assert!(counts.told > counts.files / 2, "reads tell most of them, before anybody verifies");
}

/// As if no read looked at the checksum: it is made to fit what the row says now.
#[test]
fn rows_that_nobody_checks_are_caught() {
    let sound = Sound::new();
    let text = "source that nobody wrote";
    let crc = crc32fast::hash(format!("string\u{1}\0\0\0{text}").as_bytes());
    let path =
        change(&sound, &format!("UPDATE string SET text = '{text}', crc = {crc} WHERE code = 1"));
    let mut counts = Counts::default();
    counts.look(&sound, &path, "a string", verify);
    assert!(counts.served.contains(&"a string: strings".to_owned()), "{counts:?}");
}
