//! Appends that are large enough to be copied are kept, refused and repeated as small ones are.

use leadfold_core::event::NewEvent;
use leadfold_postgres::PostgresStore;
use leadfold_store::{
    Append, AppendError, Appended, Blocking, EventStore, MemoryStore, StoreErrorKind,
};

use crate::clauses::support::{NOW, captured, cost, merged};
use crate::cluster::{Cluster, fresh_log, shared_or_skip};
use crate::contract::open;
use crate::same::assert_same;

/// From so many events on they are copied.
const COPIED_MIN: u64 = 256;
const SIZES: [u64; 4] = [COPIED_MIN - 1, COPIED_MIN, COPIED_MIN + 1, 5_000];

/// Events with ids from 1 on: of leads, of none, and merges.
fn events(count: u64) -> Vec<NewEvent> {
    let event = |id| match id % 50 {
        7 => cost(id),
        9 => merged(id, &format!("L{}", id / 10), "L0"),
        _ => captured(id, &format!("L{}", id / 10), &format!("source \\u0000 é {}", id % 5)),
    };
    (1..=count).map(event).collect()
}

fn append(store: &dyn EventStore, events: Vec<NewEvent>) -> Result<Appended, AppendError> {
    Blocking(store).append(Append::new(events, NOW))
}

/// A store on a log whose table of events runs a trigger at one event.
fn triggered(cluster: &Cluster, position: u64, body: &str) -> (String, PostgresStore) {
    let log = fresh_log();
    let store = open(cluster, &log);
    let sql = format!(
        "CREATE SEQUENCE fired; CREATE TABLE statement (text text); \
         CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN {body}; RETURN new; END $$; \
         CREATE TRIGGER fire BEFORE INSERT ON event FOR EACH ROW \
             WHEN (new.position = {position}) EXECUTE FUNCTION fire()"
    );
    cluster.sql(&log, &sql);
    (log, store)
}

#[test]
fn appends_of_all_sizes_are_kept_alike() {
    let cluster = shared_or_skip!();
    for size in SIZES {
        let (memory, store) = (MemoryStore::new(), open(cluster, &fresh_log()));
        for count in [size, size, size + 9] {
            let expected = append(&memory, events(count)).expect("it goes in");
            assert_eq!(append(&store, events(count)).expect("it goes in"), expected, "{count}");
        }
        assert_same(&memory, &store);
        assert_eq!(Blocking(&store).verify(&mut |_, _| {}).expect("reads"), [], "{size}");
    }
}

#[test]
fn many_events_are_copied_and_few_are_not() {
    let cluster = shared_or_skip!();
    for size in SIZES {
        let tell = "INSERT INTO statement VALUES (current_query())";
        let (log, store) = triggered(cluster, 100, tell);
        append(&store, events(size)).expect("it goes in");
        let sql = format!("SELECT text FROM \"{log}\".statement");
        let statement: String = cluster.client().query_one(&sql, &[]).expect("one").get(0);
        assert_eq!(statement.starts_with("COPY"), size >= COPIED_MIN, "{size}: {statement}");
    }
}

#[test]
fn refusals_of_the_server_are_told_alike_and_change_nothing() {
    let cluster = shared_or_skip!();
    let refusals = [
        ("23514", StoreErrorKind::Corrupt),
        ("53100", StoreErrorKind::Full),
        ("55P03", StoreErrorKind::Busy),
        ("57014", StoreErrorKind::Busy),
    ];
    for (state, kind) in refusals {
        for size in SIZES {
            let refuse = format!("RAISE SQLSTATE '{state}'");
            let (log, store) = triggered(cluster, 200, &refuse);
            let Err(AppendError::Store(error)) = append(&store, events(size)) else {
                panic!("{state}, {size}: it must be refused")
            };
            assert_eq!(error.kind(), kind, "{state}, {size}: {error}");
            assert!(error.to_string().contains(state), "{error}");
            assert_eq!(Blocking(&store).head().expect("reads"), 0);

            cluster.sql(&log, "DROP TRIGGER fire ON event");
            let memory = MemoryStore::new();
            for store in [&memory as &dyn EventStore, &store] {
                append(store, events(size)).expect("it goes in");
            }
            assert_same(&memory, &store);
        }
    }
}

#[test]
fn copy_that_is_cut_is_done_once_more() {
    let cluster = shared_or_skip!();
    for size in SIZES {
        // Numbers of a sequence stay taken, whatever becomes of the transaction.
        let cut = "IF nextval('fired') = 1 THEN \
            PERFORM pg_terminate_backend(pg_backend_pid()); END IF";
        let (log, store) = triggered(cluster, 200, cut);
        let appended = append(&store, events(size)).expect("the writer connects again");
        assert_eq!(appended.head, size);
        let fired = format!("SELECT last_value FROM \"{log}\".fired");
        let fired: i64 = cluster.client().query_one(&fired, &[]).expect("one").get(0);
        assert_eq!(fired, 2, "{size}: it was cut once");
        assert_eq!(Blocking(&store).verify(&mut |_, _| {}).expect("reads"), [], "{size}");
    }
}
