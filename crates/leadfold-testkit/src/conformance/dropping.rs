//! Appends whose caller does not wait for the answer.

use std::collections::BTreeMap;
use std::task::{Context, Waker};

use leadfold_core::event::NewEvent;
use leadfold_store::{Append, Blocking, EventStore, Outcome};

use super::support::{NOW, captured, cost, events, lost};

const N_APPENDS: u64 = 12;

fn batch(n: u64) -> Vec<NewEvent> {
    let (id, lead) = (n * 10 + 1, format!("L{}", n % 3));
    vec![captured(id, &lead, "x"), lost(id + 1, &lead, "y"), cost(id + 2)]
}

/// Every second one is polled once before it is dropped.
fn drop_appends(store: &dyn EventStore) {
    for n in 0..N_APPENDS {
        let mut future = store.append(Append::new(batch(n), NOW));
        if n % 2 == 1 {
            let _ = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

fn is_new(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Appended { .. })
}

pub(super) fn dropped_append_is_whole_or_not_there(store: &dyn EventStore) {
    drop_appends(store);
    for n in 0..N_APPENDS {
        let retry = Blocking(store).append(Append::new(batch(n), NOW)).expect("a retry succeeds");
        let places: Vec<_> = retry.outcomes.iter().filter_map(Outcome::position).collect();
        let is_contiguous = places.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        assert!(places.len() == 3 && is_contiguous, "append {n}: found at {places:?}");
        let n_new = retry.outcomes.iter().filter(|outcome| is_new(outcome)).count();
        assert!(n_new == 0 || n_new == 3, "append {n}: {n_new} of 3 events were missing");
    }
    let mut times = BTreeMap::new();
    events(store).iter().for_each(|event| *times.entry(event.id).or_insert(0) += 1);
    assert_eq!(times.len() as u64, 3 * N_APPENDS);
    assert!(times.values().all(|times| *times == 1), "an event is in the log once");
    assert_eq!(Blocking(store).verify(&mut |_, _| {}).expect("reads"), []);
}
