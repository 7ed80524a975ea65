//! Numbers at the ends of what they can be.

use leadfold_core::event::{Body, NewEvent};
use leadfold_core::{EventId, Timestamp};
use leadfold_store::{
    Append, AppendError, Blocking, EventStore, ExpectedFamily, Outcome, VersionConflict,
};
use uuid::Uuid;

use super::support::{
    NOW, append, captured, cost, duplicate, event, event_id, events, facts, head, index_of,
    lead_id, lost, rows,
};

/// The first microsecond of the year 0.
const FIRST: i64 = -62_167_219_200_000_000;
/// The last microsecond of the year 9999.
const LAST: i64 = 253_402_300_799_999_999;

/// An event that happened and became known at an instant, in microseconds.
fn at(id: u64, micros: i64) -> NewEvent {
    let at = Timestamp::from_micros(micros);
    let mut new = NewEvent { recorded_at: Some(at), ..captured(id, "A", "x") };
    new.event.occurred_at = at.into();
    new
}

pub(super) fn times_at_the_ends_of_the_calendar_are_kept(store: &dyn EventStore) {
    let times = [FIRST, LAST, -1, 0, 1, FIRST + 1, LAST - 1];
    append(store, (1..).zip(times).map(|(id, micros)| at(id, micros)).collect());
    for ((event, fact), micros) in events(store).iter().zip(rows(&facts(store))).zip(times) {
        assert_eq!(event.recorded_at, Timestamp::from_micros(micros));
        assert_eq!(event.event.occurred_at, Timestamp::from_micros(micros).into());
        assert_eq!((fact.at, fact.recorded_at), (micros, micros));
    }
    for micros in [FIRST - 1, LAST + 1, i64::MIN, i64::MAX] {
        let error = Blocking(store).append(Append::new(vec![at(99, micros)], NOW));
        let error = error.expect_err("the calendar does not have it");
        assert!(matches!(error, AppendError::Invalid(_)), "{micros}: {error}");
    }
    assert_eq!(head(store), times.len() as u64);
}

fn paid(id: u64, amount: i64) -> NewEvent {
    let mut new = event(
        id,
        "A",
        "\"type\":\"revenue_recorded\",\"data\":{\"amount\":1,\"currency\":\"EUR\"}",
    );
    if let Body::RevenueRecorded(revenue) = &mut new.event.body {
        revenue.amount = amount;
    }
    new
}

/// The time of an append is its caller's, whose clock may be wrong.
pub(super) fn clock_that_jumps_reorders_nothing(store: &dyn EventStore) {
    let year = 365 * 86_400 * 1_000_000;
    let times = [0, -10, 20, 20, -1, 0, 1_000, -30].map(|years| NOW.micros() + years * year);
    for (n, micros) in (0..).zip(times) {
        let events = (0..3).map(|part| captured(3 * n + part + 1, "A", "x")).collect();
        let append = Append::new(events, Timestamp::from_micros(micros));
        let appended = Blocking(store).append(append).expect("any time will do");
        assert_eq!(appended.head, 3 * n + 3);
    }
    let found = events(store);
    let places = found.iter().map(|event| (event.position, event.sequence, event.id));
    assert!(places.eq((1..=24).map(|n| (n, n, event_id(n)))), "in the order of the appends");
    let recorded = found.iter().map(|event| event.recorded_at.micros());
    assert!(recorded.eq(times.iter().flat_map(|micros| [*micros; 3])), "as the appends said");
    let lead = index_of(store, "A");
    assert_eq!(Blocking(store).lead_events(lead).expect("reads"), found);
    let positions = rows(&facts(store)).into_iter().map(|fact| fact.position);
    assert!(positions.is_sorted(), "facts are in the order of the log");
}

pub(super) fn amounts_of_any_size_are_kept(store: &dyn EventStore) {
    // The second cannot be held by a float, nor the third by 32 bits.
    let amounts = [i64::MAX, (1 << 53) + 1, 1 << 32, 1, 0];
    append(store, (1..).zip(amounts).map(|(id, amount)| paid(id, amount)).collect());
    for (event, amount) in events(store).iter().zip(amounts) {
        let expected = paid(0, amount).event;
        assert_eq!(event.event, expected);
        let facts = rows(&Blocking(store).facts(event.position - 1, 1).expect("reads"));
        assert_eq!(facts.first().map(|fact| fact.x), Some(amount), "the amount of its fact");
    }
    for amount in [-1, i64::MIN] {
        let error = Blocking(store).append(Append::new(vec![paid(99, amount)], NOW));
        assert!(matches!(error, Err(AppendError::Invalid(_))), "{amount}: {error:?}");
    }
}

pub(super) fn ids_of_any_bits_are_kept(store: &dyn EventStore) {
    let ids = [u128::MAX, 0, 1, 1 << 127, (1 << 127) - 1, 1 << 64, u128::from(u64::MAX)];
    let ids = ids.map(|bits| EventId(Uuid::from_u128(bits)));
    let of = |id| NewEvent { id, ..captured(1, "A", "x") };
    append(store, ids.map(of).to_vec());
    let positions: Vec<_> = (1..=ids.len() as u64).collect();
    assert_eq!(Blocking(store).event_ids(&positions).expect("reads"), ids);
    let found: Vec<_> = events(store).iter().map(|event| event.id).collect();
    assert_eq!(found, ids);
    for (id, position) in ids.into_iter().zip(1..) {
        assert_eq!(append(store, vec![of(id)]), [duplicate(position, position)]);
    }
}

pub(super) fn expectations_of_any_size_are_compared(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), cost(2)]);
    for expected in [u64::MAX, i64::MAX as u64 + 1, i64::MAX as u64, 1 << 32, (1 << 32) + 1] {
        let one = || Append::new(vec![lost(3, "A", "x")], NOW);
        let error = Blocking(store).append(one().expecting(lead_id("A"), expected));
        let conflict = VersionConflict { lead: lead_id("A"), expected, actual: 1 };
        assert!(matches!(error, Err(AppendError::VersionConflict(found)) if found == conflict));
        for (leads, events) in [(expected, 1), (1, expected)] {
            let family = ExpectedFamily { of: vec![lead_id("A")], leads, events };
            let error = Blocking(store).append(one().expecting_family(family));
            assert!(matches!(error, Err(AppendError::FamilyConflict(_))), "{leads}, {events}");
        }
    }
    let outcomes = append(store, vec![lost(3, "A", "x")]);
    assert_eq!(outcomes, [Outcome::Appended { position: 3, sequence: 2 }]);
}
