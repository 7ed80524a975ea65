//! Projections in a SQLite file keep the clauses of projections.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use leadfold_core::Facts;
use leadfold_engine::{Decision, Failure, Projection, RunError, Runner, Stop};
use leadfold_sqlite::{SqliteBatch, SqliteProjections, SqliteStore};
use leadfold_store::{
    Blocking, Checkpoint, EventStore, MemoryStore, ProjectionId, ProjectionStore, Step, StoreError,
    StoreErrorKind,
};
use leadfold_testkit::conformance::projections::{Crashing, Fuse, Medium};
use leadfold_testkit::conformance::support::{append, captured};

/// A file of its own.
struct File(tempfile::TempDir);

impl File {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("projections.db")
    }

    fn store(&self) -> SqliteProjections {
        SqliteProjections::open(self.path()).expect("the file opens")
    }
}

impl Medium for File {
    type Store = Crashing<SqliteProjections>;

    fn open(&self, fuse: &Fuse) -> Crashing<SqliteProjections> {
        Crashing::new(self.store(), fuse)
    }
    fn make(batch: &mut SqliteBatch<'_>) {
        let sql = format!("CREATE TABLE {} (position INTEGER NOT NULL)", batch.table("entry"));
        batch.sql().execute_batch(&sql).expect("it is new");
    }
    fn note(batch: &mut SqliteBatch<'_>, position: u64) {
        let sql = format!("INSERT INTO {} VALUES (?1)", batch.table("entry"));
        batch.sql().execute(&sql, [position.cast_signed()]).expect("it goes in");
    }
    fn noted(&self, version: Option<&ProjectionId>) -> Vec<u64> {
        let from = version.map_or_else(|| "noted_entry".to_owned(), |id| id.table("entry"));
        let sql = format!("SELECT position FROM {from} ORDER BY position");
        let store = self.store();
        let mut select = store.sql().prepare(&sql).expect("readers see it");
        let rows = select.query_map([], |row| row.get::<_, i64>(0)).expect("it reads");
        rows.map(|row| row.expect("it reads").cast_unsigned()).collect()
    }
}

mod in_a_file {
    leadfold_testkit::projection_tests!(|| Some(super::File::new()));
}

fn id() -> ProjectionId {
    ProjectionId::new("noted", 1).expect("a sound name")
}

/// What a projection writes is there with its checkpoint, or it hears of it.
#[test]
fn projection_that_ends_its_transaction_hears_of_it() {
    let file = File::new();
    let mut store = file.store();
    let make = |batch: &mut SqliteBatch<'_>| {
        File::make(batch);
        Ok::<_, StoreError>(())
    };
    let start = store.create(&id(), &["entry"], make).expect("it is made");
    for end in ["COMMIT", "ROLLBACK", "COMMIT; BEGIN"] {
        let done = store.advance(&id(), start, |batch| {
            batch.sql().execute_batch(end).expect("SQLite does it");
            let to = Checkpoint { position: 1, event: None };
            Ok::<_, StoreError>(Step { to, skipped: None })
        });
        let error = done.expect_err("the transaction is over");
        assert!(error.to_string().contains("the projection has ended it"), "{error}");
    }
}

#[test]
fn file_of_a_log_is_refused_and_not_touched() {
    let file = File::new();
    drop(SqliteStore::open(file.path()).expect("a log"));
    let before = std::fs::read(file.path()).expect("the file");
    let error = SqliteProjections::open(file.path()).expect_err("it is a log");
    assert_eq!(error.kind(), StoreErrorKind::Foreign);
    assert!(std::fs::read(file.path()).expect("the file") == before);
}

#[test]
fn file_of_a_product_keeps_its_own_tables() {
    let file = File::new();
    let product = rusqlite::Connection::open(file.path()).expect("a file");
    product.execute_batch("CREATE TABLE own (x); INSERT INTO own VALUES (7)").expect("it is new");
    file.store();
    let found: i64 = product.query_row("SELECT x FROM own", [], |row| row.get(0)).expect("reads");
    assert_eq!(found, 7);
    let mode: String =
        product.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("it reads");
    assert_eq!(mode, "delete", "it is the product's to choose");
}

/// Also one of the product's own tables, which SQLite knows in large letters, too.
#[test]
fn name_that_something_else_has_is_refused() {
    let file = File::new();
    let mut store = file.store();
    let id = |name| ProjectionId::new(name, 1).expect("a sound name");
    let make = |table: &'static str| {
        move |batch: &mut SqliteBatch<'_>| {
            let sql = format!("CREATE TABLE {} (x)", batch.table(table));
            batch.sql().execute_batch(&sql).expect("it is new");
            Ok::<_, StoreError>(())
        }
    };
    store.create(&id("a"), &["b_c"], make("b_c")).expect("the name is free");
    store.sql().execute_batch("CREATE TABLE Own_D (x)").expect("it is new");
    for (name, table) in [("a_b", "c"), ("own", "d")] {
        let error = store.create(&id(name), &[table], make(table)).expect_err("it is taken");
        assert_eq!(error.kind(), StoreErrorKind::Foreign, "{error}");
        assert!(error.to_string().contains("another name"), "{error}");
        assert_eq!(store.states(name).expect("it reads"), [], "nothing was made");
    }
}

#[test]
fn tables_of_a_newer_version_are_refused() {
    let file = File::new();
    let sql = "UPDATE leadfold_projections SET version = 2";
    file.store().sql().execute_batch(sql).expect("it is there");
    let error = SqliteProjections::open(file.path()).expect_err("it is newer");
    assert_eq!(error.kind(), StoreErrorKind::Newer);
}

/// Makes its tables, and breaks once: before the first event that it is given.
struct Breaking<E> {
    statements: &'static str,
    told: fn(rusqlite::Error) -> E,
    is_done: Cell<bool>,
}

impl<E: Error + Send + Sync + 'static> Projection<SqliteProjections> for Breaking<E> {
    type Page = Facts;
    type Error = E;
    const NAME: &'static str = "noted";
    const VERSION: u32 = 1;
    const TABLES: &'static [&'static str] = &["entry"];

    fn create(&self, batch: &mut SqliteBatch<'_>) -> Result<(), E> {
        File::make(batch);
        Ok(())
    }

    fn apply(
        &self,
        page: &Facts,
        _: Blocking<&dyn EventStore>,
        batch: &mut SqliteBatch<'_>,
    ) -> Result<(), E> {
        if !self.is_done.replace(true) {
            batch.sql().execute_batch(self.statements).map_err(self.told)?;
        }
        File::note(batch, page.row(0).position);
        Ok(())
    }

    fn decide(&self, _: &Failure<E>) -> Decision {
        Decision::Skip
    }
}

/// How the first call ends, and which events are left out after the second one.
fn broken<E: Error + Send + Sync + 'static>(
    medium: &File,
    statements: &'static str,
    told: fn(rusqlite::Error) -> E,
) -> (Result<u64, RunError<E>>, Vec<u64>) {
    let log = MemoryStore::new();
    let events = (1..=3).map(|n| captured(n, "L", "web")).collect();
    append(&log, events);
    let breaking = Breaking { statements, told, is_done: Cell::new(false) };
    let runner = Runner::open(&log, medium.store(), breaking).expect("it opens");
    let mut runner = runner.with_page_events(1);
    let first = runner.catch_up(&Stop::new());
    assert_eq!(runner.catch_up(&Stop::new()).expect("it goes on"), 3);
    let skipped = medium.store().skipped(&id()).expect("it reads");
    let skipped: Vec<u64> = skipped.iter().map(|skipped| skipped.position).collect();
    let noted: Vec<u64> = (1..=3).filter(|position| !skipped.contains(position)).collect();
    assert_eq!(medium.noted(None), noted);
    (first, skipped)
}

/// Says nothing of where it comes from.
#[derive(Debug)]
struct Hidden;

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it does not go")
    }
}

impl Error for Hidden {}

/// Nothing is left out because SQLite or the disk has failed, whatever the projection tells of it.
#[test]
fn failure_of_the_file_is_not_the_events() {
    let none = [0_u64; 0];
    // SQLite rolls the transaction back by itself, as it does when a disk is full.
    let rolled_back = "CREATE TEMP TABLE t (x UNIQUE ON CONFLICT ROLLBACK); \
        INSERT INTO t VALUES (1); INSERT INTO t VALUES (1)";
    let (first, skipped) = broken(&File::new(), rolled_back, |_| Hidden);
    assert!(matches!(first, Err(RunError::Store(_))), "{first:?}");
    assert_eq!(skipped, none);
    // A full disk; the statement is undone, and the transaction stands.
    let full = "PRAGMA max_page_count = 1; CREATE TABLE t (x)";
    let (first, skipped) = broken(&File::new(), full, |error| error);
    assert!(matches!(first, Err(RunError::Store(_))), "{first:?}");
    assert_eq!(skipped, none);
    let (first, skipped) = broken(&File::new(), "SELECT * FROM nowhere", |error| error);
    assert_eq!((first.expect("it is the event's"), skipped), (3, vec![1]));
}

/// A projection that commits and then fails has written without a checkpoint.
#[test]
fn projection_that_ends_its_transaction_and_fails_hears_of_it() {
    for end in ["COMMIT", "ROLLBACK", "COMMIT; BEGIN"] {
        let file = File::new();
        let mut store = file.store();
        let make = |batch: &mut SqliteBatch<'_>| {
            File::make(batch);
            Ok::<_, StoreError>(())
        };
        let start = store.create(&id(), &["entry"], make).expect("it is made");
        let done = store.advance(&id(), start, |batch| {
            batch.sql().execute_batch(end).expect("SQLite does it");
            Err::<Step, _>(StoreError::new(StoreErrorKind::Other, "the projection's own"))
        });
        let error = done.expect_err("it fails");
        assert!(error.to_string().contains("the projection has ended it"), "{end}: {error}");
    }
}

/// Facts that are damaged are made again from the events: none of those is left out.
#[test]
fn event_whose_facts_alone_are_damaged_is_not_left_out() {
    let file = File::new();
    let path = file.0.path().join("log.db");
    append(&SqliteStore::open(&path).expect("a log"), vec![captured(1, "L", "web")]);
    let damaged = rusqlite::Connection::open(&path).expect("the log's file");
    assert_eq!(damaged.execute("DELETE FROM fact_page", []).expect("they go"), 1);
    let log = SqliteStore::open(&path).expect("it opens");
    let breaking = Breaking { statements: "", told: |error| error, is_done: Cell::new(false) };
    let mut runner = Runner::open(&log, file.store(), breaking).expect("it opens");
    let error = runner.catch_up(&Stop::new()).expect_err("the facts do not read");
    assert!(matches!(&error, RunError::Store(error) if error.is_corrupt()), "{error}");
    assert_eq!(file.store().skipped(&id()).expect("it reads"), []);
}
