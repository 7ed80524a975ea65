//! A few new events onto the state of all before them.

use std::cell::RefCell;

use divan::Bencher;
use divan::counter::ItemsCount;
use leadfold::core::{Bounds, Facts, Fold, Playbook};

use crate::log::{Log, orderly, sizes};
use crate::pages::pages_of;

/// Events that come at once.
const NEW_EVENTS: usize = 100;

/// The state after two thirds of a log, and the rest of it in small pages.
fn begun(log: &Log) -> (Fold, Vec<Facts>) {
    let until = log.events as u64 * 2 / 3;
    let rows = log.pages.iter().flat_map(Facts::rows);
    let (before, rest): (Vec<_>, Vec<_>) = rows.partition(|fact| fact.position <= until);
    let mut fold = Fold::new(Playbook::default(), Bounds::default());
    pages_of(&before, log.events).iter().for_each(|page| fold.apply(page));
    (fold, pages_of(&rest, NEW_EVENTS))
}

// One page a sample: each belongs behind the one before it.
#[divan::bench(args = sizes(), sample_size = 1)]
fn small_page(bencher: Bencher<'_, '_>, leads: u32) {
    let log = orderly(leads);
    let (begun, pages) = begun(log);
    let mut whole = begun.clone();
    pages.iter().for_each(|page| whole.apply(page));
    log.check(whole.tables());
    let fold = RefCell::new(begun.clone());
    let mut rest = pages.iter();
    let next_page = || {
        rest.next().unwrap_or_else(|| {
            fold.replace(begun.clone());
            rest = pages.iter();
            rest.next().expect("a log has events")
        })
    };
    bencher
        .with_inputs(next_page)
        .input_counter(|page| ItemsCount::new(page.event_count()))
        .bench_local_values(|page| fold.borrow_mut().apply(page));
}
