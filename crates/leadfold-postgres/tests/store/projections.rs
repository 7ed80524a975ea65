//! Projections in a schema of PostgreSQL keep the clauses of projections.

use leadfold_postgres::{PostgresBatch, PostgresProjections};
use leadfold_store::{Checkpoint, ProjectionId, ProjectionStore, Step, StoreError};
use leadfold_testkit::conformance::projections::{Crashing, Fuse, Medium};

use crate::cluster::{Cluster, fresh_log, shared, shared_or_skip};

/// A schema of its own.
struct Schema(&'static Cluster, String);

impl Schema {
    fn new() -> Option<Self> {
        Some(Self(shared()?, fresh_log()))
    }

    fn store(&self) -> PostgresProjections {
        PostgresProjections::open(&self.0.url(), &self.1).expect("the schema opens")
    }
}

impl Medium for Schema {
    type Store = Crashing<PostgresProjections>;

    fn open(&self, fuse: &Fuse) -> Crashing<PostgresProjections> {
        Crashing::new(self.store(), fuse)
    }
    fn make(batch: &mut PostgresBatch<'_>) {
        let sql = format!("CREATE TABLE {} (position bigint NOT NULL)", batch.table("entry"));
        batch.sql().batch_execute(&sql).expect("it is new");
    }
    fn note(batch: &mut PostgresBatch<'_>, position: u64) {
        let sql = format!("INSERT INTO {} VALUES ($1)", batch.table("entry"));
        batch.sql().execute(&sql, &[&position.cast_signed()]).expect("it goes in");
    }
    fn noted(&self, version: Option<&ProjectionId>) -> Vec<u64> {
        let from = version.map_or_else(|| "noted_entry".to_owned(), |id| id.table("entry"));
        let sql = format!("SELECT position FROM {from} ORDER BY position");
        let rows = self.store().sql().expect("a client").query(&sql, &[]).expect("readers see it");
        rows.iter().map(|row| row.get::<_, i64>(0).cast_unsigned()).collect()
    }
}

mod in_a_schema {
    leadfold_testkit::projection_tests!(super::Schema::new);
}

fn id() -> ProjectionId {
    ProjectionId::new("noted", 1).expect("a sound name")
}

fn made(schema: &Schema) -> (PostgresProjections, Checkpoint) {
    let mut store = schema.store();
    let make = |batch: &mut PostgresBatch<'_>| {
        Schema::make(batch);
        Ok::<_, StoreError>(())
    };
    let start = store.create(&id(), &["entry"], make).expect("it is made");
    (store, start)
}

/// What a projection writes is there with its checkpoint, or it hears of it.
#[test]
fn projection_that_ends_its_transaction_hears_of_it() {
    let cluster = shared_or_skip!();
    let (mut store, start) = made(&Schema(cluster, fresh_log()));
    for end in ["COMMIT", "ROLLBACK"] {
        let done = store.advance(&id(), start, |batch| {
            batch.sql().batch_execute(end).expect("the server does it");
            let to = Checkpoint { position: 1, event: None };
            Ok::<_, StoreError>(Step { to, skipped: None })
        });
        let error = done.expect_err("the transaction is over");
        assert!(error.to_string().contains("the projection has ended it"), "{error}");
    }
}

/// An error of a statement that a projection keeps to itself.
#[test]
fn failed_statement_cannot_be_hidden() {
    let cluster = shared_or_skip!();
    let schema = Schema(cluster, fresh_log());
    let (mut store, start) = made(&schema);
    let done = store.advance(&id(), start, |batch| {
        Schema::note(batch, 1);
        assert!(batch.sql().batch_execute("SELECT 1 / 0").is_err());
        let to = Checkpoint { position: 1, event: None };
        Ok::<_, StoreError>(Step { to, skipped: None })
    });
    assert!(done.is_err(), "the server would roll everything back");
    assert_eq!(schema.noted(None), [0_u64; 0]);
    assert_eq!(store.states("noted").expect("it reads")[0].checkpoint, start);
}

#[test]
fn connection_that_was_cut_is_made_anew() {
    let cluster = shared_or_skip!();
    let (mut store, start) = made(&Schema(cluster, fresh_log()));
    let client = store.sql().expect("a client");
    let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[]).expect("it is there").get(0);
    cluster.client().query("SELECT pg_terminate_backend($1)", &[&pid]).expect("it may");
    // The first call finds out, and another goes on.
    let found = store.states("noted").or_else(|error| {
        assert!(error.is_retryable(), "{error}");
        store.states("noted")
    });
    assert_eq!(found.expect("it is there again")[0].checkpoint, start);
}
