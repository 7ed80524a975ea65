//! Several threads and several writers share one log.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use leadfold_core::event::RecordedEvent;
use leadfold_core::{EventId, LeadId, Timestamp};
use leadfold_postgres::PostgresStore;
use leadfold_postgres::postgres::Client;
use leadfold_store::{Append, Blocking, EventStore, block_on};

use crate::clauses::support;
use crate::cluster::{fresh_log, shared_or_skip};
use crate::contract::{key, open};

const N_THREADS: u64 = 4;
const N_APPENDS: u64 = 25;

fn one(id: u64) -> Append {
    let erased = "\"type\":\"erased\",\"data\":{\"request\":\"r\"}";
    let event = support::event(id, &format!("L{}", id % 7), erased);
    Append::new(vec![event], Timestamp::from_micros(0))
}

/// Appends with ids from `first` on, and one in between that is refused.
fn append_some(store: &PostgresStore, first: u64, acknowledged: &Mutex<Vec<(u64, EventId)>>) {
    for id in first..first + N_APPENDS {
        // It must not spoil those that wait with it.
        let stale = one(id).expecting(LeadId(support::event_id(0).0), 5);
        assert!(Blocking(store).append(stale).expect_err("it is stale").is_conflict());
        let appended = Blocking(store).append(one(id)).expect("it goes in");
        let position = appended.outcomes[0].position().expect("it has a place");
        acknowledged.lock().expect("nobody panicked").push((position, support::event_id(id)));
    }
}

/// Reads until it is told to end, and then what is left. The log as it saw it grow.
fn follow(store: &PostgresStore, is_over: &AtomicBool) -> Vec<u64> {
    let mut seen = Vec::new();
    loop {
        let is_last = is_over.load(Ordering::Acquire);
        let after = seen.last().copied().unwrap_or(0);
        let events = Blocking(store).events(after, 10).expect("reads");
        let facts = Blocking(store).facts(after, events.len()).expect("reads");
        assert_eq!(facts.last_position(), events.last().map(|event| event.position));
        if is_last && events.is_empty() {
            return seen;
        }
        seen.extend(events.iter().map(|event| event.position));
    }
}

/// Tells the reader that the writers have ended, also if one of them panics.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// What is wrong with a log, given what was acknowledged of it and what a reader saw of it.
fn faults(log: &[(u64, EventId)], acknowledged: &[(u64, EventId)], seen: &[u64]) -> Vec<String> {
    let mut faults = Vec::new();
    let positions: Vec<u64> = log.iter().map(|(position, _)| *position).collect();
    if !positions.iter().copied().eq(1..=log.len() as u64) {
        faults.push("a gap".to_owned());
    }
    let by_position: BTreeMap<_, _> = log.iter().copied().collect();
    let is_lost = |(position, id): &&(u64, EventId)| by_position.get(position) != Some(id);
    faults.extend(acknowledged.iter().filter(is_lost).map(|lost| format!("lost {lost:?}")));
    let ids: std::collections::BTreeSet<_> = log.iter().map(|(_, id)| id).collect();
    if ids.len() != log.len() {
        faults.push("a duplicate".to_owned());
    }
    if seen != positions {
        faults.push("a reader skipped something".to_owned());
    }
    faults
}

fn places(events: &[RecordedEvent]) -> Vec<(u64, EventId)> {
    events.iter().map(|event| (event.position, event.id)).collect()
}

#[test]
fn two_writers_of_many_threads_share_one_log() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    let (left, right) = (open(cluster, &log), open(cluster, &log));
    let (acknowledged, is_over) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| follow(&right, &is_over));
        let over = Over(&is_over);
        std::thread::scope(|scope| {
            for thread in 0..N_THREADS * 2 {
                let store = if thread % 2 == 0 { &left } else { &right };
                let acknowledged = &acknowledged;
                scope.spawn(move || append_some(store, thread * 1_000, acknowledged));
            }
        });
        drop(over);
        reader.join().expect("the reader reads")
    });
    let acknowledged = acknowledged.into_inner().expect("nobody panicked");
    let found = places(&Blocking(&left).events(0, usize::MAX).expect("reads"));
    assert_eq!(found.len() as u64, N_THREADS * 2 * N_APPENDS);
    assert_eq!(acknowledged.len(), found.len());
    assert_eq!(faults(&found, &acknowledged, &seen), Vec::<String>::new());
    assert_eq!(Blocking(&left).verify(&mut |_, _| {}).expect("reads"), []);
}

/// A level that the database or the user has as its own: a transaction would see the log as it was
/// when it began to wait for its turn.
#[test]
fn writer_sees_what_others_wrote_while_it_waited_whatever_the_isolation() {
    let cluster = shared_or_skip!();
    for level in ["repeatable\\\\ read", "serializable"] {
        let log = fresh_log();
        let plain = open(cluster, &log);
        let url = format!("{} options='-c default_transaction_isolation={level}'", cluster.url());
        let strict = PostgresStore::open(&url, &log).expect("the log opens");
        let mut turn = cluster.client();
        let hold = format!("BEGIN; SELECT pg_advisory_xact_lock(1818651748, {})", key(&log));
        turn.batch_execute(&hold).expect("nobody writes");
        let waiting = [(&plain, 1), (&strict, 2)].map(|(store, n)| {
            let waiting = store.append(one(n));
            while waiters(&mut turn, &log) < n {
                std::thread::yield_now();
            }
            waiting
        });
        turn.batch_execute("COMMIT").expect("it ends");
        for (head, waiting) in (1..).zip(waiting) {
            assert_eq!(block_on(waiting).expect("it goes in").head, head, "{level}");
        }
    }
}

/// How many wait for the turn of a log.
fn waiters(client: &mut Client, log: &str) -> u64 {
    let sql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
        AND objid = ($1::int8 & 4294967295)::oid";
    let row = client.query_one(sql, &[&i64::from(key(log))]).expect("it may");
    row.get::<_, i64>(0).cast_unsigned()
}

#[test]
fn gaps_duplicates_losses_and_skips_are_caught() {
    let id = support::event_id;
    let sound = [(1, id(1)), (2, id(2)), (3, id(3))];
    let seen = [1, 2, 3];
    assert!(faults(&sound, &sound, &seen).is_empty());
    assert!(!faults(&sound[1..], &sound[1..], &seen[1..]).is_empty(), "a gap");
    assert!(!faults(&sound[..2], &sound, &seen[..2]).is_empty(), "a loss");
    assert!(!faults(&[sound[0], (2, id(1))], &[], &seen[..2]).is_empty(), "a duplicate");
    assert!(!faults(&sound, &sound, &[1, 3]).is_empty(), "a skip");
}

#[test]
fn positions_from_a_sequence_would_let_a_reader_skip() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    let (mut slow, mut fast) = (cluster.client(), cluster.client());
    // What this store does not do: a position is taken before the turn to commit.
    let table = format!("CREATE SCHEMA \"{log}\"; CREATE TABLE \"{log}\".e (position bigserial)");
    slow.batch_execute(&table).expect("the schema is new");
    let insert = format!("INSERT INTO \"{log}\".e DEFAULT VALUES");
    slow.batch_execute(&format!("BEGIN; {insert}")).expect("it takes position 1");
    fast.batch_execute(&insert).expect("it takes position 2");
    let mut seen = Vec::new();
    for _ in 0..2 {
        let after = seen.last().copied().unwrap_or(0_i64);
        let sql = format!("SELECT position FROM \"{log}\".e WHERE position > $1 ORDER BY position");
        seen.extend(fast.query(&sql, &[&after]).expect("reads").iter().map(|r| r.get::<_, i64>(0)));
        // Done already in the second round.
        slow.batch_execute("COMMIT").expect("it ends");
    }
    let seen: Vec<_> = seen.into_iter().map(i64::cast_unsigned).collect();
    let found = [(1, support::event_id(1)), (2, support::event_id(2))];
    assert_eq!(faults(&found, &found, &seen), ["a reader skipped something"]);
}
