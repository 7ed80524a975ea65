//! The laws themselves: each has to notice a calendar that is broken in its own way.

use std::ops::Range;

use chrono::FixedOffset;
use leadfold_core::{Calendar, SECOND, Timestamp, Zone};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::draw::{Question, offset, question};
use super::law::{agrees, inverts};
use super::plan::Plan;

/// Whether a law fails for one of the questions; always the same ones.
fn is_noticed(law: impl Fn(Question) -> Result<(), TestCaseError>) -> bool {
    let config =
        Config { cases: 100, max_shrink_iters: 0, failure_persistence: None, ..Config::default() };
    let rng = proptest::test_runner::TestRng::deterministic_rng(config.rng_algorithm);
    let questions = question(3).prop_filter("an interval", |question| question.from < question.to);
    TestRunner::new_with_rng(config, rng).run(&questions, law).is_err()
}

/// Whether the walk by seconds notices a way of counting.
fn walk_notices(working: impl Fn(&Plan, Timestamp, Timestamp) -> i64) -> bool {
    is_noticed(|question| {
        let found = working(&question.plan, question.from, question.to);
        agrees(&question, found)
    })
}

fn seconds_ahead(plan: &Plan, at: Timestamp) -> i32 {
    offset(plan.zone, at.micros().div_euclid(SECOND))
}

/// The plan under clocks that never change.
fn frozen(plan: &Plan, offset_seconds: i32) -> Calendar {
    let offset = FixedOffset::east_opt(offset_seconds).expect("an offset of a zone");
    plan.calendar_in(Zone::of("frozen", offset))
}

fn shifted(at: Timestamp, seconds: i32) -> Timestamp {
    Timestamp::from_micros(at.micros() + i64::from(seconds) * SECOND)
}

#[test]
fn the_calendar_itself_passes() {
    assert!(!walk_notices(|plan, from, to| plan.calendar().working(from, to)));
    assert!(!is_noticed(|question| due_is_inverse(&question, Calendar::due)));
}

#[test]
fn clocks_read_at_the_start_alone_are_noticed() {
    assert!(walk_notices(|plan, from, to| {
        frozen(plan, seconds_ahead(plan, from)).working(from, to)
    }));
}

#[test]
fn clocks_read_at_the_end_alone_are_noticed() {
    assert!(walk_notices(|plan, from, to| {
        frozen(plan, seconds_ahead(plan, to)).working(from, to)
    }));
}

/// Both ends are right, and the hour that was skipped or repeated in between is wrong.
#[test]
fn a_difference_of_local_times_is_noticed() {
    assert!(walk_notices(|plan, from, to| {
        let local = |at| shifted(at, seconds_ahead(plan, at));
        frozen(plan, 0).working(local(from), local(to))
    }));
}

#[test]
fn forgotten_holidays_are_noticed() {
    assert!(walk_notices(|plan, from, to| {
        Plan { holidays: Vec::new(), ..plan.clone() }.calendar().working(from, to)
    }));
}

#[test]
fn holidays_that_outrank_exceptions_are_noticed() {
    assert!(walk_notices(|plan, from, to| {
        let mut plan = plan.clone();
        plan.exceptions.retain(|(date, _)| !plan.holidays.contains(date));
        plan.calendar().working(from, to)
    }));
}

#[test]
fn an_end_that_counts_is_noticed() {
    assert!(walk_notices(|plan, from, to| {
        let working = |Range { start, end }: Range<Timestamp>| end.micros() - start.micros() + 1;
        plan.calendar().intervals(from, to).map(working).sum()
    }));
}

fn due_is_inverse(
    question: &Question,
    due: impl Fn(&Calendar, Timestamp, i64) -> Option<Timestamp>,
) -> Result<(), TestCaseError> {
    let calendar = question.plan.calendar();
    let wanted = calendar.working(question.from, question.to);
    match wanted {
        0 => Ok(()),
        _ => inverts(&calendar, question.from, wanted, due(&calendar, question.from, wanted)),
    }
}

/// At the end of a working day: not that end, but the next morning.
#[test]
fn a_promise_that_falls_due_the_next_morning_is_noticed() {
    assert!(is_noticed(|question| {
        due_is_inverse(&question, |calendar, from, wanted| {
            let after = calendar.due(from, wanted + 1)?;
            Some(Timestamp::from_micros(after.micros() - 1))
        })
    }));
}

#[test]
fn a_promise_by_the_wall_clock_is_noticed() {
    assert!(is_noticed(|question| {
        due_is_inverse(&question, |_, from, wanted| Calendar::always().due(from, wanted))
    }));
}
