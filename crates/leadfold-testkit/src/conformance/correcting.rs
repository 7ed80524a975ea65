//! How corrections and their targets find each other.

use leadfold_core::machine::Kind;
use leadfold_store::{Blocking, EventStore};

use super::support::{append, captured, cost, facts, lost, replaced, retracted, rows};

/// Target positions of all corrections, 0 where there is none.
fn targets(store: &dyn EventStore) -> Vec<i64> {
    let facts = rows(&facts(store));
    facts.iter().filter(|fact| fact.kind == Kind::Corrected).map(|fact| fact.x).collect()
}

pub(super) fn correction_finds_its_target_in_its_own_stream_only(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), captured(2, "B", "x"), cost(3)]);
    append(store, vec![retracted(4, "A", 1), retracted(5, "A", 2), retracted(6, "-", 3)]);
    append(store, vec![retracted(7, "-", 1), retracted(8, "A", 3), retracted(9, "A", 9)]);
    append(store, vec![retracted(10, "A", 4), retracted(11, "A", 99)]);
    assert_eq!(targets(store), [1, 0, 3, 0, 0, 0, 4, 0]);
}

pub(super) fn correction_finds_its_target_in_its_own_batch(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), retracted(2, "A", 1), retracted(3, "A", 2)]);
    assert_eq!(targets(store), [1, 2]);
    append(store, vec![retracted(4, "A", 5), lost(5, "A", "x"), retracted(6, "A", 5)]);
    assert_eq!(targets(store), [1, 2, 0, 5], "the order of the batch counts");
}

pub(super) fn early_correction_works_when_its_target_arrives(store: &dyn EventStore) {
    let wrong_stream = retracted(2, "B", 9);
    append(store, vec![retracted(1, "A", 9), wrong_stream]);
    append(store, vec![replaced(3, "A", 9, "{\"reason\":\"price\"}"), lost(9, "A", "x")]);
    append(store, vec![captured(4, "A", "x")]);
    let facts = rows(&facts(store));
    let amendments: Vec<_> = (facts.iter().filter(|fact| fact.kind == Kind::Amendment))
        .map(|fact| (fact.position, fact.x))
        .collect();
    assert_eq!(amendments, [(4, 1), (4, 3)], "the target knows what came before it");
    let price = Blocking(store).code("price").expect("reads").expect("it was taken in");
    assert!(facts.iter().any(|fact| fact.position == 4 && fact.b == price));
}
