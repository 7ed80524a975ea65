//! The SQLite store keeps the contract, on new files and on opened ones, and says what the memory
//! store says.

use leadfold_core::event::NewEvent;
use leadfold_core::{Code, LeadId, LeadIndex, Timestamp};
use leadfold_sqlite::{Options, SqliteStore};
use leadfold_store::{
    Append, Blocking, EventStore, Expected, ExpectedFamily, MemoryStore, Mode, block_on,
};
use proptest::prelude::*;

use crate::clauses;

#[test]
fn sqlite_store_keeps_the_contract() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut count = 0;
    clauses::run_all(|| {
        count += 1;
        let path = directory.path().join(format!("{count}.db"));
        Box::new(SqliteStore::open(path).expect("a new file opens"))
    });
}

/// Facts are kept by lead from the first event on, and in runs of all levels.
#[test]
fn sqlite_store_keeps_the_contract_whenever_it_seals() {
    let directory = tempfile::tempdir().expect("a directory");
    for seal_events in [1, 7] {
        let mut count = 0;
        clauses::run_all(|| {
            count += 1;
            let path = directory.path().join(format!("{seal_events} {count}.db"));
            let options = Options { seal_events, ..Options::default() };
            Box::new(SqliteStore::open_with(path, &options).expect("a new file opens"))
        });
    }
}

#[test]
fn opened_file_has_everything() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    let memory = MemoryStore::new();
    clauses::support::fill(&memory);
    clauses::support::fill(&SqliteStore::open(&path).expect("a new file opens"));
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
        clauses::support::fill(&store);
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

/// Everything that two stores can be asked.
pub(crate) fn assert_same(left: &dyn EventStore, right: &dyn EventStore) {
    let (left, right) = (Blocking(left), Blocking(right));
    macro_rules! same {
        ($method:ident $(, $argument:expr)*) => {
            assert_eq!(
                left.$method($($argument),*).expect("reads"),
                right.$method($($argument),*).expect("reads"),
            )
        };
    }
    same!(head);
    same!(events, 0, usize::MAX);
    same!(facts, 0, usize::MAX);
    same!(facts, 3, 5);
    same!(leads, LeadIndex(0), usize::MAX);
    same!(string_count);
    let codes: Vec<_> = (0..=left.string_count().expect("reads")).map(Code).collect();
    same!(strings, &codes);
    let positions: Vec<_> = (1..=left.head().expect("reads")).collect();
    same!(event_ids, &positions);
    let mut indices: Vec<_> =
        left.leads(LeadIndex(0), usize::MAX).expect("reads").iter().map(|e| e.index).collect();
    for entry in left.leads(LeadIndex(0), usize::MAX).expect("reads") {
        same!(leads_by_key, &entry.key);
    }
    indices.push(LeadIndex::NONE);
    for index in &indices {
        same!(history, &[*index]);
        same!(family, &[*index]);
        same!(lead_events, *index);
    }
    same!(history, &indices);
    same!(verify, &mut |_, _| {});
}

/// An event out of a small space, so that ids, leads and targets meet.
fn any_event() -> impl Strategy<Value = NewEvent> {
    (0_u64..40, 0_u8..5, 0_u8..7, 0_u64..40).prop_map(|(id, lead, kind, other)| {
        let key = if lead == 4 { "-".to_owned() } else { format!("L{lead}") };
        let target = clauses::support::event_id(other);
        let rest = match (kind, lead) {
            (0, _) => format!("\"type\":\"corrected\",\"data\":{{\"target\":\"{target}\",\"action\":\"retract\",\"reason\":\"r\"}}"),
            (1, _) => format!("\"type\":\"corrected\",\"data\":{{\"target\":\"{target}\",\"action\":\"replace\",\"reason\":\"r\",\"data\":{{\"into\":\"L{}\",\"source\":\"s{other}\"}}}}", other % 6),
            (_, 4) => format!("\"type\":\"other\",\"data\":{other}"),
            (2, _) => format!("\"type\":\"merged\",\"data\":{{\"into\":\"L{}\"}}", other % 6),
            (3, _) => format!("\"type\":\"unmerged\",\"data\":{{\"from\":\"L{}\"}}", other % 6),
            _ => format!("\"type\":\"captured\",\"data\":{{\"source\":\"s{}\",\"attributes\":{{\"a\":\"v{kind}\"}}}}", other % 3),
        };
        clauses::support::event(id, &key, &rest)
    })
}

fn any_append() -> impl Strategy<Value = Append> {
    let events = proptest::collection::vec(any_event(), 0..8);
    let expected = proptest::option::weighted(0.2, (0_u8..5, 0_u64..4));
    let of = proptest::collection::vec(0_u8..7, 0..3);
    let family = proptest::option::weighted(0.2, (of, 0_u64..5, 0_u64..8));
    (events, expected, family, any::<bool>()).prop_map(|(events, expected, family, is_import)| {
        let family = family.map(|(of, leads, events)| {
            let of = of.into_iter().map(lead_id).collect();
            ExpectedFamily { of, leads, events }
        });
        let expected = expected.map(|(lead, sequence)| Expected { lead: lead_id(lead), sequence });
        Append {
            events,
            expected: expected.into_iter().collect(),
            family,
            recorded_at: Timestamp::from_micros(1),
            mode: if is_import { Mode::RefuseSingly } else { Mode::AllOrNothing },
        }
    })
}

fn lead_id(lead: u8) -> LeadId {
    LeadId::of("default", "", &format!("L{lead}").parse().expect("a sound key"))
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
            let by_lead = |store: Blocking<&dyn EventStore>| store.lead_facts(LeadIndex(0), until, 1000);
            prop_assert_eq!(
                by_lead(Blocking(memory.0)).expect("reads"),
                by_lead(Blocking(sqlite.0)).expect("reads")
            );
            block_on(sqlite.0.rebuild_facts()).expect("it rebuilds");
        }
    }
}
