//! Drives the pure core over a store.
//!
//! - [`Engine::handle`] decides a command on a lead's events and appends what came of it, retried
//!   when somebody else was faster.
//! - [`View`] folds the log into tables and catches up with it at the cost of the new events; on
//!   several threads by [`View::catch_up_on`].
//! - [`View::restore`] begins where a snapshot stands that [`View::keep_snapshot`] has left.
//! - A [`Runner`] gives a user's own [`Projection`] the events of a log, each exactly once.
//! - A [`Reduction`] gives them to a user's own fold in memory.
//! - [`claim`] records that somebody acts on what is due, once.
//! - [`load_case`] loads one lead at the cost of its own events.
//! - [`resolve`] finds the playbook under which a log is read, and [`versions()`] all that it has.
//! - [`Names`] turns the codes in tables back into strings.
//!
//! Everything is asynchronous without a runtime; `leadfold_store::block_on` waits for it.

mod effects;
mod engine;
mod names;
mod parallel;
mod projection;
mod reduction;
mod snapshot;
mod source;
mod stop;
mod versions;
mod view;

pub use self::effects::{Claim, claim};
pub use self::engine::{Attempt, Engine, HandleError, Handled};
pub use self::names::Names;
pub use self::parallel::Watch;
pub use self::projection::{
    Cause, Decision, Failure, OtherLog, Page, Projection, RunError, Runner,
};
pub use self::reduction::{Reduce, Reduction, ResumeError};
pub use self::snapshot::{Distrust, Restored, Sample};
pub use self::stop::Stop;
pub use self::versions::{Resolved, in_force, resolve, versions};
pub use self::view::{FACTS_EVENTS_MAX, LoadedCase, View, load_case, load_case_for, replay};
