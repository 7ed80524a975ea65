//! Faults that need two callers at a time. Each store waits for the other one to come, so that it
//! is caught in every run; the wait is bounded by a number of turns.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};

use leadfold_core::Facts;
use leadfold_core::event::RecordedEvent;
use leadfold_store::{
    Append, AppendError, Appended, Blocking, EventStore, MemoryStore, StoreFuture,
};

use super::broken::{Fault, assert_caught, caught_by, done, is_caught_at, sound};

/// How often a store looks whether the other has come.
const TURNS: usize = 20_000;

pub(super) fn wait_until(has_come: impl Fn() -> bool) {
    let _ = (0..TURNS).find(|_| {
        thread::yield_now();
        has_come()
    });
}

/// Picks one append of a crowd: the first one. Clauses of one thread append on the thread that
/// made the store.
pub(super) struct Pick {
    home: ThreadId,
    is_picked: AtomicBool,
}

impl Pick {
    pub(super) fn new() -> Self {
        Self { home: thread::current().id(), is_picked: AtomicBool::new(false) }
    }

    /// Whether a crowd is at work.
    pub(super) fn is_elsewhere(&self) -> bool {
        thread::current().id() != self.home
    }

    fn picks(&self) -> bool {
        self.is_elsewhere() && !self.is_picked.swap(true, Ordering::SeqCst)
    }
}

/// Gives positions before it commits: what is picked is seen later than what comes after it.
struct Skips {
    pick: Pick,
    hidden: Mutex<Vec<u64>>,
    n_reads: AtomicU64,
}

impl Skips {
    fn new() -> Self {
        Self { pick: Pick::new(), hidden: Mutex::default(), n_reads: AtomicU64::new(0) }
    }

    fn is_hidden(&self, position: u64) -> bool {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner).contains(&position)
    }

    /// Appends, and shows it when something behind it has been shown to a reader.
    fn append_hidden(&self, log: &MemoryStore, append: Append) -> Result<Appended, AppendError> {
        let mut hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        let appended = Blocking(log).append(append)?;
        hidden.extend(appended.outcomes.iter().filter_map(leadfold_store::Outcome::position));
        drop(hidden);
        wait_until(|| sound(Blocking(log).head()) > appended.head);
        let n_reads = self.n_reads.load(Ordering::SeqCst);
        wait_until(|| self.n_reads.load(Ordering::SeqCst) > n_reads + 2);
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(appended)
    }
}

impl Fault for Skips {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        if self.pick.picks() { done(self.append_hidden(log, append)) } else { log.append(append) }
    }
    fn events<'a>(
        &'a self,
        log: &'a MemoryStore,
        after: u64,
        max: usize,
    ) -> StoreFuture<'a, Vec<RecordedEvent>> {
        let mut page = sound(Blocking(log).events(after, max));
        page.retain(|event| !self.is_hidden(event.position));
        self.n_reads.fetch_add(1, Ordering::SeqCst);
        done(Ok(page))
    }
    fn facts<'a>(&'a self, log: &'a MemoryStore, after: u64, max: usize) -> StoreFuture<'a, Facts> {
        let (page, mut shown) = (sound(Blocking(log).facts(after, max)), Facts::default());
        let rows = page.rows();
        rows.filter(|fact| !self.is_hidden(fact.position)).for_each(|fact| shown.push(fact));
        done(Ok(shown))
    }
}

#[test]
fn store_whose_reader_can_skip_is_caught() {
    assert!(is_caught_at("reader_beside_writers_sees_every_event_in_order", Skips::new));
}

/// Counts an append into the head before it can be read.
struct Hurries {
    pick: Pick,
    ahead: AtomicU64,
    n_reads: AtomicU64,
}

impl Hurries {
    fn new() -> Self {
        Self { pick: Pick::new(), ahead: AtomicU64::new(0), n_reads: AtomicU64::new(0) }
    }
}

impl Fault for Hurries {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        if self.pick.picks() {
            self.ahead.store(1_000, Ordering::SeqCst);
            let n_reads = self.n_reads.load(Ordering::SeqCst);
            wait_until(|| self.n_reads.load(Ordering::SeqCst) > n_reads + 1);
            self.ahead.store(0, Ordering::SeqCst);
        }
        log.append(append)
    }
    fn head<'a>(&'a self, log: &'a MemoryStore) -> StoreFuture<'a, u64> {
        self.n_reads.fetch_add(1, Ordering::SeqCst);
        done(Ok(sound(Blocking(log).head()) + self.ahead.load(Ordering::SeqCst)))
    }
}

#[test]
fn store_with_a_head_beyond_what_it_returns_is_caught() {
    assert!(is_caught_at("head_beside_writers_is_not_beyond_what_can_be_read", Hurries::new));
}

/// Checks the version before its turn to write.
struct ChecksTooEarly(Pick);

impl ChecksTooEarly {
    fn new() -> Self {
        Self(Pick::new())
    }
}

impl Fault for ChecksTooEarly {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        let Some(expected) = append.expected.first().copied() else { return log.append(append) };
        let sequence =
            || sound(Blocking(log).lead(expected.lead)).map_or(0, |entry| entry.sequence);
        if sequence() != expected.sequence || !self.0.picks() {
            return log.append(append);
        }
        wait_until(|| sequence() != expected.sequence);
        log.append(Append { expected: Vec::new(), ..append })
    }
}

#[test]
fn store_that_checks_before_its_turn_is_caught() {
    let caught = caught_by(ChecksTooEarly::new);
    assert_eq!(caught[0], "appends_of_many_threads_are_linearizable");
    assert!(!caught.contains(&"event_of_many_threads_is_appended_once"), "{caught:?}");
}

/// Looks for ids before its turn to write: an event of two callers gets in twice.
struct LooksTooEarly(Pick);

impl Fault for LooksTooEarly {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        mut append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        let Some(first) = append.events.first().cloned() else { return log.append(append) };
        if !append.expected.is_empty() || !self.0.picks() {
            return log.append(append);
        }
        let lead = first.event.lead_id().expect("clauses begin batches with a lead");
        wait_until(|| sound(Blocking(log).lead(lead)).is_some());
        for (event, n) in append.events.iter_mut().zip(1_000_000..) {
            event.id = leadfold_testkit::conformance::support::event_id(n);
        }
        log.append(append)
    }
}

#[test]
fn store_that_looks_for_ids_before_its_turn_is_caught() {
    let expected = ["event_of_many_threads_is_appended_once"];
    assert_caught(|| LooksTooEarly(Pick::new()), &expected);
}

/// Appends the events of a picked batch one by one, each in a turn of its own.
struct LetsOthersBetween(Pick);

impl Fault for LetsOthersBetween {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        mut append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        if append.events.len() < 2 || !self.0.picks() {
            return log.append(append);
        }
        let rest = append.events.split_off(1);
        let second = Append { events: rest, expected: Vec::new(), ..append.clone() };
        let log = Blocking(log);
        done(log.append(append).and_then(|first| {
            wait_until(|| sound(log.head()) > first.head);
            let second = log.append(second)?;
            let outcomes = first.outcomes.into_iter().chain(second.outcomes).collect();
            Ok(Appended { outcomes, head: second.head })
        }))
    }
}

#[test]
fn store_that_lets_others_into_a_batch_is_caught() {
    let expected = ["appends_of_many_threads_are_linearizable"];
    assert_caught(|| LetsOthersBetween(Pick::new()), &expected);
}
