//! A snapshot is kept as it was given, whole or not at all. A store that keeps none says so.

use leadfold_store::{Blocking, Checkpoint, EventStore, Snapshot, StoreErrorKind};

use super::subject::Subject;
use super::support::{append, captured, event_id, fill, head};

/// Parts of all sizes and bytes: an empty one, one byte, and more than a mebibyte.
fn snapshot(seed: u8) -> Snapshot {
    let bytes = |len: usize| (0..len).map(|n| (n % 251) as u8 ^ seed).collect();
    Snapshot {
        key: [b"key \0 ", [seed; 3].as_slice()].concat(),
        at: Checkpoint { position: 7, event: Some(event_id(7)) },
        parts: vec![bytes(300), Vec::new(), bytes(1), bytes((1 << 20) + 17)],
    }
}

/// What is kept, read again; none if that is nothing.
fn kept(store: &dyn EventStore) -> Option<Snapshot> {
    let store = Blocking(store);
    let kept = store.snapshot().expect("reads")?;
    let part = |part| store.snapshot_part(kept.number, part).expect("reads");
    let parts = (0..kept.parts).map(part).collect();
    Some(Snapshot { key: kept.key, at: kept.at, parts })
}

fn keeps(store: &dyn EventStore, snapshot: Snapshot) -> bool {
    Blocking(store).keep_snapshot(snapshot).expect("it is kept, or none is")
}

/// Asserts that a store has no such part.
#[track_caller]
fn assert_no_part(store: &dyn EventStore, number: u64, part: u32) {
    let error = Blocking(store).snapshot_part(number, part).expect_err("there is no such part");
    assert_eq!(error.kind(), StoreErrorKind::NotFound, "{error}");
}

pub(super) fn snapshot_is_kept_as_it_was_given_or_not_at_all(store: &dyn EventStore) {
    assert!(kept(store).is_none(), "a new log has none");
    assert_no_part(store, 1, 0);
    assert!(!Blocking(store).drop_snapshot().expect("there is none"));
    let keeps_them = store.capabilities().keeps_snapshots;
    let of_nothing = Snapshot { at: Checkpoint::default(), parts: Vec::new(), ..snapshot(3) };
    for snapshot in [snapshot(0), of_nothing, snapshot(9)] {
        assert_eq!(keeps(store, snapshot.clone()), keeps_them, "as it declares");
        assert!(kept(store) == keeps_them.then_some(snapshot), "as it was given");
    }
}

pub(super) fn snapshot_takes_the_place_of_the_one_before_it(store: &dyn EventStore) {
    if !keeps(store, snapshot(1)) {
        return;
    }
    let number = || Blocking(store).snapshot().expect("reads").expect("it is kept").number;
    let first = number();
    assert_no_part(store, first, 4);
    assert_no_part(store, first, u32::MAX);
    assert!(keeps(store, snapshot(2)));
    assert_ne!(number(), first, "another one has another number");
    assert_no_part(store, first, 0);
    assert!(Blocking(store).drop_snapshot().expect("it drops"));
    assert!(kept(store).is_none(), "it is dropped");
    assert_no_part(store, first, 0);
    assert!(!Blocking(store).drop_snapshot().expect("there is none"));
    assert!(keeps(store, snapshot(1)));
    assert!(kept(store) == Some(snapshot(1)), "kept again");
}

pub(super) fn snapshot_and_log_leave_each_other_alone(store: &dyn EventStore) {
    fill(store);
    let events = head(store);
    if !keeps(store, snapshot(5)) {
        return;
    }
    assert_eq!(head(store), events);
    append(store, vec![captured(9_001, "late", "x")]);
    assert!(kept(store) == Some(snapshot(5)), "an append does not touch it");
    assert_eq!(head(store), events + 1);
    let damages = Blocking(store).verify(&mut |_, _| {}).expect("reads");
    assert_eq!(damages, [], "it is no damage");
}

pub(super) fn snapshot_survives_reopening(subject: &mut Subject) {
    let is_kept = keeps(subject.store(), snapshot(4));
    let expected = is_kept.then(|| snapshot(4));
    assert!(kept(subject.reopen()) == expected, "it is there when the log is opened again");
    if is_kept {
        assert!(Blocking(subject.store()).drop_snapshot().expect("it drops"));
        assert!(kept(subject.reopen()).is_none(), "it is dropped for good");
    }
}
