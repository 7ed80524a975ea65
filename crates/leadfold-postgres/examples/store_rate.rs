//! How many events a second do the stores take, and how many do they give back?
//!
//! `cargo xtask bench-stores` runs this, with peers beside it. By itself it measures the two
//! stores that outlive their process: one in a file in a temporary directory, one on a server of
//! its own, which waits for its disk. `LEADFOLD_SECONDS` says how long each rate is measured, 2 by
//! default. A program in `LEADFOLD_RIVAL_STORES` is started with the directory of the server's
//! socket, another directory, and the seconds, and prints rows of its own.

#[path = "../tests/store/cluster.rs"]
mod cluster;

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use leadfold_core::event::{EventLine, NewEvent};
use leadfold_core::{EventId, Timestamp};
use leadfold_postgres::PostgresStore;
use leadfold_sqlite::SqliteStore;
use leadfold_store::{Append, Blocking, EventStore};
use uuid::Uuid;

type Result<T> = std::result::Result<T, Box<dyn Error>>;
/// Opens a store on a log of its own.
type Open<'o> = &'o dyn Fn(&str) -> Result<Box<dyn EventStore>>;

const WRITERS: [u64; 3] = [1, 8, 64];
const BATCHES: [u64; 2] = [1, 100];
/// Events of the log that is read back.
const REPLAYED: u64 = 200_000;

fn main() -> Result<()> {
    let cluster = cluster::Cluster::start("").ok_or("there is no server")?;
    let directory = tempfile::tempdir()?;
    let seconds = std::env::var("LEADFOLD_SECONDS").map_or(Ok(2.0), |text| text.parse())?;
    let time = Duration::from_secs_f64(seconds);
    println!("| store | what | writers | events an append | events/s |");
    println!("| --- | --- | --- | --- | --- |");
    let sqlite = |name: &str| -> Result<Box<dyn EventStore>> {
        Ok(Box::new(SqliteStore::open(directory.path().join(format!("{name}.db")))?))
    };
    let postgres = |name: &str| -> Result<Box<dyn EventStore>> {
        Ok(Box::new(PostgresStore::open(&cluster.url(), name)?))
    };
    measure("leadfold, SQLite", &sqlite, time)?;
    measure("leadfold, PostgreSQL", &postgres, time)?;
    let Some(rival) = std::env::var_os("LEADFOLD_RIVAL_STORES") else { return Ok(()) };
    let rival = run_rival(Path::new(&rival), cluster.socket(), directory.path(), seconds)?;
    print!("{rival}");
    Ok(())
}

fn run_rival(program: &Path, socket: &Path, directory: &Path, seconds: f64) -> Result<String> {
    let mut command = Command::new(program);
    let output = command.arg(socket).arg(directory).arg(seconds.to_string()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn measure(store: &str, open: Open<'_>, time: Duration) -> Result<()> {
    for batch in BATCHES {
        for writers in WRITERS {
            let log = open(&format!("{writers} writers {batch}"))?;
            let rate = append_rate(&*log, writers, batch, time)?;
            println!("| {store} | durable appends | {writers} | {batch} | {rate:.0} |");
        }
    }
    let log = open("replayed")?;
    let store_of = Blocking(&*log);
    let begun = Instant::now();
    for first in (0..REPLAYED).step_by(10_000) {
        store_of.append(append(first, 10_000))?;
    }
    println!("| {store} | import | 1 | 10,000 | {:.0} |", rate(REPLAYED, begun));
    println!("| {store} | replay of facts | - | - | {:.0} |", facts_rate(&*log)?);
    println!("| {store} | replay of events | - | - | {:.0} |", events_rate(&*log)?);
    Ok(())
}

fn rate(events: u64, begun: Instant) -> f64 {
    events as f64 / begun.elapsed().as_secs_f64()
}

/// Appends of some writers at the same time, each waiting for its own to be durable.
fn append_rate(log: &dyn EventStore, writers: u64, batch: u64, time: Duration) -> Result<f64> {
    let next = AtomicU64::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..writers {
            scope.spawn(|| {
                while begun.elapsed() < time {
                    let first = next.fetch_add(batch, Ordering::Relaxed);
                    Blocking(log).append(append(first, batch)).expect("it goes in");
                }
            });
        }
    });
    let appended = next.into_inner();
    let rate = rate(appended, begun);
    assert_eq!(Blocking(log).head()?, appended, "positions have no gaps");
    Ok(rate)
}

fn facts_rate(log: &dyn EventStore) -> Result<f64> {
    let (begun, mut after) = (Instant::now(), 0);
    while after < REPLAYED {
        let page = Blocking(log).facts(after, 65_536)?;
        after = page.last_position().ok_or("a page is empty at the head only")?;
    }
    Ok(rate(REPLAYED, begun))
}

fn events_rate(log: &dyn EventStore) -> Result<f64> {
    let (begun, mut after) = (Instant::now(), 0);
    while after < REPLAYED {
        after += Blocking(log).events(after, 16_384)?.len() as u64;
    }
    Ok(rate(REPLAYED, begun))
}

fn append(first: u64, count: u64) -> Append {
    let events = (first..first + count).map(event).collect();
    Append::new(events, Timestamp::from_micros(1_700_000_000_000_000))
}

/// Ids as random as those of UUID version 4, and ten events a lead.
fn event(n: u64) -> NewEvent {
    let line = format!(
        "{{\"lead\":\"L{}\",\"type\":\"touched\",\"occurred_at\":\"2024-02-01T09:00:00Z\",\
         \"data\":{{\"side\":\"sales\",\"by\":\"rep {}\",\"channel\":\"phone\"}}}}",
        n / 10,
        n % 50
    );
    let event = EventLine::parse(line.as_bytes()).expect("a sound line").event;
    let id = EventId(Uuid::from_u64_pair(n.wrapping_mul(0x9e37_79b9_7f4a_7c15), n));
    NewEvent { id, recorded_at: None, event }
}
