//! SQLite's errors as those of the contract.

pub(crate) use leadfold_store::adapter::corrupt;
use leadfold_store::{StoreError, StoreErrorKind};
use rusqlite::ErrorCode;

pub(crate) type Result<T, E = StoreError> = std::result::Result<T, E>;

/// What SQLite reports, as the kind of failure that a caller can act on.
///
/// Use as `.map_err(sqlite)`: the texts of SQLite name tables and files, never values.
pub(crate) fn sqlite(error: rusqlite::Error) -> StoreError {
    let code = match &error {
        rusqlite::Error::SqliteFailure(failure, _) => failure.code,
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::QueryReturnedNoRows
        | rusqlite::Error::Utf8Error(..) => ErrorCode::DatabaseCorrupt,
        // All statements are constants: one that does not fit finds other tables than ours.
        rusqlite::Error::SqlInputError { .. } => ErrorCode::Unknown,
        _ => ErrorCode::InternalMalfunction,
    };
    let (kind, advice) = advice(code);
    StoreError::new(kind, format!("{advice} ({error})")).because(error)
}

/// What SQLite reports of the file and the disk, and not of the values that it was given.
pub(crate) fn of_file(failure: &rusqlite::ffi::Error) -> Option<StoreError> {
    let is_own = matches!(
        failure.code,
        ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
    );
    let (kind, advice) = advice(failure.code);
    is_own.then(|| StoreError::new(kind, format!("{advice} ({failure})")).because(*failure))
}

fn advice(code: ErrorCode) -> (StoreErrorKind, &'static str) {
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => (
            StoreErrorKind::Busy,
            "expected to write within the busy timeout, found another writer: try again",
        ),
        ErrorCode::DiskFull | ErrorCode::TooBig => (
            StoreErrorKind::Full,
            "expected room for the append, found none: free some space and append again",
        ),
        ErrorCode::DatabaseCorrupt => (
            StoreErrorKind::Corrupt,
            "expected a sound file, found a damaged one: verify it, then rebuild or restore",
        ),
        ErrorCode::Unknown => (
            StoreErrorKind::Corrupt,
            "expected the tables of a leadfold store, found others: restore the file from a backup",
        ),
        ErrorCode::NotADatabase => (
            StoreErrorKind::Corrupt,
            "expected a leadfold store, found a file that is not SQLite, or not any more: \
             give another path, or restore the file from a backup",
        ),
        ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::FileLockingProtocolFailed => (
            StoreErrorKind::Io,
            "expected to read and write the file, found that the system refuses: \
             check the path, its rights and the disk, then open the store again",
        ),
        _ => (StoreErrorKind::Other, "SQLite failed in an unexpected way: report this"),
    }
}
