//! Durable appends and reads of other event stores, in rows like those of leadfold's own bench:
//! eventcore in SQLite and in PostgreSQL, cqrs-es in PostgreSQL.
//!
//! `rival-stores SOCKET-DIRECTORY DIRECTORY SECONDS`
//!
//! What they append is one event, or a hundred, of a stream that is new: no stream is read first,
//! and none is in anybody's way. That is the least that they do for an append.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

mod cqrs_es_store;
mod event_core;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const WRITERS: [u64; 3] = [1, 8, 64];
const BATCHES: [u64; 2] = [1, 100];

/// A store that is measured.
trait Rival: Send + Sync + 'static {
    /// Appends so many events to a new stream of this number.
    fn append(&self, stream: u64, events: u64) -> impl Future<Output = ()> + Send;
    /// Reads everything; how many events there are.
    fn read(&self) -> impl Future<Output = u64> + Send;
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("expected SOCKET-DIRECTORY DIRECTORY SECONDS");
    let (socket, directory) = (next()?, next()?);
    let time = Duration::from_secs_f64(next()?.parse()?);
    let directory = Path::new(&directory);
    let url = |database: &str| format!("postgres://leadfold@localhost/{database}?host={socket}");
    measure("eventcore 2.1, SQLite", event_core::sqlite(directory).await?, time).await;
    let postgres = event_core::postgres(&url("postgres"), &url("eventcore")).await?;
    measure("eventcore 2.1, PostgreSQL", postgres, time).await;
    let postgres = cqrs_es_store::postgres(&url("postgres"), &url("cqrs")).await?;
    measure("cqrs-es 0.5, PostgreSQL", postgres, time).await;
    Ok(())
}

async fn measure(name: &str, rival: impl Rival, time: Duration) {
    let rival = Arc::new(rival);
    let streams = Arc::new(AtomicU64::new(0));
    for batch in BATCHES {
        for writers in WRITERS {
            let rate = append_rate(&rival, &streams, writers, batch, time).await;
            println!("| {name} | durable appends | {writers} | {batch} | {rate:.0} |");
        }
    }
    let begun = Instant::now();
    let events = rival.read().await;
    let rate = events as f64 / begun.elapsed().as_secs_f64();
    assert!(events > 0, "it has what was appended");
    println!("| {name} | replay of events | - | - | {rate:.0} |");
}

async fn append_rate<R: Rival>(
    rival: &Arc<R>,
    streams: &Arc<AtomicU64>,
    writers: u64,
    batch: u64,
    time: Duration,
) -> f64 {
    let begun = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (rival, streams) = (Arc::clone(rival), Arc::clone(streams));
            tokio::spawn(async move {
                let mut events = 0;
                while begun.elapsed() < time {
                    rival.append(streams.fetch_add(1, Ordering::Relaxed), batch).await;
                    events += batch;
                }
                events
            })
        })
        .collect();
    let mut events = 0;
    for task in tasks {
        events += task.await.expect("a writer ends");
    }
    events as f64 / begun.elapsed().as_secs_f64()
}
