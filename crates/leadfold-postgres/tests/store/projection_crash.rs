//! The server dies, or the connection does, while a projection writes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use leadfold_core::event::RecordedEvent;
use leadfold_engine::{Projection, RunError, Runner, Stop};
use leadfold_postgres::{PostgresBatch, PostgresProjections, postgres};
use leadfold_store::{
    Blocking, Checkpoint, EventStore, MemoryStore, ProjectionId, ProjectionStore, Step, StoreError,
};

use crate::account::numbered;
use crate::clauses::support::append;
use crate::cluster::{Cluster, fresh_log};
use crate::crash::{Death, patiently, rounds};

/// The log grows by so many before each death.
const N_EVENTS: u64 = 320;
const PAGE_EVENTS: usize = 8;

/// A row an event with how often it was taken in, and a sum that is only ever added to.
#[derive(Default)]
struct Counting {
    /// Pages that were written, not all of which were committed.
    pages: AtomicU64,
}

impl Projection<PostgresProjections> for &Counting {
    type Page = Vec<RecordedEvent>;
    type Error = postgres::Error;
    const NAME: &'static str = "counted";
    const VERSION: u32 = 1;
    const TABLES: &'static [&'static str] = &["entry", "total"];

    fn create(&self, batch: &mut PostgresBatch<'_>) -> Result<(), postgres::Error> {
        let (entry, total) = (batch.table("entry"), batch.table("total"));
        batch.sql().batch_execute(&format!(
            "CREATE TABLE {entry} (position bigint PRIMARY KEY, times bigint NOT NULL);
             CREATE TABLE {total} (positions bigint NOT NULL);
             INSERT INTO {total} VALUES (0)"
        ))
    }

    fn apply(
        &self,
        page: &Vec<RecordedEvent>,
        _: Blocking<&dyn EventStore>,
        batch: &mut PostgresBatch<'_>,
    ) -> Result<(), postgres::Error> {
        let (entry, total) = (batch.table("entry"), batch.table("total"));
        let enter = format!(
            "INSERT INTO {entry} AS entry VALUES ($1, 1) \
             ON CONFLICT (position) DO UPDATE SET times = entry.times + 1"
        );
        let add = format!("UPDATE {total} SET positions = positions + $1");
        for event in page {
            let position = event.position.cast_signed();
            batch.sql().execute(&enter, &[&position])?;
            batch.sql().execute(&add, &[&position])?;
        }
        self.pages.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// What is wrong with the tables: both have to be 0.
#[derive(Debug, Default, Eq, PartialEq)]
struct Effects {
    skipped: u64,
    applied_twice: u64,
}

/// A log in memory, which survives, and a projection of it on a server, which does not.
struct Trial {
    cluster: Cluster,
    schema: String,
    log: MemoryStore,
    counting: Counting,
}

impl Trial {
    fn start() -> Option<Self> {
        let cluster = Cluster::start("")?;
        let (schema, log, counting) = (fresh_log(), MemoryStore::new(), Counting::default());
        Some(Self { cluster, schema, log, counting })
    }

    fn grow(&self) {
        let head = Blocking(&self.log).head().expect("memory reads");
        append(&self.log, (head + 1..=head + N_EVENTS).map(numbered).collect());
    }

    fn open(&self) -> PostgresProjections {
        let url = format!("{} application_name=leadfold", self.cluster.url());
        patiently(|| PostgresProjections::open(&url, &self.schema))
    }

    fn runner(&self) -> Runner<&MemoryStore, PostgresProjections, &Counting> {
        let runner = Runner::open(&self.log, self.open(), &self.counting);
        runner.expect("they are of this log").with_page_events(PAGE_EVENTS)
    }

    /// Takes events in until the server is dead, and starts it again.
    fn crash(&self, death: Death, after_pages: u64) {
        let mut runner = self.runner();
        let pages = || self.counting.pages.load(Ordering::Relaxed);
        let enough = pages() + after_pages;
        std::thread::scope(|scope| {
            let running = scope.spawn(|| runner.catch_up(&Stop::new()));
            while pages() < enough && !running.is_finished() {
                std::thread::yield_now();
            }
            death.happens(&self.cluster);
            // Where the connection is cut, another one is made: it need not fail.
            match running.join().expect("it does not panic") {
                Ok(_) => {}
                Err(RunError::Store(error)) => assert!(error.is_retryable(), "{error}"),
                Err(error) => panic!("{error}"),
            }
        });
        if death.needs_a_start() {
            self.cluster.start_server();
        }
    }

    /// Compares the tables with a recount of the log up to the checkpoint; how far that is.
    fn judge(&self) -> (u64, Effects) {
        let mut store = self.open();
        let state = store.states("counted").expect("it reads").remove(0);
        let Checkpoint { position, event } = state.checkpoint;
        let events = Blocking(&self.log).events(0, usize::MAX).expect("memory reads");
        let before = &events[..position as usize];
        assert_eq!(before.last().map(|last| last.id), event, "it is an event of the log");
        let entries = format!("SELECT position, times FROM {}", state.id.table("entry"));
        let rows = store.sql().expect("a client").query(&entries, &[]).expect("it reads");
        let number = |row: &postgres::Row, column| row.get::<_, i64>(column).cast_unsigned();
        let times: BTreeMap<_, _> =
            rows.iter().map(|row| (number(row, 0), number(row, 1))).collect();
        assert!(times.keys().all(|taken| *taken <= position), "nothing is beyond the checkpoint");
        let effects = Effects {
            skipped: (1..=position).filter(|position| !times.contains_key(position)).count() as u64,
            applied_twice: times.values().map(|times| times - 1).sum(),
        };
        let total = format!("SELECT positions FROM {}", state.id.table("total"));
        let row = store.sql().expect("a client").query_one(&total, &[]).expect("it reads");
        let expected: u64 = times.iter().map(|(position, times)| position * times).sum();
        assert_eq!(number(&row, 0), expected, "rows and sum are of the same events");
        (position, effects)
    }
}

#[test]
fn killed_server_has_each_event_in_a_projection_once() {
    let Some(trial) = Trial::start() else { return };
    let mut broken_off = 0;
    for death in [Death::Immediate, Death::Backend, Death::Postmaster, Death::Connections] {
        for round in 0..rounds() as u64 {
            trial.grow();
            trial.crash(death, 1 + 5 * round % 17);
            let (position, effects) = trial.judge();
            assert_eq!(effects, Effects::default(), "{death:?}, at {position}");
            let head = Blocking(&trial.log).head().expect("memory reads");
            broken_off += u64::from(position < head);
        }
    }
    let position = trial.runner().catch_up(&Stop::new()).expect("it goes on");
    assert_eq!(trial.judge(), (position, Effects::default()));
    println!("killed while projecting: {broken_off} broken off, {position} events taken in once");
}

/// The effect is committed, and the server's connections die before the checkpoint is.
#[test]
fn checkpoint_apart_from_its_effect_is_caught() {
    let Some(trial) = Trial::start() else { return };
    trial.grow();
    let mut runner = trial.runner();
    let id: ProjectionId = runner.id().clone();
    let log: &dyn EventStore = &trial.log;
    let page = Blocking(log).events(0, PAGE_EVENTS).expect("memory reads");
    let effect = runner.store().advance(&id, Checkpoint::default(), |batch| {
        (&trial.counting).apply(&page, Blocking(log), batch).expect("it goes in");
        Ok::<_, StoreError>(Step { to: Checkpoint::default(), skipped: None })
    });
    effect.expect("it is committed");
    trial.crash(Death::Connections, 1);
    trial.runner().catch_up(&Stop::new()).expect("it goes on");
    let (_, effects) = trial.judge();
    assert_eq!(effects.applied_twice, PAGE_EVENTS as u64);
}
