//! A log of leadfold in one SQLite file.
//!
//! One thread writes: it commits everything that waits in one transaction, and answers after the
//! commit. A few threads read, each from a consistent snapshot. Several processes may share a
//! file. The table `event` is the log; every other table can be deleted and rebuilt from it.

mod derived;
mod error;
mod listener;
mod options;
mod page;
mod pool;
mod projections;
mod read;
mod row;
mod schema;
mod segment;
mod snapshot;
mod store;
mod verify;
mod wal;
mod writer;

pub use self::options::{Durability, Options};
pub use self::projections::{SqliteBatch, SqliteProjections};
pub use self::store::SqliteStore;
pub use rusqlite;
