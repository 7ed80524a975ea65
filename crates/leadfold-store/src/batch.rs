//! What every store does with an append before it touches its medium, written once.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;

use leadfold_core::event::{Event, EventLine, LINE_BYTES_MAX, LineError, NewEvent};
use leadfold_core::{EventId, LeadId, TimeError, Timestamp};

use crate::{
    Append, AppendError, Expected, ExpectedFamily, FamilyConflict, IdempotencyConflict,
    InvalidEvent, Mode, Outcome, StoreError, Unless, UnlessConflict,
};

/// An append that has been checked and written out, for authors of stores.
#[derive(Debug)]
pub struct Batch {
    /// One for each event of the append, in its order.
    pub events: Vec<Prepared>,
    /// The expectations of single leads.
    pub expected: Vec<Expected>,
    /// The expectation of a family.
    pub family: Option<ExpectedFamily>,
    /// What must not have happened.
    pub unless: Vec<Unless>,
    /// What the refusal of one event means for the others.
    pub mode: Mode,
}

/// What a store needs to know of an event to judge it and to keep it.
///
/// `Debug` leaves the content out: it may hold personal data.
pub struct Prepared {
    /// Its id.
    pub id: EventId,
    /// When it became known.
    pub recorded_at: Timestamp,
    /// The identity of its lead.
    pub lead: Option<LeadId>,
    /// Its canonical JSON; nothing if it is invalid.
    pub content: String,
    /// Index of the first event of the batch with the same id, if that is another.
    pub twin: Option<usize>,
    /// Why it cannot be kept ([`Mode::RefuseSingly`] only).
    pub invalid: Option<Box<InvalidEvent>>,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("id", &self.id)
            .field("lead", &self.lead)
            .field("twin", &self.twin)
            .field("invalid", &self.invalid)
            .finish_non_exhaustive()
    }
}

/// What a log has under an id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Recorded {
    /// Its position.
    pub position: u64,
    /// Its sequence.
    pub sequence: u64,
    /// Whether its content is the same.
    pub is_same: bool,
}

/// What is to become of an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It is new.
    New,
    /// The log has it.
    Known(Recorded),
    /// An earlier event of the batch, which is new, has its id.
    Twin {
        /// Index of the earlier event.
        index: usize,
        /// Whether the content is the same.
        is_same: bool,
    },
    /// It cannot be kept.
    Invalid,
}

impl Batch {
    /// Checks that every event reads back from its canonical form as itself, so that nothing
    /// gets into a log that cannot get out. Gives the events back beside what it made of them, in
    /// the same order: a store drops them as soon as it has lowered them.
    ///
    /// # Errors
    /// [`AppendError::Invalid`] when all or nothing is asked for.
    pub fn prepare(append: Append) -> Result<(Self, Vec<Event>), AppendError> {
        let Append { events, expected, family, unless, recorded_at, mode } = append;
        let mut first = HashMap::with_capacity(events.len());
        let mut prepared = Vec::with_capacity(events.len());
        let mut kept = Vec::with_capacity(events.len());
        for (index, new) in events.into_iter().enumerate() {
            let event = Prepared::new(&new, recorded_at, index);
            if let Some(invalid) = event.invalid.as_deref().filter(|_| mode == Mode::AllOrNothing) {
                return Err(invalid.clone().into());
            }
            // What cannot be kept does not take its id from another.
            let twin = match event.invalid {
                None => *first.entry(new.id).or_insert(index),
                Some(_) => index,
            };
            prepared.push(Prepared { twin: (twin != index).then_some(twin), ..event });
            kept.push(new.event);
        }
        Ok((Self { events: prepared, expected, family, unless, mode }, kept))
    }

    /// Decides on every event, given what the log has under the id of the event at an index.
    ///
    /// # Errors
    /// [`AppendError::IdempotencyConflict`] when all or nothing is asked for, or what the log
    /// fails with.
    pub fn judge(
        &self,
        mut recorded: impl FnMut(usize) -> Result<Option<Recorded>, StoreError>,
    ) -> Result<Vec<Verdict>, AppendError> {
        let mut verdicts = Vec::with_capacity(self.events.len());
        for (index, event) in self.events.iter().enumerate() {
            let verdict = match (recorded(index)?, event.twin) {
                _ if event.invalid.is_some() => Verdict::Invalid,
                (Some(recorded), _) => Verdict::Known(recorded),
                (None, Some(twin)) => {
                    let is_same = self.events[twin].content == event.content;
                    Verdict::Twin { index: twin, is_same }
                }
                (None, None) => Verdict::New,
            };
            if self.mode == Mode::AllOrNothing && !verdict.is_welcome() {
                let position = verdict.recorded().map(|recorded| recorded.position);
                return Err(IdempotencyConflict { index, id: event.id, position }.into());
            }
            verdicts.push(verdict);
        }
        Ok(verdicts)
    }

    /// The outcomes, given the place of every new event.
    ///
    /// # Panics
    /// When `place` has none for an event whose verdict is [`Verdict::New`].
    pub fn outcomes(&self, verdicts: &[Verdict], places: &[Option<(u64, u64)>]) -> Vec<Outcome> {
        let place = |index: usize| places[index].expect("a new event has a place");
        let outcome = |(index, verdict): (usize, &Verdict)| match *verdict {
            Verdict::New => {
                let (position, sequence) = place(index);
                Outcome::Appended { position, sequence }
            }
            Verdict::Known(Recorded { position, sequence, is_same: true }) => {
                Outcome::Duplicate { position, sequence }
            }
            Verdict::Twin { index: twin, is_same: true } => {
                let (position, sequence) = place(twin);
                Outcome::Duplicate { position, sequence }
            }
            Verdict::Known(Recorded { position, .. }) => self.refused(index, position),
            Verdict::Twin { index: twin, .. } => self.refused(index, place(twin).0),
            Verdict::Invalid => self.invalid(index),
        };
        verdicts.iter().enumerate().map(outcome).collect()
    }

    fn refused(&self, index: usize, position: u64) -> Outcome {
        let id = self.events[index].id;
        Outcome::Refused(IdempotencyConflict { index, id, position: Some(position) })
    }

    fn invalid(&self, index: usize) -> Outcome {
        let invalid = self.events[index].invalid.as_deref();
        Outcome::Invalid(invalid.expect("the verdict says that it is invalid").clone())
    }
}

impl ExpectedFamily {
    /// Compares with what the log has, for authors of stores.
    ///
    /// # Errors
    /// [`FamilyConflict`] where it differs.
    pub fn check(&self, leads: u64, events: u64) -> Result<(), FamilyConflict> {
        if (self.leads, self.events) == (leads, events) {
            return Ok(());
        }
        Err(FamilyConflict {
            expected_leads: self.leads,
            expected_events: self.events,
            actual_leads: leads,
            actual_events: events,
        })
    }
}

impl Unless {
    /// Compares with the log, for authors of stores: its head, and its events behind
    /// [`Self::after`] in order, of which no more is asked than is needed.
    ///
    /// # Errors
    /// [`UnlessConflict`] where it does not hold, or what the log fails with.
    pub fn check(
        &self,
        head: u64,
        events: impl IntoIterator<Item = Result<(u64, impl Borrow<Event>), StoreError>>,
    ) -> Result<(), AppendError> {
        let after = self.after;
        if head < after {
            return Err(UnlessConflict { after, position: None, head }.into());
        }
        if head == after {
            return Ok(());
        }
        for event in events {
            let (position, event) = event?;
            if self.matching.matches(event.borrow()) {
                return Err(UnlessConflict { after, position: Some(position), head }.into());
            }
        }
        Ok(())
    }
}

impl Verdict {
    fn is_welcome(self) -> bool {
        match self {
            Self::New | Self::Invalid => true,
            Self::Known(Recorded { is_same, .. }) | Self::Twin { is_same, .. } => is_same,
        }
    }

    fn recorded(self) -> Option<Recorded> {
        match self {
            Self::Known(recorded) => Some(recorded),
            Self::New | Self::Twin { .. } | Self::Invalid => None,
        }
    }
}

/// What `position`, `sequence`, `id` and `recorded_at` add to an exported line at the most.
const PLACE_BYTES_MAX: usize = 256;

impl Prepared {
    fn new(new: &NewEvent, recorded_at: Timestamp, index: usize) -> Self {
        let recorded_at = new.recorded_at.unwrap_or(recorded_at);
        let (content, invalid) = match content(new, recorded_at) {
            Ok(content) => (content, None),
            Err(reason) => {
                (String::new(), Some(Box::new(InvalidEvent { index, id: new.id, reason })))
            }
        };
        let lead = new.event.lead_id();
        Self { id: new.id, recorded_at, lead, content, twin: None, invalid }
    }
}

/// The canonical JSON of an event, if it reads back as the event; else why it does not read, or
/// nothing if it reads as another event.
fn content(new: &NewEvent, recorded_at: Timestamp) -> Result<String, Option<LineError>> {
    let content = new.event.content();
    // The line of an export is longer than the content by its place and its identity.
    if content.len() > LINE_BYTES_MAX - PLACE_BYTES_MAX {
        return Err(Some(LineError::too_long()));
    }
    if !new.event.surely_reads_back(&content, recorded_at) {
        read_back(&new.event, &content, recorded_at)?;
    }
    Ok(content)
}

/// Reads what an export would write.
fn read_back(
    event: &Event,
    content: &str,
    recorded_at: Timestamp,
) -> Result<(), Option<LineError>> {
    let at = recorded_at.to_string().parse().map_err(|error: TimeError| Some(error.into()))?;
    let line = EventLine::parse(content.as_bytes()).map_err(Some)?;
    if recorded_at == at && line.event == *event { Ok(()) } else { Err(None) }
}
