//! What a child does with a projection of a log.

use std::io::Read;
use std::path::{Path, PathBuf};

use leadfold_engine::{Projection, Runner, Stop};
use leadfold_sqlite::{SqliteBatch, SqliteProjections, SqliteStore};
use leadfold_store::{
    Advance, Blocking, Checkpoint, EventStore, ProjectionId, ProjectionStore, Step, StoreError,
};

use crate::child::Work;
use crate::counting::{Counting, NAME, TABLES};

/// Few, so that a batch is many transactions, or one and a part.
const PAGE_EVENTS: usize = 16;
/// A new version takes everything in each time.
const NEW_VERSION_PAGE_EVENTS: usize = 128;

/// Where the tables of a log are.
pub(crate) fn path_of_tables(log: &Path) -> PathBuf {
    log.with_file_name("tables.db")
}

pub(crate) fn open_tables(log: &Path) -> SqliteProjections {
    SqliteProjections::open(path_of_tables(log)).expect("the file opens")
}

fn id(version: u32) -> ProjectionId {
    ProjectionId::new(NAME, version).expect("a sound name")
}

type Counter<'l, const VERSION: u32> =
    Runner<&'l SqliteStore, SqliteProjections, Counting<VERSION>>;

fn runner<'l, const VERSION: u32>(
    log: &'l SqliteStore,
    path: &Path,
    says: fn(u64),
) -> Counter<'l, VERSION> {
    Runner::open(log, open_tables(path), Counting { says }).expect("they are of this log")
}

fn say(position: u64) {
    println!("takes in {position} .");
}

/// Takes in what the log has, and says nothing.
pub(crate) fn resume(log: &SqliteStore, path: &Path) -> u64 {
    runner::<1>(log, path, |_| {}).catch_up(&Stop::new()).expect("it catches up")
}

pub(crate) fn catch_up(log: &SqliteStore, path: &Path) {
    let mut runner = runner::<1>(log, path, say).with_page_events(PAGE_EVENTS);
    let position = runner.catch_up(&Stop::new()).expect("it catches up");
    println!("caught up {position} .");
}

/// Takes in what others append, until the parent is gone.
pub(crate) fn follow(log: &SqliteStore, path: &Path) {
    let stop = Stop::new();
    let wish = stop.clone();
    std::thread::spawn(move || {
        std::io::stdin().read_to_end(&mut Vec::new()).expect("waits");
        wish.request();
    });
    let mut runner = runner::<1>(log, path, say).with_page_events(PAGE_EVENTS);
    runner.follow(&stop).expect("it follows");
}

/// Builds a second version beside the first, shows it, and takes it away again.
pub(crate) fn promote(work: Work, log: &SqliteStore, path: &Path) {
    catch_up(log, path);
    let mut second = runner::<2>(log, path, say).with_page_events(NEW_VERSION_PAGE_EVENTS);
    second.catch_up(&Stop::new()).expect("it catches up");
    println!("promotes .");
    if work == Work::PromoteByHalves {
        promote_by_halves(second.store());
    } else {
        second.promote(&Stop::new()).expect("it is shown");
    }
    println!("promoted .");
    second.store().roll_back(&id(1)).expect("the first is shown");
    println!("rolled back .");
    second.store().remove(&id(2)).expect("the second is deleted");
    println!("removed .");
}

/// Broken: each table in a transaction of its own.
fn promote_by_halves(store: &SqliteProjections) {
    let id = id(2);
    for table in TABLES {
        let (view, table) = (id.view(table), id.table(table));
        let sql = format!(
            "BEGIN IMMEDIATE; DROP VIEW {view}; CREATE VIEW {view} AS SELECT * FROM {table};
             UPDATE leadfold_projection SET is_live = (version = 2); COMMIT"
        );
        store.sql().execute_batch(&sql).expect("it is shown");
        println!("shown .");
    }
}

/// Broken: what is written is one transaction, the checkpoint another, before it or after it.
pub(crate) fn catch_up_apart(work: Work, log: &SqliteStore, path: &Path) {
    let projection = Counting::<1> { says: say };
    let mut store = open_tables(path);
    let id = id(1);
    let make = |batch: &mut SqliteBatch<'_>| {
        projection.create(batch).expect("it is new");
        Ok::<_, StoreError>(())
    };
    let mut from = store.create(&id, TABLES, make).expect("it is there");
    loop {
        let page = Blocking(log).events(from.position, PAGE_EVENTS).expect("the events read");
        let Some(last) = page.last() else { return };
        let to = Checkpoint { position: last.position, event: Some(last.id) };
        let mut step = |from, to, is_effect: bool| {
            let done = store.advance(&id, from, |batch| {
                if is_effect {
                    let log: &dyn EventStore = log;
                    projection.apply(&page, Blocking(log), batch).expect("it goes in");
                }
                Ok::<_, StoreError>(Step { to, skipped: None })
            });
            assert_eq!(done.expect("it goes on"), Advance::Done);
            println!("steps .");
        };
        if work == Work::CheckpointFirst {
            step(from, to, false);
            step(to, to, true);
        } else {
            step(from, from, true);
            step(from, to, false);
        }
        from = to;
    }
}
