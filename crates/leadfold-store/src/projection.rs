//! Where projections keep their tables and how far they have come.

mod memory;
mod name;

use std::error::Error;

use leadfold_core::EventId;

pub use self::memory::MemoryProjections;
pub use self::name::{ProjectionId, check_tables};
use crate::StoreError;

/// How far a projection has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Checkpoint {
    /// The position of the last event that it has taken in, 0 before the first.
    pub position: u64,
    /// The id of that event, by which its log is known again; none before the first event, and
    /// where it could not be read.
    pub event: Option<EventId>,
}

/// A version of a projection, as its store knows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProjectionState {
    /// Which.
    pub id: ProjectionId,
    /// How far it has come.
    pub checkpoint: Checkpoint,
    /// Whether readers see this version.
    pub is_live: bool,
}

/// An event that a projection has left out, because somebody decided so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Skipped {
    /// Its position.
    pub position: u64,
    /// Why it could not be taken in.
    pub reason: String,
}

/// What a transaction does beside the projection's own writing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// How far the projection has come with it.
    pub to: Checkpoint,
    /// The event that it leaves out.
    pub skipped: Option<Skipped>,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Advance {
    /// It is done, the writing and the checkpoint together.
    Done,
    /// The projection was not where the step began: another runner was faster. Nothing was done.
    Moved(Checkpoint),
}

/// What became of the wish to let readers see another version.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Swap {
    /// They see it.
    Done,
    /// It has not come as far as the one that they see. Nothing was done.
    Behind {
        /// Where it is.
        position: u64,
        /// Where the one is that they see.
        live: u64,
    },
}

/// Tables of projections, in a database of whatever kind.
///
/// What a projection writes and how far it has come are one transaction. The port gives no way to
/// have the one without the other: [`advance`](Self::advance) hands out the transaction, and writes
/// the checkpoint itself before it commits.
///
/// Each version of a projection has tables of its own. Readers use the names without a version,
/// which stand for the version that is live; [`promote`](Self::promote) changes that at once for
/// all tables. The first version is live from its beginning.
///
/// Calls block. A runner has a thread of its own; there may be several for one projection, in
/// several processes, and then they take turns.
pub trait ProjectionStore {
    /// A transaction as a projection writes to it.
    type Batch<'t>;

    /// All versions of a projection, in their order.
    ///
    /// # Errors
    /// When the store fails.
    fn states(&mut self, name: &str) -> Result<Vec<ProjectionState>, StoreError>;

    /// Where a version is. If the store does not know it, its tables are made, at position 0, in
    /// one transaction; `tables` are their names without name and version of the projection.
    ///
    /// # Errors
    /// When the store or `make` fails; nothing was made then.
    fn create<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut Self::Batch<'_>) -> Result<(), E>,
    ) -> Result<Checkpoint, E>;

    /// One transaction: if the version is at `from`, `work` writes and says how far it has come
    /// with that, and both are committed together.
    ///
    /// # Errors
    /// When the store or `work` fails. Nothing was done then, unless the store failed at the end
    /// of the commit; [`states`](Self::states) tells. It is the store's failure, whatever `work`
    /// says, when the transaction did not last until the end of `work`.
    fn advance<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        from: Checkpoint,
        work: impl FnOnce(&mut Self::Batch<'_>) -> Result<Step, E>,
    ) -> Result<Advance, E>;

    /// Deletes a version's tables and makes them anew, at position 0, in one transaction.
    ///
    /// # Errors
    /// `NotFound` for a version that is not there, and as [`create`](Self::create).
    fn reset<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut Self::Batch<'_>) -> Result<(), E>,
    ) -> Result<(), E>;

    /// Lets readers see a version, if it has come as far as the one that they see.
    ///
    /// # Errors
    /// `NotFound` for a version that is not there, and when the store fails.
    fn promote(&mut self, id: &ProjectionId) -> Result<Swap, StoreError>;

    /// Lets readers see a version wherever it is: the way back after a promotion. Says where it is.
    ///
    /// # Errors
    /// `NotFound` for a version that is not there, and when the store fails.
    fn roll_back(&mut self, id: &ProjectionId) -> Result<Checkpoint, StoreError>;

    /// Deletes a version that readers do not see, with its tables.
    ///
    /// # Errors
    /// `NotFound` for a version that is not there, `InUse` for one that readers see, and when the
    /// store fails.
    fn remove(&mut self, id: &ProjectionId) -> Result<(), StoreError>;

    /// The events that a version has left out.
    ///
    /// # Errors
    /// When the store fails.
    fn skipped(&mut self, id: &ProjectionId) -> Result<Vec<Skipped>, StoreError>;

    /// What an error of a projection, or one of its sources, says about the database itself: that
    /// it is busy, full or failing. None where it is about what the projection has written, which
    /// is the event's matter.
    fn own_failure(&self, error: &(dyn Error + 'static)) -> Option<StoreError> {
        let _ = error;
        None
    }
}

impl<S: ProjectionStore + ?Sized> ProjectionStore for &mut S {
    type Batch<'t> = S::Batch<'t>;

    fn states(&mut self, name: &str) -> Result<Vec<ProjectionState>, StoreError> {
        (**self).states(name)
    }
    fn create<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut Self::Batch<'_>) -> Result<(), E>,
    ) -> Result<Checkpoint, E> {
        (**self).create(id, tables, make)
    }
    fn advance<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        from: Checkpoint,
        work: impl FnOnce(&mut Self::Batch<'_>) -> Result<Step, E>,
    ) -> Result<Advance, E> {
        (**self).advance(id, from, work)
    }
    fn reset<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut Self::Batch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        (**self).reset(id, tables, make)
    }
    fn promote(&mut self, id: &ProjectionId) -> Result<Swap, StoreError> {
        (**self).promote(id)
    }
    fn roll_back(&mut self, id: &ProjectionId) -> Result<Checkpoint, StoreError> {
        (**self).roll_back(id)
    }
    fn remove(&mut self, id: &ProjectionId) -> Result<(), StoreError> {
        (**self).remove(id)
    }
    fn skipped(&mut self, id: &ProjectionId) -> Result<Vec<Skipped>, StoreError> {
        (**self).skipped(id)
    }
    fn own_failure(&self, error: &(dyn Error + 'static)) -> Option<StoreError> {
        (**self).own_failure(error)
    }
}
