//! What a projection is given at a time.

use leadfold_core::Facts;
use leadfold_core::event::RecordedEvent;
use leadfold_store::{Blocking, EventStore, StoreError};

use crate::source::nothing_after;

/// A page of a log: facts or events. Nothing else is one.
pub trait Page: Sized + sealed::Sealed {
    /// The next events after a position, each whole, at most so many.
    ///
    /// # Errors
    /// When the store fails.
    fn read(
        log: Blocking<&dyn EventStore>,
        after: u64,
        events_max: usize,
    ) -> Result<Self, StoreError>;

    /// The position of the last event; none in an empty page.
    fn through(&self) -> Option<u64>;
}

/// The page after a position that is before the head, and the position of its last event.
pub(crate) fn page_after<P: Page>(
    log: Blocking<&dyn EventStore>,
    after: u64,
    events_max: usize,
) -> Result<(P, u64), StoreError> {
    let page = P::read(log, after, events_max)?;
    let through = page.through().ok_or_else(|| nothing_after(after))?;
    Ok((page, through))
}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for Facts {}
impl sealed::Sealed for Vec<RecordedEvent> {}

impl Page for Facts {
    fn read(
        log: Blocking<&dyn EventStore>,
        after: u64,
        events_max: usize,
    ) -> Result<Self, StoreError> {
        log.facts(after, events_max)
    }

    fn through(&self) -> Option<u64> {
        self.last_position()
    }
}

impl Page for Vec<RecordedEvent> {
    fn read(
        log: Blocking<&dyn EventStore>,
        after: u64,
        events_max: usize,
    ) -> Result<Self, StoreError> {
        log.events(after, events_max)
    }

    fn through(&self) -> Option<u64> {
        self.last().map(|event| event.position)
    }
}
