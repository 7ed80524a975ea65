//! One file through many faults: what it has against what was acknowledged, and everything that
//! is derived against a store in memory.

use std::path::PathBuf;

use leadfold_core::{Bounds, LeadIndex, Playbook};
use leadfold_engine::{Restored, Sample, View, replay};
use leadfold_sqlite::SqliteStore;
use leadfold_store::{Append, Blocking, MemoryStore, block_on};
use leadfold_testkit::conformance::support::NOW;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::account::{Account, Tally, numbered};
use crate::child::{self, Work};
use crate::same::assert_same;

/// A file with more events than this is left for a new one.
const EVENTS_MAX: u64 = 900;
/// No file has more than one page of so many.
const PAGE_MAX: usize = 1 << 20;

pub(crate) struct Trial {
    _directory: TempDir,
    pub(crate) path: PathBuf,
    account: Account,
    /// The same events, in memory.
    memory: Blocking<MemoryStore>,
    pub(crate) tally: Tally,
    /// Rounds after which there was more than was acknowledged.
    pub(crate) committed_in_doubt: u64,
}

impl Trial {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log.db");
        Self {
            _directory: directory,
            path,
            account: Account::default(),
            memory: Blocking(MemoryStore::new()),
            tally: Tally::default(),
            committed_in_doubt: 0,
        }
    }

    /// Begins a new file when this one is long, and keeps the tally.
    pub(crate) fn go_on(self) -> Self {
        if self.memory.head().expect("memory reads") <= EVENTS_MAX {
            return self;
        }
        self.compare_all();
        let (tally, committed_in_doubt) = (self.tally, self.committed_in_doubt);
        Self { tally, committed_in_doubt, ..Self::new() }
    }

    /// The same file once more, as it is.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self { account: self.account.clone(), ..Self::new() };
        for suffix in ["db", "db-wal", "db-journal"] {
            let from = self.path.with_extension(suffix);
            if from.exists() {
                std::fs::copy(from, copy.path.with_extension(suffix)).expect("copies");
            }
        }
        copy
    }

    /// Enters what a child has said.
    pub(crate) fn enter(&mut self, said: &[String]) {
        child::enter(said, &mut self.account);
    }

    pub(crate) fn open(&self) -> Blocking<SqliteStore> {
        self.open_after(Work::Append)
    }

    fn open_after(&self, work: Work) -> Blocking<SqliteStore> {
        Blocking(SqliteStore::open_with(&self.path, &work.options()).expect("the file opens"))
    }

    /// What is wrong with the file after some work.
    pub(crate) fn judge(&self, work: Work) -> Tally {
        self.account.judge(&self.open_after(work).events(0, usize::MAX).expect("the events read"))
    }

    /// Opens the file and compares: nothing may be wrong.
    pub(crate) fn check(&mut self, what: &str) {
        let store = self.open();
        let events = store.events(0, usize::MAX).expect("the events read");
        let tally = self.account.judge(&events);
        assert!(tally.is_clean(), "{what}: {tally}");
        self.committed_in_doubt += u64::from(tally.found > tally.acknowledged);
        self.tally += tally;
        assert_eq!(store.head().expect("reads"), tally.found, "{what}");
        assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), [], "{what}");

        let known = self.memory.head().expect("memory reads");
        let new = (known + 1..=tally.found).map(numbered).collect();
        self.memory.append(Append::new(new, NOW)).expect("memory takes it");
        let facts = |after| store.facts(after, usize::MAX).expect("the facts read");
        let expected = |after| self.memory.facts(after, usize::MAX).expect("memory reads");
        assert!(facts(0) == expected(0), "{what}: other facts than in memory");
        let sealed = store.sealed().expect("reads");
        let found = store.lead_facts(LeadIndex(0), 1..=sealed, PAGE_MAX).expect("reads");
        let expected = self.memory.lead_facts(LeadIndex(0), 1..=sealed, PAGE_MAX).expect("reads");
        assert!(found == expected, "{what}: other facts by lead than in memory");
    }

    /// Looks at the snapshot: whole, of some place in the log, and with all leads as their histories
    /// have them; gives the place. A view that goes on from it has the tables of the log.
    pub(crate) fn check_snapshot(&self, what: &str) -> Option<u64> {
        let store = self.open().0;
        let (playbook, bounds) = (Playbook::default(), Bounds::default());
        let mut view = View::new(&store, playbook.clone(), bounds);
        let restored = block_on(view.restore(Sample::ALL)).expect("the file reads");
        block_on(view.catch_up(|_, _| {})).expect("the file reads");
        let whole = replay(&self.memory.0, playbook, bounds, |_, _| {});
        let whole = block_on(whole).expect("memory reads").encode();
        assert!(
            view.tables().expect("current").encode() == whole,
            "{what}: other tables than in memory"
        );
        match restored {
            Restored::From { position } => Some(position),
            Restored::Absent => None,
            Restored::Refused(why) => panic!("{what}: {why}"),
        }
    }

    /// How many events are behind the last segment.
    pub(crate) fn unsealed(&self) -> u64 {
        let store = self.open();
        store.head().expect("reads") - store.sealed().expect("reads")
    }

    /// Compares every answer of the store with the one in memory.
    pub(crate) fn compare_all(&self) {
        assert_same(&self.memory.0, &self.open().0);
    }

    /// Makes the file one of an older version, as far as these lacked what can be derived.
    pub(crate) fn age(&self, version: u32) {
        let runs = "DROP TABLE IF EXISTS run; DROP TABLE IF EXISTS segment;";
        let index = if version == 1 { "DROP INDEX IF EXISTS lead_key;" } else { "" };
        self.sql(&format!("{runs} {index} PRAGMA user_version = {version}"));
    }

    pub(crate) fn sql(&self, sql: &str) {
        let file = Connection::open(&self.path).expect("it is SQLite");
        file.execute_batch(sql).expect("the statements run");
    }
}
