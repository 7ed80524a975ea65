//! A log that is exchanged under a runner, a fold or a view, as by a backup that is restored or a
//! standby that takes over: what stands behind an event that the log no longer has is not gone on
//! with.

#[macro_use]
#[path = "shared/pass_on.rs"]
mod pass_on;

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use leadfold_core::event::{EventLine, RecordedEvent};
use leadfold_core::{Bounds, EventId, Facts, Playbook, Timestamp};
use leadfold_engine::{OtherLog, Projection, Reduce, Reduction, RunError, Runner, Stop, View};
use leadfold_store::{
    Advance, Append, AppendError, Appended, Blocking, Capabilities, Checkpoint, EventStore,
    MemoryProjections, MemoryStore, ProjectionStore, Step, StoreError, StoreErrorKind, StoreFuture,
    block_on,
};

/// One log, and from some time on another.
struct Exchanged {
    before: MemoryStore,
    after: MemoryStore,
    is_exchanged: AtomicBool,
    /// It is exchanged when the next page is read, just before.
    is_exchanged_by_page: AtomicBool,
}

impl Exchanged {
    fn new(before: MemoryStore, after: MemoryStore) -> Self {
        let (is_exchanged, is_exchanged_by_page) = Default::default();
        Self { before, after, is_exchanged, is_exchanged_by_page }
    }

    fn log_of_page(&self) -> &MemoryStore {
        self.is_exchanged
            .fetch_or(self.is_exchanged_by_page.load(Ordering::Relaxed), Ordering::Relaxed);
        self.log()
    }

    fn exchange_by_page(&self) {
        self.is_exchanged_by_page.store(true, Ordering::Relaxed);
    }

    fn log(&self) -> &MemoryStore {
        if self.is_exchanged.load(Ordering::Relaxed) { &self.after } else { &self.before }
    }

    fn exchange(&self) {
        self.is_exchanged.store(true, Ordering::Relaxed);
    }
}

impl EventStore for Exchanged {
    fn append(&self, append: Append) -> StoreFuture<'_, Appended, AppendError> {
        self.log().append(append)
    }

    fn capabilities(&self) -> Capabilities {
        self.log().capabilities().in_log_order_only()
    }

    fn facts(&self, after: u64, events_max: usize) -> StoreFuture<'_, Facts> {
        self.log_of_page().facts(after, events_max)
    }

    fn events(&self, after: u64, events_max: usize) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.log_of_page().events(after, events_max)
    }

    pass_on!(self => self.log(); but pages);
}

/// A log of captures of leads with these numbers.
fn log(leads: impl IntoIterator<Item = u64>) -> MemoryStore {
    let store = MemoryStore::new();
    append(&store, leads);
    store
}

fn append(store: &MemoryStore, leads: impl IntoIterator<Item = u64>) {
    let event = |n: u64| {
        let line = format!(
            "{{\"lead\":\"L{n}\",\"occurred_at\":\"2024-02-01T09:00:00Z\",\
             \"type\":\"captured\",\"data\":{{}}}}"
        );
        EventLine::parse(line.as_bytes()).expect("a sound line").identify(|_| n)
    };
    let events = leads.into_iter().map(event).collect();
    Blocking(store).append(Append::new(events, Timestamp::from_micros(1))).expect("it goes in");
}

/// Notes the keys of leads down.
struct Keys;

impl Projection<MemoryProjections<Vec<String>>> for Keys {
    type Page = Vec<RecordedEvent>;
    type Error = Infallible;
    const NAME: &'static str = "keys";
    const VERSION: u32 = 1;
    const TABLES: &'static [&'static str] = &["keys"];

    fn create(&self, _: &mut Vec<String>) -> Result<(), Infallible> {
        Ok(())
    }

    fn apply(
        &self,
        page: &Vec<RecordedEvent>,
        _: Blocking<&dyn EventStore>,
        keys: &mut Vec<String>,
    ) -> Result<(), Infallible> {
        keys.extend(
            page.iter().filter_map(|event| event.event.lead.as_ref().map(|key| key.to_string())),
        );
        Ok(())
    }
}

/// How a catch-up ends after the log has been exchanged for another, twice, and what is noted down.
fn exchanged_for(after: MemoryStore) -> [Result<u64, RunError<Infallible>>; 2] {
    let log = Exchanged::new(log(1..=5), after);
    let tables = MemoryProjections::<Vec<String>>::default();
    let mut runner = Runner::open(&log, tables, Keys).expect("it opens").with_page_events(2);
    assert_eq!(runner.catch_up(&Stop::new()).expect("it runs"), 5);
    log.exchange();
    let ends = [(); 2].map(|()| runner.catch_up(&Stop::new()));
    assert_eq!(runner.store().live("keys").map(Vec::len), Some(5), "nothing is written");
    ends
}

fn is_of_another(end: &Result<u64, RunError<Infallible>>) -> bool {
    let of = OtherLog { position: 5 };
    matches!(end, Err(RunError::OtherLog { source, .. }) if *source == of)
}

/// What a log of five events may be exchanged for.
fn others() -> [(&'static str, MemoryStore); 4] {
    [
        ("it has grown past the runner", log((1..=3).chain(14..=17))),
        ("it is as long as before", log((1..=3).chain(14..=15))),
        ("it is shorter", log(1..=3)),
        ("it is empty", log([])),
    ]
}

#[test]
fn log_that_was_set_back_is_another_whatever_has_come_since() {
    for (what, after) in others() {
        let ends = exchanged_for(after);
        assert!(ends.iter().all(is_of_another), "{what}: {ends:?}");
    }
}

/// Between the look at the log and the page: the page, and what comes behind it, are of the other
/// one.
#[test]
fn log_that_is_set_back_while_a_page_is_read_is_another() {
    let log = Exchanged::new(log(1..=5), log((1..=3).chain(14..=19)));
    let tables = MemoryProjections::<Vec<String>>::default();
    let mut runner = Runner::open(&log, tables, Keys).expect("it opens").with_page_events(2);
    assert_eq!(runner.catch_up(&Stop::new()).expect("it runs"), 5);
    append(&log.before, 6..=7);
    log.exchange_by_page();
    let end = runner.catch_up(&Stop::new());
    assert!(is_of_another(&end), "{end:?}");
    assert_eq!(runner.store().live("keys").map(Vec::len), Some(5), "nothing is written");
}

/// Counts events.
struct Count(usize);

impl Reduce for Count {
    type Page = Vec<RecordedEvent>;

    fn apply(&mut self, page: &Vec<RecordedEvent>) {
        self.0 += page.len();
    }
}

fn assert_other<T: std::fmt::Debug>(what: &str, end: Result<T, StoreError>) {
    let error = end.expect_err(what);
    assert_eq!(error.kind(), StoreErrorKind::NotFound, "{what}: {error}");
    assert_eq!(error.to_string(), OtherLog { position: 5 }.to_string(), "{what}");
}

#[test]
fn fold_does_not_go_on_with_a_log_that_was_set_back() {
    for (what, after) in others() {
        let log = Exchanged::new(log(1..=5), after);
        let mut fold = Reduction::new(&log, Count(0));
        assert_eq!(fold.catch_up(&Stop::new()).expect("it reads"), 5);
        log.exchange();
        for _ in 0..2 {
            assert_other(what, fold.catch_up(&Stop::new()));
        }
        assert_eq!(fold.get().0, 5, "{what}");
    }
    let log = Exchanged::new(log(1..=5), log((1..=3).chain(14..=19)));
    let mut fold = Reduction::new(&log, Count(0));
    fold.catch_up(&Stop::new()).expect("it reads");
    append(&log.before, 6..=7);
    log.exchange_by_page();
    assert_other("by a page", fold.catch_up(&Stop::new()));
    assert_eq!(fold.get().0, 5);
}

fn view(log: &Exchanged) -> View<&Exchanged> {
    View::new(log, Playbook::default(), Bounds::default())
}

#[test]
fn view_does_not_go_on_with_a_log_that_was_set_back() {
    for (what, after) in others() {
        let log = Exchanged::new(log(1..=5), after);
        let [mut one, mut many] = [view(&log), view(&log)];
        block_on(one.catch_up(|_, _| {})).expect("it reads");
        let threads = NonZeroUsize::new(2).expect("two");
        let watch = |_, _| ControlFlow::Continue(());
        assert!(many.catch_up_on(threads, &watch).expect("it reads").is_continue());
        log.exchange();
        for _ in 0..2 {
            assert_other(what, block_on(one.catch_up(|_, _| {})).map(drop));
        }
        assert_other(what, many.catch_up_on(threads, &watch));
        assert_other(what, block_on(one.keep_snapshot()));
        assert_eq!(one.position(), 5, "{what}");
    }
}

/// In the first fold, and in one that goes on.
#[test]
fn view_takes_no_page_of_a_log_that_is_set_back_meanwhile() {
    let log_of = || Exchanged::new(log(1..=5), log((1..=3).chain(14..=19)));
    let log = log_of();
    let mut first = view(&log);
    log.exchange_by_page();
    for _ in 0..2 {
        assert_other("the first", block_on(first.catch_up(|_, _| {})).map(drop));
    }
    let log = log_of();
    let mut later = view(&log);
    block_on(later.catch_up(|_, _| {})).expect("it reads");
    append(&log.before, 6..=7);
    log.exchange_by_page();
    assert_other("a later one", block_on(later.catch_up(|_, _| {})).map(drop));
    assert_eq!(later.position(), 5);
}

#[test]
fn log_that_has_all_that_it_had_is_gone_on_with() {
    let log = Exchanged::new(log(1..=5), log(1..=9));
    let tables = MemoryProjections::<Vec<String>>::default();
    let mut runner = Runner::open(&log, tables, Keys).expect("it opens");
    let (mut fold, mut view) = (Reduction::new(&log, Count(0)), view(&log));
    assert_eq!(runner.catch_up(&Stop::new()).expect("it runs"), 5);
    assert_eq!(fold.catch_up(&Stop::new()).expect("it reads"), 5);
    block_on(view.catch_up(|_, _| {})).expect("it reads");
    log.exchange();
    assert_eq!(runner.catch_up(&Stop::new()).expect("it goes on"), 9);
    assert_eq!(fold.catch_up(&Stop::new()).expect("it goes on"), 9);
    block_on(view.catch_up(|_, _| {})).expect("it goes on");
    assert_eq!(view.position(), 9);
}

/// Another runner of the same tables, which has another log, was faster.
#[test]
fn checkpoint_that_another_runner_moved_is_looked_at() {
    let log = log(1..=5);
    let tables = MemoryProjections::<Vec<String>>::default();
    let mut runner = Runner::open(&log, tables, Keys).expect("it opens");
    assert_eq!(runner.catch_up(&Stop::new()).expect("it runs"), 5);
    append(&log, 6..=7);
    let id = runner.id().clone();
    let from = runner.store().states("keys").expect("it reads")[0].checkpoint;
    let to = Checkpoint { position: 7, event: Some(EventId(uuid::Uuid::from_u128(1))) };
    let step = Step { to, skipped: None };
    let moved = runner.store().advance(&id, from, |_| Ok::<_, StoreError>(step));
    assert_eq!(moved.expect("it goes in"), Advance::Done);
    let end = runner.catch_up(&Stop::new());
    let Err(RunError::OtherLog { source, .. }) = end else { panic!("{end:?}") };
    assert_eq!(source, OtherLog { position: 7 });
}
