//! The logs that the parts work on: simulated, and built once for each size.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use leadfold::core::event::NewEvent;
use leadfold::core::{
    Bounds, Facts, LeadFacts, LeadIndex, Playbook, Tables, Timestamp, fold_pages,
};
use leadfold::store::{Append, Blocking, EventStore, MemoryStore};
use leadfold_testkit::simulate::Simulation;

const SEED: u64 = 1;
const LEADS: [u32; 2] = [1_000, 10_000];
/// Enough for every kind of event, few enough for a build that is hardly optimised.
const LEADS_IN_TESTS: [u32; 1] = [100];
const EVENTS_A_PAGE: usize = 16_384;
const EVENTS_AN_APPEND: usize = 4_096;
const FACTS_A_PART: usize = 32_768;

/// The simulated leads of the logs that are measured.
pub(crate) fn sizes() -> Vec<u32> {
    let has = |wanted: &str| std::env::args().any(|arg| arg == wanted);
    // `cargo bench` says `--bench`; `cargo test` only wants to see that all still runs.
    if has("--test") || !has("--bench") {
        return LEADS_IN_TESTS.into();
    }
    match std::env::var("LEADFOLD_LEADS") {
        Ok(leads) => vec![leads.parse().expect("LEADFOLD_LEADS is a whole number")],
        Err(_) => LEADS.into(),
    }
}

/// A log as facts, and what the plain way makes of it.
pub(crate) struct Log {
    pub(crate) events: usize,
    /// Facts in the order of the log.
    pub(crate) pages: Vec<Facts>,
    /// The same lead by lead, in parts that a store would hand out.
    pub(crate) parts: Vec<LeadFacts>,
    /// The leads that merges connect.
    pub(crate) linked: Vec<LeadIndex>,
    /// Folded in the order of the log, and settled.
    pub(crate) tables: Tables,
}

impl Log {
    fn of(simulation: Simulation) -> Self {
        let store = in_memory(simulation);
        let pages = pages(&store);
        let linked = store.linked().expect("memory does not fail");
        drop(store);
        let whole = LeadFacts::of(&pages.iter().collect::<Vec<_>>());
        Self {
            events: pages.iter().map(Facts::event_count).sum(),
            parts: whole.in_parts(whole.facts().len().div_ceil(FACTS_A_PART)).collect(),
            linked,
            tables: fold_pages(&pages, &Playbook::default(), Bounds::default()),
            pages,
        }
    }

    /// Fails unless tables are those that the plain way makes.
    pub(crate) fn check(&self, tables: &Tables) {
        assert!(
            self.tables.encode() == tables.encode(),
            "other tables than in the order of the log"
        );
    }
}

/// A company's year, with all that disturbs a log: late and repeated events, merges, corrections.
pub(crate) fn year(leads: u32) -> Simulation {
    Simulation::new(SEED, leads)
}

/// The log of a [`year`].
pub(crate) fn disturbed(leads: u32) -> &'static Log {
    static LOGS: LazyLock<BTreeMap<u32, Log>> = LazyLock::new(|| of_all_sizes(year));
    &LOGS[&leads]
}

/// The log of a year without anything that disturbs it.
pub(crate) fn orderly(leads: u32) -> &'static Log {
    static LOGS: LazyLock<BTreeMap<u32, Log>> =
        LazyLock::new(|| of_all_sizes(|leads| year(leads).orderly()));
    &LOGS[&leads]
}

fn of_all_sizes(simulation: impl Fn(u32) -> Simulation) -> BTreeMap<u32, Log> {
    sizes().into_iter().map(|leads| (leads, Log::of(simulation(leads)))).collect()
}

/// A simulated log in a store.
pub(crate) fn in_memory(simulation: Simulation) -> Blocking<MemoryStore> {
    let store = Blocking(MemoryStore::new());
    append_all(&store, simulation.events());
    store
}

/// Appends as they come to a store.
pub(crate) fn appends(events: impl IntoIterator<Item = NewEvent>) -> Vec<Append> {
    let mut events = events.into_iter().peekable();
    let mut appends = Vec::new();
    while events.peek().is_some() {
        let some = events.by_ref().take(EVENTS_AN_APPEND).collect();
        appends.push(Append::new(some, Timestamp::from_micros(0)));
    }
    appends
}

/// Appends events, which are valid, to a store, which does not fail.
pub(crate) fn append_all<S: EventStore>(
    store: &Blocking<S>,
    events: impl IntoIterator<Item = NewEvent>,
) {
    for append in appends(events) {
        store.append(append).expect("a simulated log is valid");
    }
}

/// The facts of a store, in the order of the log.
pub(crate) fn pages<S: EventStore>(store: &Blocking<S>) -> Vec<Facts> {
    let mut pages = Vec::new();
    let mut position = 0;
    loop {
        let page = store.facts(position, EVENTS_A_PAGE).expect("the store does not fail");
        match page.last_position() {
            None => return pages,
            Some(last) => position = last,
        }
        pages.push(page);
    }
}
