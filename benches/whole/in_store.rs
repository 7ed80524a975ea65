//! Rows that read a SQLite store, or fill one.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use leadfold::core::event::NewEvent;
use leadfold::core::{Bounds, Fold, LeadIndex, Playbook};
use leadfold::engine::{
    FACTS_EVENTS_MAX, Reduction, Restored, Runner, Sample, Stop, View, load_case,
};
use leadfold::sqlite::rusqlite::Connection;
use leadfold::sqlite::{SqliteProjections, SqliteStore};
use leadfold::store::{Append, Blocking, EventStore, block_on};

use crate::answer::answer_on;
use crate::in_memory::event;
use crate::last_seen::LastSeen;
use crate::own::{FromEvents, FromFacts};
use crate::report::{Report, Room};
use crate::{Result, flat};

const EVENTS_AN_APPEND: usize = 4_096;
/// What waits for the writer is committed together: as many as one transaction takes.
const APPENDS_IN_FLIGHT_MAX: usize = 16;
/// How many leads are looked up, and how far apart they are.
const LOOK_UPS: u32 = 1_000;

pub(crate) fn file(dir: &Path) -> PathBuf {
    dir.join("log.db")
}

/// Removes a database and what lies beside it.
fn remove(path: &Path) -> Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.to_path_buf().into_os_string();
        name.push(ending);
        std::fs::remove_file(name).or_else(ignore_absent)?;
    }
    Ok(())
}

fn ignore_absent(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// NDJSON to a durable store that knows every id.
pub(crate) fn import(dir: &Path) -> Result<Report> {
    let path = file(dir);
    remove(&path)?;
    let start = Instant::now();
    let store = SqliteStore::open(&path)?;
    let events = append_lines(&store, &dir.join("log.ndjson"))?;
    let seconds = vec![start.elapsed().as_secs_f64()];
    drop(store);
    let bytes_an_event = std::fs::metadata(&path)?.len() as f64 / events as f64;
    Ok(Report { seconds, events, bytes_an_event, ..Report::default() })
}

fn append_lines(store: &SqliteStore, path: &Path) -> Result<u64> {
    let mut lines = BufReader::new(std::fs::File::open(path)?).split(b'\n');
    let mut in_flight = VecDeque::new();
    let mut count = 0;
    loop {
        let batch = lines.by_ref().take(EVENTS_AN_APPEND).map(|line| event(&line?));
        let batch: Vec<NewEvent> = batch.collect::<Result<_>>()?;
        if batch.is_empty() {
            break;
        }
        count += batch.len() as u64;
        in_flight.push_back(store.append(Append::new(batch, "2030-01-01".parse()?)));
        if in_flight.len() > APPENDS_IN_FLIGHT_MAX {
            in_flight.pop_front().map(block_on).transpose()?;
        }
    }
    in_flight.into_iter().try_for_each(|append| block_on(append).map(drop))?;
    Ok(count)
}

/// A file that nobody has open, to the answer.
pub(crate) fn cold(dir: &Path, threads: usize, rounds: usize) -> Result<Report> {
    let report = opened(dir, threads, rounds, |_| Ok(()))?;
    let store = Blocking(SqliteStore::open(file(dir))?);
    let sealed = store.sealed()?;
    drop(store);
    let bytes = segment_bytes(&file(dir))? / sealed.max(1) as f64;
    Ok(report.figure("segment_bytes_an_event", bytes))
}

/// The same where a snapshot of the tables is kept, a sample of which is compared with the log.
pub(crate) fn from_snapshot(dir: &Path, threads: usize, rounds: usize) -> Result<Report> {
    let report = opened(dir, threads, rounds, |view| {
        let restored = block_on(view.restore(Sample::default()))?;
        let is_there = matches!(restored, Restored::From { .. });
        is_there.then_some(()).ok_or_else(|| format!("expected a snapshot: {restored:?}").into())
    })?;
    let bytes = snapshot_bytes(&file(dir))? / f64::from(lead_count(dir)?);
    Ok(report.figure("snapshot_bytes_a_lead", bytes))
}

fn opened(
    dir: &Path,
    threads: usize,
    rounds: usize,
    begin: impl Fn(&mut View<SqliteStore>) -> Result<()>,
) -> Result<Report> {
    let path = file(dir);
    let threads = NonZeroUsize::new(threads).ok_or("expected a thread, found 0")?;
    let go_on = |_, _| ControlFlow::Continue(());
    let mut room = Room::default();
    let work = |()| {
        let mut view = View::new(SqliteStore::open(&path)?, Playbook::default(), Bounds::default());
        begin(&mut view)?;
        let _ = view.catch_up_on(threads, &go_on)?;
        Ok(room.answer_on(view.tables().expect("it has caught up"), threads.get()))
    };
    let report = Report::rounds(rounds, || Ok(()), work)?;
    let events = Blocking(SqliteStore::open(&path)?).head()?;
    let bytes_an_event = std::fs::metadata(&path)?.len() as f64 / events as f64;
    Ok(Report { events, bytes_an_event, ..report }.of_tables(room))
}

/// Has the store keep a snapshot of the whole log, if it has none.
pub(crate) fn keep(dir: &Path) -> Result<Report> {
    let store = Blocking(SqliteStore::open(file(dir))?);
    let events = store.head()?;
    if store.snapshot()?.is_none_or(|kept| kept.at.position < events) {
        let mut view = View::new(&store.0, Playbook::default(), Bounds::default());
        block_on(view.catch_up(|_, _| {}))?;
        assert!(block_on(view.keep_snapshot())?, "SQLite keeps snapshots");
    }
    Ok(Report { events, ..Report::default() })
}

fn snapshot_bytes(path: &Path) -> Result<f64> {
    let sql = "SELECT total(length(bytes)) FROM snapshot_part";
    Ok(Connection::open(path)?.query_row(sql, [], |row| row.get(0))?)
}

fn segment_bytes(path: &Path) -> Result<f64> {
    let sql = "SELECT total(length(packed)) FROM segment";
    Ok(Connection::open(path)?.query_row(sql, [], |row| row.get(0))?)
}

/// Facts row by row, in the order of the log: what is behind the last segment is read so.
pub(crate) fn tail(dir: &Path, rounds: usize) -> Result<Report> {
    let store = Blocking(SqliteStore::open(file(dir))?);
    let events = store.head()?;
    let work = |()| {
        let mut fold = Fold::new(Playbook::default(), Bounds::default());
        while fold.position() < events {
            fold.apply(&store.facts(fold.position(), FACTS_EVENTS_MAX)?);
        }
        Ok(answer_on(fold.tables(), 1))
    };
    let report = Report::rounds(rounds, || Ok(()), work)?;
    Ok(Report { events, ..report })
}

/// A fold of one's own, from facts.
pub(crate) fn own_facts(dir: &Path, rounds: usize) -> Result<Report> {
    let store = SqliteStore::open(file(dir))?;
    let work = |()| {
        let mut own = Reduction::new(&store, FromFacts::default());
        own.catch_up(&Stop::new())?;
        Ok(own.get().lines())
    };
    let report = Report::rounds(rounds, || Ok(()), work)?;
    Ok(Report { events: Blocking(&store).head()?, ..report })
}

/// The same from events.
pub(crate) fn own_events(dir: &Path, rounds: usize) -> Result<Report> {
    let store = SqliteStore::open(file(dir))?;
    let work = |()| {
        let mut own = Reduction::new(&store, FromEvents::default());
        own.catch_up(&Stop::new())?;
        Ok(own.into_inner().lines(|name| Blocking(&store).code(name))?)
    };
    let report = Report::rounds(rounds, || Ok(()), work)?;
    Ok(Report { events: Blocking(&store).head()?, ..report })
}

/// A projection into a file, each page in one transaction with its checkpoint.
pub(crate) fn projection(dir: &Path, rounds: usize) -> Result<Report> {
    let store = SqliteStore::open(file(dir))?;
    let path = dir.join("projection.db");
    let prepare = || {
        remove(&path)?;
        Ok(Runner::open(&store, SqliteProjections::open(&path)?, LastSeen)?)
    };
    let work = |mut runner: Runner<_, _, _>| {
        runner.catch_up(&Stop::new())?;
        Ok(Vec::new())
    };
    let report = Report::rounds(rounds, prepare, work)?;
    let expected = LastSeen::expected(&flat::read(&dir.join("events.csv"))?);
    let found = LastSeen::read(&path)?;
    if found != expected {
        return Err(format!("expected {expected:?} in the table, found {found:?}").into());
    }
    let events = Blocking(&store).head()?;
    let bytes_an_event = std::fs::metadata(&path)?.len() as f64 / events as f64;
    remove(&path)?;
    Ok(Report { events, bytes_an_event, ..report })
}

/// One lead's history and state from the store, one after the other.
pub(crate) fn status(dir: &Path, rounds: usize) -> Result<Report> {
    let store = SqliteStore::open(file(dir))?;
    let (all, mut leads) = (lead_count(dir)?, Vec::new());
    for number in (0..all).step_by((all / LOOK_UPS).max(1) as usize) {
        leads.extend(block_on(store.leads(LeadIndex(number), 1))?);
    }
    let look_up = |()| {
        for entry in &leads {
            let case = load_case(&store, entry.id, &[], Playbook::default(), Bounds::default());
            std::hint::black_box(block_on(case)?);
        }
        Ok(Vec::new())
    };
    let report = Report::rounds(rounds, || Ok(()), look_up)?;
    Ok(Report { events: leads.len() as u64, ..report })
}

fn lead_count(dir: &Path) -> Result<u32> {
    Ok(std::fs::read_to_string(dir.join("leads"))?.trim().parse()?)
}
