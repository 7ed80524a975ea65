//! The fold, in both orders in which stores keep facts.
//!
//! Each order is what the other is held against; the tests hold both against an oracle.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use leadfold::core::{Bounds, Facts, Playbook, Tables, fold_leads, fold_pages};

use crate::log::{Log, disturbed, sizes};

fn measure(bencher: Bencher<'_, '_>, log: &Log, fold: impl Fn() -> Tables + Sync) {
    log.check(&fold());
    let bytes: usize = log.pages.iter().map(Facts::bytes).sum();
    bencher.counter(ItemsCount::new(log.events)).counter(BytesCount::new(bytes)).bench(fold);
}

#[divan::bench(args = sizes())]
fn by_lead(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    measure(bencher, log, || fold_leads(&log.parts, &Playbook::default(), Bounds::default()));
}

#[divan::bench(args = sizes())]
fn log_order(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    log.check(&fold_leads(&log.parts, &Playbook::default(), Bounds::default()));
    measure(bencher, log, || fold_pages(&log.pages, &Playbook::default(), Bounds::default()));
}
