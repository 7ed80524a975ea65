//! Batches that come apart, and appends that are forgotten when nobody waits.

use std::sync::atomic::{AtomicBool, Ordering};

use leadfold_store::{
    Append, AppendError, Appended, Blocking, EventStore, MemoryStore, Mode, StoreFuture,
};

use super::broken::{Fault, assert_caught, caught_by, done};

/// Appends a batch as two.
fn halves(append: &Append) -> Option<(Append, Append)> {
    let is_plain = append.mode == Mode::AllOrNothing && append.family.is_none();
    let half = append.events.len() / 2;
    let tail = append.events.get(half..).filter(|_| half > 0 && is_plain)?.to_vec();
    let second = Append { events: tail, expected: Vec::new(), ..append.clone() };
    let mut first = append.clone();
    first.events.truncate(half);
    Some((first, second))
}

fn together(first: Appended, second: Appended) -> Appended {
    let outcomes = first.outcomes.into_iter().chain(second.outcomes).collect();
    Appended { outcomes, head: second.head }
}

/// Writes the first half of a batch even if the second is refused.
struct TearsABatch;

impl Fault for TearsABatch {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        let Some((first, second)) = halves(&append) else { return log.append(append) };
        let log = Blocking(log);
        done(log.append(first).and_then(|first| Ok(together(first, log.append(second)?))))
    }
}

#[test]
fn store_that_tears_a_batch_is_caught() {
    let expected = [
        "other_content_under_one_id_refuses_the_batch",
        "different_twins_in_one_batch_are_a_conflict",
        "event_that_does_not_read_back_is_refused",
    ];
    assert_caught(|| TearsABatch, &expected);
}

/// Checks a batch as a whole, but writes its second half when somebody waits for it.
struct TearsWhatIsDropped;

impl Fault for TearsWhatIsDropped {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        let Some((first, second)) = halves(&append) else { return log.append(append) };
        let rehearsal = Append { expected: append.expected.clone(), ..append };
        if !would_go_in(log, rehearsal.clone()) {
            return log.append(rehearsal);
        }
        let first = Blocking(log).append(first);
        Box::pin(async move { Ok(together(first?, log.append(second).await?)) })
    }
}

/// Tries an append on a copy of the log.
fn would_go_in(log: &MemoryStore, append: Append) -> bool {
    let copy = Blocking(MemoryStore::new());
    let events = Blocking(log).events(0, usize::MAX).expect("memory does not fail");
    let events = events.into_iter().map(|event| leadfold_core::event::NewEvent {
        id: event.id,
        recorded_at: Some(event.recorded_at),
        event: event.event,
    });
    let filled = copy.append(Append::new(events.collect(), append.recorded_at));
    filled.is_ok() && copy.append(append).is_ok()
}

#[test]
fn store_that_tears_what_is_dropped_is_caught() {
    let caught = caught_by(|| TearsWhatIsDropped);
    assert!(caught.contains(&"dropped_append_is_whole_or_not_there"), "{caught:?}");
    assert!(!caught.contains(&"other_content_under_one_id_refuses_the_batch"), "{caught:?}");
}

/// Stays busy for ever once an append was dropped.
#[derive(Default)]
struct Jams {
    is_jammed: AtomicBool,
}

impl Fault for Jams {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        if self.is_jammed.swap(true, Ordering::SeqCst) {
            let kind = leadfold_store::StoreErrorKind::Busy;
            return done(Err(leadfold_store::StoreError::new(kind, "jammed").into()));
        }
        let appended = Blocking(log).append(append);
        Box::pin(async move {
            self.is_jammed.store(false, Ordering::SeqCst);
            appended
        })
    }
}

#[test]
fn store_that_a_dropped_append_jams_is_caught() {
    let caught = caught_by(Jams::default);
    assert!(caught.contains(&"dropped_append_is_whole_or_not_there"), "{caught:?}");
    assert!(!caught.contains(&"pages_of_any_size_say_the_same"), "{caught:?}");
}
