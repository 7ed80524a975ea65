//! Drives the pure core over a store.
//!
//! - [`Engine::handle`] decides a command on a lead's events and appends what came of it, retried
//!   when somebody else was faster.
//! - [`View`] folds the log into tables and catches up with it at the cost of the new events; on
//!   several threads by [`View::catch_up_on`].
//! - [`load_case`] loads one lead at the cost of its own events.
//! - [`resolve`] finds the playbook under which a log is read, and [`versions()`] all that it has.
//! - [`Names`] turns the codes in tables back into strings.
//!
//! Everything is asynchronous without a runtime; `leadfold_store::block_on` waits for it.

mod engine;
mod names;
mod parallel;
mod source;
mod versions;
mod view;

pub use self::engine::{Attempt, Engine, HandleError, Handled};
pub use self::names::Names;
pub use self::parallel::Watch;
pub use self::versions::{Resolved, in_force, resolve, versions};
pub use self::view::{FACTS_EVENTS_MAX, LoadedCase, View, load_case, replay};
