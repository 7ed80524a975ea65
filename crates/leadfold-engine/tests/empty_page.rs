//! A store that has no events where its head says that there are some: nobody takes that for the
//! end of the log, or asks again for ever.

#[macro_use]
#[path = "shared/pass_on.rs"]
mod pass_on;

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use leadfold_core::event::{EventLine, RecordedEvent};
use leadfold_core::{Bounds, Facts, Playbook, Timestamp};
use leadfold_engine::{Projection, Reduce, Reduction, RunError, Runner, Stop, View};
use leadfold_store::{
    Append, AppendError, Appended, Blocking, Capabilities, EventStore, MemoryProjections,
    MemoryStore, StoreError, StoreErrorKind, StoreFuture, block_on,
};

const READS_MAX: u32 = 100;

/// Does not give the events behind a position.
struct Forgets {
    inner: MemoryStore,
    after: AtomicU64,
    reads: AtomicU32,
}

impl Forgets {
    fn of(events: u64, after: u64) -> Self {
        let store = Self {
            inner: MemoryStore::new(),
            after: AtomicU64::new(after),
            reads: AtomicU32::new(0),
        };
        store.capture(1..=events);
        store
    }

    fn capture(&self, leads: RangeInclusive<u64>) {
        leads.for_each(|n| self.append_line(n, "captured", "2024-02-01"));
    }

    fn append_line(&self, lead: u64, kind: &str, day: &str) {
        let line = format!(
            "{{\"lead\":\"L{lead}\",\"occurred_at\":\"{day}T09:00:00Z\",\
             \"type\":\"{kind}\",\"data\":{{}}}}"
        );
        let event = EventLine::parse(line.as_bytes()).expect("a sound line").identify(|_| lead);
        let append = Append::new(vec![event], Timestamp::from_micros(1));
        Blocking(self).append(append).expect("it goes in");
    }

    /// How many events it gives of so many. Who asks for ever is told that it does.
    fn kept(&self, after: u64, events_max: usize) -> usize {
        assert!(self.reads.fetch_add(1, Ordering::Relaxed) < READS_MAX, "it asks for ever");
        let left = self.after.load(Ordering::Relaxed).saturating_sub(after);
        usize::try_from(left).map_or(events_max, |n| n.min(events_max))
    }
}

impl EventStore for Forgets {
    fn append(&self, append: Append) -> StoreFuture<'_, Appended, AppendError> {
        self.inner.append(append)
    }

    fn facts(&self, after: u64, events_max: usize) -> StoreFuture<'_, Facts> {
        self.inner.facts(after, self.kept(after, events_max))
    }

    fn events(&self, after: u64, events_max: usize) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.inner.events(after, self.kept(after, events_max))
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities().in_log_order_only()
    }

    pass_on!(self => self.inner; but pages);
}

/// Counts events.
#[derive(Default)]
struct Count(usize);

impl Reduce for Count {
    type Page = Vec<RecordedEvent>;
    fn apply(&mut self, page: &Vec<RecordedEvent>) {
        self.0 += page.len();
    }
}

impl Projection<MemoryProjections<usize>> for Count {
    type Page = Facts;
    type Error = Infallible;
    const NAME: &'static str = "count";
    const VERSION: u32 = 1;
    const TABLES: &'static [&'static str] = &["count"];

    fn create(&self, _: &mut usize) -> Result<(), Infallible> {
        Ok(())
    }
    fn apply(
        &self,
        page: &Facts,
        _: Blocking<&dyn EventStore>,
        count: &mut usize,
    ) -> Result<(), Infallible> {
        *count += page.len();
        Ok(())
    }
}

fn assert_says(error: &StoreError, position: u64) {
    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error}");
    let expected = format!("expected events after position {position}, found none");
    assert!(error.to_string().starts_with(&expected), "{error}");
}

#[test]
fn projection_stops_before_what_is_not_there() {
    let tables = MemoryProjections::<usize>::default();
    let mut runner = Runner::open(Forgets::of(5, 3), tables, Count(0)).expect("it opens");
    let error = runner.catch_up(&Stop::new()).expect_err("two events are not there");
    // It is the store that lacks them: no event is to blame, and `decide` is not asked.
    let RunError::Store(error) = error else { panic!("{error}") };
    assert_says(&error, 3);
    assert_eq!(runner.store().live("count"), Some(&3), "what is there is taken in");
}

#[test]
fn reduction_ends_with_an_error() {
    let mut count = Reduction::new(Forgets::of(5, 3), Count(0));
    for _ in 0..2 {
        assert_says(&count.catch_up(&Stop::new()).expect_err("two events are not there"), 3);
        assert_eq!((count.get().0, count.checkpoint().position), (3, 3));
    }
    assert_says(&count.follow(&Stop::new(), |_| {}).expect_err("nor are they later"), 3);
}

/// A rebuild reads the newest events as it would read a run of leads.
#[test]
fn rebuild_leaves_nothing_out() {
    for threads in [1, 2] {
        let mut view = View::new(Forgets::of(5, 3), Playbook::default(), Bounds::default());
        let threads = NonZeroUsize::new(threads).expect("one or two");
        let error = view.catch_up_on(threads, &|_, _| ControlFlow::Continue(()));
        assert_says(&error.expect_err("two events are not there"), 3);
    }
}

/// A view that stands somewhere reads on in the order of the log.
#[test]
fn view_leaves_nothing_out() {
    let store = Forgets::of(3, 3);
    let mut view = View::new(&store, Playbook::default(), Bounds::default());
    block_on(view.catch_up(|_, _| {})).expect("all is there");
    store.capture(4..=5);
    let error = block_on(view.catch_up(|_, _| {})).map(drop);
    assert_says(&error.expect_err("two events are not there"), 3);
}

/// A lead whose event came late waits to be folded anew when the next page is not there.
#[test]
fn view_that_broke_off_has_no_tables_until_it_has_come_through() {
    let store = Forgets::of(3, 4);
    let mut view = View::new(&store, Playbook::default(), Bounds::default());
    block_on(view.catch_up(|_, _| {})).expect("all is there");
    assert_eq!(view.tables().map(|tables| tables.leads().count()), Some(3));
    store.append_line(1, "captured", "2024-01-01");
    store.capture(5..=5);
    let error = block_on(view.catch_up(|_, _| {})).map(drop);
    assert_says(&error.expect_err("an event is not there"), 4);
    assert!(!view.is_current() && view.tables().is_none() && view.observer().is_none());
    store.after.store(5, Ordering::Relaxed);
    block_on(view.catch_up(|_, _| {})).expect("all is there");
    assert_eq!(view.tables().map(|tables| tables.leads().count()), Some(4));
}
