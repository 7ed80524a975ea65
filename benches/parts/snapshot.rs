//! The state of a fold as bytes, and back.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use leadfold::core::{Bounds, Facts, Fold, Playbook, Restore};

use crate::log::{Log, disturbed, sizes};

fn folded(log: &Log) -> Fold {
    let mut fold = Fold::new(Playbook::default(), Bounds::default());
    log.pages.iter().for_each(|page| fold.apply(page));
    let Ok(()) = fold.settle(|leads| {
        let mut history = Facts::default();
        log.parts.iter().for_each(|part| part.history(leads, &mut history));
        Ok::<_, std::convert::Infallible>(history)
    });
    fold
}

fn packed(fold: &Fold) -> Vec<Vec<u8>> {
    fold.snapshot().collect()
}

fn restored(parts: &[Vec<u8>]) -> Fold {
    let mut restore = Restore::new(Playbook::default(), parts.len());
    parts.iter().for_each(|part| restore.feed(part).expect("it was packed"));
    restore.end().expect("all parts are in")
}

fn counted<'a, 'b>(bencher: Bencher<'a, 'b>, log: &Log, parts: &[Vec<u8>]) -> Bencher<'a, 'b> {
    let bytes: usize = parts.iter().map(Vec::len).sum();
    bencher.counter(ItemsCount::new(log.tables.lead_count())).counter(BytesCount::new(bytes))
}

#[divan::bench(args = sizes())]
fn pack(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let fold = folded(log);
    let parts = packed(&fold);
    log.check(restored(&parts).tables());
    counted(bencher, log, &parts).bench(|| packed(&fold));
}

#[divan::bench(args = sizes())]
fn restore(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let parts = packed(&folded(log));
    log.check(restored(&parts).tables());
    counted(bencher, log, &parts).bench(|| restored(&parts));
}
