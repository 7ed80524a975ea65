//! Whoever waits for events is told, also of those that another store commits to the same file.

use std::time::Duration;

use leadfold_sqlite::{Options, SqliteStore};
use leadfold_store::{Blocking, EventStore, StoreErrorKind, StoreFuture, block_on_for};

use crate::clauses::support::{append, captured, lost};

/// Nobody waits so long, unless something is broken.
const LONG: Duration = Duration::from_secs(60);

fn end(waiting: StoreFuture<'_, u64>) -> u64 {
    block_on_for(waiting, LONG).expect("it is told").expect("the log reads")
}

#[test]
fn commit_of_another_store_is_noticed() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    let options = Options { poll_interval: Duration::from_millis(1), ..Options::default() };
    let open = || SqliteStore::open_with(&path, &options).expect("the file opens");
    let (reader, writer) = (open(), open());
    let (first, second) = (reader.wait_for(1), reader.wait_for(2));
    append(&writer, vec![captured(1, "A", "x")]);
    assert_eq!(end(first), 1);
    append(&writer, vec![lost(2, "A", "x")]);
    assert_eq!(end(second), 2);
}

/// Our own commits need nobody who looks: the thread would look after the test has failed.
#[test]
fn commit_of_our_own_is_told_at_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = Options { poll_interval: LONG * 60, ..Options::default() };
    let store = SqliteStore::open_with(directory.path().join("log.db"), &options);
    let store = store.expect("a new file opens");
    let _never = store.wait_for(9);
    let (first, second) = (store.wait_for(1), store.wait_for(2));
    append(&store, vec![captured(1, "A", "x"), lost(2, "A", "x")]);
    assert_eq!((end(first), end(second)), (2, 2));
    let early = Blocking(&store).wait_for(3, Duration::from_millis(1)).expect("it reads");
    assert_eq!(early, None, "nobody has appended it");
}

/// A store does not stay because somebody waits at it: they borrow it.
#[test]
fn wait_that_was_dropped_does_not_keep_the_store() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(directory.path().join("log.db")).expect("a new file opens");
    let waited = Blocking(&store).wait_for(1, Duration::from_millis(1));
    assert_eq!(waited.map_err(|error| error.kind()), Ok::<_, StoreErrorKind>(None));
    drop(store);
}

#[test]
fn any_time_may_be_given_to_wait_for_another_process() {
    for busy_timeout in [Duration::from_millis(i32::MAX as u64 + 1), Duration::MAX] {
        let directory = tempfile::tempdir().expect("a directory");
        let options = Options { busy_timeout, ..Options::default() };
        let store = SqliteStore::open_with(directory.path().join("log.db"), &options);
        append(&store.expect("a new file opens"), vec![captured(1, "A", "x")]);
    }
}
