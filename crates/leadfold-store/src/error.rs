//! Why a store refused or failed: what was expected, what was found, what to do.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use leadfold_core::event::LineError;
use leadfold_core::{DecodeError, EventId, LeadId};

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// A lead's stream is not as long as expected.
    #[error(transparent)]
    VersionConflict(#[from] VersionConflict),
    /// A family is not as large as expected.
    #[error(transparent)]
    FamilyConflict(#[from] FamilyConflict),
    /// Something has happened that the decision depends on.
    #[error(transparent)]
    UnlessConflict(#[from] UnlessConflict),
    /// An id that belongs to another event.
    #[error(transparent)]
    IdempotencyConflict(#[from] IdempotencyConflict),
    /// An event that could not be read back from its canonical form.
    #[error(transparent)]
    Invalid(#[from] InvalidEvent),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AppendError {
    /// Whether the log has moved under the caller: read, decide and append again.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::VersionConflict(_) | Self::FamilyConflict(_) | Self::UnlessConflict(_))
    }

    /// Whether the same append may succeed later, unchanged.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable())
    }
}

/// A lead's stream is not as long as expected.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "lead {lead} has moved: expected {expected} events, found {actual}; \
     read the lead again, decide again, and append with expected = {actual}"
)]
pub struct VersionConflict {
    /// The lead.
    pub lead: LeadId,
    /// Sequence that its last event was expected to have.
    pub expected: u64,
    /// Sequence that its last event has, 0 if it has none.
    pub actual: u64,
}

/// A family is not as large as expected: somebody has appended to it, or merged a lead into it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the family has moved: expected {expected_leads} leads with {expected_events} events, found \
     {actual_leads} with {actual_events}; read the family again, decide again, and append"
)]
pub struct FamilyConflict {
    /// How many leads were expected.
    pub expected_leads: u64,
    /// How many events were expected.
    pub expected_events: u64,
    /// How many leads there are.
    pub actual_leads: u64,
    /// How many events there are.
    pub actual_events: u64,
}

/// An event matches that must not: somebody has appended it since the log was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the log has moved: expected no event that matches behind position {after}, found {}; \
     read on from there, decide again, and append with after = {head}",
    Matched(*position, *head)
)]
pub struct UnlessConflict {
    /// The position that was read up to.
    pub after: u64,
    /// Position of the first event that matches; none if the log has not come so far at all.
    pub position: Option<u64>,
    /// Position of the last event.
    pub head: u64,
}

struct Matched(Option<u64>, u64);

impl fmt::Display for Matched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(Some(position), _) => write!(f, "one at position {position}"),
            Self(None, head) => write!(f, "a log that ends at position {head}"),
        }
    }
}

/// An id that belongs to another event.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "event {id} (index {index} of the append) differs from the event with the same id {}: \
     send the same content for a retry, or give the event an id of its own",
    Other(*position)
)]
pub struct IdempotencyConflict {
    /// Index of the event in the append.
    pub index: usize,
    /// The id.
    pub id: EventId,
    /// Position of the event that has the id; none if it is in the same, refused append.
    pub position: Option<u64>,
}

struct Other(Option<u64>);

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(position) => write!(f, "at position {position}"),
            None => f.write_str("earlier in the same append"),
        }
    }
}

/// An event that could not be read back from its canonical form, so a log must not hold it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidEvent {
    /// Index of the event in the append.
    pub index: usize,
    /// Its id.
    pub id: EventId,
    /// Why its content is no event; none if it reads, but as another event.
    pub reason: Option<LineError>,
}

impl fmt::Display for InvalidEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, id, reason } = self;
        write!(f, "event {id} (index {index} of the append) is not valid: ")?;
        match reason {
            Some(reason) => reason.fmt(f),
            None => f.write_str(
                "expected its JSON to read as the same event, found another; give known types \
                 version 1 and known data, and unknown fields names that the format does not have",
            ),
        }
    }
}

impl Error for InvalidEvent {}

/// A failure of the store itself.
#[derive(Clone, Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    message: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl StoreError {
    /// A failure. The message says what was expected, what was found and what to do.
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// The same with the error behind it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// The kind, for programs.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Whether the same call may succeed later, unchanged.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, StoreErrorKind::Busy | StoreErrorKind::Unreachable)
    }

    /// Whether stored data is damaged.
    pub fn is_corrupt(&self) -> bool {
        self.kind == StoreErrorKind::Corrupt
    }

    /// Whether there is no room left.
    pub fn is_full(&self) -> bool {
        self.kind == StoreErrorKind::Full
    }
}

impl From<DecodeError> for StoreError {
    fn from(error: DecodeError) -> Self {
        Self::new(StoreErrorKind::Corrupt, error.to_string()).because(error)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as &(dyn Error + 'static))
    }
}

/// What kind of failure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Somebody else is writing; try again.
    Busy,
    /// The store has been closed, or has closed itself after a failure; open it again.
    Closed,
    /// Stored data is damaged; verify, then rebuild or restore.
    Corrupt,
    /// Not a store of leadfold.
    Foreign,
    /// No room left.
    Full,
    /// Readers use what was to be removed.
    InUse,
    /// The medium failed.
    Io,
    /// Written by a newer version of leadfold.
    Newer,
    /// A code, a position or a lead that this log does not have.
    NotFound,
    /// Anything else: a bug.
    Other,
    /// The server does not answer. What was asked may have been done; ask again, unchanged.
    Unreachable,
}
