//! A view that begins with a snapshot says what one says that folds everything; a snapshot that
//! does not match, is damaged or lies is refused, and the answer is the same without it.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use leadfold_core::{
    Bounds, FOLD, Facts, Fold, LOWERING, LeadIndex, Playbook, Restore, Timestamp, snapshot_key,
};
use leadfold_engine::{Distrust, Restored, Sample, View, replay};
use leadfold_store::{Append, Blocking, Checkpoint, MemoryStore, Snapshot, block_on};
use leadfold_testkit::simulate::Simulation;

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

/// A store with the first so many events of a simulated company.
fn filled(events: usize) -> Blocking<MemoryStore> {
    let store = Blocking(MemoryStore::new());
    go_on(&store, 0, events);
    store
}

fn go_on(store: &Blocking<MemoryStore>, skip: usize, events: usize) {
    let events = Simulation::new(21, 200).events().skip(skip).take(events).collect();
    store.append(Append::new(events, NOW)).expect("it is valid");
}

fn view(store: &Blocking<MemoryStore>, playbook: Playbook) -> View<&MemoryStore> {
    View::new(&store.0, playbook, Bounds::default())
}

fn kept(events: usize) -> Blocking<MemoryStore> {
    let store = filled(events);
    let mut view = view(&store, Playbook::default());
    block_on(view.catch_up(|_, _| {})).expect("memory reads");
    assert!(block_on(view.keep_snapshot()).expect("memory keeps it"));
    store
}

/// What is kept, to be kept again with a change.
fn snapshot(store: &Blocking<MemoryStore>) -> Snapshot {
    let kept = store.snapshot().expect("memory reads").expect("there is one");
    let part = |part| store.snapshot_part(kept.number, part).expect("memory reads");
    Snapshot { key: kept.key, at: kept.at, parts: (0..kept.parts).map(part).collect() }
}

fn whole(store: &Blocking<MemoryStore>, playbook: Playbook) -> Vec<u8> {
    let tables = block_on(replay(&store.0, playbook, Bounds::default(), |_, _| {}));
    tables.expect("memory reads").encode()
}

/// What becomes of a snapshot; whatever it is, the tables are those of the log.
#[track_caller]
fn restored(store: &Blocking<MemoryStore>, playbook: Playbook, sample: Sample) -> Restored {
    let mut view = view(store, playbook.clone());
    let restored = block_on(view.restore(sample)).expect("memory reads");
    block_on(view.catch_up(|_, _| {})).expect("memory reads");
    assert!(
        view.tables().expect("current").encode() == whole(store, playbook),
        "{restored:?}: other tables"
    );
    restored
}

#[track_caller]
fn distrust(store: &Blocking<MemoryStore>, sample: Sample) -> Distrust {
    match restored(store, Playbook::default(), sample) {
        Restored::Refused(why) => why,
        other => panic!("expected it to be refused, found {other:?}"),
    }
}

#[test]
fn view_begins_with_the_snapshot_and_folds_what_is_new() {
    let store = kept(1_500);
    let first = store.head().expect("memory reads");
    go_on(&store, 1_500, 400);
    for sample in [Sample::default(), Sample::NONE, Sample::ALL] {
        let found = restored(&store, Playbook::default(), sample);
        assert!(matches!(found, Restored::From { position } if position == first), "{found:?}");
    }
    // It folds no event before the snapshot.
    let mut view = view(&store, Playbook::default());
    let _ = block_on(view.restore(Sample::NONE)).expect("memory reads");
    let mut least = u64::MAX;
    block_on(view.catch_up(|done, _| least = least.min(done))).expect("memory reads");
    assert!(least > first, "{least}");
    assert!(block_on(view.keep_snapshot()).expect("memory keeps it"));
    let found = restored(&store, Playbook::default(), Sample::ALL);
    let head = store.head().expect("memory reads");
    assert!(matches!(found, Restored::From { position } if position == head), "{found:?}");
}

#[test]
fn store_without_a_snapshot_and_views_of_parts_of_a_log_have_none() {
    let store = filled(300);
    assert!(matches!(restored(&store, Playbook::default(), Sample::ALL), Restored::Absent));
    let store = kept(300);
    let bounds = Bounds { as_of: Some(NOW), known_at: None };
    let mut part = View::new(&store.0, Playbook::default(), bounds);
    assert!(matches!(block_on(part.restore(Sample::ALL)), Ok(Restored::Absent)));
    block_on(part.catch_up(|_, _| {})).expect("memory reads");
    assert!(!block_on(part.keep_snapshot()).expect("nothing is kept"));
    let mut begun = view(&store, Playbook::default());
    block_on(begun.catch_up(|_, _| {})).expect("memory reads");
    assert!(matches!(block_on(begun.restore(Sample::ALL)), Ok(Restored::Absent)));
}

/// What is kept are never the tables of a half of a rebuild.
#[test]
fn view_that_was_broken_off_is_caught_up_before_it_is_kept() {
    let store = filled(800);
    let mut view = view(&store, Playbook::default());
    let broken_off = view.catch_up_on(NonZeroUsize::MIN, &|_, _| ControlFlow::Break(()));
    assert!(broken_off.expect("memory reads").is_break());
    assert!(block_on(view.keep_snapshot()).expect("memory keeps it"));
    let found = restored(&store, Playbook::default(), Sample::ALL);
    assert!(matches!(found, Restored::From { .. }), "{found:?}");
}

#[test]
fn snapshot_of_another_playbook_is_refused() {
    let store = kept(800);
    let mut other = Playbook::default();
    other.rules.hand_raiser = true;
    let found = restored(&store, other, Sample::ALL);
    assert!(matches!(found, Restored::Refused(Distrust::OtherRules)), "{found:?}");
}

#[test]
fn snapshot_of_another_fold_is_refused() {
    let store = kept(800);
    let key = String::from_utf8(snapshot_key(&Playbook::default())).expect("it is a text");
    for (what, version) in [("fold", FOLD), ("lowering", LOWERING)] {
        let [now, then] = [version, version - 1].map(|version| format!("{what} {version}"));
        let key = key.replacen(&now, &then, 1).into_bytes();
        assert_ne!(key, snapshot_key(&Playbook::default()), "{now}");
        assert!(store.keep_snapshot(Snapshot { key, ..snapshot(&store) }).expect("kept"));
        assert!(matches!(distrust(&store, Sample::ALL), Distrust::OtherRules));
    }
}

/// A log that was restored from a backup, or is another: shorter, or with another event there.
#[test]
fn snapshot_of_another_log_is_refused() {
    let taken = snapshot(&kept(800));
    let shorter = filled(799);
    assert!(shorter.keep_snapshot(taken.clone()).expect("kept"));
    assert!(matches!(distrust(&shorter, Sample::NONE), Distrust::OtherLog { position: 800 }));
    let store = filled(799);
    go_on(&store, 801, 10);
    assert!(store.keep_snapshot(taken.clone()).expect("kept"));
    assert!(matches!(distrust(&store, Sample::NONE), Distrust::OtherLog { position: 800 }));
    // The place in the bytes is held against the one beside them.
    let store = kept(800);
    let event = store.event_ids(&[700]).expect("memory reads")[0];
    let at = Checkpoint { position: 700, event: Some(event) };
    assert!(store.keep_snapshot(Snapshot { at, ..taken }).expect("kept"));
    assert!(matches!(distrust(&store, Sample::NONE), Distrust::Unreadable(_)));
}

#[test]
fn snapshot_that_is_cut_anywhere_is_refused() {
    let store = kept(60);
    let sound = snapshot(&store);
    for (part, bytes) in sound.parts.iter().enumerate() {
        for end in 0..bytes.len() {
            let mut cut = sound.clone();
            cut.parts[part].truncate(end);
            assert!(store.keep_snapshot(cut).expect("kept"));
            assert!(matches!(distrust(&store, Sample::NONE), Distrust::Unreadable(_)), "{end}");
        }
    }
    let mut cut = sound;
    cut.parts.pop();
    assert!(store.keep_snapshot(cut).expect("kept"));
    assert!(matches!(distrust(&store, Sample::NONE), Distrust::Unreadable(_)));
}

/// A snapshot of the same log without some events of a lead: whole, readable, and wrong about it.
fn lying(store: &Blocking<MemoryStore>, about: LeadIndex) -> Snapshot {
    let head = store.head().expect("memory reads");
    let mut facts = Facts::default();
    let page = store.facts(0, usize::MAX).expect("memory reads");
    let mut seen = 0;
    for fact in page.rows() {
        seen += u64::from(fact.lead == about);
        if fact.lead != about || seen == 1 {
            facts.push(fact);
        }
    }
    let mut fold = Fold::new(Playbook::default(), Bounds::default());
    fold.apply(&facts);
    fold.settle(|leads| {
        let mut history = Facts::default();
        history.extend_filtered(&facts, |lead| leads.contains(&lead));
        Ok::<_, std::convert::Infallible>(history)
    })
    .expect("it is in memory");
    fold.rebuilt(head);
    let snapshot = Snapshot { parts: fold.snapshot().collect(), ..snapshot(store) };
    let mut restore = Restore::new(Playbook::default(), snapshot.parts.len());
    snapshot.parts.iter().try_for_each(|part| restore.feed(part)).expect("it is readable");
    snapshot
}

#[test]
fn lie_is_found_where_the_sample_meets_it() {
    let store = kept(1_500);
    let about = LeadIndex(17);
    assert!(store.keep_snapshot(lying(&store, about)).expect("kept"));
    assert!(matches!(distrust(&store, Sample::ALL), Distrust::Lies { lead } if lead == about));

    // One lead of so many: the default sample finds it with some seeds, and with others not.
    let leads = store.leads(LeadIndex(0), usize::MAX).expect("memory reads").len();
    let found = (0..400).filter(|seed| {
        let sample = Sample { seed: Some(*seed), ..Sample::default() };
        let mut view = view(&store, Playbook::default());
        let restored = block_on(view.restore(sample)).expect("memory reads");
        matches!(restored, Restored::Refused(Distrust::Lies { lead }) if lead == about)
    });
    let (found, expected) = (found.count(), 400 * 32 / leads);
    println!("found with {found} of 400 seeds, expected about {expected} ({leads} leads)");
    assert!(4 * found.abs_diff(expected) < expected, "{found} found, {expected} expected");
}

/// Nothing but the sample finds it: without one the tables are what the snapshot says.
#[test]
fn lie_that_nobody_looks_for_is_believed() {
    let store = kept(1_500);
    assert!(store.keep_snapshot(lying(&store, LeadIndex(17))).expect("kept"));
    let mut view = view(&store, Playbook::default());
    let restored = block_on(view.restore(Sample::NONE)).expect("memory reads");
    assert!(matches!(restored, Restored::From { .. }), "{restored:?}");
    block_on(view.catch_up(|_, _| {})).expect("memory reads");
    assert!(view.tables().expect("current").encode() != whole(&store, Playbook::default()));
}
