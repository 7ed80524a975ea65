//! Projections in a schema of PostgreSQL keep the clauses of projections.

use std::cell::Cell;
use std::error::Error;
use std::fmt;

use leadfold_core::Facts;
use leadfold_engine::{Decision, Failure, Projection, RunError, Runner, Stop};
use leadfold_postgres::{PostgresBatch, PostgresProjections, postgres};
use leadfold_store::{
    Advance, Blocking, Checkpoint, EventStore, MemoryStore, ProjectionId, ProjectionStore, Skipped,
    Step, StoreError, StoreErrorKind,
};
use leadfold_testkit::conformance::projections::{Crashing, Fuse, Medium};

use crate::clauses::support::{append, captured};
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

#[test]
fn name_that_something_else_has_is_refused() {
    let Some(schema) = Schema::new() else { return };
    let mut store = schema.store();
    let id = |name| ProjectionId::new(name, 1).expect("a sound name");
    let make = |table: &'static str| {
        move |batch: &mut PostgresBatch<'_>| {
            let sql = format!("CREATE TABLE {} (x bigint)", batch.table(table));
            batch.sql().batch_execute(&sql).expect("it is new");
            Ok::<_, StoreError>(())
        }
    };
    store.create(&id("a"), &["b_c"], make("b_c")).expect("the name is free");
    let error = store.create(&id("a_b"), &["c"], make("c")).expect_err("it is taken");
    assert_eq!(error.kind(), StoreErrorKind::Foreign, "{error}");
    assert!(error.to_string().contains("another name"), "{error}");
    assert_eq!(store.states("a_b").expect("it reads"), [], "nothing was made");
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
    let error = done.expect_err("the server would roll everything back").to_string();
    assert!(error.contains("hand the statement's error on"), "{error}");
    assert_eq!(schema.noted(None), [0_u64; 0]);
    assert_eq!(store.states("noted").expect("it reads")[0].checkpoint, start);
}

#[test]
fn connection_that_was_cut_is_made_anew() {
    let cluster = shared_or_skip!();
    let (mut store, start) = made(&Schema(cluster, fresh_log()));
    let client = store.sql().expect("a client");
    let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[]).expect("it is there").get(0);
    // It waits until the process is gone.
    let sql = "SELECT pg_terminate_backend($1, 60000)";
    cluster.client().query(sql, &[&pid]).expect("it may");
    // The first call finds out, and another goes on.
    let found = store.states("noted").or_else(|error| {
        assert!(error.is_retryable(), "{error}");
        store.states("noted")
    });
    assert_eq!(found.expect("it is there again")[0].checkpoint, start);
}

/// The server ends the connection in the middle of a statement, and says why: the client has its
/// answer then, and need not have seen yet that nothing more comes.
#[test]
fn connection_that_is_cut_in_a_statement_is_made_anew() {
    let cluster = shared_or_skip!();
    let schema = Schema(cluster, fresh_log());
    let (mut store, start) = made(&schema);
    let cuts = "ALTER TABLE leadfold_projection RENAME TO kept;
        CREATE VIEW leadfold_projection AS
            SELECT * FROM kept WHERE pg_terminate_backend(pg_backend_pid())";
    let cuts_no_more = "DROP VIEW leadfold_projection;
        ALTER TABLE kept RENAME TO leadfold_projection";
    for _ in 0..20 {
        cluster.sql(&schema.1, cuts);
        let error = store.states("noted").expect_err("it is cut");
        assert!(error.is_retryable(), "{error}");
        cluster.sql(&schema.1, cuts_no_more);
        assert_eq!(store.states("noted").expect("it is there again")[0].checkpoint, start);
    }
}

/// Makes its tables, and breaks once: before the first event that it is given.
struct Breaking<E> {
    statements: &'static str,
    told: fn(postgres::Error) -> E,
    is_done: Cell<bool>,
}

impl<E: Error + Send + Sync + 'static> Projection<PostgresProjections> for Breaking<E> {
    type Page = Facts;
    type Error = E;
    const NAME: &'static str = "noted";
    const VERSION: u32 = 1;
    const TABLES: &'static [&'static str] = &["entry"];

    fn create(&self, batch: &mut PostgresBatch<'_>) -> Result<(), E> {
        Schema::make(batch);
        Ok(())
    }

    fn apply(
        &self,
        page: &Facts,
        _: Blocking<&dyn EventStore>,
        batch: &mut PostgresBatch<'_>,
    ) -> Result<(), E> {
        if !self.is_done.replace(true) {
            batch.sql().batch_execute(self.statements).map_err(self.told)?;
        }
        Schema::note(batch, page.row(0).position);
        Ok(())
    }

    fn decide(&self, _: &Failure<E>) -> Decision {
        Decision::Skip
    }
}

/// How the first call ends, and which events are left out after the second one.
fn broken<E: Error + Send + Sync + 'static>(
    medium: &Schema,
    statements: &'static str,
    told: fn(postgres::Error) -> E,
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

/// Nothing is left out because the server has failed, whatever the projection tells of it.
#[test]
fn failure_of_the_server_is_not_the_events() {
    let cluster = shared_or_skip!();
    let schema = || Schema(cluster, fresh_log());
    let cut = "SELECT pg_terminate_backend(pg_backend_pid())";
    let (first, skipped) = broken(&schema(), cut, |_| Hidden);
    assert!(matches!(first, Err(RunError::Store(error)) if error.is_retryable()));
    assert_eq!(skipped, [0_u64; 0]);
    for state in ["40P01", "53200", "55P03", "57014"] {
        let raise = format!("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$");
        let (first, skipped) = broken(&schema(), raise.leak(), |error| error);
        assert!(matches!(first, Err(RunError::Store(_))), "{state}: {first:?}");
        assert_eq!(skipped, [0_u64; 0], "{state}");
    }
    // A statement that cannot go, such as one that writes to a view of several tables.
    let unmet = "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55000'; END $$";
    for statement in ["SELECT 1 / 0", unmet] {
        let (first, skipped) = broken(&schema(), statement, |error| error);
        assert_eq!((first.expect("it is the event's"), skipped), (3, vec![1]), "{statement}");
    }
}

/// A projection that commits and then fails has written without a checkpoint.
#[test]
fn projection_that_ends_its_transaction_and_fails_hears_of_it() {
    let cluster = shared_or_skip!();
    for end in ["COMMIT", "ROLLBACK", "COMMIT; BEGIN", "COMMIT; BEGIN; SELECT 1 / 0"] {
        let (mut store, start) = made(&Schema(cluster, fresh_log()));
        let done = store.advance(&id(), start, |batch| {
            drop(batch.sql().batch_execute(end));
            Err::<Step, _>(StoreError::new(StoreErrorKind::Other, "the projection's own"))
        });
        let error = done.expect_err("it fails");
        assert!(error.to_string().contains("the projection has ended it"), "{end}: {error}");
    }
}

/// A reason may quote what made the event bad.
#[test]
fn skip_is_noted_whatever_is_in_its_reason() {
    let cluster = shared_or_skip!();
    let (mut store, start) = made(&Schema(cluster, fresh_log()));
    let reason = format!("a\0b{}", "\u{e4}".repeat(100_000));
    let skipped = Some(Skipped { position: 1, reason });
    let to = Checkpoint { position: 1, event: None };
    let done = store.advance(&id(), start, |_| Ok::<_, StoreError>(Step { to, skipped }));
    assert_eq!(done.expect("it is noted"), Advance::Done);
    let noted = store.skipped(&id()).expect("it reads").remove(0).reason;
    assert!(noted.starts_with("a\u{fffd}b\u{e4}"), "{noted}");
    assert_eq!(noted.chars().count(), 4_096);
}

/// Whether the step that was committed is there is told by its checkpoint.
#[test]
fn commit_that_is_not_answered_may_have_been_done() {
    let cluster = shared_or_skip!();
    let schema = Schema(cluster, fresh_log());
    let (mut store, start) = made(&schema);
    // At the commit, and not before it.
    let cut = "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN new; END $$;
        CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON \"noted@1_entry\"
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()";
    cluster.sql(&schema.1, cut);
    let done = store.advance(&id(), start, |batch| {
        Schema::note(batch, 1);
        let to = Checkpoint { position: 1, event: None };
        Ok::<_, StoreError>(Step { to, skipped: None })
    });
    let error = done.expect_err("it is cut");
    assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
    assert!(error.to_string().contains("its checkpoint tells"), "{error}");
    assert!(!error.to_string().contains("append"), "{error}");
}

/// A version of the projection whose table has these columns.
fn add_version(store: &mut PostgresProjections, version: u32, columns: &str) -> ProjectionId {
    let id = ProjectionId::new("noted", version).expect("a sound name");
    let make = |batch: &mut PostgresBatch<'_>| {
        let sql = format!("CREATE TABLE {} ({columns})", batch.table("entry"));
        batch
            .sql()
            .batch_execute(&sql)
            .map_err(|error| StoreError::new(StoreErrorKind::Other, error.to_string()))
    };
    store.create(&id, &["entry"], make).expect("it is made");
    id
}

/// What somebody may do with the view.
fn rights(cluster: &Cluster, schema: &str, who: &str) -> Vec<&'static str> {
    let sql = "SELECT has_table_privilege($1, $2, $3)";
    let view = format!("\"{schema}\".noted_entry");
    let mut client = cluster.client();
    let mut has = |right: &&str| {
        client.query_one(sql, &[&who, &view, right]).expect("it may").get::<_, bool>(0)
    };
    ["SELECT", "INSERT", "SELECT WITH GRANT OPTION"]
        .into_iter()
        .filter(|right| has(right))
        .collect()
}

/// Those who may read a projection may read its other versions, too.
#[test]
fn readers_keep_their_rights_whatever_is_shown() {
    let cluster = shared_or_skip!();
    let schema = Schema(cluster, fresh_log());
    let (mut store, _) = made(&schema);
    let grant = "CREATE ROLE \"re\"\"ader\"; CREATE ROLE lender;
        GRANT SELECT ON noted_entry TO \"re\"\"ader\"; GRANT SELECT ON noted_entry TO PUBLIC;
        GRANT SELECT, INSERT ON noted_entry TO lender WITH GRANT OPTION";
    cluster.sql(&schema.1, grant);
    let made = ["position bigint", "position bigint, day date", "place text", "position bigint"];
    let ids: Vec<_> =
        (2..).zip(made).map(|(n, columns)| add_version(&mut store, n, columns)).collect();
    let has_kept = |what: &str| {
        assert_eq!(rights(cluster, &schema.1, "re\"ader"), ["SELECT"], "{what}");
        assert_eq!(rights(cluster, &schema.1, "lender").len(), 3, "{what}");
        cluster.sql(&schema.1, "REVOKE SELECT ON noted_entry FROM \"re\"\"ader\"");
        assert_eq!(rights(cluster, &schema.1, "re\"ader"), ["SELECT"], "{what}: everybody may");
        cluster.sql(&schema.1, "GRANT SELECT ON noted_entry TO \"re\"\"ader\"");
    };
    for id in &ids {
        store.promote(id).expect("it is as far");
        has_kept(&id.to_string());
    }
    store.roll_back(&id()).expect("it is there");
    has_kept("rolled back");
    let make = |batch: &mut PostgresBatch<'_>| {
        Schema::make(batch);
        Ok::<_, StoreError>(())
    };
    store.reset(&id(), &["entry"], make).expect("it is there");
    has_kept("replayed");
}

/// Rights on the view of a table that a projection no longer has are nobody's.
#[test]
fn table_that_is_no_longer_listed_takes_its_rights_along() {
    let cluster = shared_or_skip!();
    let schema = Schema(cluster, fresh_log());
    let (mut store, _) = made(&schema);
    cluster.sql(&schema.1, "GRANT SELECT ON noted_entry TO PUBLIC");
    let make = |batch: &mut PostgresBatch<'_>| {
        let sql = format!("CREATE TABLE {} (x bigint)", batch.table("other"));
        batch.sql().batch_execute(&sql).expect("it is new");
        Ok::<_, StoreError>(())
    };
    store.reset(&id(), &["other"], make).expect("it is made anew");
    cluster.sql(&schema.1, "SELECT x FROM noted_other");
}

/// A view of somebody's own that stands on ours shows the new version, if that has its columns.
#[test]
fn what_stands_on_a_view_stays_or_is_named() {
    let cluster = shared_or_skip!();
    let schema = Schema(cluster, fresh_log());
    let (mut store, start) = made(&schema);
    cluster.sql(&schema.1, "CREATE VIEW theirs AS SELECT position FROM noted_entry");
    let alike = add_version(&mut store, 2, "position bigint NOT NULL, day date");
    store
        .advance(&alike, start, |batch| {
            let sql = format!("INSERT INTO {} (position) VALUES (7)", batch.table("entry"));
            batch.sql().batch_execute(&sql).expect("it goes in");
            let to = Checkpoint { position: 7, event: None };
            Ok::<_, StoreError>(Step { to, skipped: None })
        })
        .expect("it goes in");
    store.promote(&alike).expect("it is as far");
    let theirs = "SELECT position FROM theirs";
    let row = store.sql().expect("a client").query_one(theirs, &[]).expect("it is still there");
    assert_eq!(row.get::<_, i64>(0), 7);

    let other = add_version(&mut store, 3, "place text");
    let make = |batch: &mut PostgresBatch<'_>| {
        Schema::make(batch);
        Ok::<_, StoreError>(())
    };
    let errors = [
        store.roll_back(&other).expect_err("its columns are others"),
        store.reset(&alike, &["entry"], make).expect_err("its table goes"),
    ];
    for error in errors {
        let text = error.to_string();
        assert!(text.contains("drop it first, and make it again"), "{text}");
        assert!(text.contains("view theirs depends on view noted_entry"), "{text}");
    }
    let live = store.states("noted").expect("it reads").into_iter().find(|state| state.is_live);
    assert_eq!(live.expect("one is").id, alike, "nothing has changed");
}

/// A table of a product's own that has the name of a view is not touched.
#[test]
fn views_take_nobodys_place() {
    let cluster = shared_or_skip!();
    let schema = Schema(cluster, fresh_log());
    drop(schema.store());
    cluster.sql(&schema.1, "CREATE VIEW noted_entry AS SELECT 1::bigint AS position");
    let make = |batch: &mut PostgresBatch<'_>| {
        Schema::make(batch);
        Ok::<_, StoreError>(())
    };
    schema.store().create(&id(), &["entry"], make).expect_err("the name is taken");
    assert_eq!(schema.noted(None), [1]);
}

/// Who may not make schemas uses one that is there.
#[test]
fn schema_that_is_there_needs_no_right_to_make_one() {
    let cluster = shared_or_skip!();
    let schema = fresh_log();
    let grant =
        format!("CREATE ROLE tenant LOGIN; CREATE SCHEMA \"{schema}\" AUTHORIZATION tenant");
    cluster.sql("public", &grant);
    let url = cluster.url().replace("user=leadfold", "user=tenant");
    let mut store = PostgresProjections::open(&url, &schema).expect("it is the user's own");
    assert_eq!(store.states("noted").expect("it reads"), []);
    let error = PostgresProjections::open(&url, &fresh_log()).expect_err("it may not make one");
    assert_eq!(error.kind(), StoreErrorKind::Io, "{error}");
}
