//! How fast is the fold? Facts in memory to status, funnel with exact medians, and value.
//!
//! `cargo bench --bench fold -- [LEADS]`. Prints events/s on one thread, bytes a fact, and a
//! digest of the result, so that a faster fold that means something else is seen.

use std::convert::Infallible;
use std::time::Instant;

use leadfold::core::audit::{Audit, Ledger};
use leadfold::core::metrics::{
    FunnelQuery, FunnelRow, RevenueBasis, ValueRow, funnel, historic_value, status,
};
use leadfold::core::{Bounds, Calendar, Facts, Fold, LeadSet, Playbook, fold_pages};
use leadfold::store::{Append, Blocking, MemoryStore};
use leadfold_testkit::simulate::Simulation;

const SEED: u64 = 1;
const EVENTS_A_BATCH: usize = 16_384;
const ROUNDS: usize = 5;

fn main() {
    // `cargo bench` says so; `cargo test` only wants to see that it still runs.
    let is_test = !std::env::args().any(|arg| arg == "--bench");
    let given = std::env::args().skip(1).find_map(|arg| arg.parse().ok());
    let leads = given.unwrap_or(if is_test { 200 } else { 100_000 });
    let (pages, events) = facts(leads);
    let facts: usize = pages.iter().map(Facts::len).sum();
    println!("{leads} leads, {events} events, {facts} facts of {} bytes", Facts::FACT_BYTES);

    let mut rates = Vec::new();
    let mut audits = Vec::new();
    let mut digest = None;
    for _ in 0..ROUNDS {
        audits.push(audit(&pages));
        let start = Instant::now();
        let tables = fold_pages(&pages, &Playbook::default(), Bounds::default());
        let folded = start.elapsed();
        let as_of = tables.last_at().expect("the simulation has events");
        let counts = status(&tables);
        let rows = funnel(&tables, &FunnelQuery::as_of(as_of));
        let value = historic_value(&tables, &[], RevenueBasis::default());
        let whole = start.elapsed();
        let audited = audits.last_mut().expect("it was pushed");
        audited.0 /= folded.as_secs_f64();
        rates.push((events as f64 / whole.as_secs_f64(), events as f64 / folded.as_secs_f64()));
        let found = digest_of(&counts.states, &rows, &value, &tables.encode());
        assert_eq!(*digest.get_or_insert(found), found, "equal logs make equal results");
    }
    rates.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (low, median, high) = (rates[0].0, rates[ROUNDS / 2].0, rates[ROUNDS - 1].0);
    println!(
        "whole:     {:.2} M events/s (min {:.2}, max {:.2})",
        median / 1e6,
        low / 1e6,
        high / 1e6
    );
    println!("fold only: {:.2} M events/s", rates[ROUNDS / 2].1 / 1e6);
    audits.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (ratio, findings) = audits[ROUNDS / 2];
    println!("audit:     {ratio:.2} times the fold, {findings} findings");
    println!("digest:    {:016x}", digest.expect("there was a round"));
}

/// Seconds of a fold with its hand-off audit (findings and figures), and how many findings.
fn audit(pages: &[Facts]) -> (f64, usize) {
    let start = Instant::now();
    let playbook = Playbook::default();
    let mut fold = Fold::watched(playbook.clone(), Bounds::default(), Ledger::new(playbook));
    pages.iter().for_each(|page| fold.apply(page));
    let wanted = LeadSet::of(&fold.unsettled());
    let Ok(()) = fold.settle(|_| {
        let mut history = Facts::default();
        pages.iter().for_each(|page| history.extend_filtered(page, |lead| wanted.contains(lead)));
        Ok::<_, Infallible>(history)
    });
    let (tables, ledger) = fold.into_parts();
    let as_of = tables.last_at().expect("the simulation has events");
    let audit = Audit::of(&tables, &ledger, &Calendar::always(), as_of);
    let findings = audit.findings().len();
    std::hint::black_box(audit.figures(None));
    (start.elapsed().as_secs_f64(), findings)
}

/// A simulated log, lowered once as at append.
fn facts(leads: u32) -> (Vec<Facts>, usize) {
    let store = Blocking(MemoryStore::new());
    let mut batch = Vec::with_capacity(EVENTS_A_BATCH);
    let append = |batch: Vec<_>| {
        let append = Append::new(batch, "2025-01-01".parse().expect("a date"));
        store.append(append).expect("a simulated log is valid");
    };
    for event in Simulation::new(SEED, leads).events() {
        batch.push(event);
        if batch.len() == EVENTS_A_BATCH {
            append(std::mem::take(&mut batch));
        }
    }
    append(batch);
    let mut pages = Vec::new();
    let mut position = 0;
    loop {
        let page = store.facts(position, EVENTS_A_BATCH).expect("memory does not fail");
        match page.last_position() {
            None => return (pages, position as usize),
            Some(last) => position = last,
        }
        pages.push(page);
    }
}

fn digest_of(states: &[u64], rows: &[FunnelRow], value: &[ValueRow], tables: &[u8]) -> u64 {
    let text = format!("{states:?}{rows:?}{value:?}");
    text.bytes().chain(tables.iter().copied()).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
