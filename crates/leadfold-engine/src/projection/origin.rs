//! Which log something was made from.

use leadfold_core::EventId;
use leadfold_store::{Blocking, Checkpoint, EventStore, StoreError, StoreErrorKind};

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

/// The checkpoint behind the event at a position of a log.
pub(crate) fn checkpoint_at(log: &dyn EventStore, position: u64) -> Result<Checkpoint, StoreError> {
    Ok(Checkpoint { position, event: event_id(log, position)? })
}

/// Whether a log has the event that a checkpoint is behind.
pub(crate) fn is_of(
    log: &dyn EventStore,
    Checkpoint { position, event }: Checkpoint,
) -> Result<bool, StoreError> {
    if position == 0 {
        return Ok(true);
    }
    match event_id(log, position) {
        Ok(found) => Ok(found.is_none() || event.is_none() || found == event),
        Err(error) if error.kind() == StoreErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// None where it does not read.
fn event_id(log: &dyn EventStore, position: u64) -> Result<Option<EventId>, StoreError> {
    match Blocking(log).event_ids(&[position]) {
        Ok(ids) => Ok(ids.first().copied()),
        Err(error) if error.is_corrupt() => Ok(None),
        Err(error) => Err(error),
    }
}
