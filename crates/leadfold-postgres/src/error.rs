//! PostgreSQL's errors as those of the contract.

pub(crate) use leadfold_store::adapter::corrupt;
use leadfold_store::{StoreError, StoreErrorKind};
use postgres::error::{DbError, SqlState};

pub(crate) type Result<T, E = StoreError> = std::result::Result<T, E>;

/// What PostgreSQL reports, as the kind of failure that a caller can act on.
///
/// Use as `.map_err(pg)`. Only the server's first line is told: its details name values.
pub(crate) fn pg(error: postgres::Error) -> StoreError {
    let (kind, advice) = match error.as_db_error() {
        Some(reported) => of_state(reported.code()),
        None if is_data(&error) => CORRUPT,
        None => UNREACHABLE,
    };
    StoreError::new(kind, format!("{advice} ({})", told(&error)))
}

/// What the server reports of itself, and not of the values that it was given.
pub(crate) fn of_server(reported: &DbError) -> Option<StoreError> {
    let state = reported.code();
    let is_own = match &state.code()[..2] {
        "08" | "40" | "53" | "57" | "58" => true,
        "55" => is_taken(state),
        "25" => *state != SqlState::IN_FAILED_SQL_TRANSACTION,
        _ => false,
    };
    let (kind, advice) = of_state(state);
    is_own.then(|| StoreError::new(kind, format!("{advice} ({})", told_by(reported))))
}

/// An append whose commit was not answered.
pub(crate) fn unknown_fate(error: &StoreError) -> StoreError {
    StoreError::new(
        StoreErrorKind::Unreachable,
        format!(
            "expected the server to say that the append is committed, found the connection cut: \
             it may be in the log or not; repeat it unchanged, its ids make that safe ({error})"
        ),
    )
}

/// A change of a projection whose commit was not answered.
pub(crate) fn unknown_step(error: &StoreError) -> StoreError {
    StoreError::new(
        StoreErrorKind::Unreachable,
        format!(
            "expected the server to say that a change of the projection is committed, found the \
             connection cut: it may be there or not, its checkpoint tells; run it again ({error})"
        ),
    )
}

type Advice = (StoreErrorKind, &'static str);

const CORRUPT: Advice = (
    StoreErrorKind::Corrupt,
    "expected the tables as leadfold writes them, found others: verify the log, then rebuild what \
     is derived or restore it",
);
const BUSY: Advice = (
    StoreErrorKind::Busy,
    "expected an answer within the timeouts, found somebody else at work: try again",
);
const UNREACHABLE: Advice = (
    StoreErrorKind::Unreachable,
    "expected an answer of the server, found the connection cut or refused: try again, and check \
     that the server runs and where it listens",
);

fn of_state(state: &SqlState) -> Advice {
    let code = state.code();
    match &code[..2] {
        "08" | "57" if *state != SqlState::QUERY_CANCELED => UNREACHABLE,
        // The server has cut off a connection that stood still in a transaction.
        "25" if *state == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => UNREACHABLE,
        "40" | "57" => BUSY,
        "55" if is_taken(state) => BUSY,
        "53" if *state == SqlState::TOO_MANY_CONNECTIONS => (
            StoreErrorKind::Busy,
            "expected a free connection, found none: try again, or raise max_connections",
        ),
        "53" | "54" => (
            StoreErrorKind::Full,
            "expected room for the append, found none: free some space and append again",
        ),
        "28" | "3D" | "25" => (
            StoreErrorKind::Io,
            "expected to be let in to write, found that the server refuses: check the user, its \
             rights, the database, and that the server is no standby",
        ),
        "42" if *state == SqlState::INSUFFICIENT_PRIVILEGE => (
            StoreErrorKind::Io,
            "expected to be let in, found that the server refuses: grant the user the schema and \
             its tables, or the right to create schemas",
        ),
        "22" | "23" | "42" => CORRUPT,
        "XX" if code != "XX000" => CORRUPT,
        _ => (StoreErrorKind::Other, "PostgreSQL failed in an unexpected way: report this"),
    }
}

/// Whether somebody else has something, and will give it back. The rest of its class is about
/// things that are not as a statement needs them.
fn is_taken(state: &SqlState) -> bool {
    [SqlState::LOCK_NOT_AVAILABLE, SqlState::OBJECT_IN_USE].contains(state)
}

/// Whether a value came that does not belong into its column.
fn is_data(error: &postgres::Error) -> bool {
    let text = error.to_string();
    text.starts_with("error deserializing") || text.starts_with("query returned")
}

fn told(error: &postgres::Error) -> String {
    use std::error::Error;
    match (error.as_db_error(), error.source()) {
        (Some(reported), _) => told_by(reported),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}

fn told_by(reported: &DbError) -> String {
    format!("{} {}: {}", reported.severity(), reported.code().code(), reported.message())
}
