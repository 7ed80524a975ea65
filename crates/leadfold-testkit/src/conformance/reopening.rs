//! What an opened log still knows.

use leadfold_core::machine::Kind;
use leadfold_store::{
    Append, AppendError, Blocking, EventStore, ExpectedFamily, MemoryStore, Outcome,
};

use super::same::assert_same;
use super::sharing::append_together;
use super::subject::Subject;
use super::support::{
    NOW, added, append, captured, cost, duplicate, events, facts, fill, head, index_of, lead_id,
    lost, merged, retracted, rows,
};

pub(super) fn acknowledged_events_survive_reopening(subject: &mut Subject) {
    let mut known = Vec::new();
    for n in 1..=6 {
        let id = n * 3;
        let batch = vec![captured(id, &format!("L{n}"), "x"), lost(id + 1, "A", "x"), cost(id + 2)];
        append(subject.store(), batch);
        known.extend(events(subject.store()).into_iter().skip(known.len()));
        let store = subject.reopen();
        assert_eq!(events(store), known, "after append {n}");
        assert_eq!(head(store), 3 * n);
    }
}

pub(super) fn appends_of_many_threads_survive_reopening(subject: &mut Subject) {
    let calls = append_together(subject.store());
    let before = events(subject.store());
    let store = subject.reopen();
    assert_eq!(events(store), before);
    for appended in calls.into_iter().filter_map(|call| call.answer.ok()) {
        let last = appended.outcomes.iter().filter_map(Outcome::position).max();
        assert!(last <= Some(head(store)), "acknowledged up to {last:?}");
    }
}

/// What it said: the same as a store in memory, before and after.
pub(super) fn opened_log_says_what_it_said(subject: &mut Subject) {
    let memory = MemoryStore::new();
    fill(&memory);
    fill(subject.store());
    assert_same(&memory, subject.store());
    assert_same(&memory, subject.reopen());
    for store in [&memory as &dyn EventStore, subject.store()] {
        append(store, vec![captured(9_001, "late", "new source"), lost(9_002, "L1", "reason 1")]);
    }
    assert_same(&memory, subject.reopen());
}

pub(super) fn opened_log_knows_its_ids_and_expectations(subject: &mut Subject) {
    append(subject.store(), vec![captured(1, "A", "x"), merged(2, "B", "A"), cost(3)]);
    let store = subject.reopen();
    assert_eq!(
        append(store, vec![merged(2, "B", "A"), cost(3)]),
        [duplicate(2, 1), duplicate(3, 0)]
    );
    let other = Append::new(vec![captured(1, "A", "other")], NOW);
    let error = Blocking(store).append(other).expect_err("the id belongs to another event");
    assert!(matches!(error, AppendError::IdempotencyConflict(found) if found.position == Some(1)));
    let stale = Append::new(vec![lost(4, "A", "x")], NOW).expecting(lead_id("A"), 0);
    assert!(Blocking(store).append(stale).expect_err("it has one event").is_conflict());
    let of = |leads, events| ExpectedFamily { of: vec![lead_id("A")], leads, events };
    let family = |size| Append::new(vec![lost(4, "A", "x")], NOW).expecting_family(size);
    let error = Blocking(store).append(family(of(1, 1))).expect_err("there was a merge");
    assert!(matches!(error, AppendError::FamilyConflict(_)), "{error}");
    let current = family(of(2, 2)).expecting(lead_id("A"), 1);
    let appended = Blocking(store).append(current).expect("it is current");
    assert_eq!((appended.outcomes.as_slice(), appended.head), ([added(4, 2)].as_slice(), 4));
    assert_eq!((index_of(store, "A").0, index_of(store, "B").0), (0, 1));
}

pub(super) fn early_correction_survives_reopening(subject: &mut Subject) {
    append(subject.store(), vec![captured(1, "A", "x"), retracted(2, "A", 9)]);
    let store = subject.reopen();
    append(store, vec![lost(9, "A", "x"), retracted(3, "A", 1)]);
    let facts = rows(&facts(store));
    let amends = facts.iter().filter(|fact| fact.kind == Kind::Amendment);
    assert_eq!(amends.map(|fact| (fact.position, fact.x)).collect::<Vec<_>>(), [(3, 2)]);
    let corrects = facts.iter().filter(|fact| fact.kind == Kind::Corrected);
    assert_eq!(corrects.map(|fact| fact.x).collect::<Vec<_>>(), [0, 1]);
}
