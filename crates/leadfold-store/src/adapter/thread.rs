//! Threads of a store, and the errors that all stores say alike.

use std::thread::{Builder, JoinHandle};

use crate::{StoreError, StoreErrorKind};

/// Starts a thread.
///
/// # Errors
/// `Io` when the system has no more.
pub fn spawn(
    name: &str,
    body: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    Builder::new().name(name.to_owned()).spawn(body).map_err(|error| {
        let message = "expected to start a thread, found that the system refuses: raise its limit";
        StoreError::new(StoreErrorKind::Io, message).because(error)
    })
}

/// What a ticket brought, or that its thread is gone.
///
/// # Errors
/// The answer's own, or `Closed`.
pub fn answered<T, E: From<StoreError>>(answer: Option<Result<T, E>>) -> Result<T, E> {
    answer.unwrap_or_else(|| Err(closed().into()))
}

/// Stored data that is not as it was written.
pub fn corrupt(message: impl Into<String>) -> StoreError {
    StoreError::new(StoreErrorKind::Corrupt, message)
}

/// The store is not there any more.
pub fn closed() -> StoreError {
    StoreError::new(
        StoreErrorKind::Closed,
        "expected an open store, found that its thread has ended: open the store again",
    )
}

/// A number that the log has not given.
pub fn unknown(what: &str, found: u64) -> StoreError {
    StoreError::new(
        StoreErrorKind::NotFound,
        format!("expected a {what} of this log, found {found}: read the log again"),
    )
}
