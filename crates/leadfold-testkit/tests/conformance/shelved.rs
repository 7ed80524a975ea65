//! Stores that keep snapshots badly.

use leadfold_store::{Capabilities, EventStore, MemoryStore, Snapshot, StoreFuture};

use leadfold_testkit::conformance::Subject;

use super::broken::{Broken, Fault, caught, caught_by, done};

/// The snapshot that a store keeps instead of the one that it was given.
struct Keeps(fn(&mut Snapshot));

impl Fault for Keeps {
    fn keep_snapshot<'a>(
        &'a self,
        log: &'a MemoryStore,
        mut snapshot: Snapshot,
    ) -> StoreFuture<'a, bool> {
        (self.0)(&mut snapshot);
        log.keep_snapshot(snapshot)
    }
}

const KEPT: &str = "snapshot_is_kept_as_it_was_given_or_not_at_all";

#[test]
fn store_that_changes_a_snapshot_is_caught() {
    let faults: [fn(&mut Snapshot); 6] = [
        |snapshot| drop(snapshot.parts.pop()),
        |snapshot| snapshot.parts.retain(|part| !part.is_empty()),
        |snapshot| snapshot.parts.reverse(),
        |snapshot| snapshot.parts.iter_mut().for_each(|part| part.truncate(1 << 20)),
        |snapshot| snapshot.key.truncate(4),
        |snapshot| snapshot.at.event = None,
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        assert!(caught_by(|| Keeps(fault)).contains(&KEPT), "fault {number}");
    }
    assert_eq!(caught_by(|| Keeps(|_| {})), [""; 0]);
}

/// Whatever the number, it gives the part of the snapshot that is there.
struct MixesParts;

impl Fault for MixesParts {
    fn snapshot_part<'a>(
        &'a self,
        log: &'a MemoryStore,
        number: u64,
        part: u32,
    ) -> StoreFuture<'a, Vec<u8>> {
        Box::pin(async move {
            let kept = log.snapshot().await?;
            log.snapshot_part(kept.map_or(number, |kept| kept.number), part).await
        })
    }
}

#[test]
fn store_that_mixes_parts_of_two_snapshots_is_caught() {
    assert_eq!(caught_by(|| MixesParts), ["snapshot_takes_the_place_of_the_one_before_it"]);
}

struct KeepsThemForEver;

impl Fault for KeepsThemForEver {
    fn drop_snapshot<'a>(&'a self, _: &'a MemoryStore) -> StoreFuture<'a, bool> {
        done(Ok(false))
    }
}

#[test]
fn store_that_does_not_drop_a_snapshot_is_caught() {
    assert_eq!(caught_by(|| KeepsThemForEver), ["snapshot_takes_the_place_of_the_one_before_it"]);
}

/// It declares nothing, and keeps them all the same.
struct Undeclared;

impl Fault for Undeclared {
    fn capabilities(&self, _: &MemoryStore) -> Capabilities {
        Capabilities::of_memory()
    }
}

#[test]
fn store_that_keeps_what_it_does_not_declare_is_caught() {
    assert_eq!(caught_by(|| Undeclared), [KEPT]);
}

#[test]
fn store_that_forgets_a_snapshot_when_it_is_closed_is_caught() {
    let caught = caught(|| Subject::reopening(|| Broken::new(Keeps(|_| {}))));
    assert!(caught.contains(&"snapshot_survives_reopening"), "{caught:?}");
}
