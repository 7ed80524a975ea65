//! What an append does, and what it refuses.

use leadfold_core::event::NewEvent;
use leadfold_core::{LeadIndex, Timestamp};
use leadfold_store::{
    Append, AppendError, Blocking, EventStore, ExpectedFamily, IdempotencyConflict, Outcome,
    VersionConflict,
};

use super::support::{
    NOW, added, append, captured, cost, duplicate, event, event_id, events, facts, head, lead_id,
    lost, merged, rows,
};

pub(super) fn empty_log_has_nothing(store: &dyn EventStore) {
    let blocking = Blocking(store);
    assert_eq!(head(store), 0);
    assert!(facts(store).is_empty());
    assert!(events(store).is_empty());
    assert_eq!(blocking.lead(lead_id("A")).expect("reads"), None);
    assert!(blocking.leads(LeadIndex(0), 10).expect("reads").is_empty());
    assert!(blocking.lead_events(LeadIndex(0)).expect("reads").is_empty());
    assert!(blocking.lead_events(LeadIndex::NONE).expect("reads").is_empty());
    assert!(blocking.history(&[LeadIndex(0), LeadIndex::NONE]).expect("reads").is_empty());
    assert_eq!(blocking.string_count().expect("reads"), 0);
    assert_eq!(blocking.code("ads").expect("reads"), None);
}

pub(super) fn empty_append_succeeds_and_changes_nothing(store: &dyn EventStore) {
    assert!(append(store, Vec::new()).is_empty());
    assert_eq!(head(store), 0);
}

pub(super) fn empty_append_does_not_look_at_expectations(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x")]);
    let family = ExpectedFamily { of: vec![lead_id("A")], leads: 9, events: 9 };
    let stale = Append::new(Vec::new(), NOW).expecting(lead_id("A"), 7).expecting_family(family);
    for append in [stale.clone(), stale.refusing_singly()] {
        let appended = Blocking(store).append(append).expect("nothing is new");
        assert_eq!((appended.outcomes.len(), appended.head), (0, 1));
    }
    assert_eq!(head(store), 1);
}

pub(super) fn positions_and_sequences_have_no_gaps(store: &dyn EventStore) {
    let first = append(store, vec![captured(1, "A", "x"), captured(2, "B", "x"), cost(3)]);
    assert_eq!(first, [added(1, 1), added(2, 1), added(3, 0)]);
    let second = append(store, vec![lost(4, "A", "x"), cost(5), lost(6, "A", "y")]);
    assert_eq!(second, [added(4, 2), added(5, 0), added(6, 3)]);
    let places: Vec<_> = events(store).iter().map(|e| (e.position, e.sequence)).collect();
    assert_eq!(places, [(1, 1), (2, 1), (3, 0), (4, 2), (5, 0), (6, 3)]);
    assert_eq!(head(store), 6);
}

pub(super) fn recorded_at_is_the_events_own_or_the_appends(store: &dyn EventStore) {
    let own = Timestamp::from_micros(5);
    let events_in =
        vec![captured(1, "A", "x"), NewEvent { recorded_at: Some(own), ..lost(2, "A", "x") }];
    append(store, events_in);
    let times: Vec<_> = events(store).iter().map(|event| event.recorded_at).collect();
    assert_eq!(times, [NOW, own]);
    assert_eq!(rows(&facts(store))[0].recorded_at, NOW.micros());
}

pub(super) fn repeated_event_is_a_duplicate_and_changes_nothing(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), lost(2, "A", "x")]);
    let before = (events(store), facts(store));
    let later = NewEvent { recorded_at: Some(Timestamp::from_micros(9)), ..lost(2, "A", "x") };
    assert_eq!(
        append(store, vec![later, captured(1, "A", "x")]),
        [duplicate(2, 2), duplicate(1, 1)]
    );
    assert_eq!((events(store), facts(store)), before);
    let mixed = append(store, vec![captured(1, "A", "x"), captured(3, "B", "x")]);
    assert_eq!(mixed, [duplicate(1, 1), added(3, 1)]);
}

pub(super) fn other_content_under_one_id_refuses_the_batch(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x")]);
    let batch = vec![captured(2, "NEW", "new"), captured(1, "A", "other")];
    let error = Blocking(store).append(Append::new(batch, NOW)).expect_err("it conflicts");
    let expected = IdempotencyConflict { index: 1, id: event_id(1), position: Some(1) };
    assert!(matches!(error, AppendError::IdempotencyConflict(found) if found == expected));
    assert_eq!(head(store), 1, "nothing was appended");
    assert_eq!(Blocking(store).lead(lead_id("NEW")).expect("reads"), None, "no lead was named");
    assert_eq!(Blocking(store).code("new").expect("reads"), None, "no string was taken in");
    assert_eq!(append(store, vec![captured(2, "NEW", "new")]), [added(2, 1)], "its id is free");
}

pub(super) fn other_content_under_one_id_is_refused_singly_on_import(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x")]);
    let batch = vec![lost(2, "A", "x"), captured(1, "A", "other"), lost(3, "A", "y")];
    let append = Append::new(batch, NOW).refusing_singly();
    let appended = Blocking(store).append(append).expect("the others go in");
    let refused = IdempotencyConflict { index: 1, id: event_id(1), position: Some(1) };
    assert_eq!(appended.outcomes, [added(2, 2), Outcome::Refused(refused), added(3, 3)]);
    assert_eq!(events(store).len(), 3);
    assert_eq!(events(store)[0].event, captured(1, "A", "x").event, "the first stays");
}

pub(super) fn twins_in_one_batch_are_one_event(store: &dyn EventStore) {
    let batch = vec![captured(1, "A", "x"), lost(2, "A", "x"), captured(1, "A", "x")];
    assert_eq!(append(store, batch), [added(1, 1), added(2, 2), duplicate(1, 1)]);
    assert_eq!(head(store), 2);
}

pub(super) fn different_twins_in_one_batch_are_a_conflict(store: &dyn EventStore) {
    let batch = vec![lost(2, "A", "x"), captured(1, "A", "x"), captured(1, "A", "y")];
    let error = Blocking(store).append(Append::new(batch.clone(), NOW)).expect_err("it conflicts");
    let expected = IdempotencyConflict { index: 2, id: event_id(1), position: None };
    assert!(matches!(error, AppendError::IdempotencyConflict(found) if found == expected));
    assert_eq!(head(store), 0);

    let append = Append::new(batch, NOW).refusing_singly();
    let appended = Blocking(store).append(append).expect("the first of them goes in");
    let refused = IdempotencyConflict { index: 2, id: event_id(1), position: Some(2) };
    assert_eq!(appended.outcomes, [added(1, 1), added(2, 2), Outcome::Refused(refused)]);
}

pub(super) fn stale_expectation_is_refused_and_changes_nothing(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), lost(2, "A", "x")]);
    for (key, expected, actual) in [("A", 1, 2), ("A", 3, 2), ("B", 1, 0)] {
        let stale = Append::new(vec![captured(3, "B", "new")], NOW)
            .expecting(lead_id("A"), 2)
            .expecting(lead_id(key), expected)
            .refusing_singly();
        let error = Blocking(store).append(stale).expect_err("it is stale");
        let conflict = VersionConflict { lead: lead_id(key), expected, actual };
        assert!(matches!(error, AppendError::VersionConflict(found) if found == conflict));
        assert_eq!(head(store), 2);
        assert_eq!(Blocking(store).lead(lead_id("B")).expect("reads"), None);
    }
}

pub(super) fn expectation_of_the_right_sequence_is_accepted(store: &dyn EventStore) {
    let first = Append::new(vec![captured(1, "A", "x")], NOW).expecting(lead_id("A"), 0);
    Blocking(store).append(first).expect("the lead has no event");
    let second = Append::new(vec![lost(2, "A", "x")], NOW)
        .expecting(lead_id("A"), 1)
        .expecting(lead_id("B"), 0);
    assert_eq!(Blocking(store).append(second).expect("the lead has one event").head, 2);
}

pub(super) fn retried_command_succeeds_although_its_expectation_is_stale(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x")]);
    let command = Append::new(vec![lost(2, "A", "x")], NOW).expecting(lead_id("A"), 1);
    Blocking(store).append(command.clone()).expect("the first try");
    let again = Blocking(store).append(command).expect("the second try");
    assert_eq!(again.outcomes, [duplicate(2, 2)]);
    let half = Append::new(vec![lost(2, "A", "x"), lost(3, "A", "y")], NOW);
    let error = Blocking(store).append(half.expecting(lead_id("A"), 1)).expect_err("one is new");
    assert!(error.is_conflict());
    assert_eq!(head(store), 2);
}

/// An append of something to A, on the condition that the family of some leads is so large.
fn of_family(id: u64, of: &[&str], leads: u64, events: u64) -> Append {
    let of = of.iter().map(|key| lead_id(key)).collect();
    Append::new(vec![lost(id, "A", "x")], NOW).expecting_family(ExpectedFamily {
        of,
        leads,
        events,
    })
}

pub(super) fn family_of_another_size_is_refused_and_changes_nothing(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), merged(2, "B", "A"), captured(3, "C", "x")]);
    for (of, expected, actual) in [
        (&["A"][..], (2, 1), (2, 2)),
        (&["A"], (1, 2), (2, 2)),
        (&["B", "A", "B"], (2, 3), (2, 2)),
        (&["C", "B"], (2, 3), (3, 3)),
        (&["A", "NOBODY"], (3, 2), (2, 2)),
        (&["NOBODY"], (1, 0), (0, 0)),
        (&[], (1, 0), (0, 0)),
    ] {
        let stale = of_family(4, of, expected.0, expected.1).refusing_singly();
        let error = Blocking(store).append(stale).expect_err("it is stale");
        assert!(error.is_conflict());
        let AppendError::FamilyConflict(conflict) = error else { panic!("{error}") };
        assert_eq!((conflict.expected_leads, conflict.expected_events), expected);
        assert_eq!((conflict.actual_leads, conflict.actual_events), actual);
        assert_eq!(head(store), 3);
    }
    let current = of_family(4, &["C", "NOBODY", "A"], 3, 3);
    assert_eq!(Blocking(store).append(current.clone()).expect("it is current").head, 4);
    let again = Blocking(store).append(current).expect("a retry does not look at the family");
    assert_eq!(again.outcomes, [duplicate(4, 2)]);
}

pub(super) fn merge_from_outside_makes_an_expectation_of_the_family_stale(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), captured(2, "X", "x")]);
    let unmerged = event(4, "Y", "\"type\":\"unmerged\",\"data\":{\"from\":\"A\"}");
    for (id, joins, now) in [(3, merged(3, "X", "A"), (2, 3)), (4, unmerged, (3, 4))] {
        let (leads, events) = if id == 3 { (1, 1) } else { (2, 3) };
        // Decided before, appended after: nothing is added to the stream of A itself.
        append(store, vec![joins]);
        let stale = of_family(9, &["A"], leads, events).expecting(lead_id("A"), 1);
        let error = Blocking(store).append(stale).expect_err("the family has grown");
        let AppendError::FamilyConflict(conflict) = error else { panic!("{error}") };
        assert_eq!((conflict.actual_leads, conflict.actual_events), now);
    }
}

pub(super) fn event_that_does_not_read_back_is_refused_singly_on_import(store: &dyn EventStore) {
    let mut wrong = captured(2, "B", "new");
    wrong.event.version = 7;
    let mut worse = captured(2, "C", "new");
    worse.recorded_at = Some(Timestamp::from_micros(i64::MAX));
    let batch = vec![captured(1, "A", "x"), wrong, worse, captured(2, "A", "x"), lost(1, "A", "y")];
    let import = Append::new(batch, NOW).refusing_singly();
    let appended = Blocking(store).append(import).expect("the others go in");
    let invalid = |index: usize| match &appended.outcomes[index] {
        Outcome::Invalid(invalid) => (invalid.index, invalid.id),
        other => panic!("{other:?}"),
    };
    assert_eq!([invalid(1), invalid(2)], [(1, event_id(2)), (2, event_id(2))]);
    assert_eq!(appended.outcomes[0], added(1, 1));
    assert_eq!(appended.outcomes[3], added(2, 2), "the id of what is invalid is free");
    assert!(matches!(appended.outcomes[4], Outcome::Refused(_)));
    assert_eq!((appended.head, head(store)), (2, 2));
    assert_eq!(Blocking(store).lead(lead_id("B")).expect("reads"), None, "no lead was named");
    assert_eq!(Blocking(store).code("new").expect("reads"), None, "no string was taken in");
}

pub(super) fn event_that_does_not_read_back_is_refused(store: &dyn EventStore) {
    let mut wrong = captured(2, "A", "x");
    wrong.event.version = 7;
    let batch = vec![captured(1, "A", "x"), wrong];
    let error = Blocking(store).append(Append::new(batch, NOW)).expect_err("it is not valid");
    assert!(matches!(error, AppendError::Invalid(invalid) if invalid.index == 1));
    assert_eq!(head(store), 0);
}
