//! The table `event`: one row an event, each with a checksum over all of it.

use leadfold_core::{EventId, LeadIndex, Timestamp};
use leadfold_store::adapter::{EventRow, Placed};
use rusqlite::{Connection, OptionalExtension, Row, Statement};
use uuid::Uuid;

use crate::error::{Result, sqlite};

pub(crate) const INSERT: &str = "INSERT INTO event \
    (position, lead, sequence, previous, recorded_at, id, body, crc) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
pub(crate) const SELECT: &str = "SELECT position, lead, sequence, previous, recorded_at, id, \
    body, crc FROM event WHERE position = ?1";
pub(crate) const SELECT_RANGE: &str = "SELECT position, lead, sequence, previous, recorded_at, \
    id, body, crc FROM event WHERE position BETWEEN ?1 AND ?2 ORDER BY position";

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

/// Gives the lead of an event another number.
pub(crate) fn renumber(
    connection: &Connection,
    placed: Placed,
    row: &EventRow<&str>,
) -> Result<()> {
    let sql = "UPDATE event SET lead = ?2, crc = ?3 WHERE position = ?1";
    let mut update = connection.prepare_cached(sql).map_err(sqlite)?;
    let crc = checksum(placed, row.recorded_at, row.id, row.body);
    let renumbered = (placed.position.cast_signed(), lead_column(placed.lead), crc);
    update.execute(renumbered).map(drop).map_err(sqlite)
}

/// A lead as the columns of `event` and `early_correction` hold it: NULL for none.
pub(crate) fn lead_column(lead: LeadIndex) -> Option<u32> {
    (lead != LeadIndex::NONE).then_some(lead.0)
}

fn checksum(placed: Placed, recorded_at: Timestamp, id: EventId, body: &str) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    EventRow::feed(placed, recorded_at, id, body, |bytes| hasher.update(bytes));
    hasher.finalize()
}

/// Reads a row whatever is in it; whether the checksum is right comes with it.
pub(crate) fn read_unchecked<'r>(
    row: &'r Row<'_>,
) -> Result<(EventRow<&'r str>, bool), rusqlite::Error> {
    let placed = Placed {
        position: row.get::<_, i64>(0)?.cast_unsigned(),
        lead: row.get::<_, Option<u32>>(1)?.map_or(LeadIndex::NONE, LeadIndex),
        sequence: row.get::<_, i64>(2)?.cast_unsigned(),
        previous: row.get::<_, i64>(3)?.cast_unsigned(),
    };
    let recorded_at = Timestamp::from_micros(row.get(4)?);
    let id = EventId(Uuid::from_bytes(row.get(5)?));
    let body = text(row, 6)?;
    let is_sound = row.get::<_, i64>(7)? == i64::from(checksum(placed, recorded_at, id, body));
    Ok((EventRow { placed, recorded_at, id, body }, is_sound))
}

/// A text where SQLite has it. Of what is none, the error is that of reading a `String`.
fn text<'r>(row: &'r Row<'_>, at: usize) -> Result<&'r str, rusqlite::Error> {
    let text = row.get_ref(at)?.as_str();
    text.map_err(|error| row.get::<_, String>(at).err().unwrap_or_else(|| error.into()))
}

/// Reads a row and checks its checksum.
pub(crate) fn read<'r>(row: &'r Row<'_>) -> Result<EventRow<&'r str>> {
    let (read, is_sound) = read_unchecked(row).map_err(sqlite)?;
    read.checked(is_sound)
}

/// The row at a position, with a statement of [`SELECT`].
pub(crate) fn at(statement: &mut Statement<'_>, position: u64) -> Result<Option<EventRow>> {
    let row = statement
        .query_row([position.cast_signed()], |row| Ok(read(row).map(EventRow::into_owned)));
    row.optional().map_err(sqlite)?.transpose()
}
