//! Events to facts: strings and ids to small numbers, as once at append.

use divan::Bencher;
use divan::counter::ItemsCount;
use leadfold::core::Facts;
use leadfold::core::event::NewEvent;

use crate::log::{orderly, sizes, year};
use crate::numbers::Numbers;

fn lowered(events: &[NewEvent]) -> Facts {
    let (mut numbers, mut facts) = (Numbers::default(), Facts::default());
    for event in events {
        numbers.lower(event, &mut facts).expect("the simulation says when it was recorded");
    }
    facts
}

#[divan::bench(args = sizes())]
fn lower(bencher: Bencher<'_, '_>, leads: u32) {
    let events: Vec<NewEvent> = year(leads).orderly().events().collect();
    let stored = orderly(leads).pages.iter().flat_map(Facts::rows);
    assert!(lowered(&events).rows().eq(stored), "other facts than the store's");
    bencher.counter(ItemsCount::new(events.len())).bench(|| lowered(&events));
}
