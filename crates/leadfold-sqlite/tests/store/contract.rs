//! The SQLite store keeps the contract, on new files and on opened ones, and says what the memory
//! store says.

use std::time::Duration;

use leadfold_core::{LeadFacts, LeadId, LeadIndex, Timestamp};
use leadfold_sqlite::{Durability, Options, SqliteStore};
use leadfold_store::{Append, Blocking, EventStore, MemoryStore, Survives, block_on};
use leadfold_testkit::conformance::Subject;
use proptest::prelude::*;

use crate::clauses;
use crate::clauses::support::fill;
use crate::same::{any_append, assert_same};

mod on_a_new_file {
    use leadfold_sqlite::Options;

    leadfold_testkit::conformance_tests!(|| super::on_a_new_file(Options::default()));
}

fn on_a_new_file(options: Options) -> Subject {
    // Many take turns, and the machine may be slow.
    let options = Options { busy_timeout: Duration::from_secs(60), ..options };
    let directory = tempfile::tempdir().expect("a directory");
    Subject::reopening(move || {
        SqliteStore::open_with(directory.path().join("log.db"), &options).expect("the file opens")
    })
}

/// Facts are kept by lead from the first event on, and in runs of all levels.
#[test]
fn sqlite_store_keeps_the_contract_whenever_it_seals() {
    for seal_events in [1, 7] {
        clauses::run_all(|| on_a_new_file(Options { seal_events, ..Options::default() }));
    }
}

#[test]
fn store_survives_what_it_was_opened_for() {
    let survives = |durability| {
        let directory = tempfile::tempdir().expect("a directory");
        let options = Options { durability, ..Options::default() };
        let store = SqliteStore::open_with(directory.path().join("log.db"), &options);
        store.expect("a new file opens").capabilities().survives
    };
    assert_eq!(survives(Durability::Full), Survives::Power);
    let unsafely = Durability::UnsafeFasterMayLoseAcknowledgedEvents;
    assert_eq!(survives(unsafely), Survives::Process);
}

#[test]
fn opened_file_has_everything() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    let memory = MemoryStore::new();
    fill(&memory);
    fill(&SqliteStore::open(&path).expect("a new file opens"));
    let sqlite = SqliteStore::open(&path).expect("the file opens again");
    assert_same(&memory, &sqlite);
    block_on(sqlite.rebuild_facts()).expect("it rebuilds");
    assert_same(&memory, &sqlite);
}

#[test]
fn works_inside_an_executor() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(directory.path().join("log.db")).expect("a new file opens");
    let nested = async {
        fill(&store);
        let (inner, outer) = (Blocking(&store).head(), store.head().await);
        (inner.expect("reads"), outer.expect("reads"))
    };
    assert_eq!(block_on(nested), (293, 293));
}

#[test]
fn appends_of_many_threads_are_committed_once_each() {
    const N_THREADS: u64 = 8;
    const N_APPENDS: u64 = 40;
    let directory = tempfile::tempdir().expect("a directory");
    let options = Options { readers: 1, ..Options::default() };
    let store = SqliteStore::open_with(directory.path().join("log.db"), &options);
    let store = Blocking(store.expect("a new file opens"));
    std::thread::scope(|scope| {
        for thread in 0..N_THREADS {
            let store = &store;
            scope.spawn(move || {
                for n in 0..N_APPENDS {
                    let id = thread * 1_000 + n;
                    let one = clauses::support::event(
                        id,
                        &format!("L{n}"),
                        "\"type\":\"erased\",\"data\":{\"request\":\"r\"}",
                    );
                    // One of them all is refused: it must not spoil those that wait with it.
                    let append = Append::new(vec![one], Timestamp::from_micros(0));
                    let stale =
                        append.clone().expecting(LeadId(clauses::support::event_id(0).0), 5);
                    assert!(store.append(stale).expect_err("it is stale").is_conflict());
                    store.append(append).expect("it goes in");
                }
            });
        }
    });
    assert_eq!(store.head().expect("reads"), N_THREADS * N_APPENDS);
    assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_say_the_same(
        appends in proptest::collection::vec((any_append(), proptest::bool::weighted(0.1)), 1..12),
        seal_events in 1_u64..6,
    ) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log.db");
        let memory = MemoryStore::new();
        let options = Options { seal_events, ..Options::default() };
        let open = || SqliteStore::open_with(&path, &options).expect("the file opens");
        let mut sqlite = open();
        for (append, reopens) in appends {
            let left = Blocking(&memory).append(append.clone());
            let right = Blocking(&sqlite).append(append);
            prop_assert_eq!(format!("{left:?}"), format!("{right:?}"));
            if reopens {
                drop(sqlite);
                sqlite = open();
            }
        }
        for _ in 0..2 {
            assert_same(&memory, &sqlite);
            let (memory, sqlite) = (Blocking(&memory), Blocking(&sqlite));
            let until = sqlite.sealed().expect("reads");
            let head = memory.head().expect("reads");
            prop_assert!(head - until < seal_events, "sealed up to {until} of {head}");
            let found = sqlite.lead_facts(LeadIndex(0), 1..=until, 1_000).expect("reads");
            let expected = memory.lead_facts(LeadIndex(0), 1..=until, 1_000).expect("reads");
            prop_assert_eq!(found, expected);
            block_on(sqlite.0.rebuild_facts()).expect("it rebuilds");
        }
    }
}

/// What was told once can be read for ever: also where other runs have been made since, or fewer.
#[test]
fn runs_that_are_no_more_can_still_be_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    let open = |seal_events| {
        let options = Options { seal_events, ..Options::default() };
        Blocking(SqliteStore::open_with(&path, &options).expect("the file opens"))
    };
    let store = open(16);
    fill(&store.0);
    let runs = store.runs().expect("reads");
    assert_eq!(runs, [1..=128, 129..=256, 257..=272, 273..=288], "two of 8 merged, and two");
    let log = LeadFacts::of(&[&store.facts(0, usize::MAX).expect("reads")]);
    drop(store);
    for (seal_events, sealed) in [(100, 200), (1_000, 0), (8, 288)] {
        let store = open(seal_events);
        block_on(store.0.rebuild_facts()).expect("it rebuilds");
        assert!(store.sealed().expect("reads").abs_diff(sealed) < 16, "sealed up to {sealed}");
        for run in [1..=16, 113..=128].into_iter().chain(runs.clone()) {
            let mut expected = log.clone();
            expected.keep_positions(&run);
            let found = store.lead_facts(LeadIndex(0), run.clone(), 1_000).expect("reads");
            assert!(found == expected, "{run:?} sealed by {seal_events}");
        }
    }
}
