//! A user's own fold in memory: caught up, resumed, followed, of pages that are read ahead.

#[macro_use]
#[path = "shared/pass_on.rs"]
mod pass_on;

use std::sync::Mutex;
use std::thread;

use leadfold_core::Facts;
use leadfold_core::event::{EventLine, NewEvent, RecordedEvent};
use leadfold_engine::{Reduce, Reduction, ResumeError, Stop};
use leadfold_store::{
    Append, AppendError, Appended, Blocking, Capabilities, Checkpoint, EventStore, MemoryStore,
    StoreError, StoreErrorKind, StoreFuture,
};

fn event(n: u64) -> NewEvent {
    let line = format!(
        "{{\"lead\":\"L{}\",\"occurred_at\":\"2024-02-01T09:00:00Z\",\"type\":\"lost\",\
         \"data\":{{\"reason\":\"{n}\"}}}}",
        n % 3
    );
    EventLine::parse(line.as_bytes()).expect("a sound line").identify(|_| n)
}

fn append(log: &MemoryStore, numbers: std::ops::RangeInclusive<u64>) {
    let events = numbers.map(event).collect();
    let append = Append::new(events, leadfold_core::Timestamp::from_micros(1));
    Blocking(log).append(append).expect("it goes in");
}

/// Every position that it was given, of whatever page.
#[derive(Clone, Debug, Default)]
struct OfFacts(Vec<u64>);

impl Reduce for OfFacts {
    type Page = Facts;
    fn apply(&mut self, page: &Facts) {
        self.0.extend((0..page.len()).map(|index| page.row(index).position));
    }
}

#[derive(Clone, Debug, Default)]
struct OfEvents(Vec<u64>);

impl Reduce for OfEvents {
    type Page = Vec<RecordedEvent>;
    fn apply(&mut self, page: &Vec<RecordedEvent>) {
        self.0.extend(page.iter().map(|event| event.position));
    }
}

#[test]
fn fold_takes_in_every_event_once() {
    let log = MemoryStore::new();
    let (mut facts, mut events) =
        (Reduction::new(&log, OfFacts::default()), Reduction::new(&log, OfEvents::default()));
    let mut head = 0;
    for more in [0, 1, 5, 20_000] {
        if more > 0 {
            append(&log, head + 1..=head + more);
        }
        head += more;
        assert_eq!(facts.catch_up(&Stop::new()).expect("it reads"), head);
        assert_eq!(events.catch_up(&Stop::new()).expect("it reads"), head);
        assert!(facts.get().0.iter().copied().eq(1..=head));
        assert!(events.get().0.iter().copied().eq(1..=head));
    }
}

#[test]
fn fold_goes_on_from_its_checkpoint_and_from_no_other() {
    let log = MemoryStore::new();
    append(&log, 1..=7);
    let mut fold = Reduction::new(&log, OfEvents::default());
    fold.catch_up(&Stop::new()).expect("it reads");
    let (checkpoint, kept) = (fold.checkpoint(), fold.into_inner());
    append(&log, 8..=9);
    let mut fold = Reduction::resume(&log, kept.clone(), checkpoint).expect("it is of this log");
    fold.catch_up(&Stop::new()).expect("it reads");
    assert_eq!(fold.get().0, (1..=9).collect::<Vec<_>>());
    let other = MemoryStore::new();
    append(&other, 101..=120);
    for (log, position) in [(&other, 7), (&MemoryStore::new(), 7), (&log, 10)] {
        let checkpoint = Checkpoint { position, ..checkpoint };
        let error = Reduction::resume(log, kept.clone(), checkpoint).expect_err("it is of another");
        assert!(matches!(error, ResumeError::OtherLog(found) if found.position == position));
    }
}

#[test]
fn fold_follows_until_it_is_stopped() {
    let (log, stop) = (MemoryStore::new(), Stop::new());
    append(&log, 1..=3);
    thread::scope(|scope| {
        let (log, asked) = (&log, stop.clone());
        let follower = scope.spawn(move || {
            let mut fold = Reduction::new(log, OfFacts::default());
            let seen = |fold: &OfFacts| {
                if fold.0.len() >= 10 {
                    asked.request()
                }
            };
            fold.follow(&asked.clone(), seen).expect("it reads");
            fold.into_inner().0
        });
        for n in 4..=10 {
            append(log, n..=n);
        }
        assert_eq!(follower.join().expect("it ends"), (1..=10).collect::<Vec<_>>());
    });
    let mut late = Reduction::new(&log, OfFacts::default());
    assert_eq!(late.catch_up(&stop).expect("it reads"), 0, "it was asked to stop before");
}

/// A store that notes which pages it is asked for. It hands out at most so many events a page, and
/// none from one position on.
struct Sparing {
    inner: MemoryStore,
    events_max: usize,
    fails_from: u64,
    asked: Mutex<Vec<(u64, usize)>>,
}

impl Sparing {
    fn new(events: u64, events_max: usize, fails_from: u64) -> Self {
        let inner = MemoryStore::new();
        append(&inner, 1..=events);
        Self { inner, events_max, fails_from, asked: Mutex::default() }
    }
}

impl EventStore for Sparing {
    fn append(&self, append: Append) -> StoreFuture<'_, Appended, AppendError> {
        self.inner.append(append)
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn facts(&self, after: u64, events_max: usize) -> StoreFuture<'_, Facts> {
        self.inner.facts(after, events_max)
    }

    fn events(&self, after: u64, events_max: usize) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.asked.lock().expect("nobody panics with it").push((after, events_max));
        if after >= self.fails_from {
            return Box::pin(async {
                Err(StoreError::new(StoreErrorKind::Busy, "somebody else writes"))
            });
        }
        self.inner.events(after, events_max.min(self.events_max))
    }

    pass_on!(self => self.inner; but pages);
}

/// Notes how many pages have been asked for while each is folded.
struct AskedMeanwhile<'l>(&'l Sparing, Vec<usize>);

impl Reduce for AskedMeanwhile<'_> {
    type Page = Vec<RecordedEvent>;
    fn apply(&mut self, _: &Vec<RecordedEvent>) {
        self.1.push(self.0.asked.lock().expect("nobody panics with it").len());
    }
}

#[test]
fn events_are_read_two_pages_ahead_and_each_page_once() {
    let log = Sparing::new(70_000, usize::MAX, u64::MAX);
    let mut fold = Reduction::new(&log, AskedMeanwhile(&log, Vec::new()));
    assert_eq!(fold.catch_up(&Stop::new()).expect("it reads"), 70_000);
    assert_eq!(fold.get().1, [3, 4, 5, 5, 5]);
    let asked =
        [(0, 16_384), (16_384, 16_384), (32_768, 16_384), (49_152, 16_384), (65_536, 4_464)];
    assert_eq!(*log.asked.lock().expect("nobody panics with it"), asked);
}

#[test]
fn pages_that_are_shorter_than_asked_for_leave_nothing_out() {
    for events_max in [1_000, 16_383] {
        let log = Sparing::new(40_000, events_max, u64::MAX);
        let mut fold = Reduction::new(&log, OfEvents::default());
        assert_eq!(fold.catch_up(&Stop::new()).expect("it reads"), 40_000);
        assert!(fold.get().0.iter().copied().eq(1..=40_000), "pages of {events_max}");
    }
}

#[test]
fn page_that_fails_ahead_fails_once_all_before_it_is_taken_in() {
    let log = Sparing::new(70_000, usize::MAX, 32_768);
    let mut fold = Reduction::new(&log, OfEvents::default());
    let error = fold.catch_up(&Stop::new()).expect_err("the third page does not read");
    assert_eq!(error.kind(), StoreErrorKind::Busy);
    assert_eq!(fold.checkpoint().position, 32_768);
    assert!(fold.get().0.iter().copied().eq(1..=32_768));
}

/// The checkpoint is that of the page's own last event.
#[test]
fn fold_of_events_has_the_checkpoint_of_a_fold_of_facts() {
    let log = MemoryStore::new();
    append(&log, 1..=20_000);
    let (mut facts, mut events) =
        (Reduction::new(&log, OfFacts::default()), Reduction::new(&log, OfEvents::default()));
    facts.catch_up(&Stop::new()).expect("it reads");
    events.catch_up(&Stop::new()).expect("it reads");
    assert_eq!(facts.checkpoint(), events.checkpoint());
}
