//! What a projection is given at a time.

use leadfold_core::event::RecordedEvent;
use leadfold_core::{EventId, Facts};
use leadfold_store::{EventStore, StoreError, StoreFuture, block_on};

use crate::source::nothing_after;

/// A page of a log: facts or events. Nothing else is one.
pub trait Page: Sized + sealed::Sealed {
    /// How many of them are asked for while the one before is folded. Pages read ahead have to say
    /// themselves which event ends them: asked later, the log may be another one by then.
    #[doc(hidden)]
    const AHEAD: usize;

    /// The next events after a position, each whole, at most so many.
    ///
    /// # Errors
    /// When the store fails.
    fn read(log: &dyn EventStore, after: u64, events_max: usize) -> StoreFuture<'_, Self>;

    /// The position of the last event; none in an empty page.
    fn through(&self) -> Option<u64>;

    /// The last event, where the page tells.
    #[doc(hidden)]
    fn last_id(&self) -> Option<EventId>;
}

/// The page after a position that is before the head, and the position of its last event.
pub(crate) fn page_after<P: Page>(
    log: &dyn EventStore,
    after: u64,
    events_max: usize,
) -> Result<(P, u64), StoreError> {
    awaited(P::read(log, after, events_max), after)
}

/// A page that has been asked for, and the position of its last event.
pub(super) fn awaited<P: Page>(
    page: StoreFuture<'_, P>,
    after: u64,
) -> Result<(P, u64), StoreError> {
    let page = block_on(page)?;
    let through = page.through().ok_or_else(|| nothing_after(after))?;
    Ok((page, through))
}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for Facts {}
impl sealed::Sealed for Vec<RecordedEvent> {}

impl Page for Facts {
    const AHEAD: usize = 0;

    fn read(log: &dyn EventStore, after: u64, events_max: usize) -> StoreFuture<'_, Self> {
        log.facts(after, events_max)
    }

    fn through(&self) -> Option<u64> {
        self.last_position()
    }

    fn last_id(&self) -> Option<EventId> {
        None
    }
}

impl Page for Vec<RecordedEvent> {
    /// Stores have two threads that read, and to read an event takes longer than most folds do with
    /// it.
    const AHEAD: usize = 2;

    fn read(log: &dyn EventStore, after: u64, events_max: usize) -> StoreFuture<'_, Self> {
        log.events(after, events_max)
    }

    fn through(&self) -> Option<u64> {
        self.last().map(|event| event.position)
    }

    fn last_id(&self) -> Option<EventId> {
        self.last().map(|event| event.id)
    }
}
