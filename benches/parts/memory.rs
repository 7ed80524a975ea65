//! The store in memory.

use std::collections::HashSet;

use divan::Bencher;
use divan::counter::ItemsCount;
use leadfold::core::{Facts, LeadIndex};
use leadfold::store::{Append, Blocking, MemoryStore};

use crate::log::{appends, pages, sizes, year};

fn appended(appends: Vec<Append>) -> Blocking<MemoryStore> {
    let store = Blocking(MemoryStore::new());
    for append in appends {
        store.append(append).expect("a simulated log is valid");
    }
    store
}

#[divan::bench(args = sizes())]
fn append(bencher: Bencher<'_, '_>, leads: u32) {
    let appends = appends(year(leads).events());
    let events = appends.iter().flat_map(|append| &append.events);
    let (ids, count): (HashSet<_>, _) =
        (events.clone().map(|new| new.id).collect(), events.count());
    let head = appended(appends.clone()).head().expect("memory does not fail");
    assert!(head == ids.len() as u64 && ids.len() < count, "an event that comes twice is one");
    bencher.counter(ItemsCount::new(count)).with_inputs(|| appends.clone()).bench_values(appended);
}

#[divan::bench(args = sizes())]
fn facts(bencher: Bencher<'_, '_>, leads: u32) {
    let store = appended(appends(year(leads).events()));
    let known = store.leads(LeadIndex(0), usize::MAX).expect("memory does not fail");
    let mut all: Vec<LeadIndex> = known.iter().map(|lead| lead.index).collect();
    all.push(LeadIndex::NONE);
    let history = store.history(&all).expect("memory does not fail");
    let pages = || pages(&store);
    assert!(pages().iter().flat_map(Facts::rows).eq(history.rows()), "other facts than the leads'");
    bencher.counter(ItemsCount::new(history.event_count())).bench(pages);
}
