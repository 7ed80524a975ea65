//! What stores with a medium share, for their authors.
//!
//! An append comes to a writer as a [`Draft`]: everything is done that needs no number of the log.
//! The writer exchanges the draft's numbers with [`Numbers`], and keeps events as [`EventRow`]s
//! and facts as [`PageRow`]s. Answers come through [`Ticket`]s.
//!
//! This is no part of the contract: it may change with any version.

mod bell;
mod draft;
mod hash;
mod numbers;
mod page;
mod row;
mod thread;
mod ticket;

pub use self::bell::Bell;
pub use self::draft::{Draft, DraftNames, Lowerer};
pub use self::hash::{Folding, Map, Seeded};
pub use self::numbers::{Dictionary, Numbers, next_number};
pub use self::page::{FACTS_MAX, PageRow, damages_behind, merges};
pub use self::row::{EventRow, Placed, parse};
pub use self::thread::{answered, closed, corrupt, spawn, unknown};
pub use self::ticket::{Reply, Ticket, ticket};
