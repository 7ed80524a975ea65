//! The clauses.

use std::thread::{self, ScopedJoinHandle};

use leadfold_core::Facts;
use leadfold_core::event::{NewEvent, RecordedEvent};
use leadfold_engine::{Cause, Decision, RunError, Runner, Stop};
use leadfold_store::{
    Checkpoint, MemoryStore, ProjectionId, ProjectionStore, Step, StoreError, StoreErrorKind,
};

use super::super::support::{append, captured, cost, head, lost};
use super::noting::{Noting, Positions};
use super::spoiled::Spoiled;
use super::{Fuse, Medium};

type OfFacts<M, const VERSION: u32> = Noting<M, Facts, VERSION>;
type OfEvents<M, const VERSION: u32> = Noting<M, Vec<RecordedEvent>, VERSION>;

fn id(version: u32) -> ProjectionId {
    ProjectionId::new("noted", version).expect("a sound name")
}

fn event(n: u64) -> NewEvent {
    match n % 5 {
        0 => cost(n),
        1 => captured(n, &format!("L{}", n % 7), "x"),
        _ => lost(n, &format!("L{}", n % 7), "y"),
    }
}

fn log(n_events: u64) -> MemoryStore {
    let log = MemoryStore::new();
    append(&log, (1..=n_events).map(event).collect());
    log
}

fn open<M: Medium>(medium: &M) -> M::Store {
    medium.open(&Fuse::endless())
}

fn checkpoint<M: Medium>(medium: &M, version: u32) -> u64 {
    let states = open(medium).states("noted").expect("it reads");
    let state = states.into_iter().find(|state| state.id == id(version));
    state.expect("the version is there").checkpoint.position
}

#[track_caller]
fn assert_noted<M: Medium>(medium: &M, expected: impl IntoIterator<Item = u64>) {
    assert_eq!(medium.noted(None), expected.into_iter().collect::<Vec<_>>());
}

fn take_in_pages<M: Medium, G: Positions>(medium: &M, first: u64) -> u64 {
    let log = log(first);
    let mut end = first;
    for page in [1, 2, 3, 4, 5, 11, 12, 13, 100] {
        let mut runner =
            Runner::open(&log, open(medium), Noting::<M, G, 1>::all()).expect("it opens");
        runner = runner.with_page_events(page);
        assert_eq!(runner.catch_up(&Stop::new()).expect("it runs"), end);
        assert_noted(medium, 1..=end);
        assert_eq!(checkpoint(medium, 1), end);
        append(&log, (end + 1..=end + 12).map(event).collect());
        end += 12;
    }
    end - 12
}

pub(super) fn every_event_is_taken_in_once_whatever_the_page<M: Medium>(medium: &M) {
    let end = take_in_pages::<M, Facts>(medium, 12);
    let mut runner = Runner::open(MemoryStore::new(), open(medium), OfEvents::<M, 2>::all());
    assert_eq!(runner.as_mut().expect("it opens").catch_up(&Stop::new()).expect("it runs"), 0);
    drop(runner);
    open(medium).roll_back(&id(2)).expect("it is there");
    open(medium).remove(&id(1)).expect("nobody sees it");
    let log = log(end + 1);
    let mut runner = Runner::open(&log, open(medium), OfEvents::<M, 2>::all()).expect("it opens");
    runner = runner.with_page_events(12);
    assert_eq!(runner.catch_up(&Stop::new()).expect("it runs"), end + 1);
    assert_noted(medium, 1..=end + 1);
}

/// Runs until the fuse has burnt down or all is done.
fn run_on<M: Medium>(
    medium: &M,
    log: &MemoryStore,
    fuse: &Fuse,
) -> Result<u64, RunError<super::noting::Refused>> {
    let mut runner = Runner::open(log, medium.open(fuse), OfFacts::<M, 1>::all())?;
    runner = runner.with_page_events(3);
    let caught_up = runner.catch_up(&Stop::new());
    // A runner that lives on does not repeat what it was not told of, either.
    if caught_up.is_err() {
        assert!(runner.catch_up(&Stop::new()).is_err(), "the fuse has burnt down");
    }
    caught_up
}

pub(super) fn crash_between_any_two_steps_loses_and_repeats_nothing<M: Medium>(medium: &M) {
    const N_EVENTS: u64 = 10;
    let log = log(N_EVENTS);
    let mut n_steps = 1;
    loop {
        let fuse = Fuse::of(n_steps);
        let done = run_on(medium, &log, &fuse);
        if !open(medium).states("noted").expect("it reads").is_empty() {
            assert_noted(medium, 1..=checkpoint(medium, 1));
        }
        if done.is_err() {
            assert!(fuse.is_burnt(), "it breaks off only there");
        } else {
            break;
        }
        // The next runner goes on from there, and all is as if it had not broken off.
        assert_eq!(run_on(medium, &log, &Fuse::endless()).expect("it runs"), N_EVENTS);
        assert_noted(medium, 1..=N_EVENTS);
        let mut store = open(medium);
        let begin = |batch: &mut <M::Store as ProjectionStore>::Batch<'_>| {
            M::make(batch);
            Ok::<_, StoreError>(())
        };
        store.reset(&id(1), &["entry"], begin).expect("it is there");
        n_steps += 1;
        assert!(n_steps < 200, "it never completes");
    }
    assert!(n_steps > 12, "a run of four pages has more than {n_steps} steps");
}

pub(super) fn page_that_fails_leaves_nothing<M: Medium>(medium: &M) {
    let log = log(20);
    let refusing = OfFacts::<M, 1>::all().refusing(9);
    let mut runner = Runner::open(&log, open(medium), refusing).expect("it opens");
    for _ in 0..2 {
        let error = runner.catch_up(&Stop::new()).expect_err("it refuses an event");
        let RunError::Stopped { position, cause, .. } = error else { panic!("{error}") };
        assert!(position == 9 && matches!(cause, Cause::Refused(_)), "{cause}");
        assert_noted(medium, 1..=8);
        assert_eq!(checkpoint(medium, 1), 8);
    }
    drop(runner);
    let mut mended = Runner::open(&log, open(medium), OfFacts::<M, 1>::all()).expect("it opens");
    assert_eq!(mended.catch_up(&Stop::new()).expect("it runs"), 20);
    assert_noted(medium, 1..=20);
}

/// A store is opened on the thread that uses it: it need not go from one to another.
fn follow<M: Medium>(medium: &M, log: &MemoryStore, stop: &Stop, page: usize) -> u64 {
    let mut runner = Runner::open(log, open(medium), OfFacts::<M, 1>::all()).expect("it opens");
    runner = runner.with_page_events(page);
    runner.follow(stop).expect("it runs")
}

/// Has runners stop, whichever way a scope is left that waits for them.
struct StopsAtTheEnd<'a>(&'a Stop);

impl Drop for StopsAtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.request();
    }
}

fn wait_for_checkpoint<M: Medium>(
    medium: &M,
    position: u64,
    runners: &[ScopedJoinHandle<'_, u64>],
) {
    let mut store = open(medium);
    let has_come = |store: &mut M::Store| {
        let states = store.states("noted").expect("it reads");
        states.iter().any(|state| state.checkpoint.position >= position)
    };
    // Bounded by a number of looks, not by a time.
    for _ in 0..10_000_000 {
        if has_come(&mut store) {
            return;
        }
        assert!(!runners.iter().any(ScopedJoinHandle::is_finished), "a runner has ended");
        thread::yield_now();
    }
    panic!("the runner does not come to position {position}");
}

pub(super) fn runners_of_one_version_take_turns<M: Medium>(medium: &M) {
    const N_EVENTS: u64 = 120;
    let (log, stop) = (log(40), Stop::new());
    thread::scope(|scope| {
        let _stops = StopsAtTheEnd(&stop);
        let runners = [1, 2, 7].map(|page| {
            let (log, stop) = (&log, &stop);
            scope.spawn(move || follow(medium, log, stop, page))
        });
        for n in 41..=N_EVENTS {
            append(&log, vec![event(n)]);
        }
        wait_for_checkpoint(medium, N_EVENTS, &runners);
    });
    assert_noted(medium, 1..=N_EVENTS);
}

pub(super) fn runner_follows_until_it_is_stopped<M: Medium>(medium: &M) {
    let (log, stop) = (log(5), Stop::new());
    thread::scope(|scope| {
        let _stops = StopsAtTheEnd(&stop);
        let runner = [scope.spawn(|| follow(medium, &log, &stop, 100))];
        for n in 6..=20 {
            wait_for_checkpoint(medium, n - 1, &runner);
            append(&log, vec![event(n)]);
        }
        wait_for_checkpoint(medium, 20, &runner);
        // It waits for what does not come.
        stop.request();
        let [runner] = runner;
        assert_eq!(runner.join().expect("it ends"), 20);
    });
    assert_noted(medium, 1..=20);
    assert_eq!(follow(medium, &log, &stop, 1), 20, "it was asked to stop before it began");
}

pub(super) fn event_that_cannot_be_taken_in_stops_the_runner_before_it<M: Medium>(medium: &M) {
    let log = log(30);
    let spoiled = Spoiled { log: &log, position: 13 };
    let mut runner =
        Runner::open(&spoiled, open(medium), OfEvents::<M, 1>::all()).expect("it opens");
    let error = runner.catch_up(&Stop::new()).expect_err("an event does not read");
    let RunError::Stopped { position, cause, .. } = error else { panic!("{error}") };
    assert!(position == 13 && matches!(cause, Cause::Unreadable(_)), "{cause}");
    assert_noted(medium, 1..=12);
    drop(runner);
    let refusing = OfEvents::<M, 1>::all().refusing(30);
    let mut runner = Runner::open(&log, open(medium), refusing).expect("it opens");
    let error = runner.catch_up(&Stop::new()).expect_err("it refuses the last event");
    assert!(matches!(error, RunError::Stopped { position: 30, .. }), "{error}");
    assert_noted(medium, 1..=29);
}

pub(super) fn event_is_left_out_with_a_note_if_that_is_decided<M: Medium>(medium: &M) {
    let log = log(30);
    let spoiled = Spoiled { log: &log, position: 13 };
    let skipping = OfFacts::<M, 1>::deciding(|_| Decision::Skip).refusing(29);
    let mut runner = Runner::open(&spoiled, open(medium), skipping).expect("it opens");
    assert_eq!(runner.catch_up(&Stop::new()).expect("it runs"), 30);
    assert_noted(medium, (1..=30).filter(|position| ![13, 29].contains(position)));
    let skipped = open(medium).skipped(&id(1)).expect("it reads");
    assert_eq!(skipped.iter().map(|one| one.position).collect::<Vec<_>>(), [13, 29]);
    assert!(skipped[0].reason.contains("an event is damaged"), "{skipped:?}");
    assert!(skipped[1].reason.contains("it does not take in position 29"), "{skipped:?}");
}

pub(super) fn event_is_tried_again_if_that_is_decided<M: Medium>(medium: &M) {
    let log = log(5);
    let stubborn = OfFacts::<M, 1>::deciding(|_| Decision::Retry).refusing(4);
    let mut runner = Runner::open(&log, open(medium), stubborn).expect("it opens");
    let error = runner.catch_up(&Stop::new()).expect_err("it never succeeds");
    assert!(matches!(error, RunError::Stopped { position: 4, .. }), "{error}");
    assert_noted(medium, 1..=3);
    drop(runner);
    let decides = |attempt| if attempt < 3 { Decision::Retry } else { Decision::Skip };
    let patient = OfFacts::<M, 1>::deciding(decides).refusing(4);
    let mut runner = Runner::open(&log, open(medium), patient).expect("it opens");
    assert_eq!(runner.catch_up(&Stop::new()).expect("it runs"), 5);
    assert_noted(medium, [1, 2, 3, 5]);
}

pub(super) fn new_version_is_built_beside_the_old_and_shown_at_once<M: Medium>(medium: &M) {
    let (log, stop) = (log(20), Stop::new());
    let mut old = Runner::open(&log, open(medium), OfFacts::<M, 1>::all()).expect("it opens");
    old.catch_up(&stop).expect("it runs");
    drop(old);
    // The new one leaves one event out, so that readers can tell them apart.
    let new = || OfFacts::<M, 2>::deciding(|_| Decision::Skip).refusing(20);
    let mut runner = Runner::open(&log, open(medium), new()).expect("it opens");
    let swap = open(medium).promote(&id(2)).expect("it is there");
    assert_eq!(swap, leadfold_store::Swap::Behind { position: 0, live: 20 });
    assert_noted(medium, 1..=20);
    runner = runner.with_page_events(19);
    runner.catch_up(&stop).expect("it runs");
    assert_noted(medium, 1..=20);
    assert_eq!(medium.noted(Some(&id(2))), (1..=19).collect::<Vec<_>>());
    runner.promote(&stop).expect("it is as far");
    drop(runner);
    assert_noted(medium, 1..=19);
    let lives = |medium: &M| -> Vec<_> {
        let states = open(medium).states("noted").expect("it reads");
        states.iter().map(|state| (state.id.version(), state.is_live)).collect()
    };
    assert_eq!(lives(medium), [(1, false), (2, true)]);
    let back = open(medium).roll_back(&id(1)).expect("it is there");
    assert_eq!(back.position, 20);
    assert_noted(medium, 1..=20);
    let kind = |result: Result<(), StoreError>| result.expect_err("it is refused").kind();
    assert_eq!(kind(open(medium).remove(&id(1))), StoreErrorKind::InUse);
    assert_eq!(kind(open(medium).remove(&id(3))), StoreErrorKind::NotFound);
    // The old version is behind now, and the way back is open all the same.
    append(&log, vec![event(21)]);
    let mut runner = Runner::open(&log, open(medium), new()).expect("it opens");
    runner.promote(&stop).expect("it is further");
    drop(runner);
    assert_noted(medium, (1..=21).filter(|position| *position != 20));
    assert_eq!(open(medium).roll_back(&id(1)).expect("it is there").position, 20);
    assert_noted(medium, 1..=20);
    open(medium).remove(&id(2)).expect("nobody sees it");
    assert_eq!(lives(medium), [(1, true)]);
    let mut old = Runner::open(&log, open(medium), OfFacts::<M, 1>::all()).expect("it opens");
    old.catch_up(&stop).expect("it runs");
    assert_noted(medium, 1..=21);
}

pub(super) fn version_that_is_not_there_is_not_found<M: Medium>(medium: &M) {
    let mut runner = Runner::open(log(5), open(medium), OfFacts::<M, 1>::all()).expect("it opens");
    runner.catch_up(&Stop::new()).expect("it runs");
    drop(runner);
    let (mut store, id) = (open(medium), id(2));
    let make = |batch: &mut <M::Store as ProjectionStore>::Batch<'_>| {
        M::make(batch);
        Ok::<_, StoreError>(())
    };
    let step = |_: &mut <M::Store as ProjectionStore>::Batch<'_>| {
        Ok::<_, StoreError>(Step { to: Checkpoint::default(), skipped: None })
    };
    let errors = [
        store.reset(&id, &["entry"], make).err(),
        store.advance(&id, Checkpoint::default(), step).err(),
        store.promote(&id).err(),
        store.roll_back(&id).err(),
        store.remove(&id).err(),
    ];
    let kinds = errors.map(|error| error.map(|error| error.kind()));
    assert_eq!(kinds, [Some(StoreErrorKind::NotFound); 5]);
    assert_eq!(store.states("noted").expect("it reads").len(), 1, "none was made");
    assert_noted(medium, 1..=5);
}

pub(super) fn replay_begins_anew<M: Medium>(medium: &M) {
    let (log, stop) = (log(20), Stop::new());
    let skipping = OfEvents::<M, 1>::deciding(|_| Decision::Skip).refusing(7);
    let mut runner = Runner::open(&log, open(medium), skipping).expect("it opens");
    runner.catch_up(&stop).expect("it runs");
    drop(runner);
    assert_eq!(medium.noted(None).len(), 19);
    let mut runner = Runner::open(&log, open(medium), OfEvents::<M, 1>::all()).expect("it opens");
    assert_eq!(runner.replay(&stop).expect("it runs"), 20);
    assert_noted(medium, 1..=20);
    assert_eq!(open(medium).skipped(&id(1)).expect("it reads"), []);
    let asked = Stop::new();
    asked.request();
    assert_eq!(runner.replay(&asked).expect("it is broken off"), 0);
    assert_noted(medium, []);
    assert_eq!(runner.catch_up(&stop).expect("it runs"), 20);
    assert_noted(medium, 1..=20);
}

pub(super) fn tables_of_another_log_are_refused<M: Medium>(medium: &M) {
    let stop = Stop::new();
    let mut runner = Runner::open(log(20), open(medium), OfFacts::<M, 1>::all()).expect("it opens");
    runner.catch_up(&stop).expect("it runs");
    drop(runner);
    let other = MemoryStore::new();
    append(&other, (1..=30).map(|n| event(n + 1_000)).collect());
    for log in [other, log(19), MemoryStore::new()] {
        let error = Runner::open(&log, open(medium), OfFacts::<M, 1>::all());
        let error = error.err().map(
            |error| matches!(&error, RunError::OtherLog { source, .. } if source.position == 20),
        );
        assert_eq!(error, Some(true), "a log of {} events", head(&log));
    }
    assert_noted(medium, 1..=20);
    let same = log(21);
    let mut runner = Runner::open(&same, open(medium), OfFacts::<M, 1>::all()).expect("it opens");
    assert_eq!(runner.catch_up(&stop).expect("it runs"), 21);
}
