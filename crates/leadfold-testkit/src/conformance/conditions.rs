//! Rules that span leads: appends on the condition that nothing has happened which they depend on.

use std::sync::Barrier;
use std::thread;

use leadfold_core::event::NewEvent;
use leadfold_store::{Append, AppendError, Blocking, EventStore, Query, UnlessConflict};

use super::support::{NOW, append, captured, cost, duplicate, event, head, lead_id, lost};

fn accepted(id: u64, lead: &str, by: &str) -> NewEvent {
    event(id, lead, &format!("\"type\":\"accepted\",\"data\":{{\"by\":\"{by}\"}}"))
}

/// An event of another tenant.
fn of_tenant(tenant: &str, mut event: NewEvent) -> NewEvent {
    event.event.tenant = Some(tenant.to_owned());
    event
}

fn conflict(store: &dyn EventStore, append: Append) -> UnlessConflict {
    let error = Blocking(store).append(append).expect_err("something has happened");
    assert!(error.is_conflict() && !error.is_retryable(), "{error}");
    let AppendError::UnlessConflict(conflict) = error else { panic!("{error}") };
    conflict
}

pub(super) fn match_behind_the_position_refuses_the_append(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), lost(2, "A", "x"), captured(3, "B", "x"), cost(4)]);
    let query = Query::of_all_tenants().of_type("captured");
    for (after, position) in [(0, 1), (1, 3), (2, 3)] {
        let batch = vec![captured(9, "NEW", "new"), lost(10, "NEW", "x")];
        let stale = Append::new(batch, NOW).unless(query.clone(), after).refusing_singly();
        let expected = UnlessConflict { after, position: Some(position), head: 4 };
        assert_eq!(conflict(store, stale), expected);
        assert_eq!(head(store), 4, "nothing was appended");
        assert_eq!(Blocking(store).lead(lead_id("NEW")).expect("reads"), None);
    }
    let both = Append::new(vec![lost(9, "A", "x")], NOW)
        .unless(query.clone(), 3)
        .unless(Query::of_all_tenants().of_lead(lead_id("A")), 1);
    assert_eq!(conflict(store, both).position, Some(2), "each has to hold");
    let current = Append::new(vec![lost(9, "A", "x")], NOW).unless(query, 3);
    assert_eq!(Blocking(store).append(current).expect("nothing matches").head, 5);
}

pub(super) fn condition_asks_for_tenant_lead_type_and_data(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), accepted(2, "A", "ann"), cost(3)]);
    append(store, vec![of_tenant("other", accepted(4, "A", "bob"))]);
    let all = Query::of_all_tenants;
    let of_default = |query: &str| Query::of_tenant("default").of_type(query);
    for (query, position) in [
        (all(), Some(2)),
        (all().of_lead(lead_id("A")), Some(2)),
        (all().of_lead(lead_id("B")), None),
        (all().of_lead(lead_id("B")).of_lead(lead_id("A")), Some(2)),
        (all().of_type("cost_recorded"), Some(3)),
        (all().of_type("accept"), None),
        (all().of_type("lost").of_type("accepted").with("/by", "bob"), Some(4)),
        (all().with("/by", "BOB"), None),
        (all().with("/by", "ann").with("/handoff", "ann"), None),
        (of_default("accepted").with("/by", "bob"), None),
        (Query::of_tenant("other"), Some(4)),
        (Query::of_tenant("other").of_lead(lead_id("A")), None),
        (Query::of_tenant("nobody"), None),
    ] {
        let matches = Blocking(store).matching(&query, 1, usize::MAX).expect("reads");
        assert_eq!(matches.events.first().map(|event| event.position), position, "{query:?}");
        // Always the same event: what goes in once is a duplicate of itself, behind the others.
        let Some(position) = position else {
            let append = Append::new(vec![of_tenant("third", cost(9))], NOW).unless(query, 1);
            assert!(Blocking(store).append(append).expect("nothing matches").head >= 5);
            continue;
        };
        let append = Append::new(vec![lost(10, "A", "x")], NOW).unless(query, 1);
        assert_eq!(conflict(store, append).position, Some(position));
    }
}

pub(super) fn condition_finds_texts_beside_what_nobody_reads(store: &dyn EventStore) {
    let ann = Query::of_tenant("default").with("/by", "ann");
    for (id, beside) in (1..).zip(["1e400", r#""\ud800""#, r#"{"\ud800":[-1e999]}"#]) {
        let data = format!("{{\"by\":\"ann\",\"x\":{beside}}}");
        append(store, vec![event(id, "A", &format!("\"type\":\"accepted\",\"data\":{data}"))]);
        let claim = Append::new(vec![lost(9, "A", "x")], NOW).unless(ann.clone(), id - 1);
        let expected = UnlessConflict { after: id - 1, position: Some(id), head: id };
        assert_eq!(conflict(store, claim), expected, "{data}");
        assert_eq!(read(store, &ann), (id, id), "{data}");
        assert_eq!(read(store, &Query::of_tenant("default").with("/by", "bob")), (0, id), "{data}");
    }
}

pub(super) fn expected_head_is_that_of_the_whole_log(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), cost(2)]);
    for (after, position) in [(0, Some(1)), (1, Some(2)), (3, None), (u64::MAX, None)] {
        let stale = Append::new(vec![lost(3, "A", "x")], NOW).expecting_head(after);
        assert_eq!(conflict(store, stale), UnlessConflict { after, position, head: 2 });
    }
    let current = Append::new(vec![lost(3, "A", "x"), cost(4)], NOW).expecting_head(2);
    assert_eq!(Blocking(store).append(current.clone()).expect("it ends there").head, 4);
    let again = Blocking(store).append(current).expect("a retry does not look at conditions");
    assert_eq!(again.outcomes, [duplicate(3, 2), duplicate(4, 0)]);
    let empty = Append::new(Vec::new(), NOW).expecting_head(1);
    assert_eq!(Blocking(store).append(empty).expect("nothing is new").head, 4);
}

pub(super) fn matching_reads_tell_how_far_they_looked(store: &dyn EventStore) {
    let batch = |n: u64| match n % 4 {
        0 => captured(n, &format!("L{}", n % 3), "x"),
        _ => lost(n, &format!("L{}", n % 3), "x"),
    };
    append(store, (1..=40).map(batch).collect());
    let query = Query::of_tenant("default").of_type("captured");
    for scan_max in [1, 3, 4, 5, 39, 40, 41] {
        let (mut found, mut after) = (Vec::new(), 0);
        while after < 40 {
            let page = Blocking(store).matching(&query, after, scan_max).expect("reads");
            assert!(page.through > after && page.through <= after + scan_max as u64);
            let is_between = |event: &leadfold_core::event::RecordedEvent| {
                (after + 1..=page.through).contains(&event.position)
            };
            assert!(page.events.iter().all(is_between), "{after} to {}", page.through);
            found.extend(page.events.iter().map(|event| event.position));
            after = page.through;
        }
        assert_eq!(found, [4, 8, 12, 16, 20, 24, 28, 32, 36, 40]);
    }
    let end = Blocking(store).matching(&query, 40, 9).expect("reads");
    assert_eq!((end.events.len(), end.through), (0, 40));
    assert_eq!(Blocking(store).matching(&query, 7, 0).expect("reads").through, 7);
}

const N_THREADS: u64 = 4;
const N_ROUNDS: u64 = 8;

/// All that match, and the head of the log that they are of.
fn read(store: &dyn EventStore, query: &Query) -> (u64, u64) {
    let matches = Blocking(store).matching(query, 0, usize::MAX).expect("reads");
    (matches.events.len() as u64, matches.through)
}

/// Threads that begin together, each given its number.
fn crowd(work: impl Fn(u64) + Sync) {
    let start = Barrier::new(N_THREADS as usize);
    thread::scope(|scope| {
        for thread in 0..N_THREADS {
            let (work, start) = (&work, &start);
            scope.spawn(move || {
                start.wait();
                work(thread);
            });
        }
    });
}

/// Reads, and appends if fewer than so many events match; again whenever somebody was faster.
/// Whether it was appended.
fn append_below(store: &dyn EventStore, query: &Query, limit: u64, event: &NewEvent) -> bool {
    // Each conflict is somebody else's success, of which there are so many at the most.
    for _ in 0..=N_THREADS * N_ROUNDS {
        let (count, through) = read(store, query);
        if count >= limit {
            return false;
        }
        let append = Append::new(vec![event.clone()], NOW).unless(query.clone(), through);
        match Blocking(store).append(append) {
            Ok(_) => return true,
            Err(error) if error.is_conflict() => {}
            Err(error) => panic!("expected an append or a conflict, found {error}"),
        }
    }
    panic!("a conflict that nobody has caused");
}

pub(super) fn claims_of_many_threads_have_one_winner(store: &dyn EventStore) {
    for round in 0..N_ROUNDS {
        let lead = format!("L{round}");
        let claims = Query::of_tenant("default").of_lead(lead_id(&lead)).of_type("accepted");
        let won = std::sync::Mutex::new(Vec::new());
        crowd(|thread| {
            let claim = accepted(round * 10 + thread, &lead, &format!("rep {thread}"));
            if append_below(store, &claims, 1, &claim) {
                won.lock().expect("nobody panics with it").push(claim.event);
            }
        });
        let won = won.into_inner().expect("nobody panics with it");
        let found = Blocking(store).matching(&claims, 0, usize::MAX).expect("reads").events;
        let found: Vec<_> = found.into_iter().map(|event| event.event).collect();
        assert!(won.len() == 1 && won == found, "{} winners, {} claims", won.len(), found.len());
    }
}

pub(super) fn capacity_is_not_exceeded_by_many_threads(store: &dyn EventStore) {
    const CAPACITY: u64 = 5;
    let taken = Query::of_tenant("default").of_type("accepted").with("/by", "ann");
    crowd(|thread| {
        for n in 0..N_ROUNDS {
            let id = thread * N_ROUNDS + n;
            append_below(store, &taken, CAPACITY, &accepted(id, &format!("L{id}"), "ann"));
            // Of no matter to her capacity, and always taken.
            let other = vec![accepted(1_000 + id, &format!("L{id}"), "bob")];
            Blocking(store).append(Append::new(other, NOW)).expect("it has no condition");
        }
    });
    assert_eq!(read(store, &taken).0, CAPACITY);
    assert_eq!(head(store), CAPACITY + N_THREADS * N_ROUNDS);
}

pub(super) fn identity_has_one_lead_whatever_many_threads_capture(store: &dyn EventStore) {
    for round in 0..N_ROUNDS {
        let person = format!("person {round}");
        let known = Query::of_tenant("default").with("/attributes/identity", &person);
        crowd(|thread| {
            let data = format!("{{\"attributes\":{{\"identity\":\"{person}\"}}}}");
            let lead = format!("L{round}-{thread}");
            let capture = event(
                round * 10 + thread,
                &lead,
                &format!("\"type\":\"captured\",\"data\":{data}"),
            );
            append_below(store, &known, 1, &capture);
        });
        assert_eq!(read(store, &known).0, 1, "leads of {person}");
    }
}
