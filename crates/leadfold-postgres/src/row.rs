//! The table `event`: one row an event, each with a checksum over all of it.

use std::collections::BTreeSet;

use leadfold_core::{EventId, LeadIndex, Timestamp};
use leadfold_store::Prepared;
use leadfold_store::adapter::{EventRow, Placed};
use postgres::Row;

use crate::connection::{Connection, column, number};
use crate::error::Result;

/// The columns of an event, as [`read`] wants them.
macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT position, lead, sequence, previous, recorded_at, id, body, crc FROM ",
            $rest
        )
    };
}
pub(crate) use columns;

const AT_POSITIONS: &str = columns!("event WHERE position = ANY($1) ORDER BY position");

/// A lead as the columns of `event` and `early_correction` hold it: NULL for none.
pub(crate) fn lead_column(lead: LeadIndex) -> Option<i64> {
    (lead != LeadIndex::NONE).then_some(i64::from(lead.0))
}

/// The lead that such a column holds; one that no log gives if it is damaged.
pub(crate) fn lead_of(column: Option<i64>) -> LeadIndex {
    column.map_or(LeadIndex::NONE, |lead| LeadIndex(u32::try_from(lead).unwrap_or(u32::MAX - 1)))
}

pub(crate) fn checksum(placed: Placed, recorded_at: Timestamp, id: EventId, body: &str) -> i64 {
    let mut hasher = crc32fast::Hasher::new();
    EventRow::feed(placed, recorded_at, id, body, |bytes| hasher.update(bytes));
    i64::from(hasher.finalize())
}

/// Gives the leads of some events other numbers.
pub(crate) fn renumber(connection: &mut Connection, events: &[(Placed, &Prepared)]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let positions: Vec<_> = events.iter().map(|(at, _)| at.position.cast_signed()).collect();
    let leads: Vec<_> = events.iter().map(|(at, _)| lead_column(at.lead)).collect();
    let crc = |(at, of): &(Placed, &Prepared)| checksum(*at, of.recorded_at, of.id, &of.content);
    let crcs: Vec<_> = events.iter().map(crc).collect();
    let sql = "UPDATE event SET lead = w.lead, crc = w.crc \
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (position, lead, crc) \
        WHERE event.position = w.position";
    connection.execute(sql, &[&positions, &leads, &crcs])
}

/// Reads a row whatever is in it; whether the checksum is right comes with it.
pub(crate) fn read_unchecked(row: &Row) -> Result<(EventRow, bool)> {
    let placed = Placed {
        position: number(row, 0)?,
        lead: lead_of(column(row, 1)?),
        sequence: number(row, 2)?,
        previous: number(row, 3)?,
    };
    let recorded_at = Timestamp::from_micros(column(row, 4)?);
    let id = EventId(column(row, 5)?);
    let body: String = column(row, 6)?;
    let is_sound = column::<i64>(row, 7)? == checksum(placed, recorded_at, id, &body);
    Ok((EventRow { placed, recorded_at, id, body }, is_sound))
}

/// Reads a row and checks its checksum.
pub(crate) fn read(row: &Row) -> Result<EventRow> {
    let (read, is_sound) = read_unchecked(row)?;
    read.checked(is_sound)
}

/// Those of some positions whose rows are damaged or gone.
pub(crate) fn unsound_at(connection: &mut Connection, positions: &[i64]) -> Result<BTreeSet<u64>> {
    let mut unsound: BTreeSet<_> = positions.iter().map(|at| at.cast_unsigned()).collect();
    for row in connection.query(AT_POSITIONS, &[&positions])? {
        let (row, is_sound) = read_unchecked(&row)?;
        if is_sound {
            unsound.remove(&row.placed.position);
        }
    }
    Ok(unsound)
}

/// The rows at some positions, in order.
pub(crate) fn at(connection: &mut Connection, positions: &[i64]) -> Result<Vec<EventRow>> {
    if positions.is_empty() {
        return Ok(Vec::new());
    }
    connection.query(AT_POSITIONS, &[&positions])?.iter().map(read).collect()
}
