//! Several threads at one log, and readers beside them.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use leadfold_core::LeadIndex;
use leadfold_store::{Append, AppendError, Blocking, EventStore, Outcome};

use super::linear::{Call, check};
use super::support::{NOW, captured, cost, events, head, lead_id, lost, rows};

const N_THREADS: u64 = 4;
const N_APPENDS: u64 = 20;

/// Threads that begin together, and a clock that they share.
struct Crowd<'a> {
    store: &'a dyn EventStore,
    start: Barrier,
    clock: AtomicU64,
}

impl Crowd<'_> {
    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    fn call(&self, append: Append) -> Call {
        let began = self.tick();
        let answer = match Blocking(self.store).append(append.clone()) {
            Ok(appended) => Ok(appended),
            Err(AppendError::VersionConflict(conflict)) => Err(conflict),
            Err(error) => panic!("expected an append or a conflict, found {error}"),
        };
        Call { append, began, ended: self.tick(), answer }
    }

    fn work(&self, thread: u64) -> Vec<Call> {
        self.start.wait();
        (0..N_APPENDS).map(|n| self.call(self.append(thread, n))).collect()
    }

    /// By turns: two appends on what a lead was just seen to have, a batch of several leads, and
    /// an event that every thread appends.
    fn append(&self, thread: u64, n: u64) -> Append {
        let (id, key) = ((thread * N_APPENDS + n) * 10, format!("L{}", n % 3));
        match n % 4 {
            0 | 1 => {
                let lead = Blocking(self.store).lead(lead_id(&key)).expect("reads");
                let sequence = lead.map_or(0, |entry| entry.sequence);
                let batch = vec![lost(id, &key, "x"), lost(id + 1, &key, "y")];
                Append::new(batch, NOW).expecting(lead_id(&key), sequence)
            }
            2 => Append::new(vec![lost(id, &key, "x"), cost(id + 1), lost(id + 2, "L0", "x")], NOW),
            _ => Append::new(vec![captured(100_000 + n, &key, "contested")], NOW),
        }
    }
}

/// Lets threads append while `look` looks again and again, and once more at the end. Gives every
/// append as its caller saw it.
fn beside_writers(store: &dyn EventStore, mut look: impl FnMut()) -> Vec<Call> {
    let start = Barrier::new(N_THREADS as usize);
    let crowd = Crowd { store, start, clock: AtomicU64::new(0) };
    thread::scope(|scope| {
        let crowd = &crowd;
        let writers: Vec<_> =
            (0..N_THREADS).map(|thread| scope.spawn(move || crowd.work(thread))).collect();
        while !writers.iter().all(thread::ScopedJoinHandle::is_finished) {
            look();
        }
        look();
        let calls = writers.into_iter().map(|writer| writer.join().expect("no append fails"));
        calls.flatten().collect()
    })
}

/// Appends of several threads, all explained by one order.
pub(super) fn append_together(store: &dyn EventStore) -> Vec<Call> {
    let calls = beside_writers(store, thread::yield_now);
    check(&calls, &events(store)).unwrap_or_else(|error| panic!("{error}"));
    calls
}

pub(super) fn appends_of_many_threads_are_linearizable(store: &dyn EventStore) {
    append_together(store);
    assert_eq!(Blocking(store).verify(&mut |_, _| {}).expect("reads"), []);
}

pub(super) fn event_of_many_threads_is_appended_once(store: &dyn EventStore) {
    const N_EVENTS: u64 = 10;
    let start = Barrier::new(N_THREADS as usize);
    let append = |n| {
        let batch = vec![captured(n, "A", "x"), lost(100 + n, "B", "x")];
        Blocking(store).append(Append::new(batch, NOW)).expect("it is there or goes in").outcomes
    };
    let told: Vec<Vec<Vec<Outcome>>> = thread::scope(|scope| {
        let work = || {
            start.wait();
            (1..=N_EVENTS).map(append).collect()
        };
        let threads: Vec<_> = (0..N_THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no append fails")).collect()
    });
    for n in 0..N_EVENTS as usize {
        let answers: Vec<_> = told.iter().map(|told| &told[n]).collect();
        let is_new = |answer: &&&Vec<Outcome>| {
            answer.iter().any(|outcome| matches!(outcome, Outcome::Appended { .. }))
        };
        assert_eq!(answers.iter().filter(is_new).count(), 1, "new to one: {answers:?}");
        let places: BTreeSet<Vec<_>> =
            answers.iter().map(|answer| answer.iter().map(Outcome::position).collect()).collect();
        assert_eq!(places.len(), 1, "in one place: {answers:?}");
    }
    assert_eq!(head(store), 2 * N_EVENTS);
}

pub(super) fn reader_beside_writers_sees_every_event_in_order(store: &dyn EventStore) {
    let (mut seen, mut seen_facts) = (0, 0);
    let calls = beside_writers(store, || {
        let page = Blocking(store).events(seen, 7).expect("reads");
        for event in page {
            assert_eq!(event.position, seen + 1, "an event before one that comes before it");
            seen = event.position;
        }
        for fact in rows(&Blocking(store).facts(seen_facts, 7).expect("reads")) {
            let next = fact.position - seen_facts;
            assert!(next <= 1, "a fact of {} after one of {seen_facts}", fact.position);
            seen_facts = fact.position;
        }
    });
    let rest = Blocking(store).events(seen, usize::MAX).expect("reads");
    let mut all = (1..=seen).chain(rest.iter().map(|event| event.position));
    assert!(all.by_ref().eq(1..=head(store)), "an event is skipped");
    check(&calls, &events(store)).unwrap_or_else(|error| panic!("{error}"));
}

pub(super) fn head_beside_writers_is_not_beyond_what_can_be_read(store: &dyn EventStore) {
    let (mut seen, mut last) = (0, 0);
    beside_writers(store, || {
        let found = head(store);
        assert!(found >= last, "the head went back from {last} to {found}");
        last = found;
        // Pages are not empty before the head, so there are as many as events at the most.
        while seen < found {
            let page = Blocking(store).events(seen, 7).expect("reads");
            let next = page.last().map(|event| event.position);
            seen = next.unwrap_or_else(|| panic!("the head is {found}, {seen} can be read"));
        }
    });
    assert_eq!(head(store), events(store).len() as u64);
}

pub(super) fn reads_by_lead_beside_writers_are_whole(store: &dyn EventStore) {
    let mut last = 0;
    beside_writers(store, || {
        let until = Blocking(store).sealed().expect("reads");
        assert!((last..=head(store)).contains(&until), "sealed up to {until} after {last}");
        last = until;
        let (mut positions, mut from) = (BTreeSet::new(), Some(LeadIndex(0)));
        while let Some(lead) = from {
            let page = Blocking(store).lead_facts(lead, 1..=until, 5).expect("reads");
            positions.extend(rows(page.facts()).iter().map(|fact| fact.position));
            from = page.last_lead().and_then(|last| last.0.checked_add(1)).map(LeadIndex);
            assert!(page.last_lead().is_none_or(|last| last >= lead), "pages go on");
        }
        assert!(positions.into_iter().eq(1..=until), "facts by lead are those up to {until}");
    });
}

pub(super) fn what_a_reader_beside_writers_has_seen_can_be_looked_up(store: &dyn EventStore) {
    let mut seen = 0;
    beside_writers(store, || {
        let store = Blocking(store);
        for event in store.events(seen, 7).expect("reads") {
            seen = event.position;
            assert_eq!(store.event_ids(&[seen]).expect("reads"), [event.id]);
            let Some(id) = event.event.lead_id() else { continue };
            let entry = store.lead(id).expect("reads").expect("an event names it");
            assert!(entry.sequence >= event.sequence, "an older lead: {entry:?}");
            let stream = store.lead_events(entry.index).expect("reads");
            assert!(stream.len() as u64 >= entry.sequence, "an older stream of {entry:?}");
            assert_eq!(stream.get(event.sequence as usize - 1), Some(&event));
            let history = rows(&store.history(&[entry.index]).expect("reads"));
            assert!(history.iter().any(|fact| fact.position == seen), "an older history");
        }
        let codes = store.string_count().expect("reads");
        let codes: Vec<_> = (0..=codes).map(leadfold_core::Code).collect();
        assert_eq!(store.strings(&codes).expect("reads").len(), codes.len());
    });
}
