//! A log of leadfold in one schema of a PostgreSQL database.
//!
//! One thread a store writes: it judges and commits everything that waits in one transaction, and
//! answers after the commit. Positions are given inside that transaction, under a lock that the
//! writers of all processes take in turns, so they have no gaps. A few threads read, each from a
//! consistent snapshot, and never wait for a writer. The table `event` is the log; every other
//! table can be deleted and rebuilt from it.

mod connection;
mod error;
mod options;
mod page;
mod pool;
mod projections;
mod read;
mod row;
mod schema;
mod store;
mod verify;
mod wait;
mod writer;

pub use self::connection::Server;
pub use self::options::{Durability, Options};
pub use self::projections::{PostgresBatch, PostgresProjections};
pub use self::store::PostgresStore;
pub use postgres;
