//! The server dies in the middle of appends, or its connections do, or it refuses to go on.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use leadfold_postgres::{Durability, Options, PostgresStore};
use leadfold_store::{AppendError, Blocking, MemoryStore, StoreError};

use crate::account::{Account, Tally, batch, first_of, numbered};
use crate::clauses::support;
use crate::cluster::{Cluster, fresh_log, kill, shared_or_skip};
use crate::same::assert_same;

const N_THREADS: u32 = 4;
/// So many batches are acknowledged before the server dies.
const N_ACKNOWLEDGED: usize = 12;

/// How often the server dies each way: more with `LEADFOLD_FAULT_ROUNDS`, of which these are few,
/// because a server takes its time to start.
pub(crate) fn rounds() -> usize {
    let told = std::env::var("LEADFOLD_FAULT_ROUNDS").ok();
    let rounds = told.map_or(1_000, |text| text.parse().expect("a number of rounds"));
    usize::div_ceil(rounds, 500)
}

/// How the server dies.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Death {
    /// The process of one connection is killed, and the server ends all others.
    Backend,
    /// The first of its processes is killed, and the others notice.
    Postmaster,
    /// It is told to end without tidying up.
    Immediate,
    /// It lives, but all connections are cut.
    Connections,
}

impl Death {
    pub(crate) fn happens(self, cluster: &Cluster) {
        let client = || cluster.client();
        match self {
            Self::Backend => {
                let sql = "SELECT pid FROM pg_stat_activity \
                    WHERE application_name = 'leadfold' LIMIT 1";
                let mut witness = client();
                let pid: i32 = witness.query_one(sql, &[]).expect("the store is there").get(0);
                kill(&pid.to_string());
                // The server has noticed when it ends this connection, too.
                let end = witness.batch_execute("SELECT pg_sleep(600)");
                assert!(end.is_err(), "it takes all connections for damaged");
            }
            Self::Postmaster => cluster.kill_server(),
            Self::Immediate => cluster.stop_at_once(),
            Self::Connections => {
                let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE application_name = 'leadfold'";
                assert!(!client().query(sql, &[]).expect("it may").is_empty());
            }
        }
    }

    pub(crate) fn needs_a_start(self) -> bool {
        matches!(self, Self::Postmaster | Self::Immediate)
    }
}

/// So often is a server asked that may still be recovering.
const LOOKS_MAX: usize = 1_000_000;

/// Asks until the server can answer.
pub(crate) fn patiently<T>(mut ask: impl FnMut() -> Result<T, StoreError>) -> T {
    for _ in 0..LOOKS_MAX {
        match ask() {
            Ok(answer) => return answer,
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
        std::thread::yield_now();
    }
    panic!("the server never answers")
}

/// All that was ever tried and acknowledged on one log.
struct Trial<'c> {
    cluster: &'c Cluster,
    url: String,
    log: String,
    options: Options,
    account: Mutex<Account>,
    /// What each thread appends next: what failed is repeated.
    firsts: Vec<AtomicU64>,
    tally: Tally,
}

impl<'c> Trial<'c> {
    fn new(cluster: &'c Cluster, options: Options) -> Self {
        let firsts = (0..N_THREADS).map(|writer| AtomicU64::new(first_of(writer))).collect();
        let (url, log) = (cluster.url(), fresh_log());
        let (account, tally) = (Mutex::default(), Tally::default());
        Self { cluster, url, log, options, account, firsts, tally }
    }

    fn try_open(&self) -> Result<PostgresStore, StoreError> {
        PostgresStore::open_with(&self.url, &self.log, &self.options)
    }

    fn open(&self) -> PostgresStore {
        patiently(|| self.try_open())
    }

    /// Appends the next batch of a thread.
    fn append(&self, store: &PostgresStore, thread: usize) -> Result<(), AppendError> {
        let first = self.firsts[thread].load(Ordering::Relaxed);
        self.account().tries(first);
        let appended = Blocking(store).append(batch(first))?;
        let position = appended.outcomes[0].position().expect("it has a place");
        let next = self.account().acknowledges(first, position);
        self.firsts[thread].store(next, Ordering::Relaxed);
        Ok(())
    }

    fn account(&self) -> std::sync::MutexGuard<'_, Account> {
        self.account.lock().expect("nobody panicked")
    }

    /// Appends until the server is dead, and starts it again.
    fn crash(&self, death: Death) {
        let store = self.open();
        let (acknowledged, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread in 0..N_THREADS as usize {
                let (store, acknowledged, ended) = (&store, &acknowledged, &ended);
                scope.spawn(move || {
                    let error = loop {
                        match self.append(store, thread) {
                            Ok(()) => drop(acknowledged.fetch_add(1, Ordering::Relaxed)),
                            Err(error) => break error,
                        }
                        // Where connections are cut, others are made: it need not fail at all.
                        if acknowledged.load(Ordering::Relaxed) > 20 * N_ACKNOWLEDGED {
                            return;
                        }
                    };
                    ended.fetch_add(1, Ordering::Relaxed);
                    assert!(error.is_retryable(), "{error}");
                });
            }
            let is_enough = || acknowledged.load(Ordering::Relaxed) >= N_ACKNOWLEDGED;
            while !is_enough() && ended.load(Ordering::Relaxed) < N_THREADS as usize {
                std::thread::yield_now();
            }
            death.happens(self.cluster);
        });
        if death.needs_a_start() {
            self.cluster.start_server();
        }
    }

    /// What is wrong with the log now.
    fn judge(&self) -> Tally {
        let (events, damage) = patiently(|| {
            let store = Blocking(self.try_open()?);
            Ok((store.events(0, usize::MAX)?, store.verify(&mut |_, _| {})?))
        });
        assert_eq!(damage, []);
        self.account().judge(&events)
    }

    fn check(&mut self, what: &str) {
        let tally = self.judge();
        assert!(tally.is_clean(), "{what}: {tally}");
        self.tally += tally;
    }

    /// Repeats what was not acknowledged, and compares every answer with a store in memory.
    fn end(&mut self) {
        let store = self.open();
        for thread in 0..N_THREADS as usize {
            self.append(&store, thread).expect("repeated unchanged");
        }
        self.check("at the end");
        let memory = MemoryStore::new();
        let events = Blocking(&store).events(0, usize::MAX).expect("reads");
        let numbers = events.iter().map(|event| event.id.0.as_u64_pair().1);
        support::append(&memory, numbers.map(numbered).collect());
        assert_same(&memory, &store);
    }
}

#[test]
fn killed_server_keeps_what_it_acknowledged_and_nothing_else() {
    let Some(cluster) = Cluster::start("") else { return };
    let mut trial = Trial::new(&cluster, Options::default());
    for death in [Death::Immediate, Death::Backend, Death::Postmaster, Death::Connections] {
        for _ in 0..rounds() {
            trial.crash(death);
            trial.check(&format!("{death:?}"));
        }
        println!("killed server, up to {death:?}: {}", trial.tally);
    }
    trial.end();
}

#[test]
fn server_that_forgets_is_caught() {
    // It acknowledges at once and writes ten seconds later.
    let Some(cluster) = Cluster::start("-c wal_writer_delay=10000ms") else { return };
    let durability = Durability::UnsafeFasterMayLoseAcknowledgedEvents;
    let trial = Trial::new(&cluster, Options { durability, ..Options::default() });
    // Nothing is lost where the last page of its log happened to be full.
    let loses = (0..5).any(|_| {
        trial.crash(Death::Immediate);
        let tally = trial.judge();
        println!("server that forgets: {tally}");
        tally.lost > 0
    });
    assert!(loses, "the account must notice what is lost");
}

/// Appends of all threads, through two stores, however often one is refused; how often it was.
fn append_all(trial: &Trial<'_>, batches: usize) -> usize {
    let stores = [trial.open(), trial.open()];
    let refused = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..N_THREADS as usize {
            let (store, refused) = (&stores[thread % 2], &refused);
            scope.spawn(move || {
                for _ in 0..batches {
                    while let Err(error) = trial.append(store, thread) {
                        assert!(error.is_retryable(), "{error}");
                        assert!(refused.fetch_add(1, Ordering::Relaxed) < 5_000, "{error}");
                    }
                }
            });
        }
    });
    refused.into_inner()
}

/// Where every transaction is serializable, some of them fail.
#[test]
fn serialization_failures_are_retried_without_a_trace() {
    let cluster = shared_or_skip!();
    let mut trial = Trial::new(cluster, Options::default());
    trial.url += " options='-c default_transaction_isolation=serializable'";
    let refused = append_all(&trial, 12);
    trial.check("serializable");
    println!("serializable: {}, {refused} appends were refused and repeated", trial.tally);
    trial.end();
}

/// Somebody holds the log for longer than a statement may take.
#[test]
fn statement_timeouts_leave_nothing_behind() {
    let cluster = shared_or_skip!();
    let mut trial = Trial::new(cluster, Options::default());
    append_all(&trial, 4);
    // Opening the log may take too long, too.
    trial.options.statement_timeout = Some(Duration::from_millis(30));
    let store = trial.open();
    trial.options = Options::default();
    let mut other = cluster.client();
    let lock = format!("BEGIN; LOCK TABLE \"{}\".event IN ACCESS EXCLUSIVE MODE", trial.log);
    other.batch_execute(&lock).expect("nobody writes");
    for thread in 0..N_THREADS as usize {
        let error = trial.append(&store, thread).expect_err("it takes too long");
        assert!(error.is_retryable(), "{error}");
    }
    other.batch_execute("ROLLBACK").expect("it ends");
    trial.check("after timeouts");
    println!("statement timeouts: {}", trial.tally);
    trial.end();
}
