//! What every store does with an append before it touches its medium, written once.

use std::collections::HashMap;
use std::fmt;

use leadfold_core::event::{Event, EventLine, LINE_BYTES_MAX, LineError, NewEvent};
use leadfold_core::{EventId, LeadId, Timestamp};

use crate::{
    Append, AppendError, Expected, IdempotencyConflict, InvalidEvent, Mode, Outcome, StoreError,
};

/// An append that has been checked and written out, for authors of stores.
#[derive(Debug)]
pub struct Batch {
    /// The events.
    pub events: Vec<Prepared>,
    /// The expectations.
    pub expected: Vec<Expected>,
    /// What a conflict of one event means for the others.
    pub mode: Mode,
}

/// An event that has been checked and written out.
///
/// `Debug` leaves the content out: it may hold personal data.
pub struct Prepared {
    /// Its id.
    pub id: EventId,
    /// When it became known.
    pub recorded_at: Timestamp,
    /// The identity of its lead.
    pub lead: Option<LeadId>,
    /// Its canonical JSON.
    pub content: String,
    /// The event.
    pub event: Event,
    /// Index of the first event of the batch with the same id, if that is another.
    pub twin: Option<usize>,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("id", &self.id)
            .field("lead", &self.lead)
            .field("type", &self.event.body.type_name())
            .field("twin", &self.twin)
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
}

impl Batch {
    /// Checks that every event reads back from its canonical form as itself, so that nothing
    /// gets into a log that cannot get out.
    ///
    /// # Errors
    /// [`AppendError::Invalid`].
    pub fn prepare(append: Append) -> Result<Self, AppendError> {
        let Append { events, expected, recorded_at, mode } = append;
        let mut first = HashMap::with_capacity(events.len());
        let events = events
            .into_iter()
            .enumerate()
            .map(|(index, new)| {
                let twin = *first.entry(new.id).or_insert(index);
                prepare(new, index, (twin != index).then_some(twin), recorded_at)
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { events, expected, mode })
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
        };
        verdicts.iter().enumerate().map(outcome).collect()
    }

    fn refused(&self, index: usize, position: u64) -> Outcome {
        let id = self.events[index].id;
        Outcome::Refused(IdempotencyConflict { index, id, position: Some(position) })
    }
}

impl Verdict {
    fn is_welcome(self) -> bool {
        match self {
            Self::New => true,
            Self::Known(Recorded { is_same, .. }) | Self::Twin { is_same, .. } => is_same,
        }
    }

    fn recorded(self) -> Option<Recorded> {
        match self {
            Self::Known(recorded) => Some(recorded),
            Self::New | Self::Twin { .. } => None,
        }
    }
}

/// What `position`, `sequence`, `id` and `recorded_at` add to an exported line at the most.
const PLACE_BYTES_MAX: usize = 256;

fn prepare(
    new: NewEvent,
    index: usize,
    twin: Option<usize>,
    recorded_at: Timestamp,
) -> Result<Prepared, InvalidEvent> {
    let NewEvent { id, recorded_at: own, event } = new;
    let content = event.content();
    // The line of an export is longer than the content by its place and its identity.
    if content.len() > LINE_BYTES_MAX - PLACE_BYTES_MAX {
        return Err(InvalidEvent { index, id, reason: Some(LineError::too_long()) });
    }
    match EventLine::parse(content.as_bytes()) {
        Ok(line) if line.event == event => {}
        Ok(_) => return Err(InvalidEvent { index, id, reason: None }),
        Err(reason) => return Err(InvalidEvent { index, id, reason: Some(reason) }),
    }
    let lead = event.lead_id();
    Ok(Prepared { id, recorded_at: own.unwrap_or(recorded_at), lead, content, event, twin })
}
