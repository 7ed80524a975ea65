//! The server dies in the middle of appends.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use leadfold_core::EventId;
use leadfold_core::event::NewEvent;
use leadfold_postgres::{Durability, Options, PostgresStore};
use leadfold_store::{Append, Blocking};

use crate::clauses::support::{self, captured, event_id};
use crate::cluster::Cluster;

const N_THREADS: u64 = 4;
/// So many appends are acknowledged before the server dies.
const N_ACKNOWLEDGED: usize = 40;

/// What the threads of a round have tried, and what of it was acknowledged.
#[derive(Default)]
struct Account {
    tried: Mutex<Vec<u64>>,
    acknowledged: Mutex<Vec<(u64, u64)>>,
    ended: AtomicU64,
}

fn append(id: u64) -> Append {
    let event: NewEvent = captured(id, &format!("L{}", id % 13), "ads");
    Append::new(vec![event], support::NOW)
}

impl Account {
    /// Appends until the store fails.
    fn work(&self, store: &PostgresStore, next: &AtomicU64) {
        loop {
            let id = next.fetch_add(1, Ordering::Relaxed);
            self.tried.lock().expect("nobody panicked").push(id);
            match Blocking(store).append(append(id)) {
                Ok(appended) => {
                    let position = appended.outcomes[0].position().expect("it has a place");
                    self.acknowledged.lock().expect("nobody panicked").push((position, id));
                }
                Err(error) => {
                    self.ended.fetch_add(1, Ordering::Relaxed);
                    assert!(error.is_retryable(), "{error}");
                    return;
                }
            }
        }
    }

    fn wait_for_some(&self) {
        let is_enough =
            || self.acknowledged.lock().expect("nobody panicked").len() >= N_ACKNOWLEDGED;
        while !is_enough() && self.ended.load(Ordering::Relaxed) < N_THREADS {
            std::thread::yield_now();
        }
    }
}

/// The process of a connection that writes dies, and with it, by the postmaster's hand, all.
fn kill_a_backend(cluster: &Cluster) {
    let sql = "SELECT pid FROM pg_stat_activity WHERE application_name = 'leadfold' LIMIT 1";
    let pid: i32 = cluster.client().query_one(sql, &[]).expect("the store is there").get(0);
    let status = Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(status.expect("there is kill").success());
}

/// How the server dies.
#[derive(Clone, Copy)]
enum Death {
    Backend,
    Server,
}

/// All that was ever tried and acknowledged on one log.
struct Trial<'c> {
    cluster: &'c Cluster,
    options: Options,
    next: AtomicU64,
    tried: BTreeSet<u64>,
    acknowledged: Vec<(u64, u64)>,
}

impl<'c> Trial<'c> {
    fn new(cluster: &'c Cluster, options: Options) -> Self {
        let (tried, acknowledged) = (BTreeSet::new(), Vec::new());
        Self { cluster, options, next: AtomicU64::new(1), tried, acknowledged }
    }

    /// The server may still be recovering.
    fn open(&self) -> PostgresStore {
        loop {
            match PostgresStore::open_with(&self.cluster.url(), "crashed", &self.options) {
                Ok(store) => return store,
                Err(error) => assert!(error.is_retryable(), "{error}"),
            }
            std::thread::yield_now();
        }
    }

    /// Appends until the server is dead, and starts it again.
    fn crash(&mut self, death: Death) {
        let (store, account) = (self.open(), Account::default());
        std::thread::scope(|scope| {
            for _ in 0..N_THREADS {
                scope.spawn(|| account.work(&store, &self.next));
            }
            account.wait_for_some();
            match death {
                Death::Backend => kill_a_backend(self.cluster),
                Death::Server => self.cluster.stop_at_once(),
            }
        });
        if let Death::Server = death {
            self.cluster.start_server();
        }
        self.tried.extend(account.tried.into_inner().expect("nobody panicked"));
        self.acknowledged.extend(account.acknowledged.into_inner().expect("nobody panicked"));
    }

    /// How many acknowledged events are not where they were, and how many nobody has appended.
    fn lost_and_invented(&self) -> (usize, usize) {
        let store = Blocking(self.open());
        let found = store.events(0, usize::MAX).expect("reads");
        let found: Vec<(u64, EventId)> = found.iter().map(|one| (one.position, one.id)).collect();
        let is_lost = |(position, id): &&(u64, u64)| {
            found.get(*position as usize - 1) != Some(&(*position, event_id(*id)))
        };
        let lost = self.acknowledged.iter().filter(is_lost).count();
        let known: BTreeSet<_> = self.tried.iter().map(|id| event_id(*id)).collect();
        let invented = found.iter().filter(|(_, id)| !known.contains(id)).count();
        println!(
            "{} tried, {} acknowledged, {} found, {lost} lost, {invented} invented",
            self.tried.len(),
            self.acknowledged.len(),
            found.len()
        );
        assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
        (lost, invented)
    }
}

#[test]
fn killed_server_keeps_what_it_acknowledged_and_nothing_else() {
    let Some(cluster) = Cluster::start("") else { return };
    let mut trial = Trial::new(&cluster, Options::default());
    for death in [Death::Server, Death::Backend, Death::Server, Death::Backend] {
        trial.crash(death);
        assert_eq!(trial.lost_and_invented(), (0, 0));
    }
    let store = Blocking(trial.open());
    for id in &trial.tried {
        store.append(append(*id)).expect("repeated unchanged");
    }
    assert_eq!(store.head().expect("reads"), trial.tried.len() as u64);
}

#[test]
fn server_that_forgets_is_caught() {
    // It acknowledges at once and writes ten seconds later.
    let Some(cluster) = Cluster::start("-c wal_writer_delay=10000ms") else { return };
    let durability = Durability::UnsafeFasterMayLoseAcknowledgedEvents;
    let mut trial = Trial::new(&cluster, Options { durability, ..Options::default() });
    // Nothing is lost where the last page of its log happened to be full.
    let loses = (0..5).any(|_| {
        trial.crash(Death::Server);
        trial.lost_and_invented().0 > 0
    });
    assert!(loses, "the account must notice what is lost");
}
