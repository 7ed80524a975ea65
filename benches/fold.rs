//! How fast is the fold? Facts in memory to status, funnel with exact medians, and value.
//!
//! `cargo bench --bench fold -- [LEADS]`. Facts are folded in the order of the log, as they
//! arrive, and lead by lead, as stores keep them for rebuilds. Prints events/s on one thread,
//! bytes, and a digest of the result, so that a faster fold that means something else is seen.

use std::time::Instant;

use leadfold::core::audit::{Audit, Ledger};
use leadfold::core::metrics::{
    FunnelQuery, FunnelRow, RevenueBasis, ValueRow, funnel, historic_value, status,
};
use leadfold::core::{
    Bounds, Calendar, Facts, LeadFacts, Playbook, Tables, fold_leads, fold_leads_watched,
    fold_pages,
};
use leadfold::store::{Append, Blocking, MemoryStore};
use leadfold_testkit::simulate::Simulation;

const SEED: u64 = 1;
const EVENTS_A_BATCH: usize = 16_384;
const ROUNDS: usize = 5;
const FACTS_A_PART: usize = 32_768;

/// The rivals bring allocators of their own, too (`docs/DESIGN.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // `cargo bench` says so; `cargo test` only wants to see that it still runs.
    let is_test = !std::env::args().any(|arg| arg == "--bench");
    let given = std::env::args().skip(1).find_map(|arg| arg.parse().ok());
    let leads = given.unwrap_or(if is_test { 200 } else { 100_000 });
    let (pages, events) = facts(leads);
    let facts: usize = pages.iter().map(Facts::len).sum();
    let bytes = pages.iter().map(Facts::bytes).sum::<usize>() as f64 / events as f64;
    println!("{leads} leads, {events} events, {facts} facts, {bytes:.1} bytes an event");
    let parts = by_lead(&pages, events);

    let playbook = Playbook::default();
    let in_order = || fold_pages(&pages, &playbook, Bounds::default());
    let by_lead = || fold_leads(&parts, &playbook, Bounds::default());
    let mut runs = [Runs::new("log order"), Runs::new("by lead")];
    let mut audits = Vec::new();
    let mut digest = None;
    for _ in 0..ROUNDS {
        for (run, fold) in runs.iter_mut().zip([&in_order as &dyn Fn() -> Tables, &by_lead]) {
            let found = run.round(events, fold);
            assert_eq!(*digest.get_or_insert(found), found, "equal logs make equal results");
        }
        audits.push(audit(&parts));
    }
    runs.iter_mut().for_each(Runs::tell);
    tell_audit(audits, events, runs[1].median_fold());
    println!("digest:    {:016x}", digest.expect("there was a round"));
}

/// Seconds of several rounds of one way to fold.
struct Runs {
    name: &'static str,
    events: f64,
    /// Of the fold alone, and with status, funnel and value.
    seconds: Vec<(f64, f64)>,
}

impl Runs {
    fn new(name: &'static str) -> Self {
        Self { name, events: 0.0, seconds: Vec::new() }
    }

    /// One round; gives the digest of its result.
    fn round(&mut self, events: usize, fold: &dyn Fn() -> Tables) -> u64 {
        self.events = events as f64;
        let start = Instant::now();
        let tables = fold();
        let folded = start.elapsed().as_secs_f64();
        let as_of = tables.last_at().expect("the simulation has events");
        let counts = status(&tables);
        let rows = funnel(&tables, &FunnelQuery::as_of(as_of));
        let value = historic_value(&tables, &[], RevenueBasis::default());
        self.seconds.push((folded, start.elapsed().as_secs_f64()));
        digest_of(&counts.states, &rows, &value, &tables.encode())
    }

    fn median_fold(&self) -> f64 {
        let mut seconds: Vec<f64> = self.seconds.iter().map(|(fold, _)| *fold).collect();
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    }

    fn tell(&mut self) {
        self.seconds.sort_by(|a, b| a.1.total_cmp(&b.1));
        let rate = |seconds: f64| self.events / seconds / 1e6;
        let [best, median, worst] =
            [0, self.seconds.len() / 2, self.seconds.len() - 1].map(|at| rate(self.seconds[at].1));
        let fold = rate(self.median_fold());
        println!(
            "{:10} whole {median:.2} M events/s ({worst:.2} to {best:.2}), fold only {fold:.2}",
            format!("{}:", self.name)
        );
    }
}

/// The facts lead by lead, in parts that a store would hand out; tells what that costs once.
fn by_lead(pages: &[Facts], events: usize) -> Vec<LeadFacts> {
    let nanos = |start: Instant| start.elapsed().as_secs_f64() * 1e9 / events as f64;
    let start = Instant::now();
    let whole = LeadFacts::of(&pages.iter().collect::<Vec<_>>());
    let parts: Vec<LeadFacts> = whole.split(FACTS_A_PART).collect();
    println!("put in the order of leads once: {:.0} ns an event", nanos(start));
    let start = Instant::now();
    let packed: Vec<Vec<u8>> = parts.iter().map(LeadFacts::encode).collect();
    let bytes: usize = packed.iter().map(Vec::len).sum();
    print!("packed: {:.1} bytes an event, {:.0} ns", bytes as f64 / events as f64, nanos(start));
    let start = Instant::now();
    let read = packed.iter().map(|packed| LeadFacts::decode(packed).expect("it was encoded"));
    assert!(read.map(|part| part.facts().len()).sum::<usize>() > 0);
    println!(", unpacked {:.0} ns", nanos(start));
    parts
}

/// How long a fold with its hand-off audit took, seconds from its beginning.
#[derive(Clone, Copy)]
struct Audited {
    folded: f64,
    findings: f64,
    figures: f64,
    found: usize,
}

fn audit(parts: &[LeadFacts]) -> Audited {
    let start = Instant::now();
    let seconds = || start.elapsed().as_secs_f64();
    let playbook = Playbook::default();
    let ledger = Ledger::new(playbook.clone());
    let (tables, ledger) = fold_leads_watched(parts, &playbook, Bounds::default(), ledger);
    let as_of = tables.last_at().expect("the simulation has events");
    let audit = Audit::of(&tables, &ledger, &Calendar::always(), as_of);
    let folded = seconds();
    let found = audit.findings().len();
    let findings = seconds();
    std::hint::black_box(audit.figures(None));
    Audited { folded, findings, figures: seconds(), found }
}

/// Tells the median of audits, over the fold alone and part by part.
fn tell_audit(mut audits: Vec<Audited>, events: usize, fold: f64) {
    audits.sort_by(|a, b| a.figures.total_cmp(&b.figures));
    let Audited { folded, findings, figures, found } = audits[audits.len() / 2];
    let nanos = |seconds: f64| seconds * 1e9 / events as f64;
    let parts = [folded - fold, findings - folded, figures - findings].map(nanos);
    println!(
        "audit:     {:.2} times the fold by lead, {found} findings; ns an event: \
         ledger {:.1}, findings {:.1}, figures {:.1}",
        figures / fold,
        parts[0],
        parts[1],
        parts[2],
    );
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
