//! How a log is opened.

use std::time::Duration;

use leadfold_store::Progress;

/// How a log is opened. The defaults are safe.
///
/// ```
/// # use leadfold_postgres::{Durability, Options};
/// assert_eq!(Options::default().durability, Durability::Full);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Options {
    /// Whether a log that is not there is made; without it, opening one is the error `NotFound`.
    pub creates: bool,
    /// What an acknowledged append survives.
    pub durability: Durability,
    /// How long to wait for a connection, to each address of the server.
    pub connect_timeout: Duration,
    /// How long to wait for another process that writes, before the error `Busy`.
    pub lock_timeout: Duration,
    /// How long the server may work on one statement, before the error `Busy`; none: for ever.
    /// A replay of a large log, `verify` and `rebuild_facts` take their time.
    pub statement_timeout: Option<Duration>,
    /// Threads that read, each with its own connection; at least one. A connection is made when it
    /// is first needed.
    pub readers: usize,
    /// How often somebody who waits for events looks for them if no notification comes.
    pub poll_interval: Duration,
    /// Who is told how far a rebuild has come: of an older log while it is opened, and by
    /// [`rebuild_facts`](crate::PostgresStore::rebuild_facts).
    pub progress: Progress,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            creates: true,
            durability: Durability::Full,
            connect_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(10),
            statement_timeout: None,
            readers: 2,
            poll_interval: Duration::from_millis(250),
            progress: Progress::default(),
        }
    }
}

/// What an acknowledged append survives.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Durability {
    /// What the server's `synchronous_commit` says, which must not be `off`: the death of
    /// processes, of the system and of the power, and with synchronous standbys the loss of the
    /// server. A server with `fsync = off` breaks this promise; [`Server`](crate::Server) tells.
    #[default]
    Full,
    /// The death of our process only: `synchronous_commit = off`. After a crash of the server the
    /// last acknowledged events may be gone; the log is still sound.
    UnsafeFasterMayLoseAcknowledgedEvents,
}
