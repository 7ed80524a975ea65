//! Faults that need two callers at a time. Each store waits for the other one to come, so that it
//! is caught in every run however threads are scheduled; the wait is bounded by a number of turns,
//! which only a clause in which nobody comes would use up.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};

use leadfold_core::Facts;
use leadfold_core::event::RecordedEvent;
use leadfold_store::{
    Append, AppendError, Appended, Blocking, EventStore, MemoryStore, StoreFuture,
};

use super::broken::{Fault, done, is_caught_at, sound};

/// How often a store looks whether the other has come.
const TURNS: usize = 10_000_000;

pub(super) fn wait_until(has_come: impl Fn() -> bool) {
    let _ = (0..TURNS).find(|_| {
        thread::yield_now();
        has_come()
    });
}

/// The thread that made a store. Clauses of one thread append on it; a crowd is elsewhere.
pub(super) struct Home(ThreadId);

impl Home {
    pub(super) fn here() -> Self {
        Self(thread::current().id())
    }

    pub(super) fn is_here(&self) -> bool {
        thread::current().id() == self.0
    }
}

/// Picks one append of a crowd.
struct Pick {
    home: Home,
    is_picked: AtomicBool,
}

impl Pick {
    fn new() -> Self {
        Self { home: Home::here(), is_picked: AtomicBool::new(false) }
    }

    /// Whether this is the first that asks.
    fn picks(&self) -> bool {
        !self.home.is_here() && !self.is_picked.swap(true, Ordering::SeqCst)
    }

    /// Whether this is the first batch that no conflict can refuse: a refusal would use up the pick.
    fn picks_batch(&self, append: &Append) -> bool {
        append.events.len() > 1 && append.expected.is_empty() && self.picks()
    }
}

/// Gives positions before it commits: what is picked is seen later than what comes after it.
struct Skips {
    pick: Pick,
    hidden: Mutex<Vec<u64>>,
    /// A reader was shown something behind what is hidden.
    has_skipped: AtomicBool,
}

impl Skips {
    fn new() -> Self {
        let (hidden, has_skipped) = (Mutex::default(), AtomicBool::new(false));
        Self { pick: Pick::new(), hidden, has_skipped }
    }

    fn is_hidden(&self, position: u64) -> bool {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner).contains(&position)
    }

    fn is_behind_hidden(&self, position: u64) -> bool {
        let hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        hidden.iter().any(|other| *other < position)
    }

    /// Appends, and shows it when something behind it has been shown to a reader.
    fn append_hidden(&self, log: &MemoryStore, append: Append) -> Result<Appended, AppendError> {
        let mut hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        let appended = Blocking(log).append(append)?;
        hidden.extend(appended.outcomes.iter().filter_map(leadfold_store::Outcome::position));
        drop(hidden);
        wait_until(|| sound(Blocking(log).head()) > appended.head);
        wait_until(|| self.has_skipped.load(Ordering::SeqCst));
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
        if !self.pick.picks_batch(&append) {
            return log.append(append);
        }
        done(self.append_hidden(log, append))
    }
    fn events<'a>(
        &'a self,
        log: &'a MemoryStore,
        after: u64,
        max: usize,
    ) -> StoreFuture<'a, Vec<RecordedEvent>> {
        let mut page = sound(Blocking(log).events(after, max));
        page.retain(|event| !self.is_hidden(event.position));
        if page.last().is_some_and(|last| self.is_behind_hidden(last.position)) {
            self.has_skipped.store(true, Ordering::SeqCst);
        }
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
    /// Somebody was told a head that is too far.
    has_told: AtomicBool,
}

impl Hurries {
    fn new() -> Self {
        let (ahead, has_told) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { pick: Pick::new(), ahead, has_told }
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
            wait_until(|| self.has_told.load(Ordering::SeqCst));
            self.ahead.store(0, Ordering::SeqCst);
        }
        log.append(append)
    }
    fn head<'a>(&'a self, log: &'a MemoryStore) -> StoreFuture<'a, u64> {
        let ahead = self.ahead.load(Ordering::SeqCst);
        self.has_told.fetch_or(ahead > 0, Ordering::SeqCst);
        done(Ok(sound(Blocking(log).head()) + ahead))
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
    assert!(is_caught_at("appends_of_many_threads_are_linearizable", ChecksTooEarly::new));
    assert!(!is_caught_at("event_of_many_threads_is_appended_once", ChecksTooEarly::new));
}

/// Looks for ids before its turn to write: an event of two callers gets in twice.
struct LooksTooEarly(Pick);

impl Fault for LooksTooEarly {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        mut append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        if !self.0.picks_batch(&append) {
            return log.append(append);
        }
        let lead = append.events[0].event.lead_id().expect("clauses begin batches with a lead");
        wait_until(|| sound(Blocking(log).lead(lead)).is_some());
        for (event, n) in append.events.iter_mut().zip(1_000_000..) {
            event.id = leadfold_testkit::conformance::support::event_id(n);
        }
        log.append(append)
    }
}

#[test]
fn store_that_looks_for_ids_before_its_turn_is_caught() {
    let early = || LooksTooEarly(Pick::new());
    assert!(is_caught_at("event_of_many_threads_is_appended_once", early));
}

/// Appends the events of a picked batch one by one, each in a turn of its own.
struct LetsOthersBetween(Pick);

impl Fault for LetsOthersBetween {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        mut append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        if !self.0.picks_batch(&append) {
            return log.append(append);
        }
        let rest = append.events.split_off(1);
        let second = Append { events: rest, ..append.clone() };
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
    let lets = || LetsOthersBetween(Pick::new());
    assert!(is_caught_at("appends_of_many_threads_are_linearizable", lets));
}
