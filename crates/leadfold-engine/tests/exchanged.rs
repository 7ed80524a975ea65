//! A log that is exchanged under a runner, as by a backup that is restored or a standby that takes
//! over: what stands behind an event that the log no longer has is not gone on with.

#[macro_use]
#[path = "shared/pass_on.rs"]
mod pass_on;

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};

use leadfold_core::event::{EventLine, RecordedEvent};
use leadfold_core::{EventId, Timestamp};
use leadfold_engine::{OtherLog, Projection, RunError, Runner, Stop};
use leadfold_store::{
    Advance, Append, AppendError, Appended, Blocking, Capabilities, Checkpoint, EventStore,
    MemoryProjections, MemoryStore, ProjectionStore, Step, StoreError, StoreFuture,
};

/// One log, and from some time on another.
struct Exchanged {
    before: MemoryStore,
    after: MemoryStore,
    is_exchanged: AtomicBool,
}

impl Exchanged {
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

    pass_on!(self => self.log());
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
    let log = Exchanged { before: log(1..=5), after, is_exchanged: AtomicBool::new(false) };
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

#[test]
fn log_that_was_set_back_is_another_whatever_has_come_since() {
    let cases = [
        ("it has grown past the runner", log((1..=3).chain(14..=17))),
        ("it is as long as before", log((1..=3).chain(14..=15))),
        ("it is shorter", log(1..=3)),
        ("it is empty", log([])),
    ];
    for (what, after) in cases {
        let ends = exchanged_for(after);
        assert!(ends.iter().all(is_of_another), "{what}: {ends:?}");
    }
}

#[test]
fn log_that_has_all_that_it_had_is_gone_on_with() {
    let log =
        Exchanged { before: log(1..=5), after: log(1..=9), is_exchanged: AtomicBool::new(false) };
    let tables = MemoryProjections::<Vec<String>>::default();
    let mut runner = Runner::open(&log, tables, Keys).expect("it opens");
    assert_eq!(runner.catch_up(&Stop::new()).expect("it runs"), 5);
    log.exchange();
    assert_eq!(runner.catch_up(&Stop::new()).expect("it goes on"), 9);
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
