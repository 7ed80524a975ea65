//! What only a longer log shows: ids in the index, leads read along their chains.

use leadfold_core::{Facts, LeadIndex, Timestamp};
use leadfold_sqlite::SqliteStore;
use leadfold_store::{Append, AppendError, Blocking, Outcome, block_on};

use crate::clauses::support::{event, retracted};

/// More than ids wait for the index at once.
const N_EVENTS: u64 = 140_000;
const N_LEADS: u64 = 5_000;

#[test]
fn ids_in_the_index_are_known_and_histories_follow_their_chains() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    let store = Blocking(SqliteStore::open(&path).expect("a new file opens"));
    for first in (1..=N_EVENTS).step_by(20_000) {
        let events = (first..first + 20_000).map(|n| numbered(n, n % N_LEADS)).collect();
        store.append(Append::new(events, Timestamp::from_micros(0))).expect("they go in");
    }
    let batch = vec![numbered(17, 17), retracted(N_EVENTS + 1, "L17", 17), numbered(N_EVENTS, 0)];
    let appended = store.append(Append::new(batch, Timestamp::from_micros(0))).expect("it goes in");
    let sequence = N_EVENTS / N_LEADS;
    let expected = [
        Outcome::Duplicate { position: 17, sequence: 1 },
        Outcome::Appended { position: N_EVENTS + 1, sequence: sequence + 1 },
        Outcome::Duplicate { position: N_EVENTS, sequence },
    ];
    assert_eq!(appended.outcomes, expected);
    let other = Append::new(vec![numbered(18, 99)], Timestamp::from_micros(0));
    let error = store.append(other).expect_err("another event has the id");
    assert!(matches!(error, AppendError::IdempotencyConflict(found) if found.position == Some(18)));
    drop(store);

    let store = Blocking(SqliteStore::open(&path).expect("the file opens again"));
    let all = store.facts(0, usize::MAX).expect("reads");
    for lead in [0, 16, 17, 4_999].map(LeadIndex) {
        let mut expected = Facts::default();
        expected.extend_filtered(&all, |other| other == lead);
        assert_eq!(store.history(&[lead]).expect("reads"), expected);
    }
    assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);

    // So many known ones that the index is read into a filter, and new ones behind them.
    let events = (1..=60_000).chain(N_EVENTS + 10..N_EVENTS + 20);
    let events = events.map(|n| numbered(n, n % N_LEADS)).collect();
    let appended = store.append(Append::new(events, Timestamp::from_micros(0))).expect("goes in");
    let is_known = |outcome: &Outcome| matches!(outcome, Outcome::Duplicate { .. });
    assert!(appended.outcomes[..60_000].iter().all(is_known));
    assert!(!appended.outcomes[60_000..].iter().any(is_known));
    assert_eq!(appended.head, N_EVENTS + 11);
}

/// Corrections of targets that never come are looked for wherever ids can be. It took minutes
/// when each of them read all that wait for the index.
#[test]
fn many_corrections_of_unknown_targets_cost_no_more_than_others() {
    const N_OTHERS: u64 = 105_000;
    const N_CORRECTIONS: u64 = 20_000;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log.db");
    let store = Blocking(SqliteStore::open(&path).expect("a new file opens"));
    for first in (1..=N_OTHERS).step_by(15_000) {
        let events = (first..first + 15_000).map(|n| numbered(n, n % N_LEADS)).collect();
        store.append(Append::new(events, Timestamp::from_micros(0))).expect("they go in");
    }
    let correction = |n: u64| retracted(N_OTHERS + n, &format!("L{}", n % 20), 1_000_000 + n);
    let corrections = (1..=N_CORRECTIONS).map(correction).collect();
    store.append(Append::new(corrections, Timestamp::from_micros(0))).expect("they go in");

    let all = store.facts(0, usize::MAX).expect("reads");
    let lead = LeadIndex(4);
    let mut expected = Facts::default();
    expected.extend_filtered(&all, |other| other == lead);
    assert!(expected.len() >= 1_000, "it has its share of the corrections");
    assert_eq!(store.history(&[lead]).expect("reads"), expected);
    assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
    block_on(store.0.rebuild_facts()).expect("it rebuilds");
    assert_eq!(store.facts(0, usize::MAX).expect("reads"), all);
}

fn numbered(n: u64, lead: u64) -> leadfold_core::event::NewEvent {
    event(n, &format!("L{lead}"), "\"type\":\"reactivated\",\"data\":{}")
}
