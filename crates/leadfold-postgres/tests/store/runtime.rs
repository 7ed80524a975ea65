//! The store inside a runtime of its user's: awaited, blocked on, and from blocking threads.

use std::time::Duration;

use leadfold_postgres::PostgresProjections;
use leadfold_store::{Blocking, EventStore, ProjectionStore};
use tokio::runtime::{Builder, Runtime};

use crate::clauses::support::{append, captured, lost};
use crate::cluster::{fresh_log, shared_or_skip};
use crate::contract::open;

/// One thread for everything: whoever blocks it for its own sake waits for ever.
fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

#[test]
fn store_is_awaited_and_blocked_on_inside_a_runtime() {
    let cluster = shared_or_skip!();
    let store = open(cluster, &fresh_log());
    runtime().block_on(async {
        append(&store, vec![captured(1, "A", "x")]);
        assert_eq!(store.head().await.expect("it reads"), 1);
        assert_eq!(Blocking(&store).head().expect("it reads"), 1);
        let waiting = store.wait_for(2);
        append(&store, vec![lost(2, "A", "x")]);
        assert_eq!(waiting.await.expect("it is told"), 2);
        let blocked = Blocking(&store).wait_for(2, Duration::from_secs(60));
        assert_eq!(blocked.expect("it reads"), Some(2));
    });
}

/// Tasks of one thread wait for each other's appends without blocking it.
#[test]
fn tasks_of_one_thread_wait_for_each_other() {
    let cluster = shared_or_skip!();
    let store = std::sync::Arc::new(open(cluster, &fresh_log()));
    runtime().block_on(async {
        let reader = {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move { store.wait_for(1).await })
        };
        tokio::task::yield_now().await;
        let events = vec![captured(1, "A", "x")];
        let append = leadfold_store::Append::new(events, crate::clauses::support::NOW);
        store.append(append).await.expect("it goes in");
        assert_eq!(reader.await.expect("it ends").expect("it is told"), 1);
    });
}

#[test]
fn projections_work_on_a_blocking_thread_of_a_runtime() {
    let cluster = shared_or_skip!();
    let (url, schema) = (cluster.url(), fresh_log());
    let states = move || PostgresProjections::open(&url, &schema)?.states("none");
    let states = runtime().block_on(async { tokio::task::spawn_blocking(states).await });
    assert_eq!(states.expect("it ends").expect("it reads"), []);
}
