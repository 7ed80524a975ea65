//! What is handed to a log, and what comes back.

use leadfold_core::event::NewEvent;
use leadfold_core::{LeadId, Timestamp};

use crate::{IdempotencyConflict, InvalidEvent, Query, Unless};

/// Events to be appended together.
///
/// ```
/// # use leadfold_core::{LeadId, Timestamp};
/// # use leadfold_store::{Append, Mode};
/// let append = Append::new(Vec::new(), Timestamp::from_micros(0));
/// assert_eq!(append.mode, Mode::AllOrNothing);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Append {
    /// The events, in the order that they shall have in the log.
    pub events: Vec<NewEvent>,
    /// How long the streams of these leads must be for the append to be valid.
    pub expected: Vec<Expected>,
    /// How large a family must be for the append to be valid.
    pub family: Option<ExpectedFamily>,
    /// What must not have happened for the append to be valid.
    pub unless: Vec<Unless>,
    /// `recorded_at` of the events that bring none: a store never reads a clock.
    pub recorded_at: Timestamp,
    /// What the refusal of one event means for the others.
    pub mode: Mode,
}

impl Append {
    /// Events without expectations, all or nothing.
    pub fn new(events: Vec<NewEvent>, recorded_at: Timestamp) -> Self {
        let (expected, family, unless) = (Vec::new(), None, Vec::new());
        Self { events, expected, family, unless, recorded_at, mode: Mode::AllOrNothing }
    }

    /// Adds the expectation that a lead has exactly `sequence` events (0: none yet).
    #[must_use]
    pub fn expecting(mut self, lead: LeadId, sequence: u64) -> Self {
        self.expected.push(Expected { lead, sequence });
        self
    }

    /// Adds the expectation that nobody has appended to a family, nor merged a lead into it.
    #[must_use]
    pub fn expecting_family(mut self, family: ExpectedFamily) -> Self {
        self.family = Some(family);
        self
    }

    /// Adds the condition that no event behind a position matches a query.
    ///
    /// It costs the reading of what was appended since, so the position had better be a late one.
    #[must_use]
    pub fn unless(mut self, matching: Query, after: u64) -> Self {
        self.unless.push(Unless { matching, after });
        self
    }

    /// Adds the expectation that the log ends at a position: that nobody has appended anything.
    #[must_use]
    pub fn expecting_head(self, position: u64) -> Self {
        self.unless(Query::of_all_tenants(), position)
    }

    /// Refuses events one by one and takes the others.
    #[must_use]
    pub fn refusing_singly(mut self) -> Self {
        self.mode = Mode::RefuseSingly;
        self
    }
}

/// The sequence that a lead's last event is expected to have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Expected {
    /// The lead.
    pub lead: LeadId,
    /// Sequence of its last event, 0 if it has none.
    pub sequence: u64,
}

/// The size that a family is expected to have: what merges have connected, as
/// [`EventStore::family`](crate::EventStore::family) tells it. A family only ever grows, so one of
/// the same size is the same.
///
/// A merge stands in the stream of the lead that is merged: an expectation of sequences in the
/// family that it is merged into does not notice it. This one does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExpectedFamily {
    /// The leads whose family it is, of several the families together. One that the log does not
    /// know has none.
    pub of: Vec<LeadId>,
    /// How many leads it has.
    pub leads: u64,
    /// How many events these have together.
    pub events: u64,
}

/// What it means for a batch that one of its events has the id of another event, or does not read
/// back from its own JSON as itself.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Mode {
    /// The append is refused and changes nothing.
    #[default]
    AllOrNothing,
    /// That event is refused and reported; the others go in. For imports.
    RefuseSingly,
}

/// What became of an append.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Appended {
    /// One outcome for each event, in the order of [`Append::events`].
    pub outcomes: Vec<Outcome>,
    /// Position of the log's last event after the append.
    pub head: u64,
}

/// What became of one event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It is in the log now.
    Appended {
        /// Its place in the log.
        position: u64,
        /// Its place in its lead's stream, 0 without a lead.
        sequence: u64,
    },
    /// It was in the log already, with the same content; nothing was done.
    Duplicate {
        /// Its place in the log.
        position: u64,
        /// Its place in its lead's stream, 0 without a lead.
        sequence: u64,
    },
    /// Its id belongs to another event ([`Mode::RefuseSingly`] only).
    Refused(IdempotencyConflict),
    /// It does not read back from its own JSON as itself ([`Mode::RefuseSingly`] only).
    Invalid(InvalidEvent),
}

impl Outcome {
    /// Where the event is in the log, if it is there.
    pub fn position(&self) -> Option<u64> {
        match self {
            Self::Appended { position, .. } | Self::Duplicate { position, .. } => Some(*position),
            Self::Refused(_) | Self::Invalid(_) => None,
        }
    }
}
