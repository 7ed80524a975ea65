//! What every store of projections must do, clause by clause, driven by the engine's runner.
//!
//! An adapter says how its medium is opened, and how a table in it is written and read
//! ([`Medium`]); [`projection_tests!`](crate::projection_tests) makes one test of each clause. The
//! projection of the clauses notes down every position that it is given, so that an event that is
//! skipped or taken in twice is seen.

mod clauses;
mod crash;
mod list;
mod noting;
mod spoiled;

use leadfold_store::{ProjectionId, ProjectionStore};

pub use self::crash::{Crashing, Fuse};
pub use self::list::{CLAUSES, run};

/// Where a store keeps its tables, and one table that the clauses write to: `entry`, of one column
/// of positions, with nothing that keeps it from holding a position twice.
pub trait Medium: Sync {
    /// The store.
    type Store: ProjectionStore;

    /// Opens it; each call opens the same tables. It breaks off where the fuse has burnt down,
    /// which [`Crashing`] does.
    fn open(&self, fuse: &Fuse) -> Self::Store;

    /// Makes the table.
    ///
    /// # Panics
    /// Where it cannot, as all of these.
    fn make(batch: &mut <Self::Store as ProjectionStore>::Batch<'_>);

    /// Notes a position down.
    fn note(batch: &mut <Self::Store as ProjectionStore>::Batch<'_>, position: u64);

    /// What a version has noted down, sorted; of none, what readers see.
    fn noted(&self, version: Option<&ProjectionId>) -> Vec<u64>;
}
