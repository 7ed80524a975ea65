//! How do I keep tables of my own up to date with a log, each event exactly once?
//!
//! A projection counts captured leads by source into a SQLite file. It is caught up, goes on from
//! its checkpoint after it was stopped, follows what is appended, and gets a second version that
//! is built beside the first and shown at once.

use std::path::Path;
use std::thread;

use leadfold::core::event::{Body, RecordedEvent};
use leadfold::engine::{Projection, Runner, Stop};
use leadfold::sqlite::rusqlite::{self, Connection};
use leadfold::sqlite::{SqliteBatch, SqliteProjections, SqliteStore};
use leadfold::store::{Append, Blocking, EventStore, ProjectionId, ProjectionStore};
use leadfold_testkit::story::Story;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Captured leads by source. Version 2 writes sources in small letters.
struct BySource<const VERSION: u32>;

impl<const VERSION: u32> Projection<SqliteProjections> for BySource<VERSION> {
    type Page = Vec<RecordedEvent>;
    type Error = rusqlite::Error;
    const NAME: &'static str = "by_source";
    const VERSION: u32 = VERSION;
    const TABLES: &'static [&'static str] = &["leads"];

    fn create(&self, batch: &mut SqliteBatch<'_>) -> Result<(), rusqlite::Error> {
        let table = batch.table("leads");
        let columns = "source TEXT PRIMARY KEY, leads INTEGER NOT NULL";
        batch.sql().execute_batch(&format!("CREATE TABLE {table} ({columns}) STRICT"))
    }

    fn apply(
        &self,
        page: &Vec<RecordedEvent>,
        _: Blocking<&dyn EventStore>,
        batch: &mut SqliteBatch<'_>,
    ) -> Result<(), rusqlite::Error> {
        let sql = format!(
            "INSERT INTO {} VALUES (?1, 1) ON CONFLICT DO UPDATE SET leads = leads + 1",
            batch.table("leads")
        );
        let mut count = batch.sql().prepare_cached(&sql)?;
        for recorded in page {
            if let Body::Captured(captured) = &recorded.event.body
                && let Some(source) = &captured.source
            {
                let source = if VERSION > 1 { source.to_lowercase() } else { source.clone() };
                count.execute([source])?;
            }
        }
        Ok(())
    }
}

/// What a reader sees: it opens the file as it likes, and knows no version.
fn read(path: &Path) -> Result<Vec<(String, u32)>> {
    let connection = Connection::open(path)?;
    let mut select = connection.prepare("SELECT * FROM by_source_leads ORDER BY source")?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn capture(log: &SqliteStore, story: Story) -> Result<()> {
    let now = "2024-03-01".parse()?;
    Blocking(log).append(Append::new(story.events(), now))?;
    Ok(())
}

pub(crate) fn main() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("tables.db");
    let log = SqliteStore::open(directory.path().join("log.db"))?;
    let stop = Stop::new();

    let story = Story::new().at("2024-02-01T09:00:00Z").lead("L1").captured("Search");
    capture(&log, story.lead("L2").captured("Fair").lead("L3").captured("search"))?;
    let mut runner = Runner::open(&log, SqliteProjections::open(&path)?, BySource::<1>)?;
    println!("caught up to position {}", runner.catch_up(&stop)?);
    drop(runner);
    let one = |source: &str| (source.to_owned(), 1);
    assert_eq!(read(&path)?, [one("Fair"), one("Search"), one("search")]);

    // A worker follows the log; it goes on from its checkpoint.
    let events = thread::scope(|scope| -> Result<u64> {
        let worker = scope.spawn(|| {
            let store = SqliteProjections::open(&path).expect("the file opens");
            let mut runner = Runner::open(&log, store, BySource::<1>).expect("it is this log's");
            runner.follow(&stop).expect("it follows")
        });
        let story = Story::new().at("2024-02-02T09:00:00Z").lead("L4");
        let captured = capture(&log, story.captured("Fair"));
        let seen = captured.and_then(|()| wait_for(&path, 4, || worker.is_finished()));
        stop.request();
        let events = worker.join().expect("it ends");
        seen.map(|()| events)
    })?;
    println!("followed to position {events}");
    assert_eq!(read(&path)?, [("Fair".to_owned(), 2), one("Search"), one("search")]);

    // The second version is built beside the first. Readers see all of it, or nothing of it.
    let mut second = Runner::open(&log, SqliteProjections::open(&path)?, BySource::<2>)?;
    second.catch_up(&Stop::new())?;
    assert_eq!(read(&path)?.len(), 3, "readers see the first");
    second.promote(&Stop::new())?;
    println!("sources in small letters: {:?}", read(&path)?);
    assert_eq!(read(&path)?, [("fair".to_owned(), 2), ("search".to_owned(), 2)]);

    // The first is still there: the way back is one call.
    second.store().roll_back(&ProjectionId::new("by_source", 1)?)?;
    assert_eq!(read(&path)?.len(), 3);
    Ok(())
}

/// Until the projection has come to a position, or nobody takes it there any more: what a test does,
/// instead of sleeping.
fn wait_for(path: &Path, position: u64, is_over: impl Fn() -> bool) -> Result<()> {
    let mut store = SqliteProjections::open(path)?;
    while store.states("by_source")?.iter().all(|state| state.checkpoint.position < position) {
        if is_over() {
            return Err(format!("the worker has ended before position {position}").into());
        }
        thread::yield_now();
    }
    Ok(())
}
