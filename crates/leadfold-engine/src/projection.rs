//! Projections of a user's own into tables of its own.

mod ahead;
mod failure;
mod origin;
mod page;
mod runner;

use std::error::Error;

use leadfold_store::{Blocking, EventStore, ProjectionStore};

pub(crate) use self::ahead::Ahead;
pub use self::failure::{Cause, Decision, Failure, RunError};
pub use self::origin::OtherLog;
pub(crate) use self::origin::{check_log, checkpoint_at, checkpoint_behind, is_of};
pub use self::page::Page;
pub(crate) use self::page::page_after;
pub use self::runner::Runner;

/// What a user makes of events, in tables of the user's own.
///
/// A [`Runner`] gives it page after page, each with a transaction that also holds the checkpoint:
/// what it writes is there exactly once, however often the runner dies. So it keeps nothing beside
/// the tables, which is why it is only borrowed.
///
/// It is generic over the store that it writes to, because SQL is written for a database:
///
/// ```
/// # use leadfold_core::Facts;
/// # use leadfold_core::machine::Kind;
/// # use leadfold_engine::{Projection, Runner, Stop};
/// # use leadfold_store::{Blocking, EventStore, MemoryProjections, MemoryStore};
/// /// How many leads were captured and won; in memory, where the tables are one value.
/// struct Totals;
///
/// impl Projection<MemoryProjections<(u64, u64)>> for Totals {
///     type Page = Facts;
///     type Error = std::convert::Infallible;
///     const NAME: &'static str = "totals";
///     const VERSION: u32 = 1;
///     const TABLES: &'static [&'static str] = &["totals"];
///
///     fn create(&self, _: &mut (u64, u64)) -> Result<(), Self::Error> {
///         Ok(())
///     }
///
///     fn apply(
///         &self,
///         page: &Facts,
///         _: Blocking<&dyn EventStore>,
///         totals: &mut (u64, u64),
///     ) -> Result<(), Self::Error> {
///         for fact in page.rows() {
///             totals.0 += u64::from(fact.kind == Kind::Captured);
///             totals.1 += u64::from(fact.kind == Kind::Won);
///         }
///         Ok(())
///     }
/// }
///
/// let mut runner = Runner::open(MemoryStore::new(), MemoryProjections::default(), Totals)?;
/// assert_eq!(runner.catch_up(&Stop::new())?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Projection<S: ProjectionStore> {
    /// What it takes in: [`Facts`](leadfold_core::Facts), which are fast, or
    /// `Vec<`[`RecordedEvent`](leadfold_core::event::RecordedEvent)`>`, which have everything.
    type Page: Page;
    /// Why it cannot take something in.
    type Error: Error + Send + Sync + 'static;
    /// Its name: `a` to `z`, digits and `_`, at most 24 of them.
    const NAME: &'static str;
    /// Counted up whenever it makes something else of the same events. A new version gets tables
    /// of its own beside the old one's.
    const VERSION: u32;
    /// The names of its tables, without its own name.
    const TABLES: &'static [&'static str];

    /// Makes its tables, in the transaction in which it is made known.
    ///
    /// # Errors
    /// Why it cannot.
    fn create(&self, batch: &mut S::Batch<'_>) -> Result<(), Self::Error>;

    /// Takes a page in: some events, each whole, in order, at least one. `log` looks up what facts
    /// have numbers for, such as strings and leads.
    ///
    /// # Errors
    /// Why it cannot. Nothing of the page is kept then, and [`decide`](Self::decide) says what
    /// becomes of the event that it was. A failure of the database is known by the error or one of
    /// its sources, and does not come to that.
    fn apply(
        &self,
        page: &Self::Page,
        log: Blocking<&dyn EventStore>,
        batch: &mut S::Batch<'_>,
    ) -> Result<(), Self::Error>;

    /// What becomes of an event that could not be read or taken in. It stops the runner, unless
    /// the projection says otherwise.
    fn decide(&self, failure: &Failure<Self::Error>) -> Decision {
        let _ = failure;
        Decision::Stop
    }
}
