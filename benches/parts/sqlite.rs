//! The store in a SQLite file, durable as it is by default.

use std::cell::RefCell;

use divan::Bencher;
use divan::counter::ItemsCount;
use leadfold::core::{Bounds, LeadIndex, Playbook, Tables, Timestamp};
use leadfold::engine::{load_case, replay};
use leadfold::sqlite::SqliteStore;
use leadfold::store::{
    Append, AppendError, Appended, Blocking, EventStore, LeadEntry, StoreFuture, block_on,
};
use tempfile::TempDir;

use crate::log::{append_all, appends, disturbed, pages, sizes, year};

/// When what says nothing of it became known.
const AT: Timestamp = Timestamp::from_micros(0);

/// An empty file in a folder of its own.
struct File {
    store: Blocking<SqliteStore>,
    // Behind the store: it is closed before the folder goes.
    folder: TempDir,
}

impl File {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let path = folder.path().join("log.db");
        Self { store: Blocking(SqliteStore::open(path).expect("the folder is ours")), folder }
    }

    fn of(leads: u32) -> Self {
        let file = Self::new();
        append_all(&file.store, year(leads).events());
        file
    }

    /// Appends as an import does: the next one is prepared while one is written.
    fn import(&self, appends: Vec<Append>) {
        let mut before = None;
        for append in appends {
            let next = self.store.0.append(append);
            before.replace(next).map(finish);
        }
        before.map(finish);
    }

    /// The file opened once more, to its tables.
    fn to_tables(&self) -> Tables {
        let store = SqliteStore::open(self.folder.path().join("log.db")).expect("it is whole");
        let tables = replay(store, Playbook::default(), Bounds::default(), |_, _| {});
        block_on(tables).expect("it is whole")
    }
}

fn finish(append: StoreFuture<'_, Appended, AppendError>) {
    block_on(append).expect("a simulated log is valid");
}

#[divan::bench(args = sizes())]
fn import(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let appends = appends(year(leads).events());
    let file = File::new();
    file.import(appends.clone());
    assert!(pages(&file.store) == log.pages, "other facts than in the log");
    bencher
        .counter(ItemsCount::new(log.events))
        .with_inputs(|| (File::new(), appends.clone()))
        .bench_values(|(file, appends)| {
            file.import(appends);
            file
        });
}

/// One event, durable when it is acknowledged.
#[divan::bench(sample_size = 1)]
fn append_one(bencher: Bencher<'_, '_>) {
    let begun = || (File::new(), year(sizes()[0]).orderly().events());
    let (file, mut events) = begun();
    let (file, mut head) = (RefCell::new(file), 0);
    let next_append = || {
        let event = events.next().unwrap_or_else(|| {
            let (empty, again) = begun();
            file.replace(empty);
            events = again;
            events.next().expect("a log has events")
        });
        Append::new(vec![event], AT)
    };
    bencher.counter(ItemsCount::new(1_u32)).with_inputs(next_append).bench_local_values(|append| {
        let appended = file.borrow().store.append(append).expect("a simulated log is valid");
        assert!(appended.head == head + 1 || appended.head == 1, "each event is a new one");
        head = appended.head;
    });
}

#[divan::bench(args = sizes())]
fn facts(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let file = File::of(leads);
    assert!(pages(&file.store) == log.pages, "other facts than in the log");
    bencher.counter(ItemsCount::new(log.events)).bench(|| pages(&file.store));
}

#[divan::bench(args = sizes())]
fn open_to_tables(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let file = File::of(leads);
    log.check(&file.to_tables());
    bencher.counter(ItemsCount::new(log.events)).bench(|| file.to_tables());
}

/// One lead by its identity: its history, and its state.
#[divan::bench(args = sizes(), sample_size = 1)]
fn load_lead(bencher: Bencher<'_, '_>, leads: u32) {
    let log = disturbed(leads);
    let file = File::of(leads);
    let store = &file.store.0;
    let entries = file.store.leads(LeadIndex(0), usize::MAX).expect("it is whole");
    let load = |entry: &LeadEntry| {
        let case = load_case(store, entry.id, &[], Playbook::default(), Bounds::default());
        block_on(case).expect("it is whole")
    };
    for entry in entries.iter().step_by(entries.len().div_ceil(100)) {
        let (found, plain) = (load(entry), log.tables.lead(entry.index));
        let found = found.case.lead(entry.id).map(|lead| lead.state());
        assert_eq!(found, plain.map(|lead| lead.state()), "{:?}", entry.key);
    }
    let mut all = entries.iter().cycle();
    bencher
        .counter(ItemsCount::new(1_u32))
        .with_inputs(|| all.next().expect("a log has leads"))
        .bench_local_values(load);
}
