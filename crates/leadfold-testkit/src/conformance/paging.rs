//! Where pages end: at, before and behind every boundary.

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Code, Fact, LeadFacts, LeadIndex};
use leadfold_store::{Blocking, EventStore, LeadEntry, StoreErrorKind};

use super::support::{append, captured, cost, events, facts, fill, head, rows};

/// One more and one fewer of each, and the extremes.
fn around(places: &[u64]) -> impl Iterator<Item = u64> + Clone {
    let near = places.iter().flat_map(|place| [place.saturating_sub(1), *place, place + 1]);
    near.chain([0, 1, u64::MAX]).collect::<Vec<_>>().into_iter()
}

fn size(events_max: u64) -> usize {
    usize::try_from(events_max).unwrap_or(usize::MAX)
}

/// A page is the beginning of what is there, as long as it may be, and empty only at the end.
fn assert_is_page<T: PartialEq + std::fmt::Debug>(page: &[T], rest: &[T], max: usize, what: &str) {
    assert!(page.len() <= max, "{what}: expected at most {max}, found {}", page.len());
    assert!(rest.starts_with(page), "{what}: expected a part of {rest:?}, found {page:?}");
    assert_eq!(page.is_empty(), rest.is_empty() || max == 0, "{what}: empty at the end only");
}

fn assert_events_page(store: &dyn EventStore, all: &[RecordedEvent], after: u64, max: u64) {
    let rest = &all[size(after).min(all.len())..];
    let page = Blocking(store).events(after, size(max)).expect("reads");
    assert_is_page(&page, rest, size(max), &format!("events({after}, {max})"));
}

/// The facts of a page are all that the log has of its events.
fn assert_facts_page(store: &dyn EventStore, all: &[Fact], after: u64, max: u64) {
    let rest: Vec<_> = all.iter().filter(|fact| fact.position > after).collect();
    let page = rows(&Blocking(store).facts(after, size(max)).expect("reads"));
    let what = format!("facts({after}, {max})");
    let last = page.last().map_or(after, |fact| fact.position);
    assert!(last - after <= max, "{what}: expected at most {max} events, found {}", last - after);
    let whole = rest.iter().copied().filter(|fact| fact.position <= last);
    assert!(page.iter().eq(whole), "{what}: expected whole events");
    assert_eq!(page.is_empty(), rest.is_empty() || max == 0, "{what}: empty at the end only");
}

fn assert_leads_page(store: &dyn EventStore, all: &[LeadEntry], from: u64, max: u64) {
    let index = LeadIndex(u32::try_from(from).unwrap_or(u32::MAX));
    let rest = &all[size(from).min(all.len())..];
    let page = Blocking(store).leads(index, size(max)).expect("reads");
    assert_is_page(&page, rest, size(max), &format!("leads({from}, {max})"));
}

/// Whole leads, and at least one of them.
fn assert_lead_facts_page(store: &dyn EventStore, all: &[Fact], until: u64, from: u64, max: u64) {
    let from = LeadIndex(u32::try_from(from).unwrap_or(u32::MAX));
    let rest: Vec<_> = all.iter().filter(|fact| fact.lead >= from).collect();
    let page = Blocking(store).lead_facts(from, 1..=until, size(max)).expect("reads");
    let page = rows(page.facts());
    let what = format!("lead_facts({from:?}, {until}, {max})");
    assert_eq!(page.is_empty(), rest.is_empty(), "{what}: empty at the end only");
    let last = page.last().map_or(from, |fact| fact.lead);
    let whole = rest.iter().copied().filter(|fact| fact.lead <= last);
    assert!(page.iter().eq(whole), "{what}: expected whole leads");
}

pub(super) fn pages_end_where_they_were_asked_to_end(store: &dyn EventStore) {
    fill(store);
    let (all, all_facts, n) = (events(store), rows(&facts(store)), head(store));
    let leads = Blocking(store).leads(LeadIndex(0), usize::MAX).expect("reads");
    let until = Blocking(store).sealed().expect("reads");
    let mut sealed = facts(store);
    sealed.keep_until(until);
    let by_lead = rows(LeadFacts::of(&[&sealed]).facts());
    for after in around(&[n]) {
        for max in around(&[n, n / 2]) {
            assert_events_page(store, &all, after, max);
            assert_facts_page(store, &all_facts, after, max);
        }
    }
    for from in around(&[leads.len() as u64]) {
        for max in around(&[leads.len() as u64, n]) {
            assert_leads_page(store, &leads, from, max);
            assert_lead_facts_page(store, &by_lead, until, from, max);
        }
    }
}

pub(super) fn pages_of_a_long_log_meet_without_gap_or_overlap(store: &dyn EventStore) {
    const N_EVENTS: u64 = 4_100;
    for first in (1..=N_EVENTS).step_by(1_025) {
        let batch = (first..first + 1_025).map(|n| captured(n, &format!("L{}", n % 50), "ads"));
        append(store, batch.collect());
    }
    let ends = [1, 1_025, 4_096, N_EVENTS];
    for after in around(&ends).filter(|after| *after < N_EVENTS) {
        for max in [1, 4_095, 4_096, 4_097] {
            let page = Blocking(store).events(after, max).expect("reads");
            let found = page.iter().map(|event| event.position);
            assert!(found.eq(after + 1..=after + page.len() as u64), "events({after}, {max})");
            assert!((1..=max).contains(&page.len()), "events({after}, {max})");
            let page = rows(&Blocking(store).facts(after, max).expect("reads"));
            let found = page.iter().map(|fact| fact.position);
            assert!(found.eq(after + 1..=after + page.len() as u64), "facts({after}, {max})");
            assert!((1..=max).contains(&page.len()), "facts({after}, {max})");
        }
    }
}

/// Where a number is kept as a signed one, half of all places are negative.
const BEYOND: [u64; 6] =
    [3, 1 << 31, u32::MAX as u64, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX];

pub(super) fn what_is_beyond_the_log_is_empty_or_not_found(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), cost(2)]);
    let store = Blocking(store);
    for place in BEYOND {
        for max in [1, usize::MAX] {
            assert!(store.events(place, max).expect("reads").is_empty(), "events after {place}");
            assert!(store.facts(place, max).expect("reads").is_empty(), "facts after {place}");
        }
        let error = store.event_ids(&[place]).expect_err("there are two events");
        assert_eq!(error.kind(), StoreErrorKind::NotFound, "position {place}");
        let index = LeadIndex(u32::try_from(place).unwrap_or(u32::MAX - 1));
        assert!(store.leads(index, usize::MAX).expect("reads").is_empty(), "{index:?}");
        if index != LeadIndex::NONE {
            assert!(store.lead_events(index).expect("reads").is_empty(), "{index:?}");
            assert!(store.history(&[index]).expect("reads").is_empty(), "{index:?}");
        }
        let code = Code(u32::try_from(place).unwrap_or(u32::MAX));
        let error = store.strings(&[code]).expect_err("there are no such codes");
        assert_eq!(error.kind(), StoreErrorKind::NotFound, "{code:?}");
    }
}
