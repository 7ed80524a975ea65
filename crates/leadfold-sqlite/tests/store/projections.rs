//! Projections in a SQLite file keep the clauses of projections.

use std::path::PathBuf;

use leadfold_sqlite::{SqliteBatch, SqliteProjections, SqliteStore};
use leadfold_store::{Checkpoint, ProjectionId, ProjectionStore, Step, StoreError, StoreErrorKind};
use leadfold_testkit::conformance::projections::{Crashing, Fuse, Medium};

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

#[test]
fn tables_of_a_newer_version_are_refused() {
    let file = File::new();
    let sql = "UPDATE leadfold_projections SET version = 2";
    file.store().sql().execute_batch(sql).expect("it is there");
    let error = SqliteProjections::open(file.path()).expect_err("it is newer");
    assert_eq!(error.kind(), StoreErrorKind::Newer);
}
