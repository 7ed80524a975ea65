//! The table `event`: one row an event, each with a checksum over all of it.

use leadfold_core::event::{Event, EventLine, RecordedEvent};
use leadfold_core::{EventId, LeadIndex, Timestamp};
use rusqlite::{OptionalExtension, Row, Statement};
use uuid::Uuid;

use crate::error::{Result, corrupt, sqlite};

pub(crate) const INSERT: &str = "INSERT INTO event \
    (position, lead, sequence, previous, recorded_at, id, body, crc) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
pub(crate) const SELECT: &str = "SELECT position, lead, sequence, previous, recorded_at, id, \
    body, crc FROM event WHERE position = ?1";
pub(crate) const SELECT_RANGE: &str = "SELECT position, lead, sequence, previous, recorded_at, \
    id, body, crc FROM event WHERE position BETWEEN ?1 AND ?2 ORDER BY position";

/// Where an event is: in the log, in its lead's stream, and behind which event of that stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Placed {
    pub(crate) position: u64,
    pub(crate) lead: LeadIndex,
    /// From 1; 0 without a lead.
    pub(crate) sequence: u64,
    /// Position of the event before it in its stream, 0 if it is the first.
    pub(crate) previous: u64,
}

/// A row, with its body as text. No `Debug`: the body may hold personal data.
pub(crate) struct EventRow {
    pub(crate) placed: Placed,
    pub(crate) recorded_at: Timestamp,
    pub(crate) id: EventId,
    pub(crate) body: String,
}

pub(crate) fn insert(
    statement: &mut Statement<'_>,
    placed: Placed,
    recorded_at: Timestamp,
    id: EventId,
    body: &str,
) -> Result<()> {
    let Placed { position, lead, sequence, previous } = placed;
    let inserted = statement.execute((
        position.cast_signed(),
        lead_column(lead),
        sequence.cast_signed(),
        previous.cast_signed(),
        recorded_at.micros(),
        id.0.as_bytes().as_slice(),
        body,
        checksum(placed, recorded_at, id, body),
    ));
    inserted.map(drop).map_err(sqlite)
}

/// A lead as the columns of `event` and `early_correction` hold it: NULL for none.
pub(crate) fn lead_column(lead: LeadIndex) -> Option<u32> {
    (lead != LeadIndex::NONE).then_some(lead.0)
}

fn checksum(placed: Placed, recorded_at: Timestamp, id: EventId, body: &str) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&placed.position.to_le_bytes());
    hasher.update(&placed.lead.0.to_le_bytes());
    hasher.update(&placed.sequence.to_le_bytes());
    hasher.update(&placed.previous.to_le_bytes());
    hasher.update(&recorded_at.micros().to_le_bytes());
    hasher.update(id.0.as_bytes());
    hasher.update(body.as_bytes());
    hasher.finalize()
}

impl EventRow {
    /// Reads a row whatever is in it; whether the checksum is right comes with it.
    pub(crate) fn read_unchecked(row: &Row<'_>) -> Result<(Self, bool), rusqlite::Error> {
        let placed = Placed {
            position: row.get::<_, i64>(0)?.cast_unsigned(),
            lead: row.get::<_, Option<u32>>(1)?.map_or(LeadIndex::NONE, LeadIndex),
            sequence: row.get::<_, i64>(2)?.cast_unsigned(),
            previous: row.get::<_, i64>(3)?.cast_unsigned(),
        };
        let recorded_at = Timestamp::from_micros(row.get(4)?);
        let id = EventId(Uuid::from_bytes(row.get(5)?));
        let body: String = row.get(6)?;
        let is_sound = row.get::<_, i64>(7)? == i64::from(checksum(placed, recorded_at, id, &body));
        Ok((Self { placed, recorded_at, id, body }, is_sound))
    }

    /// Reads a row and checks its checksum.
    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        let (read, is_sound) = Self::read_unchecked(row).map_err(sqlite)?;
        if is_sound {
            return Ok(read);
        }
        Err(corrupt(format!(
            "the event at position {} is damaged: expected another checksum; \
             verify the store and restore it from a backup",
            read.placed.position
        )))
    }

    /// The row at a position, with a statement of [`SELECT`].
    pub(crate) fn at(statement: &mut Statement<'_>, position: u64) -> Result<Option<Self>> {
        let row = statement.query_row([position.cast_signed()], |row| Ok(Self::read(row)));
        row.optional().map_err(sqlite)?.transpose()
    }

    /// The event that the body says.
    pub(crate) fn event(&self) -> Result<Event> {
        parse(&self.body, self.placed.position)
    }

    pub(crate) fn into_recorded(self) -> Result<RecordedEvent> {
        let event = self.event()?;
        let Self { placed: Placed { position, sequence, .. }, recorded_at, id, .. } = self;
        Ok(RecordedEvent { position, sequence, id, recorded_at, event })
    }
}

/// The event that a body says, which has or gets a position.
pub(crate) fn parse(body: &str, position: u64) -> Result<Event> {
    EventLine::parse(body.as_bytes()).map(|line| line.event).map_err(|error| {
        corrupt(format!(
            "the event at position {position} does not read: {error}; \
             open the store with the version of leadfold that wrote it, or restore it"
        ))
    })
}
