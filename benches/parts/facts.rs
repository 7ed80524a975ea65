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

/// Packs each page or part, which has to come back as it was.
fn pack<T: PartialEq + Sync>(
    bencher: Bencher<'_, '_>,
    (log, plain): (&Log, &[T]),
    encode: fn(&T) -> Vec<u8>,
    decode: fn(&[u8]) -> T,
) {
    let pack = || plain.iter().map(encode).collect::<Vec<_>>();
    let packed = pack();
    let back: Vec<T> = packed.iter().map(|bytes| decode(bytes)).collect();
    assert!(back == plain, "other facts come back");
    counted(bencher, log, &packed).bench(pack);
}

/// Unpacks what was packed so.
fn unpack<T: PartialEq + Sync>(
    bencher: Bencher<'_, '_>,
    (log, plain): (&Log, &[T]),
    encode: fn(&T) -> Vec<u8>,
    decode: fn(&[u8]) -> T,
) {
    let packed: Vec<Vec<u8>> = plain.iter().map(encode).collect();
    let unpack = || packed.iter().map(|bytes| decode(bytes)).collect::<Vec<_>>();
    assert!(unpack() == plain, "other facts than were packed");
    counted(bencher, log, &packed).bench(unpack);
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
    pack(bencher, (log, &log.pages), Facts::encode, page_of);
}

#[divan::bench(args = sizes())]
fn unpack_log_order(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    unpack(bencher, (log, &log.pages), Facts::encode, page_of);
}

#[divan::bench(args = sizes())]
fn pack_by_lead(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    pack(bencher, (log, &log.parts), LeadFacts::encode, part_of);
}

#[divan::bench(args = sizes())]
fn unpack_by_lead(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    unpack(bencher, (log, &log.parts), LeadFacts::encode, part_of);
}
