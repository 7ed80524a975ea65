//! How a file is opened.

use std::time::Duration;

use leadfold_store::Progress;

/// How a file is opened. The defaults are safe.
///
/// ```
/// # use leadfold_sqlite::{Durability, Options};
/// assert_eq!(Options::default().durability, Durability::Full);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Options {
    /// What an acknowledged append survives.
    pub durability: Durability,
    /// How long to wait for another process that writes, before the error `Busy`.
    pub busy_timeout: Duration,
    /// Threads that read; at least one.
    pub readers: usize,
    /// The file never grows beyond this; an append that needs more fails with the error `Full`.
    pub bytes_max: Option<u64>,
    /// Memory for pages of the file, for the writer; each reader takes an eighth of it.
    pub cache_bytes: u64,
    /// So many new events are sealed: their facts are also kept by lead, which is what rebuilds
    /// read. Fewer make rebuilds begin with more of the log in that order; at least one.
    pub seal_events: u64,
    /// Who is told how far a rebuild has come: of an older file while it is opened, and by
    /// [`rebuild_facts`](crate::SqliteStore::rebuild_facts).
    pub progress: Progress,
    /// How often somebody who waits for events looks for those that others have committed: other
    /// processes, or another store on the same file. SQLite tells nobody.
    pub poll_interval: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::Full,
            busy_timeout: Duration::from_secs(10),
            readers: 2,
            bytes_max: None,
            cache_bytes: 48 << 20,
            seal_events: 65_536,
            progress: Progress::default(),
            poll_interval: Duration::from_millis(50),
        }
    }
}

/// What an acknowledged append survives.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Durability {
    /// The death of the process, of the system and of the power: `synchronous = FULL`.
    #[default]
    Full,
    /// The death of the process only: `synchronous = NORMAL`. After a loss of power the last
    /// acknowledged events may be gone; the file is still sound.
    UnsafeFasterMayLoseAcknowledgedEvents,
}
