//! A user's own fold of a log, in memory.

use leadfold_store::{Blocking, Checkpoint, EventStore, StoreError, block_on};

use crate::Stop;
use crate::projection::{Ahead, OtherLog, Page, check_log, checkpoint_at, is_of};

/// What a user makes of events, in memory.
///
/// ```
/// # use leadfold_core::Facts;
/// # use leadfold_core::machine::Kind;
/// # use leadfold_engine::{Reduce, Reduction, Stop};
/// # use leadfold_store::MemoryStore;
/// #[derive(Default)]
/// struct Wins(u64);
///
/// impl Reduce for Wins {
///     type Page = Facts;
///     fn apply(&mut self, page: &Facts) {
///         let facts = page.rows();
///         self.0 += facts.filter(|fact| fact.kind == Kind::Won).count() as u64;
///     }
/// }
///
/// let mut wins = Reduction::new(MemoryStore::new(), Wins::default());
/// wins.catch_up(&Stop::new())?;
/// assert_eq!(wins.get().0, 0);
/// # Ok::<(), leadfold_store::StoreError>(())
/// ```
pub trait Reduce {
    /// What it takes in: [`Facts`](leadfold_core::Facts), which are fast, or
    /// `Vec<`[`RecordedEvent`](leadfold_core::event::RecordedEvent)`>`, which have everything.
    type Page: Page;

    /// Takes a page in: some events, each whole, in the order of the log.
    fn apply(&mut self, page: &Self::Page);
}

/// Gives a fold the events of a log, each once.
///
/// The fold may be kept somewhere with [`checkpoint`](Self::checkpoint), and
/// [`resumed`](Self::resume) from there; to keep both together is the caller's matter. In a
/// database it is a [`Projection`](crate::Projection)'s.
#[derive(Debug)]
pub struct Reduction<L, R> {
    log: L,
    reduce: R,
    checkpoint: Checkpoint,
}

impl<L: EventStore, R: Reduce> Reduction<L, R> {
    /// A fold that begins with the first event.
    pub fn new(log: L, reduce: R) -> Self {
        Self { log, reduce, checkpoint: Checkpoint::default() }
    }

    /// A fold that has come to a checkpoint.
    ///
    /// # Errors
    /// [`ResumeError::OtherLog`] for a checkpoint that is not of this log, and when the store
    /// fails.
    pub fn resume(log: L, reduce: R, checkpoint: Checkpoint) -> Result<Self, ResumeError> {
        if is_of(&log, checkpoint)? {
            return Ok(Self { log, reduce, checkpoint });
        }
        Err(OtherLog { position: checkpoint.position }.into())
    }

    /// Takes in what the log has now, and says how far the fold has come.
    ///
    /// # Errors
    /// When the store fails; `NotFound` where the log has been set back under the fold and does not
    /// have what it stands behind. What was taken in stays; the next call goes on from there.
    pub fn catch_up(&mut self, stop: &Stop) -> Result<u64, StoreError> {
        let log: &dyn EventStore = &self.log;
        let head = Blocking(log).head()?;
        let mut pages: Ahead<'_, R::Page> = Ahead::new(log, self.checkpoint.position, head);
        while !stop.is_requested() {
            let Some((page, through)) = pages.next()? else { break };
            let checkpoint = match page.last_id() {
                Some(id) => Checkpoint { position: through, event: Some(id) },
                None => checkpoint_at(log, through)?,
            };
            // Both are of the log that we come from, if it has that event still.
            block_on(check_log(log, self.checkpoint))?;
            pages.ask();
            self.reduce.apply(&page);
            self.checkpoint = checkpoint;
        }
        block_on(check_log(log, self.checkpoint))?;
        Ok(self.checkpoint.position)
    }

    /// Takes in what the log has, and then what is appended, until somebody asks to stop. `seen`
    /// sees the fold after each catch-up.
    ///
    /// # Errors
    /// As [`Self::catch_up`].
    pub fn follow(&mut self, stop: &Stop, mut seen: impl FnMut(&R)) -> Result<u64, StoreError> {
        loop {
            let position = self.catch_up(stop)?;
            seen(&self.reduce);
            match block_on(stop.or(self.log.wait_for(position + 1))) {
                Some(head) => head?,
                None => return Ok(position),
            };
        }
    }

    /// The fold.
    pub fn get(&self) -> &R {
        &self.reduce
    }

    /// How far it has come.
    pub fn checkpoint(&self) -> Checkpoint {
        self.checkpoint
    }

    /// The fold, for good.
    pub fn into_inner(self) -> R {
        self.reduce
    }
}

/// Why a fold cannot go on from a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// The log failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The checkpoint is not of this log.
    #[error(transparent)]
    OtherLog(#[from] OtherLog),
}
