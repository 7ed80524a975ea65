//! Where ids are: in the index, or waiting for it.

use leadfold_core::EventId;
use leadfold_store::adapter::Map;
use rusqlite::{Connection, OptionalExtension, Params, Row, Statement};
use uuid::Uuid;

use crate::derived;
use crate::error::{Result, sqlite};

pub(crate) const SELECT_ID: &str = "SELECT position FROM event_id WHERE id = ?1";

/// A few ids are looked for in the lists of those that wait; for more, a map of them is made.
const SCANS_MAX: u32 = 8;

/// Where the events of one snapshot are, by their ids.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    recent: Option<Map<EventId, u64>>,
    scans: u32,
}

impl Positions {
    pub(crate) fn find(&mut self, connection: &Connection, id: EventId) -> Result<Option<u64>> {
        if let Some(position) = self.recent.as_ref().and_then(|recent| recent.get(&id)) {
            return Ok(Some(*position));
        }
        match find_indexed(connection, id)? {
            None if self.recent.is_none() => self.find_recent(connection, id),
            position => Ok(position),
        }
    }

    fn find_recent(&mut self, connection: &Connection, id: EventId) -> Result<Option<u64>> {
        if self.scans < SCANS_MAX {
            self.scans += 1;
            let mut found = None;
            for_each_recent(connection, None, |other, position| {
                found = found.or_else(|| (other == id).then_some(position));
            })?;
            return Ok(found);
        }
        let recent = self.recent.insert(recent_ids(connection)?);
        Ok(recent.get(&id).copied())
    }
}

/// The ids that have not come into the index yet, with their positions.
fn recent_ids(connection: &Connection) -> Result<Map<EventId, u64>> {
    let mut recent = Map::default();
    for_each_recent(connection, None, |id, position| {
        recent.insert(id, position);
    })?;
    Ok(recent)
}

/// From which position on ids wait for the index.
pub(crate) fn first_recent(connection: &Connection) -> Result<Option<u64>> {
    let sql = "SELECT min(first) FROM recent_ids";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let first: Option<i64> = select.query_row([], |row| row.get(0)).map_err(sqlite)?;
    Ok(first.map(i64::cast_unsigned))
}

/// The ids in the rows that begin at a position or behind it, or in all rows, one by one: their
/// positions have no gaps.
pub(crate) fn for_each_recent(
    connection: &Connection,
    from: Option<u64>,
    mut take: impl FnMut(EventId, u64),
) -> Result<()> {
    let mut next = None;
    let sql = "SELECT first, ids, crc FROM recent_ids WHERE first >= ?1 ORDER BY first";
    // Also those that begin where no position is: they are damaged.
    for_each(connection, sql, [from.map_or(i64::MIN, u64::cast_signed)], |row| {
        let first = row.get::<_, i64>(0).map_err(sqlite)?.cast_unsigned();
        let ids = row.get_ref(1).and_then(|ids| Ok(ids.as_blob()?)).map_err(sqlite)?;
        derived::check(row, 2, recent_crc(first, ids), || format!("the ids from {first} on"))?;
        if next.is_some_and(|next| next != first) {
            return Err(derived::missing(&format!("the ids before position {first}")));
        }
        let ids = ids.as_chunks::<16>().0;
        next = Some(first + ids.len() as u64);
        let ids = ids.iter().map(|id| EventId(Uuid::from_bytes(*id)));
        ids.zip(first..).for_each(|(id, position)| take(id, position));
        Ok(())
    })
}

/// The checksum of a row of `recent_ids`.
pub(crate) fn recent_crc(first: u64, ids: &[u8]) -> u32 {
    derived::checksum("recent_ids", &[&first.to_le_bytes(), ids])
}

/// The ids in the index.
pub(crate) fn for_each_indexed(
    connection: &Connection,
    mut take: impl FnMut(EventId),
) -> Result<()> {
    for_each(connection, "SELECT id FROM event_id", [], |row| {
        take(EventId(Uuid::from_bytes(row.get(0).map_err(sqlite)?)));
        Ok(())
    })
}

fn for_each(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    mut take: impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = select.query(parameters).map_err(sqlite)?;
    while let Some(row) = rows.next().map_err(sqlite)? {
        take(row)?;
    }
    Ok(())
}

/// The position of an event whose id has come into the index.
pub(crate) fn find_indexed(connection: &Connection, id: EventId) -> Result<Option<u64>> {
    let mut select = connection.prepare_cached(SELECT_ID).map_err(sqlite)?;
    find_with(&mut select, id)
}

/// The same, with a statement of [`SELECT_ID`].
pub(crate) fn find_with(select: &mut Statement<'_>, id: EventId) -> Result<Option<u64>> {
    let position = select.query_row([id.0.as_bytes().as_slice()], |row| row.get(0)).optional();
    Ok(position.map_err(sqlite)?.map(i64::cast_unsigned))
}
