//! What only a longer log shows: ids in the index, leads read along their chains.

use leadfold_core::{Facts, LeadIndex, Timestamp};
use leadfold_sqlite::SqliteStore;
use leadfold_store::{Append, AppendError, Blocking, Outcome};

use crate::clauses::support::{event, event_id};

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
    let indexed = event_id(17);
    let retracted = format!(
        "\"type\":\"corrected\",\"data\":{{\"target\":\"{indexed}\",\"action\":\"retract\",\"reason\":\"r\"}}"
    );
    let batch =
        vec![numbered(17, 17), event(N_EVENTS + 1, "L17", &retracted), numbered(N_EVENTS, 0)];
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
}

fn numbered(n: u64, lead: u64) -> leadfold_core::event::NewEvent {
    event(n, &format!("L{lead}"), "\"type\":\"reactivated\",\"data\":{}")
}
