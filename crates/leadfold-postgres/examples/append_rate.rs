//! How many events a second does a log in PostgreSQL take, and how many does it give back?
//!
//! `cargo run --release --example append_rate -- postgres://user@host/database` measures on a
//! server, in schemas that it makes and drops; without a URL it starts a server of its own, which
//! waits for its disk. `LEADFOLD_SECONDS` says how long each rate is measured, 2 by default.

#[path = "../tests/store/cluster.rs"]
mod cluster;

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use leadfold_core::event::{EventLine, NewEvent};
use leadfold_core::{EventId, Timestamp};
use leadfold_postgres::PostgresStore;
use leadfold_postgres::postgres::{Client, NoTls};
use leadfold_store::{Append, Blocking};
use uuid::Uuid;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let own = match std::env::args().nth(1) {
        Some(_) => None,
        None => Some(cluster::Cluster::start("").ok_or("there is no server")?),
    };
    let url = own.as_ref().map_or_else(|| std::env::args().nth(1).unwrap_or_default(), |c| c.url());
    let seconds = std::env::var("LEADFOLD_SECONDS").map_or(Ok(2.0), |text| text.parse())?;
    let time = Duration::from_secs_f64(seconds);
    println!("writers  stores  batch  events/s");
    let one = measure(&url, 1, 1, 1, time)?;
    let eight = measure(&url, 8, 1, 1, time)?;
    measure(&url, 64, 1, 1, time)?;
    measure(&url, 8, 2, 1, time)?;
    for writers in [1, 8, 64] {
        measure(&url, writers, 1, 100, time)?;
    }
    println!("8 writers have {:.1} times the rate of one", eight / one);
    replay(&url, time)
}

/// The schema of a measurement, dropped at its end.
struct Log<'u> {
    url: &'u str,
    name: String,
}

impl Drop for Log<'_> {
    fn drop(&mut self) {
        let sql = format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.name);
        drop(Client::connect(self.url, NoTls).and_then(|mut client| client.batch_execute(&sql)));
    }
}

fn log<'u>(url: &'u str, name: &str) -> Log<'u> {
    Log { url, name: format!("append_rate {} {name}", std::process::id()) }
}

/// Durable appends of some writers at the same time, spread over some stores.
fn measure(url: &str, writers: u64, stores: usize, batch: u64, time: Duration) -> Result<f64> {
    let log = log(url, &format!("{writers} {stores} {batch}"));
    let open = |_| PostgresStore::open(url, &log.name);
    let open: Vec<_> = (0..stores).map(open).collect::<std::result::Result<_, _>>()?;
    let next = AtomicU64::new(0);
    let begun = Instant::now();
    let appended: u64 = std::thread::scope(|scope| {
        let work = |writer: u64| {
            let (store, next) = (Blocking(&open[writer as usize % stores]), &next);
            scope.spawn(move || {
                let mut count = 0;
                while begun.elapsed() < time {
                    let first = next.fetch_add(batch, Ordering::Relaxed);
                    store.append(append(first, batch)).expect("it goes in");
                    count += batch;
                }
                count
            })
        };
        let threads: Vec<_> = (0..writers).map(work).collect();
        threads.into_iter().map(|thread| thread.join().expect("it appends")).sum()
    });
    let rate = appended as f64 / begun.elapsed().as_secs_f64();
    println!("{writers:>7}  {stores:>6}  {batch:>5}  {rate:>8.0}");
    assert_eq!(Blocking(&open[0]).head()?, appended, "positions have no gaps");
    Ok(rate)
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

/// A replay of facts and one of events, of a log that was imported in large batches.
fn replay(url: &str, time: Duration) -> Result<()> {
    const BATCH: u64 = 10_000;
    let log = log(url, "replay");
    let store = Blocking(PostgresStore::open(url, &log.name)?);
    let (begun, mut head) = (Instant::now(), 0);
    while begun.elapsed() < time * 2 {
        head = store.append(append(head, BATCH))?.head;
    }
    let rate = |begun: Instant| head as f64 / begun.elapsed().as_secs_f64();
    println!("import in batches of {BATCH}: {:.0} events/s", rate(begun));
    let begun = Instant::now();
    let (mut after, mut facts) = (0, 0);
    while after < head {
        let page = store.facts(after, 65_536)?;
        facts += page.len();
        after = page.last_position().ok_or("a page is empty at the head only")?;
    }
    println!("replay of {facts} facts: {:.0} events/s", rate(begun));
    let begun = Instant::now();
    let mut after = 0;
    while after < head {
        after += store.events(after, 65_536)?.len() as u64;
    }
    println!("reading {head} events: {:.0} events/s", rate(begun));
    Ok(())
}
