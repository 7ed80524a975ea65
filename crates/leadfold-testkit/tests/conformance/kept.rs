//! Stores that forget what they have acknowledged, once they are closed.

use std::sync::{Arc, Mutex, PoisonError};

use leadfold_core::event::{NewEvent, RecordedEvent};
use leadfold_store::{
    Append, AppendError, Appended, Blocking, Capabilities, EventStore, MemoryStore, Snapshot,
    StoreFuture,
};
use leadfold_testkit::conformance::Subject;

use super::broken::{Broken, Fault, caught, done, sound};

/// A disk: the events that are on it.
type Disk = Arc<Mutex<Vec<RecordedEvent>>>;

/// What of the log reaches the disk with an append, given the log before and after it.
type Writes = fn(before: Vec<RecordedEvent>, after: Vec<RecordedEvent>) -> Vec<RecordedEvent>;

struct WritesToDisk {
    disk: Disk,
    writes: Writes,
}

impl Fault for WritesToDisk {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        // One append at a time, as on a real disk.
        let mut disk = self.disk.lock().unwrap_or_else(PoisonError::into_inner);
        let before = sound(Blocking(log).events(0, usize::MAX));
        let appended = log.append(append);
        *disk = (self.writes)(before, sound(Blocking(log).events(0, usize::MAX)));
        appended
    }

    /// The disk has no place for snapshots, and the store says so.
    fn capabilities(&self, _: &MemoryStore) -> Capabilities {
        Capabilities::of_memory()
    }

    fn keep_snapshot<'a>(&'a self, _: &'a MemoryStore, _: Snapshot) -> StoreFuture<'a, bool> {
        done(Ok(false))
    }
}

/// A store that reads the disk when it is opened.
fn open(disk: &Disk, writes: Writes) -> Broken<WritesToDisk> {
    let store = Broken::new(WritesToDisk { disk: Arc::clone(disk), writes });
    let events = disk.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let new = |event: RecordedEvent| NewEvent {
        id: event.id,
        recorded_at: Some(event.recorded_at),
        event: event.event,
    };
    let events = events.into_iter().map(new).collect();
    let append = Append::new(events, leadfold_core::Timestamp::from_micros(0));
    Blocking(&*store.log).append(append).expect("a log can be appended to another");
    store
}

fn caught_on_disk(writes: Writes) -> Vec<&'static str> {
    caught(|| {
        let disk = Disk::default();
        Subject::reopening(move || open(&disk, writes))
    })
}

#[test]
fn store_that_writes_all_is_not_caught() {
    assert_eq!(caught_on_disk(|_, after| after), [""; 0]);
}

#[test]
fn store_that_acknowledges_before_it_is_durable_is_caught() {
    let caught = caught_on_disk(|before, _| before);
    // The last append of many threads adds nothing; the next fault loses something of them.
    let expected = [
        "acknowledged_events_survive_reopening",
        "opened_log_says_what_it_said",
        "opened_log_knows_its_ids_and_expectations",
        "early_correction_survives_reopening",
    ];
    assert_eq!(caught, expected);
}

#[test]
fn store_that_loses_the_last_event_when_it_is_closed_is_caught() {
    let caught = caught_on_disk(|_, mut after| {
        after.pop();
        after
    });
    assert_eq!(caught[0], "acknowledged_events_survive_reopening");
    assert!(caught.contains(&"appends_of_many_threads_survive_reopening"), "{caught:?}");
}

/// A log that is whole, with one thing of it changed.
#[test]
fn store_that_changes_an_event_when_it_is_closed_is_caught() {
    let caught = caught_on_disk(|_, mut after| {
        if let Some(last) = after.last_mut() {
            last.recorded_at = leadfold_core::Timestamp::from_micros(7);
        }
        after
    });
    assert!(caught.contains(&"acknowledged_events_survive_reopening"), "{caught:?}");
    assert!(caught.contains(&"opened_log_says_what_it_said"), "{caught:?}");
}
