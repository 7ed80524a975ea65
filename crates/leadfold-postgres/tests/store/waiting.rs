//! Whoever waits for events is told.

use std::time::{Duration, Instant};

use leadfold_postgres::{Options, PostgresStore};
use leadfold_store::{Blocking, EventStore, StoreFuture, block_on_for};

use crate::clauses::support::{append, captured};
use crate::cluster::{fresh_log, shared_or_skip};
use crate::contract::open;

/// Nobody waits so long, unless something is broken.
const LONG: Duration = Duration::from_secs(60);

/// What a wait ends with.
fn end(waiting: StoreFuture<'_, u64>) -> u64 {
    block_on_for(waiting, LONG).expect("it is told").expect("the log reads")
}

#[test]
fn notification_ends_the_wait() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    let writer = open(cluster, &log);
    // It would look for itself after the test has failed.
    let options = Options { poll_interval: LONG * 60, ..Options::default() };
    let reader = PostgresStore::open_with(&cluster.url(), &log, &options).expect("the log opens");
    let begun = Instant::now();
    let (first, second, third) = (reader.wait_for(1), reader.wait_for(2), reader.wait_for(0));
    assert!(end(third) <= 2, "nothing to wait for");
    append(&writer, vec![captured(1, "A", "x")]);
    assert!(end(first) >= 1);
    append(&writer, vec![captured(2, "A", "x")]);
    assert_eq!(end(second), 2);
    assert_eq!(end(reader.wait_for(2)), 2, "it is there already");
    assert!(begun.elapsed() < LONG * 60, "the end of the time has told it, and nobody else");
}

/// One who comes while another waits for long is not kept until that one is answered.
#[test]
fn later_waiters_do_not_wait_for_earlier_ones() {
    let cluster = shared_or_skip!();
    let options = Options { poll_interval: LONG * 60, ..Options::default() };
    let store = PostgresStore::open_with(&cluster.url(), &fresh_log(), &options);
    let store = store.expect("the log opens");
    let begun = Instant::now();
    let _never = store.wait_for(9);
    for _ in 0..3 {
        assert_eq!(end(store.wait_for(0)), 0);
    }
    assert!(begun.elapsed() < LONG * 60, "the end of the time has told it, and nobody else");
}

#[test]
fn timeout_ends_the_wait() {
    let cluster = shared_or_skip!();
    let store = open(cluster, &fresh_log());
    append(&store, vec![captured(1, "A", "x")]);
    let waited = Blocking(&store).wait_for(2, Duration::from_millis(1));
    assert_eq!(waited.expect("the log reads"), None);
}

#[test]
fn listener_that_was_cut_off_looks_for_itself() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    let url = format!("{} application_name='{log}'", cluster.url());
    let options = Options { poll_interval: Duration::from_millis(5), ..Options::default() };
    let reader = PostgresStore::open_with(&url, &log, &options).expect("the log opens");
    let begun = Instant::now();
    let waiting = reader.wait_for(1);
    let there = "SELECT pid FROM pg_stat_activity WHERE application_name = $1";
    let mut client = cluster.client();
    // The writer, and the listener once it has come.
    while client.query(there, &[&log]).expect("it may").len() < 2 {
        std::thread::yield_now();
    }
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
    client.query(cut, &[&log]).expect("it may");
    append(&open(cluster, &log), vec![captured(1, "A", "x")]);
    assert_eq!(end(waiting), 1);
    assert!(begun.elapsed() < LONG * 60, "the end of the time has told it, and nobody else");
}
