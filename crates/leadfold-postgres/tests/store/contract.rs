//! The PostgreSQL store keeps the contract, on new logs and on opened ones, and says what the
//! memory store says.

use std::time::Duration;

use leadfold_postgres::{Options, PostgresStore};
use leadfold_store::{
    Append, AppendError, Blocking, EventStore, MemoryStore, Query, UnlessConflict, block_on,
};
use leadfold_testkit::conformance::Subject;
use proptest::prelude::*;

use crate::clauses;
use crate::cluster::{Cluster, fresh_log, shared_or_skip};
use crate::same::{any_append, assert_same};

pub(crate) fn open(cluster: &Cluster, log: &str) -> PostgresStore {
    // Many take turns, and the machine may be slow.
    let options = Options { lock_timeout: Duration::from_secs(60), ..Options::default() };
    PostgresStore::open_with(&cluster.url(), log, &options).expect("the log opens")
}

mod on_a_new_log {
    leadfold_testkit::conformance_tests!(super::on_a_new_log);
}

fn on_a_new_log() -> Subject {
    let Some(cluster) = crate::cluster::shared() else { return Subject::left_out() };
    let log = fresh_log();
    Subject::reopening(move || open(cluster, &log))
}

#[test]
fn opened_log_has_everything() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    let memory = MemoryStore::new();
    clauses::support::fill(&memory);
    clauses::support::fill(&open(cluster, &log));
    let postgres = open(cluster, &log);
    assert_same(&memory, &postgres);
    block_on(postgres.rebuild_facts()).expect("it rebuilds");
    assert_same(&memory, &postgres);
}

#[test]
fn works_inside_an_executor() {
    let cluster = shared_or_skip!();
    let store = open(cluster, &fresh_log());
    let nested = async {
        clauses::support::fill(&store);
        let (inner, outer) = (Blocking(&store).head(), store.head().await);
        (inner.expect("reads"), outer.expect("reads"))
    };
    assert_eq!(block_on(nested), (293, 293));
}

#[test]
fn strings_of_any_kind_and_length_are_kept() {
    let cluster = shared_or_skip!();
    let store = open(cluster, &fresh_log());
    let long = "long ".repeat(20_000);
    let texts = ["\0", "a\0b", "\u{2028}é😀", "null", "{}", "\\\"", &long];
    let events = (1..).zip(texts).map(|(id, text)| {
        let mut event = clauses::support::captured(id, "A", "x");
        if let leadfold_core::event::Body::Captured(captured) = &mut event.event.body {
            captured.source = Some(text.to_owned());
        }
        event
    });
    clauses::support::append(&store, events.collect());
    for text in texts {
        let code = Blocking(&store).code(text).expect("reads").expect("it was taken in");
        assert_eq!(Blocking(&store).strings(&[code]).expect("reads"), [text]);
    }
    assert_eq!(Blocking(&store).verify(&mut |_, _| {}).expect("reads"), []);
}

#[test]
fn facts_lie_in_few_pages_whatever_the_appends() {
    let cluster = shared_or_skip!();
    let (log, memory) = (fresh_log(), MemoryStore::new());
    let postgres = open(cluster, &log);
    let mut id = 0;
    for size in [1, 1, 1, 5_000, 1, 2, 300, 1, 4_000, 9_000].into_iter().chain([1; 60]) {
        let events: Vec<_> = (id..id + size)
            .map(|id| clauses::support::captured(id, &format!("L{}", id % 99), "ads"))
            .collect();
        id += size;
        clauses::support::append(&memory, events.clone());
        clauses::support::append(&postgres, events);
    }
    let (left, right) = (Blocking(&memory), Blocking(&postgres));
    let all = right.facts(0, usize::MAX).expect("reads");
    assert_eq!(left.facts(0, usize::MAX).expect("reads"), all);
    assert_eq!(right.verify(&mut |_, _| {}).expect("reads"), []);
    let sql = format!("SELECT count(*), max(count), sum(count)::int8 FROM \"{log}\".fact_page");
    let row = cluster.client().query_one(&sql, &[]).expect("reads");
    let (pages, largest, facts): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
    assert_eq!((facts as usize, largest <= 4_096), (all.len(), true));
    assert!(pages <= 2 * facts / 4_096 + 13, "{pages} pages of {facts} facts");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_say_the_same(
        appends in proptest::collection::vec((any_append(), proptest::bool::weighted(0.1)), 1..12),
    ) {
        let Some(cluster) = crate::cluster::shared() else { return Ok(()) };
        let log = fresh_log();
        let memory = MemoryStore::new();
        let mut postgres = open(cluster, &log);
        for (append, reopens) in appends {
            let left = Blocking(&memory).append(append.clone());
            let right = Blocking(&postgres).append(append);
            prop_assert_eq!(format!("{left:?}"), format!("{right:?}"));
            if reopens {
                drop(postgres);
                postgres = open(cluster, &log);
            }
        }
        assert_same(&memory, &postgres);
        block_on(postgres.rebuild_facts()).expect("it rebuilds");
        assert_same(&memory, &postgres);
    }

    /// All that waits is judged and written together: it must come out as if one after the other.
    #[test]
    fn appends_in_one_transaction_say_the_same(
        appends in proptest::collection::vec(any_append(), 1..16),
    ) {
        let Some(cluster) = crate::cluster::shared() else { return Ok(()) };
        let memory = MemoryStore::new();
        let log = fresh_log();
        let postgres = open(cluster, &log);
        // The writer waits for its turn, which we hold, while the appends gather.
        let mut turn = cluster.client();
        let hold = format!("BEGIN; SELECT pg_advisory_xact_lock(1818651748, {})", key(&log));
        turn.batch_execute(&hold).expect("nobody writes");
        let waiting: Vec<_> = appends.iter().map(|one| postgres.append(one.clone())).collect();
        turn.batch_execute("COMMIT").expect("it ends");
        for (append, waiting) in appends.into_iter().zip(waiting) {
            let left = Blocking(&memory).append(append);
            prop_assert_eq!(format!("{left:?}"), format!("{:?}", block_on(waiting)));
        }
        assert_same(&memory, &postgres);
    }
}

/// The second key of a log's lock, as any program may compute it.
pub(crate) fn key(log: &str) -> i32 {
    let mut crc = !0_u32;
    for byte in log.bytes() {
        crc ^= u32::from(byte);
        (0..8).for_each(|_| crc = crc >> 1 ^ 0xedb8_8320 & (crc & 1).wrapping_neg());
    }
    (!crc).cast_signed()
}

/// The tail that a condition is about is read in pages of 4,096 events.
#[test]
fn condition_sees_every_event_of_a_long_tail() {
    use clauses::support::{NOW, append, captured, cost, lost};
    let cluster = shared_or_skip!();
    let store = open(cluster, &fresh_log());
    let places = [1, 4_096, 4_097, 4_098, 8_192, 8_193, 8_194];
    let event = |n: u64| match places.contains(&n) {
        true => lost(n, "A", &format!("at {n}")),
        false => captured(n, "A", "web"),
    };
    append(&store, (1..=8_194).map(event).collect());
    let unless = |reason: &str, after: u64| {
        let query = Query::of_all_tenants().of_type("lost").with("/reason", reason);
        let append = Append::new(vec![cost(9_000)], NOW).unless(query, after);
        Blocking(&store).append(append)
    };
    for place in places {
        for after in [0, 1, 4_095, 4_096, 8_193].into_iter().filter(|after| *after < place) {
            let error = unless(&format!("at {place}"), after).expect_err("it is there");
            let conflict = UnlessConflict { after, position: Some(place), head: 8_194 };
            assert!(matches!(&error, AppendError::UnlessConflict(c) if *c == conflict), "{error}");
        }
    }
    assert_eq!(unless("at 1", 1).expect("it is not behind that").head, 8_195);
}
