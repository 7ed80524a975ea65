//! Facts in both orders, packed and unpacked.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use leadfold::core::{Facts, LeadFacts};

use crate::log::{Log, disturbed, sizes};

/// Counts a log's events, and its bytes as they are packed.
fn counted<'a, 'b>(bencher: Bencher<'a, 'b>, log: &Log, packed: &[Vec<u8>]) -> Bencher<'a, 'b> {
    let bytes: usize = packed.iter().map(Vec::len).sum();
    bencher.counter(ItemsCount::new(log.events)).counter(BytesCount::new(bytes))
}

fn page_of(packed: &[u8]) -> Facts {
    let mut page = Facts::default();
    page.decode(packed).expect("it was packed");
    page
}

fn part_of(packed: &[u8]) -> LeadFacts {
    LeadFacts::decode(packed).expect("it was packed")
}

fn pack_pages(pages: &[Facts]) -> Vec<Vec<u8>> {
    pages.iter().map(Facts::encode).collect()
}

fn pack_parts(parts: &[LeadFacts]) -> Vec<Vec<u8>> {
    parts.iter().map(LeadFacts::encode).collect()
}

/// From the order of the log to the order of the leads.
#[divan::bench(args = sizes())]
fn order_by_lead(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let pages: Vec<&Facts> = log.pages.iter().collect();
    let mut rows: Vec<_> = pages.iter().flat_map(|page| page.rows()).collect();
    rows.sort_by_key(|fact| fact.lead);
    assert!(LeadFacts::of(&pages).facts().rows().eq(rows), "another order than sorting gives");
    bencher.counter(ItemsCount::new(log.events)).bench(|| LeadFacts::of(&pages));
}

#[divan::bench(args = sizes())]
fn pack_log_order(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let packed = pack_pages(&log.pages);
    assert!(packed.iter().map(|page| page_of(page)).eq(log.pages.iter().cloned()));
    counted(bencher, log, &packed).bench(|| pack_pages(&log.pages));
}

#[divan::bench(args = sizes())]
fn unpack_log_order(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let packed = pack_pages(&log.pages);
    let unpack = || packed.iter().map(|page| page_of(page)).collect::<Vec<_>>();
    assert!(unpack() == log.pages, "other facts than were packed");
    counted(bencher, log, &packed).bench(unpack);
}

#[divan::bench(args = sizes())]
fn pack_by_lead(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let packed = pack_parts(&log.parts);
    assert!(packed.iter().map(|part| part_of(part)).eq(log.parts.iter().cloned()));
    counted(bencher, log, &packed).bench(|| pack_parts(&log.parts));
}

#[divan::bench(args = sizes())]
fn unpack_by_lead(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let packed = pack_parts(&log.parts);
    let unpack = || packed.iter().map(|part| part_of(part)).collect::<Vec<_>>();
    assert!(unpack() == log.parts, "other facts than were packed");
    counted(bencher, log, &packed).bench(unpack);
}
