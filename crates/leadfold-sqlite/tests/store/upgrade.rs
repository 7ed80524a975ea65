//! Files of older layouts.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use leadfold_core::event::{NewEvent, RecordedEvent};
use leadfold_core::{EventId, LOWERING, LeadIndex, Timestamp};
use leadfold_sqlite::{Options, SqliteStore};
use leadfold_store::adapter::{EventRow, Placed};
use leadfold_store::{
    Append, AppendError, Blocking, Checkpoint, Damaged, EventStore, MemoryStore, Outcome, Progress,
    Snapshot, StoreErrorKind, block_on,
};
use rusqlite::Connection;
use tempfile::TempDir;

use super::faults::open_sealed;
use crate::clauses::support::{append, captured, fill, renumbered};
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
    assert_eq!(version(&path), 7);
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
    sql(&path, "DROP TABLE run; DROP TABLE segment; DROP TABLE lowering; PRAGMA user_version = 2");
    let store = open_sealed(&path);
    assert_eq!(version(&path), 7);
    assert_eq!(store.sealed().expect("reads"), 288);
    assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
}

/// Versions 3 to 6 packed facts by lead in other layouts, whose first byte was 1 and then 2.
#[test]
fn files_of_versions_3_to_6_get_their_facts_by_lead_in_the_new_layout() {
    for (was, packed) in [(3, "x'01'"), (4, "x'02'"), (5, "x'02'"), (6, "x'02'")] {
        let (_directory, path) = filled_sealed();
        let store = open_sealed(&path);
        let expected = store.lead_facts(LeadIndex(0), 1..=288, 1_000).expect("reads");
        drop(store);
        sql(&path, &format!("UPDATE segment SET packed = {packed}; PRAGMA user_version = {was}"));
        let store = open_sealed(&path);
        assert_eq!((version(&path), store.sealed().expect("reads")), (7, 288), "of {was}");
        assert!(store.lead_facts(LeadIndex(0), 1..=288, 1_000).expect("reads") == expected);
        assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), [], "of {was}");
    }
}

/// It stays of its version, and is read in the order of the log.
#[test]
fn file_of_version_6_with_a_damaged_event_is_read_without_its_facts_by_lead() {
    let (_directory, path) = filled_sealed();
    let store = open_sealed(&path);
    let expected = store.facts(0, usize::MAX).expect("reads");
    drop(store);
    sql(&path, "UPDATE segment SET packed = x'02'; PRAGMA user_version = 6");
    sql(&path, "UPDATE event SET sequence = sequence + 9 WHERE position = 5");
    let store = open_sealed(&path);
    assert_eq!(version(&path), 6, "it stays as it is");
    assert_eq!((store.runs().expect("reads"), store.sealed().expect("reads")), (vec![], 0));
    assert!(store.facts(0, usize::MAX).expect("reads") == expected);
    let by_lead = store.lead_facts(LeadIndex(0), 1..=293, usize::MAX).expect("reads");
    assert_eq!(by_lead.event_count(), 293);
    let damages = store.verify(&mut |_, _| {}).expect("it can be read");
    assert_eq!((damages[0].what, damages[0].first, damages[0].last), (Damaged::Event, 5, 5));
    sql(&path, "UPDATE event SET sequence = sequence - 9 WHERE position = 5");
    block_on(store.0.rebuild_facts()).expect("it is mended");
    assert_eq!((version(&path), store.sealed().expect("reads")), (7, 288));
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
    assert_eq!(store.events(0, 4).expect("the ones before it read").len(), 4);
    let key = "17".parse().expect("a sound key");
    assert!(store.leads_by_key(&key).expect_err("nobody has checked that row").is_corrupt());
    let append = Append::new(vec![captured(1, "A", "x")], Timestamp::default());
    let Err(AppendError::Store(error)) = store.append(append) else { panic!("it takes no more") };
    assert!(error.is_corrupt(), "{error}");
    assert_eq!(store.head().expect("reads"), 9);
}

/// What an older leadfold might have left: facts that say nothing, derived in a way that is marked
/// as older than ours.
const DERIVED_OTHERWISE: &str = "DELETE FROM fact_page; DELETE FROM run; DELETE FROM segment; \
    DELETE FROM string; DELETE FROM link; UPDATE lowering SET version = version - 1";

/// With facts by lead up to event 288.
fn filled_sealed() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    fill(&open_sealed(&path).0);
    (directory, path)
}

fn filled() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    fill(&SqliteStore::open(&path).expect("a new file opens"));
    (directory, path)
}

/// Opens a file, and says what it told of a rebuild.
fn open_told(path: &Path) -> (SqliteStore, Vec<(u64, u64)>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let progress = Progress::to(move |done, of| telling.lock().expect("no panic").push((done, of)));
    let options = Options { progress, ..Options::default() };
    let store = SqliteStore::open_with(path, &options).expect("it opens");
    let told = told.lock().expect("no panic").clone();
    (store, told)
}

fn lowering(path: &Path) -> u32 {
    let file = Connection::open(path).expect("it is SQLite");
    file.query_row("SELECT version FROM lowering", [], |row| row.get(0)).expect("it is marked")
}

#[test]
fn facts_of_an_older_lowering_are_derived_anew() {
    let (_directory, path) = filled();
    let memory = MemoryStore::new();
    fill(&memory);
    sql(&path, DERIVED_OTHERWISE);
    let (store, told) = open_told(&path);
    assert_eq!(told, [(293, 293)]);
    assert_eq!(lowering(&path), LOWERING);
    assert_same(&memory, &store);
    drop(store);
    let (store, told) = open_told(&path);
    assert_eq!(told, [], "once is enough");
    assert_same(&memory, &store);
}

/// The mark is what tells: without it nobody would look.
#[test]
fn facts_that_are_not_marked_as_older_stay_and_are_damage() {
    let (_directory, path) = filled();
    sql(&path, DERIVED_OTHERWISE);
    sql(&path, "UPDATE lowering SET version = version + 1");
    let (store, told) = open_told(&path);
    assert_eq!(told, []);
    assert_ne!(block_on(store.verify(&mut |_, _| {})).expect("reads"), []);
}

#[test]
fn file_that_does_not_say_how_its_facts_were_derived_gets_new_ones() {
    let (_directory, path) = filled();
    sql(&path, "DELETE FROM lowering");
    assert_eq!(open_told(&path).1, [(293, 293)]);
    assert_eq!(lowering(&path), LOWERING);
}

/// Columns that version 3 had not.
const NEW_COLUMNS: [(&str, &str); 9] = [
    ("lead", "crc"),
    ("stream", "crc"),
    ("stream", "links"),
    ("string", "crc"),
    ("link", "crc"),
    ("early_correction", "crc"),
    ("recent_ids", "crc"),
    ("run", "crc"),
    ("run", "leads_end"),
];

#[test]
fn file_of_version_3_gets_its_checksums() {
    let (_directory, path) = filled();
    sql(&path, "DROP TABLE lowering; DROP TABLE total; PRAGMA user_version = 3");
    for (table, column) in NEW_COLUMNS {
        sql(&path, &format!("ALTER TABLE {table} DROP COLUMN {column}"));
    }
    let (store, told) = open_told(&path);
    assert_eq!(told, [(293, 293)]);
    assert_eq!((version(&path), lowering(&path)), (7, LOWERING));
    assert_eq!(block_on(store.verify(&mut |_, _| {})).expect("reads"), []);
}

/// There were several layouts of version 4, with some of these columns and without `total`.
#[test]
fn files_of_any_version_4_get_their_checksums() {
    for (table, column) in NEW_COLUMNS {
        let (_directory, path) = filled();
        sql(&path, &format!("ALTER TABLE {table} DROP COLUMN {column}"));
        sql(&path, "DROP TABLE total; CREATE TABLE name_count (x); PRAGMA user_version = 4");
        let (store, told) = open_told(&path);
        assert_eq!(told, [(293, 293)], "{table}.{column}");
        assert_eq!((version(&path), lowering(&path)), (7, LOWERING));
        assert_eq!(block_on(store.verify(&mut |_, _| {})).expect("reads"), []);
        sql(&path, "CREATE TABLE name_count (it INTEGER, was TEXT, dropped BLOB)");
    }
}

/// Version 5 had all but the place for snapshots.
#[test]
fn file_of_version_5_gets_a_place_for_snapshots() {
    let (_directory, path) = filled();
    sql(&path, "DROP TABLE snapshot; DROP TABLE snapshot_part; PRAGMA user_version = 5");
    let (store, told) = open_told(&path);
    assert_eq!(told, [(293, 293)]);
    assert_eq!((version(&path), lowering(&path)), (7, LOWERING));
    let parts = vec![vec![1, 2], vec![3]];
    let snapshot = Snapshot { key: vec![7], at: Checkpoint::default(), parts };
    assert!(block_on(store.keep_snapshot(snapshot)).expect("it is kept"));
    assert_eq!(block_on(store.verify(&mut |_, _| {})).expect("reads"), []);
    let memory = MemoryStore::new();
    fill(&memory);
    assert_same(&memory, &store);
}

/// It is derived as everything else is, and of another fold perhaps.
#[test]
fn rebuild_drops_the_snapshot() {
    let (_directory, path) = filled();
    let store = SqliteStore::open(&path).expect("it opens");
    assert!(block_on(store.keep_snapshot(Snapshot::default())).expect("it is kept"));
    block_on(store.rebuild_facts()).expect("it rebuilds");
    assert_eq!(block_on(store.snapshot()).expect("reads"), None);
}

#[test]
fn rebuild_is_whole_or_not_there() {
    let (_directory, path) = filled();
    sql(&path, DERIVED_OTHERWISE);
    sql(&path, "UPDATE event SET sequence = 9 WHERE position = 5");
    let (store, _) = open_told(&path);
    assert_eq!(lowering(&path), LOWERING - 1, "it stays as it is");
    assert!(block_on(store.rebuild_facts()).expect_err("an event is damaged").is_corrupt());
    assert_eq!(lowering(&path), LOWERING - 1);
}

/// Theirs and ours would stand beside each other, marked as theirs.
#[test]
fn facts_of_an_older_lowering_that_cannot_be_derived_anew_are_not_added_to() {
    let (_directory, path) = filled();
    sql(&path, "UPDATE lowering SET version = version - 1");
    sql(&path, "UPDATE event SET sequence = sequence + 9 WHERE position = 5");
    let store = Blocking(SqliteStore::open(&path).expect("it opens"));
    let append = || Append::new(vec![captured(90_001, "A", "x")], Timestamp::default());
    let Err(AppendError::Store(error)) = store.append(append()) else { panic!("it takes none") };
    assert!(error.is_corrupt(), "{error}");
    assert!(error.to_string().contains("verify the store"), "{error}");
    assert_eq!(store.events(5, usize::MAX).expect("those behind it read").len(), 288);
    sql(&path, "UPDATE event SET sequence = sequence - 9 WHERE position = 5");
    block_on(store.0.rebuild_facts()).expect("it is mended");
    assert_eq!(store.append(append()).expect("it takes events again").head, 294);
}

/// An open store, too: its facts would stand beside those of a newer leadfold.
#[test]
fn facts_of_a_newer_lowering_are_refused() {
    let (_directory, path) = filled();
    let store = Blocking(SqliteStore::open(&path).expect("it opens"));
    sql(&path, "UPDATE lowering SET version = version + 1");
    let append = || Append::new(vec![captured(90_001, "A", "x")], Timestamp::default());
    let error = store.append(append()).expect_err("a newer leadfold was here");
    assert!(error.to_string().contains("newer leadfold"), "{error}");
    assert_eq!(store.head().expect("reads"), 293);
    let error = SqliteStore::open(&path).expect_err("it is newer");
    assert_eq!(error.kind(), StoreErrorKind::Newer);
    sql(&path, "UPDATE lowering SET version = version - 1");
    assert_eq!(store.append(append()).expect("the same as before").head, 294);
}

/// A file in which `C`, and the leads behind it, have another number than today.
fn numbered_otherwise() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    append(&SqliteStore::open(&path).expect("a new file opens"), renumbered());
    let file = Connection::open(&path).expect("it is SQLite");
    let select = "SELECT position, sequence, previous, recorded_at, id, body, lead FROM event WHERE lead > 2";
    let mut select = file.prepare(select).expect("sql");
    let crcs = select.query_map([], |row| {
        let place = |n| row.get::<_, i64>(n).map(i64::cast_unsigned);
        let (position, sequence, previous) = (place(0)?, place(1)?, place(2)?);
        let lead = LeadIndex(row.get::<_, u32>(6)? + 1);
        let placed = Placed { position, lead, sequence, previous };
        let id = EventId(uuid::Uuid::from_bytes(row.get(4)?));
        let mut crc = crc32fast::Hasher::new();
        let at = Timestamp::from_micros(row.get(3)?);
        EventRow::feed(placed, at, id, &row.get::<_, String>(5)?, |bytes| crc.update(bytes));
        Ok((position, crc.finalize()))
    });
    let crcs: Vec<_> = crcs.and_then(Iterator::collect).expect("rows");
    assert!(crcs.len() > 19_990, "{}", crcs.len());
    let change = |(position, crc)| {
        format!("UPDATE event SET lead = lead + 1, crc = {crc} WHERE position = {position};")
    };
    let changes: String = crcs.into_iter().map(change).collect();
    sql(&path, &format!("BEGIN; {changes} COMMIT"));
    (directory, path)
}

/// Another lowering names other leads, so those that come behind them have other numbers.
#[test]
fn leads_that_an_older_lowering_numbered_otherwise_get_their_numbers() {
    let (_directory, path) = numbered_otherwise();
    sql(&path, "UPDATE lowering SET version = 1");
    let (store, _) = open_told(&path);
    assert_eq!(lowering(&path), LOWERING);
    let memory = MemoryStore::new();
    append(&memory, renumbered());
    assert_same(&memory, &store);
    append(&store, vec![captured(90_001, "C", "x")]);
    assert_eq!(block_on(store.verify(&mut |_, _| {})).expect("reads"), []);
}

/// The same number in a file of ours is that of an event that does not fit the ones before it.
#[test]
fn leads_of_this_lowering_keep_their_numbers() {
    let (_directory, path) = numbered_otherwise();
    let (store, _) = open_told(&path);
    assert!(block_on(store.rebuild_facts()).expect_err("an event is damaged").is_corrupt());
    assert_ne!(block_on(store.verify(&mut |_, _| {})).expect("reads"), []);
}

/// What an older leadfold has derived, in its way, is no damage: the event is.
#[test]
fn facts_of_an_older_lowering_are_not_compared_with_ours() {
    let directory = tempfile::tempdir().expect("a directory");
    let [path, other] = ["log.db", "other.db"].map(|name| directory.path().join(name));
    let [store, others] = [&path, &other].map(|path| SqliteStore::open(path).expect("it opens"));
    for n in 1..=12 {
        append(&store, vec![captured(n, "L", "x")]);
        append(&others, vec![captured(n, &format!("L{}", n % 2), "x")]);
    }
    drop([store, others]);
    let exchange = format!(
        "ATTACH '{}' AS other; DELETE FROM main.fact_page;
         INSERT INTO main.fact_page SELECT * FROM other.fact_page;
         UPDATE event SET crc = crc + 1 WHERE position = 12;
         UPDATE lowering SET version = version - 1",
        other.display()
    );
    sql(&path, &exchange);
    let store = Blocking(SqliteStore::open(&path).expect("it opens"));
    let damages = store.verify(&mut |_, _| {}).expect("it can be read");
    let found: Vec<_> = damages.iter().map(|damage| (damage.what, damage.first)).collect();
    assert_eq!(found, [(Damaged::Event, 12), (Damaged::Names, 0)], "{damages:?}");
}
