//! Events that a projection cannot take in, and what becomes of them.

use leadfold_store::{ProjectionId, StoreError};

use super::OtherLog;

/// An event that could not be taken in.
#[derive(Debug)]
pub struct Failure<E> {
    /// The event's position.
    pub position: u64,
    /// How often it has been tried, from 1.
    pub attempt: u32,
    /// Why.
    pub cause: Cause<E>,
}

/// Why an event could not be taken in.
#[derive(Debug, thiserror::Error)]
pub enum Cause<E> {
    /// It is in the log and does not read: the event itself, and not only what is derived from it.
    #[error("it does not read: {0}")]
    Unreadable(StoreError),
    /// The projection says no.
    #[error("the projection fails: {0}")]
    Refused(E),
}

/// What becomes of an event that could not be taken in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// The runner ends with an error, before the event: nothing is skipped unseen.
    Stop,
    /// It is left out, and noted down with the reason, in the transaction that goes past it.
    Skip,
    /// It is tried again at once; 16 times in all, and then the runner stops.
    Retry,
}

/// Why a runner ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError<E> {
    /// The log or the projections' store failed. What was committed is whole; run again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The projection could not make its tables; nothing was made.
    #[error("the tables of {id} cannot be made: {source}; mend the projection and run it again")]
    Create {
        /// Which.
        id: ProjectionId,
        /// Why.
        source: E,
    },
    /// An event could not be taken in, and the projection decided to stop before it.
    #[error(
        "{id} stopped before the event at position {position}: {cause}; mend the event or the \
         projection and run it again, or decide to skip"
    )]
    Stopped {
        /// Which.
        id: ProjectionId,
        /// The event's position.
        position: u64,
        /// Why.
        cause: Cause<E>,
    },
    /// The tables were made from another log, or from one that has lost events since.
    #[error("{id}: {source}")]
    OtherLog {
        /// Which.
        id: ProjectionId,
        /// How far it has come.
        source: OtherLog,
    },
    /// A version is not as far as the one that readers see, however often it was run.
    #[error(
        "expected {id} to have come to position {live} with the version that readers see, found \
         it at {position}: run it and promote it again"
    )]
    Behind {
        /// Which.
        id: ProjectionId,
        /// Where it is.
        position: u64,
        /// Where the version is that readers see.
        live: u64,
    },
}
