//! One row an event, each with a checksum over all of it.

use std::fmt;

use leadfold_core::event::{Event, EventLine, RecordedEvent};
use leadfold_core::{EventId, LeadIndex, Timestamp};

use super::corrupt;
use crate::StoreError;

/// Where an event is: in the log, in its lead's stream, and behind which event of that stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Placed {
    /// From 1.
    pub position: u64,
    /// Its lead.
    pub lead: LeadIndex,
    /// From 1; 0 without a lead.
    pub sequence: u64,
    /// Position of the event before it in its stream, 0 if it is the first.
    pub previous: u64,
}

impl Placed {
    /// That an event of a log that is derived anew, in its order, is where it was; but for the number
    /// of its lead where that may be another, because an older lowering named other leads.
    ///
    /// # Errors
    /// `Corrupt` where it is not: an event before it is missing.
    pub fn check_same(self, was: Self, may_renumber: bool) -> Result<(), StoreError> {
        let lead = if may_renumber { self.lead } else { was.lead };
        if self == (Self { lead, ..was }) {
            return Ok(());
        }
        Err(corrupt(format!(
            "expected the event at position {} to be at position {}, found otherwise: \
             an event before it is missing; restore the store from a backup",
            was.position, self.position
        )))
    }
}

/// A row, with its body as text: of its own, or where the database has it.
///
/// `Debug` leaves the body out: it may hold personal data.
pub struct EventRow<B = String> {
    /// Where it is.
    pub placed: Placed,
    /// When it became known.
    pub recorded_at: Timestamp,
    /// Its id.
    pub id: EventId,
    /// Its canonical JSON.
    pub body: B,
}

impl<B> fmt::Debug for EventRow<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { placed, id, .. } = self;
        f.debug_struct("EventRow").field("placed", placed).field("id", id).finish_non_exhaustive()
    }
}

impl EventRow {
    /// Hands out everything that a checksum covers.
    pub fn feed(
        placed: Placed,
        recorded_at: Timestamp,
        id: EventId,
        body: &str,
        mut take: impl FnMut(&[u8]),
    ) {
        take(&placed.position.to_le_bytes());
        take(&placed.lead.0.to_le_bytes());
        take(&placed.sequence.to_le_bytes());
        take(&placed.previous.to_le_bytes());
        take(&recorded_at.micros().to_le_bytes());
        take(id.0.as_bytes());
        take(body.as_bytes());
    }
}

impl<B: AsRef<str>> EventRow<B> {
    /// The row, if its checksum was right.
    ///
    /// # Errors
    /// `Corrupt` if it was not.
    pub fn checked(self, is_sound: bool) -> Result<Self, StoreError> {
        if is_sound {
            return Ok(self);
        }
        Err(corrupt(format!(
            "the event at position {} is damaged: expected another checksum; \
             verify the store and restore it from a backup",
            self.placed.position
        )))
    }

    /// The event that the body says.
    ///
    /// # Errors
    /// `Corrupt` where it says none.
    pub fn event(&self) -> Result<Event, StoreError> {
        parse(self.body.as_ref(), self.placed.position)
    }

    /// The event with its place.
    ///
    /// # Errors
    /// As [`EventRow::event`].
    pub fn into_recorded(self) -> Result<RecordedEvent, StoreError> {
        let event = self.event()?;
        let Self { placed: Placed { position, sequence, .. }, recorded_at, id, .. } = self;
        Ok(RecordedEvent { position, sequence, id, recorded_at, event })
    }

    /// The row with a body of its own.
    pub fn into_owned(self) -> EventRow {
        let Self { placed, recorded_at, id, body } = self;
        EventRow { placed, recorded_at, id, body: body.as_ref().to_owned() }
    }
}

/// The event that a body says, which has or gets a position.
///
/// # Errors
/// `Corrupt` where it says none.
pub fn parse(body: &str, position: u64) -> Result<Event, StoreError> {
    EventLine::parse(body.as_bytes()).map(|line| line.event).map_err(|error| {
        corrupt(format!(
            "the event at position {position} does not read: {error}; \
             open the store with the version of leadfold that wrote it, or restore it"
        ))
    })
}
