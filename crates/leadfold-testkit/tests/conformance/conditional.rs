//! Faults of conditions, of filtered reads and of waiting.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use leadfold_store::{
    Append, AppendError, Appended, Blocking, Capabilities, EventStore, Matches, MemoryStore, Query,
    StoreFuture, Unless,
};
use leadfold_testkit::conformance::with_patience;

use super::broken::{Fault, assert_caught, caught_by, done, is_caught_at, sound};
use super::raced::{Home, wait_until};

/// The append that a store hears instead of the one that it was given.
struct Hears(fn(&mut Append));

impl Fault for Hears {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        mut append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        (self.0)(&mut append);
        log.append(append)
    }
}

#[test]
fn store_that_forgets_conditions_is_caught() {
    let expected = [
        "match_behind_the_position_refuses_the_append",
        "condition_asks_for_tenant_lead_type_and_data",
        "condition_finds_texts_beside_what_nobody_reads",
        "expected_head_is_that_of_the_whole_log",
    ];
    assert_caught(|| Hears(|append| append.unless.clear()), &expected);
}

#[test]
fn store_that_looks_at_the_first_condition_only_is_caught() {
    let caught = caught_by(|| Hears(|append| append.unless.truncate(1)));
    assert_eq!(caught, ["match_behind_the_position_refuses_the_append"]);
}

/// Takes every condition for one on all that happens: sound, and refuses too much.
#[test]
fn store_that_takes_everything_for_a_match_is_caught() {
    let widen = |append: &mut Append| {
        for unless in &mut append.unless {
            unless.matching = Query::of_all_tenants();
        }
    };
    let expected = ["condition_asks_for_tenant_lead_type_and_data"];
    assert_caught(|| Hears(widen), &expected);
}

/// Believes whatever position it is told.
struct BelievesPositions;

impl Fault for BelievesPositions {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        mut append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        let head = sound(Blocking(log).head());
        append.unless.iter_mut().for_each(|unless| unless.after = unless.after.min(head));
        log.append(append)
    }
}

#[test]
fn store_that_believes_positions_beyond_its_log_is_caught() {
    let expected = ["expected_head_is_that_of_the_whole_log"];
    assert_eq!(caught_by(|| BelievesPositions), expected);
}

/// Checks conditions before its turn to write. Two that come when so many match go on together.
struct ChecksConditionsTooEarly {
    home: Home,
    n_matching: usize,
    n_come: AtomicUsize,
}

impl ChecksConditionsTooEarly {
    fn at(n_matching: usize) -> Self {
        Self { home: Home::here(), n_matching, n_come: AtomicUsize::new(0) }
    }
}

impl Fault for ChecksConditionsTooEarly {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        let Some(Unless { matching, after }) = append.unless.first().cloned() else {
            return log.append(append);
        };
        let n_after =
            |after| sound(Blocking(log).matching(&matching, after, usize::MAX)).events.len();
        let holds = n_after(after) == 0 && n_after(0) == self.n_matching;
        if !holds || self.home.is_here() || self.n_come.fetch_add(1, Ordering::SeqCst) > 1 {
            return log.append(append);
        }
        wait_until(|| self.n_come.load(Ordering::SeqCst) > 1);
        log.append(Append { unless: Vec::new(), ..append })
    }
}

#[test]
fn store_that_checks_conditions_before_its_turn_is_caught() {
    // As many as a clause allows, less one.
    for (clause, n_matching) in [
        ("claims_of_many_threads_have_one_winner", 0),
        ("capacity_is_not_exceeded_by_many_threads", 4),
        ("identity_has_one_lead_whatever_many_threads_capture", 0),
    ] {
        assert!(is_caught_at(clause, || ChecksConditionsTooEarly::at(n_matching)), "{clause}");
    }
}

/// What a filtered read says instead.
struct Finds(fn(Matches, u64, usize) -> Matches);

impl Fault for Finds {
    fn matching<'a>(
        &'a self,
        log: &'a MemoryStore,
        query: &'a Query,
        after: u64,
        max: usize,
    ) -> StoreFuture<'a, Matches> {
        done(Ok((self.0)(sound(Blocking(log).matching(query, after, max)), after, max)))
    }
}

#[test]
fn store_that_looks_no_further_than_its_last_match_is_caught() {
    let last = |found: Matches, after: u64, _: usize| {
        let through = found.events.last().map_or(after, |event| event.position);
        Matches { through, ..found }
    };
    assert!(is_caught_at("matching_reads_tell_how_far_they_looked", || Finds(last)));
}

#[test]
fn store_that_says_it_looked_further_than_it_did_is_caught() {
    let further = |found: Matches, after: u64, max: usize| {
        let through = if max > 1 { found.through.max(after + 1).min(40) } else { found.through };
        let events = found.events.into_iter().filter(|event| event.position < through).collect();
        Matches { events, through }
    };
    assert!(is_caught_at("matching_reads_tell_how_far_they_looked", || Finds(further)));
}

/// Keeps facts by lead, and says that it does not.
struct DeclaresTooLittle;

impl Fault for DeclaresTooLittle {
    fn capabilities(&self, log: &MemoryStore) -> Capabilities {
        log.capabilities().in_log_order_only()
    }
}

#[test]
fn store_that_does_not_say_what_it_can_do_is_caught() {
    assert_eq!(caught_by(|| DeclaresTooLittle), ["store_declares_what_it_can_do"]);
}

/// Does not wait.
struct DoesNotWait;

impl Fault for DoesNotWait {
    fn wait_for<'a>(&'a self, log: &'a MemoryStore, _: u64) -> StoreFuture<'a, u64> {
        log.head()
    }
}

#[test]
fn store_that_does_not_wait_is_caught() {
    let expected = [
        "append_ends_the_waits_for_its_events_and_no_others",
        "waits_that_are_dropped_are_nobodys_matter",
    ];
    assert_caught(|| DoesNotWait, &expected);
}

/// Looks once, and hears of no append.
struct HearsNothing;

impl Fault for HearsNothing {
    fn wait_for<'a>(&'a self, log: &'a MemoryStore, position: u64) -> StoreFuture<'a, u64> {
        let head = sound(Blocking(log).head());
        if head >= position { done(Ok(head)) } else { Box::pin(std::future::pending()) }
    }
}

#[test]
fn store_that_hears_of_no_append_is_caught() {
    let clause = "append_ends_the_waits_for_its_events_and_no_others";
    let is_caught = || is_caught_at(clause, || HearsNothing);
    assert!(with_patience(Duration::from_millis(1), is_caught), "however long one waits");
    assert!(!is_caught_at("wait_for_what_is_there_ends", || HearsNothing));
}
