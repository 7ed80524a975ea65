//! The checker finds what no order explains, and nothing else.

use leadfold_core::event::{NewEvent, RecordedEvent};
use leadfold_store::{Append, Appended, VersionConflict};

use super::super::support::{NOW, added, captured, duplicate, event_id, lead_id, lost};
use super::{Call, check};

fn recorded(position: u64, sequence: u64, new: NewEvent) -> RecordedEvent {
    let NewEvent { id, event, .. } = new;
    RecordedEvent { position, sequence, id, recorded_at: NOW, event }
}

/// Two appends at the same time, one after both, a retry of the first, and a conflict.
fn history() -> (Vec<Call>, Vec<RecordedEvent>) {
    let (one, two) = (vec![captured(1, "A", "x"), lost(2, "A", "x")], vec![captured(3, "B", "x")]);
    let three = vec![lost(4, "A", "y")];
    let log = vec![
        recorded(1, 1, two[0].clone()),
        recorded(2, 1, one[0].clone()),
        recorded(3, 2, one[1].clone()),
        recorded(4, 3, three[0].clone()),
    ];
    let call = |append, began, ended, answer| Call { append, began, ended, answer };
    let done = |outcomes, head| Ok(Appended { outcomes, head });
    let stale = VersionConflict { lead: lead_id("A"), expected: 0, actual: 2 };
    let late = Append::new(vec![lost(9, "A", "z")], NOW).expecting(lead_id("A"), 0);
    let calls = vec![
        call(Append::new(one.clone(), NOW), 1, 4, done(vec![added(2, 1), added(3, 2)], 3)),
        call(Append::new(two, NOW), 2, 3, done(vec![added(1, 1)], 1)),
        call(Append::new(three, NOW).expecting(lead_id("A"), 2), 5, 8, done(vec![added(4, 3)], 4)),
        call(Append::new(one, NOW), 9, 10, done(vec![duplicate(2, 1), duplicate(3, 2)], 4)),
        call(late, 6, 7, Err(stale)),
    ];
    (calls, log)
}

fn found(change: impl FnOnce(&mut Vec<Call>, &mut Vec<RecordedEvent>)) -> String {
    let (mut calls, mut log) = history();
    change(&mut calls, &mut log);
    check(&calls, &log).expect_err("no order explains it")
}

#[track_caller]
fn assert_found(part: &str, change: impl FnOnce(&mut Vec<Call>, &mut Vec<RecordedEvent>)) {
    let found = found(change);
    assert!(found.contains(part), "expected {part:?} in {found:?}");
}

#[test]
fn history_with_an_order_is_sound() {
    let (calls, log) = history();
    assert_eq!(check(&calls, &log), Ok(()));
}

#[test]
fn lost_and_foreign_events_are_found() {
    assert_found("acknowledged once", |_, log| drop(log.pop()));
    assert_found("acknowledged once", |calls, _| drop(calls.remove(1)));
    assert_found("expected position 4", |_, log| log[3].position = 5);
    assert_found("sequence 3", |_, log| log[3].sequence = 4);
    assert_found("expected event", |_, log| log[0].id = event_id(77));
}

#[test]
fn torn_batch_is_found() {
    assert_found("torn", |calls, log| {
        log.swap(0, 1);
        (log[0].position, log[1].position) = (1, 2);
        calls[0].answer = Ok(Appended { outcomes: vec![added(1, 1), added(3, 2)], head: 3 });
        calls[1].answer = Ok(Appended { outcomes: vec![added(2, 1)], head: 2 });
    });
}

#[test]
fn positions_against_the_order_of_calls_are_found() {
    assert_found("which was there before", |calls, _| {
        (calls[1].began, calls[1].ended) = (11, 12);
        calls.swap(0, 1);
    });
    assert_found("expected a head", |calls, _| {
        calls[3].answer =
            Ok(Appended { outcomes: vec![duplicate(2, 1), duplicate(3, 2)], head: 3 });
    });
}

#[test]
fn expectation_that_did_not_hold_is_found() {
    assert_found("at position 4", |calls, _| calls[2].append.expected[0].sequence = 1);
}

#[test]
fn conflict_without_a_reason_is_found() {
    let conflict = |actual| VersionConflict { lead: lead_id("A"), expected: 0, actual };
    assert_found("without a reason", |calls, _| calls[4].answer = Err(conflict(4)));
    assert_found("without a reason", |calls, _| calls[4].answer = Err(conflict(1)));
    assert_found("without a reason", |calls, _| (calls[4].began, calls[4].ended) = (11, 12));
    assert_found("of a refused append", |calls, _| calls[4].append.events[0].id = event_id(4));
}
