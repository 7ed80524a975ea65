//! An older copy of a log is put in its place while a store has it open, as by a restore.

use leadfold_core::event::NewEvent;
use leadfold_store::{Append, Blocking, EventStore, MemoryStore};

use crate::clauses::support::{NOW, append, captured};
use crate::cluster::{Cluster, fresh_log, shared_or_skip};
use crate::contract::open;
use crate::same::assert_same;

/// Events of leads with these numbers, under ids of the same.
fn events(leads: impl IntoIterator<Item = u64>) -> Vec<NewEvent> {
    leads.into_iter().map(|n| captured(n, &format!("L{n}"), &format!("source {n}"))).collect()
}

/// A log with the events of some leads is put in the place of one with those of 1 to 5, which a
/// store has open; what it appends then has the numbers that a log has in which nothing else was.
fn assert_goes_on(cluster: &Cluster, older: &[u64]) {
    let (log, copy, memory) = (fresh_log(), fresh_log(), MemoryStore::new());
    let store = open(cluster, &log);
    append(&store, events(1..=5));
    append(&open(cluster, &copy), events(older.iter().copied()));
    append(&memory, events(older.iter().copied()));
    let restore =
        format!("DROP SCHEMA \"{log}\" CASCADE; ALTER SCHEMA \"{copy}\" RENAME TO \"{log}\"");
    cluster.sql("public", &restore);
    let next = || Append::new(events([31, 4, 32, 5]), NOW);
    let expected = Blocking(&memory).append(next()).expect("it goes in");
    assert_eq!(Blocking(&store).append(next()).expect("it goes in"), expected, "{older:?}");
    assert_same(&memory as &dyn EventStore, &store);
    assert_eq!(Blocking(&store).verify(&mut |_, _| {}).expect("reads"), [], "{older:?}");
}

#[test]
fn older_copy_that_is_put_back_gives_its_own_numbers() {
    let cluster = shared_or_skip!();
    assert_goes_on(cluster, &[1, 2]);
    assert_goes_on(cluster, &[]);
}

/// It has as many events as the log had, or more: only they tell that it is another.
#[test]
fn older_copy_that_has_grown_since_gives_its_own_numbers() {
    let cluster = shared_or_skip!();
    assert_goes_on(cluster, &[1, 2, 21, 22, 23]);
    assert_goes_on(cluster, &[1, 2, 21, 22, 23, 24, 25]);
}
