//! Which log something was made from.

use leadfold_core::EventId;
use leadfold_store::{Checkpoint, EventStore, StoreError, StoreErrorKind, block_on};

/// What was made from a log is to go on with another, or with one that has lost events since.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "expected the log that the checkpoint at position {position} is of, found another or a shorter \
     one: open the right log, or begin anew"
)]
pub struct OtherLog {
    /// How far it has come.
    pub position: u64,
}

impl From<OtherLog> for StoreError {
    fn from(error: OtherLog) -> Self {
        Self::new(StoreErrorKind::NotFound, error.to_string())
    }
}

/// The checkpoint behind the event at a position of a log.
pub(crate) fn checkpoint_at(log: &dyn EventStore, position: u64) -> Result<Checkpoint, StoreError> {
    block_on(checkpoint_behind(log, position))
}

/// Whether a log has the event that a checkpoint is behind.
pub(crate) fn is_of(log: &dyn EventStore, checkpoint: Checkpoint) -> Result<bool, StoreError> {
    match block_on(check_log(log, checkpoint)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == StoreErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The checkpoint behind the event at a position of a log.
pub(crate) async fn checkpoint_behind<L: EventStore + ?Sized>(
    log: &L,
    position: u64,
) -> Result<Checkpoint, StoreError> {
    let event = if position == 0 { None } else { event_id(log, position).await? };
    Ok(Checkpoint { position, event })
}

/// That a log has the event that a checkpoint is behind: it may be set back under who reads it.
pub(crate) async fn check_log<L: EventStore + ?Sized>(
    log: &L,
    Checkpoint { position, event }: Checkpoint,
) -> Result<(), StoreError> {
    if position == 0 {
        return Ok(());
    }
    match event_id(log, position).await {
        Ok(found) if found.is_none() || event.is_none() || found == event => Ok(()),
        Err(error) if error.kind() != StoreErrorKind::NotFound => Err(error),
        _ => Err(OtherLog { position }.into()),
    }
}

/// None where it does not read.
async fn event_id<L: EventStore + ?Sized>(
    log: &L,
    position: u64,
) -> Result<Option<EventId>, StoreError> {
    match log.event_ids(&[position]).await {
        Ok(ids) => Ok(ids.first().copied()),
        Err(error) if error.is_corrupt() => Ok(None),
        Err(error) => Err(error),
    }
}
