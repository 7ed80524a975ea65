//! What every event store of leadfold promises, and the smallest store that keeps it.
//!
//! One log: gapless positions, one writer at a time, all or nothing for a batch, idempotent by
//! event id, guarded by expected sequences of leads. [`EventStore`] is asynchronous without a
//! runtime; [`Blocking`] is the same for plain code. A store never reads a clock.

pub mod adapter;
mod append;
mod batch;
mod block;
mod capabilities;
mod damage;
mod error;
mod lead;
mod memory;
mod progress;
mod projection;
mod query;
mod snapshot;
mod store;

pub use self::append::{Append, Appended, Expected, ExpectedFamily, Mode, Outcome};
pub use self::batch::{Batch, Prepared, Recorded, Verdict};
pub use self::block::{Blocking, block_on, block_on_for};
pub use self::capabilities::{Capabilities, Notices, Survives};
pub use self::damage::{Damage, Damaged, Damages};
pub use self::error::{
    AppendError, FamilyConflict, IdempotencyConflict, InvalidEvent, StoreError, StoreErrorKind,
    UnlessConflict, VersionConflict,
};
pub use self::lead::LeadEntry;
pub use self::memory::MemoryStore;
pub use self::progress::Progress;
pub use self::projection::{
    Advance, Checkpoint, MemoryProjections, ProjectionId, ProjectionState, ProjectionStore,
    Skipped, Step, Swap, check_tables,
};
pub use self::query::{Matches, Query, Unless};
pub use self::snapshot::{KeptSnapshot, Snapshot};
pub use self::store::{EventStore, StoreFuture};
