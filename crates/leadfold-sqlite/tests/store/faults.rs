//! What happens when files are foreign, full or damaged. Where processes die and media fail is in
//! `tests/faults.rs`.

use std::path::{Path, PathBuf};

use leadfold_core::Timestamp;
use leadfold_core::event::NewEvent;
use leadfold_sqlite::{Options, SqliteStore};
use leadfold_store::{
    Append, AppendError, Blocking, Damaged, StoreError, StoreErrorKind, block_on,
};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::clauses;

/// Keeps ids apart from those of the events that are there.
const OTHER_IDS: u64 = 1 << 40;

fn file() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    (directory, path)
}

fn filled() -> (TempDir, PathBuf) {
    let (directory, path) = file();
    clauses::support::fill(&SqliteStore::open(&path).expect("a new file opens"));
    (directory, path)
}

fn sql(path: &Path, sql: &str) {
    Connection::open(path).and_then(|file| file.execute_batch(sql)).expect("the statement runs");
}

fn batch(first_id: u64, size: u64) -> Append {
    let captured =
        "\"type\":\"captured\",\"data\":{\"source\":\"ads\",\"campaign\":\"a long name\"}";
    let event = |n: u64| clauses::support::event(first_id + n, &format!("L{}", n % 50), captured);
    Append::new((0..size).map(event).collect::<Vec<NewEvent>>(), Timestamp::from_micros(0))
}

fn open_error(path: &Path) -> StoreError {
    SqliteStore::open(path).expect_err("the file must be refused")
}

#[test]
fn newer_file_is_refused() {
    let (_directory, path) = filled();
    sql(&path, "PRAGMA user_version = 8");
    let error = open_error(&path);
    assert_eq!(error.kind(), StoreErrorKind::Newer);
    assert_eq!(
        error.to_string(),
        "expected a store of version 7 or older, found version 8: open it with a newer leadfold"
    );
}

#[test]
fn foreign_files_are_refused_and_left_alone() {
    let (_directory, path) = file();
    sql(&path, "CREATE TABLE theirs (x); PRAGMA application_id = 7");
    assert_eq!(open_error(&path).kind(), StoreErrorKind::Foreign);
    let before = std::fs::read(&path).expect("reads");
    assert_eq!(open_error(&path).kind(), StoreErrorKind::Foreign);
    assert_eq!(std::fs::read(&path).expect("reads"), before);
}

/// SQLite keeps the log beside the file, not beside the link.
#[cfg(unix)]
#[test]
fn damaged_log_of_a_linked_file_is_refused() {
    let (directory, path) = file();
    let store = Blocking(SqliteStore::open(&path).expect("a new file opens"));
    (0..3).for_each(|n| drop(store.append(batch(n, 1)).expect("it takes events")));
    let copy = directory.path().join("copy.db");
    std::fs::copy(&path, &copy).expect("copies");
    let mut log = std::fs::read(path.with_extension("db-wal")).expect("it is open");
    log[32 + 24 + 100] ^= 1;
    std::fs::write(copy.with_extension("db-wal"), log).expect("writes");
    let elsewhere = tempfile::tempdir().expect("a directory");
    let link = elsewhere.path().join("link.db");
    std::os::unix::fs::symlink(&copy, &link).expect("links");
    let error = open_error(&link);
    assert!(error.to_string().contains("copy.db-wal damaged in the middle"), "{error}");
}

/// Their length says nothing about ours.
#[test]
fn foreign_files_with_smaller_pages_are_refused_as_foreign() {
    for pages in 2..8 {
        let (_directory, path) = file();
        let setup = format!(
            "PRAGMA page_size = 1024; CREATE TABLE theirs (x); \
             INSERT INTO theirs VALUES (zeroblob({pages} * 1024))"
        );
        sql(&path, &setup);
        assert_eq!(open_error(&path).kind(), StoreErrorKind::Foreign, "{pages} pages");
    }
}

#[test]
fn files_that_are_not_sqlite_are_taken_for_damaged_and_left_alone() {
    let (_directory, path) = filled();
    let sound = std::fs::read(&path).expect("reads");
    let letter = "a letter to my grandmother, longer than a header of SQLite; ".repeat(40);
    for bytes in [letter.as_bytes(), &[0x5a; 5_000], &sound[..16], &sound[..99], &sound[..600]] {
        std::fs::write(&path, bytes).expect("writes");
        assert_eq!(open_error(&path).kind(), StoreErrorKind::Corrupt, "{} bytes", bytes.len());
        assert_eq!(std::fs::read(&path).expect("reads"), bytes);
    }
}

#[test]
fn path_that_cannot_be_opened_is_an_io_error() {
    let (directory, _) = file();
    let error = open_error(&directory.path().join("no such directory").join("log.db"));
    assert_eq!(error.kind(), StoreErrorKind::Io);
}

#[test]
fn full_file_refuses_whole_appends_and_stays_usable() {
    let (_directory, path) = file();
    let options = Options { bytes_max: Some(400_000), ..Options::default() };
    let store = Blocking(SqliteStore::open_with(&path, &options).expect("a new file opens"));
    let mut head = 0;
    let error = (0..1_000).find_map(|n| match store.append(batch(n * 100, 100)) {
        Ok(appended) => {
            head = appended.head;
            None
        }
        Err(error) => Some(error),
    });
    let Some(AppendError::Store(error)) = error else {
        panic!("it must get full, with a store error")
    };
    assert!(error.is_full(), "{error}");
    assert!(head >= 100);
    assert_eq!(store.head().expect("reads"), head);
    assert_eq!(store.events(0, usize::MAX).expect("reads").len() as u64, head);
    assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
    drop(store);

    let store = Blocking(SqliteStore::open(&path).expect("it opens again"));
    assert_eq!(store.append(batch(head, 100)).expect("there is room").head, head + 100);
    assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
}

/// The seal is only for who rebuilds: it waits until there is room.
#[test]
fn file_without_room_for_a_seal_takes_what_fits_without_it() {
    const EVENTS: u64 = 4_000;
    const PAGE: u64 = 4_096;
    let (directory, path) = file();
    let open = |path: &Path, seal_events, bytes_max| {
        let options = Options { seal_events, bytes_max, ..Options::default() };
        Blocking(SqliteStore::open_with(path, &options).expect("the file opens"))
    };
    // Amounts that cannot be packed, so that the facts by lead take some pages.
    let paid = |n: u64| {
        let amount = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1;
        let data = format!("\"data\":{{\"amount\":{amount},\"currency\":\"EUR\"}}");
        clauses::support::event(n, "L", &format!("\"type\":\"revenue_recorded\",{data}"))
    };
    let batch = |ids: std::ops::Range<u64>| {
        Append::new(ids.map(paid).collect::<Vec<_>>(), Timestamp::from_micros(0))
    };
    open(&path, EVENTS, None).append(batch(0..EVENTS - 1)).expect("there is room");
    sql(&path, "VACUUM");
    let bytes = std::fs::metadata(&path).expect("it is there").len();
    let mut seals = std::collections::BTreeSet::new();
    for pages in 0..40 {
        let copies = [EVENTS, u64::MAX].map(|seal_events| {
            let copy = directory.path().join(format!("{pages}-{seal_events}.db"));
            std::fs::copy(&path, &copy).expect("copies");
            let store = open(&copy, seal_events, Some(bytes + pages * PAGE));
            let taken = store.append(batch(EVENTS - 1..EVENTS)).map(|appended| appended.head);
            (taken.map_err(|error| error.to_string()), store.sealed().expect("reads"), copy)
        });
        let [(taken, sealed, copy), (unsealed, ..)] = copies;
        assert_eq!(taken, unsealed, "{pages} pages");
        seals.insert((taken.is_ok(), sealed));
        let store = open(&copy, EVENTS, None);
        assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), [], "{pages} pages");
        store.append(batch(EVENTS..EVENTS + 1)).expect("there is room");
        assert_eq!(store.sealed().expect("reads"), EVENTS, "{pages} pages");
        assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), [], "{pages} pages");
    }
    assert!(seals.contains(&(true, 0)) && seals.contains(&(true, EVENTS)), "{seals:?}");
}

/// One handle that has found no room for a seal does not try it with each append.
#[test]
fn seal_without_room_is_tried_again_after_as_many_events() {
    let (_directory, path) = file();
    let options = Options { seal_events: 100, ..Options::default() };
    let store = Blocking(SqliteStore::open_with(&path, &options).expect("a new file opens"));
    store.append(batch(0, 99)).expect("there is room");
    sql(&path, "CREATE TRIGGER full BEFORE INSERT ON segment BEGIN SELECT zeroblob(1 << 31); END");
    store.append(batch(99, 1)).expect("it fits without the seal");
    sql(&path, "DROP TRIGGER full");
    store.append(batch(100, 99)).expect("it fits");
    assert_eq!(store.sealed().expect("reads"), 0);
    store.append(batch(199, 1)).expect("it fits");
    assert_eq!(store.sealed().expect("reads"), 200);
    assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
}

/// What `verify` finds after a statement has changed the file behind the store's back.
fn damages_after(statement: &str) -> Vec<(Damaged, u64, u64)> {
    let (_directory, path) = filled();
    sql(&path, statement);
    let store = Blocking(SqliteStore::open(&path).expect("it opens"));
    let damages = store.verify(&mut |_, _| {}).expect("it can be read");
    damages.iter().map(|damage| (damage.what, damage.first, damage.last)).collect()
}

#[test]
fn damage_is_named_with_its_place() {
    use Damaged::{Event, Facts, Ids, Names};
    let cases: [(&str, (Damaged, u64, u64)); 12] = [
        ("UPDATE event SET body = replace(body, 'L7', 'L8') WHERE position = 1", (Event, 1, 1)),
        ("UPDATE event SET sequence = 9 WHERE position = 5", (Event, 5, 5)),
        ("UPDATE event SET recorded_at = 0 WHERE position = 6", (Event, 6, 6)),
        ("UPDATE event SET id = zeroblob(16) WHERE position = 7", (Event, 7, 7)),
        ("DELETE FROM event WHERE position = 100", (Event, 100, 100)),
        ("UPDATE fact_page SET facts = zeroblob(length(facts)) WHERE first = 1", (Facts, 1, 164)),
        ("DELETE FROM fact_page WHERE first = 1", (Facts, 1, 164)),
        ("UPDATE recent_ids SET ids = zeroblob(length(ids)) WHERE first = 1", (Ids, 1, 1)),
        ("UPDATE stream SET last = 3 WHERE lead = 0", (Names, 241, 241)),
        ("DELETE FROM lead WHERE lead = 0", (Names, 1, 1)),
        ("DELETE FROM link", (Names, 291, 291)),
        ("DELETE FROM string WHERE code = 1", (Names, 1, 1)),
    ];
    for (statement, expected) in cases {
        let found = damages_after(statement);
        assert!(found.contains(&expected), "{statement}: {found:?}");
    }
}

/// A file whose facts are kept by lead in runs of two levels, and the events of it that are.
fn sealed() -> (TempDir, PathBuf, u64) {
    let (directory, path) = file();
    let store = open_sealed(&path);
    clauses::support::fill(&store.0);
    let sealed = store.sealed().expect("reads");
    assert_eq!(sealed, 288, "18 runs: two of 8 merged, and two");
    (directory, path, sealed)
}

pub(super) fn open_sealed(path: &Path) -> Blocking<SqliteStore> {
    let options = Options { seal_events: 16, ..Options::default() };
    Blocking(SqliteStore::open_with(path, &options).expect("the file opens"))
}

/// Whatever byte of whatever segment is changed: it is never served, `verify` tells it, the log
/// still takes events, and rebuilding what is derived mends it.
#[test]
fn a_changed_byte_of_a_segment_is_found_and_mended() {
    let (directory, path, until) = sealed();
    let expected = lead_facts(&path, until).expect("it is sound");
    let rows: Vec<(i64, i64)> = {
        let file = Connection::open(&path).expect("it is SQLite");
        let mut select = file.prepare("SELECT segment, length(packed) FROM segment").expect("sql");
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("sql");
        rows.collect::<Result<_, _>>().expect("rows")
    };
    assert!(rows.len() >= 4, "{} segments", rows.len());
    let copy = directory.path().join("copy.db");
    for (segment, length) in rows {
        for at in [1, length / 3, length] {
            std::fs::copy(&path, &copy).expect("copies");
            sql(
                &copy,
                &format!(
                    "UPDATE segment SET packed = CAST(substr(packed, 1, {at} - 1) || x'5a5b' || \
                 substr(packed, {at} + 1) AS BLOB) WHERE segment = {segment}"
                ),
            );
            assert!(lead_facts(&copy, until).expect_err("it is damaged").is_corrupt());
            let store = open_sealed(&copy);
            let damages = store.verify(&mut |_, _| {}).expect("reads");
            assert!(damages.iter().all(|damage| damage.what == Damaged::Facts), "{damages:?}");
            assert_eq!(damages.len(), 1, "{damages:?}");
            store.append(batch(7_000, 40)).expect("it takes events");
            block_on(store.0.rebuild_facts()).expect("it rebuilds");
            assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
            drop(store);
            assert!(lead_facts(&copy, until).expect("it is mended") == expected, "{segment} {at}");
        }
    }
}

fn lead_facts(path: &Path, until: u64) -> Result<leadfold_core::LeadFacts, StoreError> {
    let store = open_sealed(path);
    store.lead_facts(leadfold_core::LeadIndex(0), 1..=until, usize::MAX)
}

/// It says only how much to read at once.
#[test]
fn damaged_count_of_segments_changes_nothing() {
    const EVENTS: u64 = 120_000;
    let (_directory, path) = file();
    let options = Options { seal_events: EVENTS, ..Options::default() };
    let store = Blocking(SqliteStore::open_with(&path, &options).expect("the file opens"));
    store.append(batch(0, EVENTS)).expect("it takes events");
    assert_eq!(store.runs().expect("reads"), [1..=EVENTS]);
    let segments = "SELECT count(*) FROM segment";
    let segments: u32 = Connection::open(&path)
        .and_then(|file| file.query_row(segments, [], |row| row.get(0)))
        .expect("it is SQLite");
    assert!(segments > 2, "more than two sums of the largest count: {segments}");
    let sound: usize = pages(&store, EVENTS, usize::MAX).iter().sum();
    for count in [i64::MIN, -1, 0, i64::MAX] {
        sql(&path, &format!("UPDATE segment SET facts = {count}"));
        for size in [1, 10_000, usize::MAX] {
            let pages = pages(&store, EVENTS, size);
            assert_eq!(pages.iter().sum::<usize>(), sound, "{count} {size}");
            assert!(size > 1 || pages.len() > 1, "{count}: a small page is all of the run");
        }
    }
}

/// How many facts each page has of a run.
fn pages(store: &Blocking<SqliteStore>, until: u64, size: usize) -> Vec<usize> {
    let mut from = leadfold_core::LeadIndex(0);
    std::iter::from_fn(|| {
        let page = store.lead_facts(from, 1..=until, size).expect("it reads");
        from.0 = page.last_lead()?.0 + 1;
        Some(page.facts().len())
    })
    .collect()
}

#[test]
fn segments_and_runs_that_are_missing_are_told() {
    for statement in [
        "DELETE FROM segment WHERE segment = (SELECT max(segment) FROM segment)",
        "DELETE FROM segment",
        "DELETE FROM run WHERE first = 1",
        "UPDATE run SET last = last + 1000 WHERE first > 200",
        "UPDATE run SET first = 2 WHERE first = 1",
    ] {
        let (_directory, path, _) = sealed();
        sql(&path, statement);
        let store = open_sealed(&path);
        let damages = store.verify(&mut |_, _| {}).expect("reads");
        assert!(damages.iter().any(|damage| damage.what == Damaged::Facts), "{statement}");
        block_on(store.0.rebuild_facts()).expect("it rebuilds");
        assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), [], "{statement}");
    }
    // Without any run nothing is wrong: the pages say the same, only slower.
    let (_directory, path, _) = sealed();
    sql(&path, "DELETE FROM segment; DELETE FROM run");
    let store = open_sealed(&path);
    assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
    assert_eq!(store.sealed().expect("reads"), 0);
}

#[test]
fn a_position_that_is_damaged_makes_no_room_for_itself() {
    let (_directory, path) = filled();
    let store = Blocking(SqliteStore::open(&path).expect("it opens"));
    sql(
        &path,
        "UPDATE event SET position = 4611686018427387904 \
         WHERE position = (SELECT max(position) FROM event)",
    );
    let error = store.events(0, usize::MAX).expect_err("a position is missing");
    assert!(error.is_corrupt(), "{error}");
}

#[test]
fn damaged_pages_do_not_keep_events_out_when_they_would_be_sealed() {
    let (_directory, path) = filled();
    sql(&path, "UPDATE fact_page SET facts = zeroblob(length(facts)) WHERE first = 1");
    let store = open_sealed(&path);
    assert_eq!(store.append(batch(7_000, 40)).expect("it takes events").head, 333);
    assert_eq!(store.sealed().expect("reads"), 0);
    block_on(store.0.rebuild_facts()).expect("it rebuilds");
    assert_eq!(store.sealed().expect("reads"), 320);
    assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
}

#[test]
fn rebuilding_heals_everything_but_events() {
    for table in [
        "fact_page",
        "event_id",
        "recent_ids",
        "lead",
        "stream",
        "string",
        "link",
        "early_correction",
        "total",
        "run",
    ] {
        let (_directory, path) = filled();
        let before = facts_of(&path);
        sql(&path, &format!("DELETE FROM {table}"));
        let store = SqliteStore::open(&path).expect("it opens");
        block_on(store.rebuild_facts()).expect("it rebuilds");
        assert_eq!(Blocking(&store).verify(&mut |_, _| {}).expect("reads"), [], "{table}");
        drop(store);
        assert_eq!(facts_of(&path), before, "{table}");
    }
    let (_directory, path) = filled();
    sql(&path, "UPDATE event SET sequence = 9 WHERE position = 5");
    let store = SqliteStore::open(&path).expect("it opens");
    assert!(block_on(store.rebuild_facts()).expect_err("an event is damaged").is_corrupt());
}

fn facts_of(path: &Path) -> Vec<leadfold_core::Fact> {
    let store = Blocking(SqliteStore::open(path).expect("it opens"));
    clauses::support::rows(&store.facts(0, usize::MAX).expect("reads"))
}

#[test]
fn bytes_changed_anywhere_give_errors_or_damages_and_no_panic() {
    let (directory, path, _) = sealed();
    let sound = std::fs::read(&path).expect("reads");
    let copy = directory.path().join("copy.db");
    for n in 0..120 {
        let offset = n * 7_919 * 13 % sound.len();
        let mut bytes = sound.clone();
        bytes[offset..(offset + 24).min(sound.len())].iter_mut().for_each(|byte| *byte ^= 0x5a);
        std::fs::write(&copy, bytes).expect("writes");
        read_all(&copy);
    }
    for n in 0..20 {
        std::fs::write(&copy, &sound[..sound.len() * n / 20]).expect("writes");
        read_all(&copy);
    }
}

/// Everything may fail, typed; nothing may panic. Facts that do come are those of sound pages.
fn read_all(path: &Path) {
    let Ok(store) = SqliteStore::open(path) else { return };
    let store = Blocking(store);
    // A panic of a thread of the store would come back as `Closed`.
    let check = |error: StoreError| assert_ne!(error.kind(), StoreErrorKind::Closed, "{error}");
    store.verify(&mut |_, _| {}).map_or_else(check, drop);
    store.facts(0, usize::MAX).map_or_else(check, drop);
    store.events(0, usize::MAX).map_or_else(check, drop);
    store.lead_facts(leadfold_core::LeadIndex(0), 1..=288, 1_000).map_or_else(check, drop);
    for lead in 0..60 {
        let lead = leadfold_core::LeadIndex(lead);
        store.history(&[lead]).map_or_else(check, drop);
        store.family(&[lead]).map_or_else(check, drop);
        store.lead_events(lead).map_or_else(check, drop);
    }
    store.leads(leadfold_core::LeadIndex(0), 100).map_or_else(check, drop);
    if let Err(AppendError::Store(error)) = store.append(batch(OTHER_IDS, 50)) {
        check(error);
    }
    block_on(store.0.rebuild_facts()).map_or_else(check, drop);
}
