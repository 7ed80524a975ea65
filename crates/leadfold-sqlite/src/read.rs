//! What readers ask of one snapshot.

mod history;
mod ids;
mod relower;

use leadfold_core::event::{Body, RecordedEvent};
use leadfold_core::{Code, EarlyCorrection, EventId, Facts, LeadId, LeadIndex, LeadKey, Target};
use leadfold_store::LeadEntry;
use leadfold_store::adapter::{PageRow, unknown};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

pub(crate) use self::history::{family, history, lead_events, linked, stream};
pub(crate) use self::ids::{
    Positions, SELECT_ID, find_indexed, find_with, for_each_indexed, for_each_recent,
};
pub(crate) use self::relower::Relower;
use crate::error::{Result, corrupt, sqlite};
use crate::page;
use crate::row::{self, lead_column};

const SELECT_LEAD: &str = "SELECT lead.lead, id, key, coalesce(events, 0) \
    FROM lead LEFT JOIN stream ON stream.lead = lead.lead";

pub(crate) fn head(connection: &Connection) -> Result<u64> {
    let sql = "SELECT coalesce(max(position), 0) FROM event";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    select.query_row([], |row| row.get(0)).map(i64::cast_unsigned).map_err(sqlite)
}

pub(crate) fn facts(connection: &Connection, after: u64, events_max: usize) -> Result<Facts> {
    let mut out = Facts::default();
    let head = head(connection)?;
    let end = after.saturating_add(events_max as u64).min(head);
    let mut next = after.saturating_add(1);
    while next <= end {
        let page = page_with(connection, next)?;
        if page.first == next && page.last <= end {
            page.decode(&mut out)?;
        } else {
            let mut whole = Facts::default();
            page.decode(&mut whole)?;
            for fact in (0..whole.len()).map(|index| whole.row(index)) {
                if (next..=end).contains(&fact.position) {
                    out.push(fact);
                }
            }
        }
        next = page.last + 1;
    }
    Ok(out)
}

/// The page of facts that holds a position.
fn page_with(connection: &Connection, position: u64) -> Result<PageRow> {
    let page = page::at(connection, position)?;
    page.filter(|page| (page.first..=page.last).contains(&position)).ok_or_else(|| {
        corrupt(format!(
            "expected a page of facts for position {position}, found none: \
             rebuild the facts from the events"
        ))
    })
}

pub(crate) fn events(
    connection: &Connection,
    after: u64,
    events_max: usize,
) -> Result<Vec<RecordedEvent>> {
    let end = after.saturating_add(events_max as u64).min(head(connection)?);
    let mut out = Vec::new();
    if after >= end {
        return Ok(out);
    }
    let mut select = connection.prepare_cached(row::SELECT_RANGE).map_err(sqlite)?;
    let mut rows = select.query(((after + 1).cast_signed(), end.cast_signed())).map_err(sqlite)?;
    while let Some(row) = rows.next().map_err(sqlite)? {
        out.push(row::read(row)?.into_recorded()?);
    }
    if out.len() as u64 != end - after {
        let found = out.len();
        return Err(corrupt(format!(
            "expected {} events after position {after}, found {found}: \
             verify the store and restore it from a backup",
            end - after
        )));
    }
    Ok(out)
}

pub(crate) fn lead(connection: &Connection, id: LeadId) -> Result<Option<LeadEntry>> {
    let sql = format!("{SELECT_LEAD} WHERE id = ?1");
    let mut select = connection.prepare_cached(&sql).map_err(sqlite)?;
    let entry = select.query_row([id.0.as_bytes().as_slice()], |row| Ok(entry(row)));
    entry.optional().map_err(sqlite)?.transpose()
}

pub(crate) fn leads(
    connection: &Connection,
    from: LeadIndex,
    leads_max: usize,
) -> Result<Vec<LeadEntry>> {
    let sql = format!("{SELECT_LEAD} WHERE lead.lead >= ?1 ORDER BY lead.lead LIMIT ?2");
    let mut select = connection.prepare_cached(&sql).map_err(sqlite)?;
    let limit = i64::try_from(leads_max).unwrap_or(i64::MAX);
    let mut rows = select.query((from.0, limit)).map_err(sqlite)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(sqlite)? {
        out.push(entry(row)?);
    }
    Ok(out)
}

pub(crate) fn leads_by_key(connection: &Connection, key: &LeadKey) -> Result<Vec<LeadEntry>> {
    let sql = format!("{SELECT_LEAD} WHERE key = ?1 ORDER BY lead.lead");
    let mut select = connection.prepare_cached(&sql).map_err(sqlite)?;
    let mut rows = select.query([key.as_str()]).map_err(sqlite)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(sqlite)? {
        out.push(entry(row)?);
    }
    Ok(out)
}

fn entry(row: &Row<'_>) -> Result<LeadEntry> {
    let index = LeadIndex(row.get(0).map_err(sqlite)?);
    let id = LeadId(Uuid::from_bytes(row.get(1).map_err(sqlite)?));
    let key: String = row.get(2).map_err(sqlite)?;
    let key: LeadKey = key.parse().map_err(|error| {
        corrupt(format!("the key of lead {id} is damaged: rebuild what is derived")).because(error)
    })?;
    let sequence = row.get::<_, i64>(3).map_err(sqlite)?.cast_unsigned();
    Ok(LeadEntry { index, id, key, sequence })
}

pub(crate) fn strings(connection: &Connection, codes: &[Code]) -> Result<Vec<String>> {
    let sql = "SELECT text FROM string WHERE code = ?1";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut text = |code: &Code| {
        if !code.is_some() {
            return Ok(String::new());
        }
        let text = select.query_row([code.0], |row| row.get(0)).optional().map_err(sqlite)?;
        text.ok_or_else(|| unknown("string code", u64::from(code.0)))
    };
    codes.iter().map(&mut text).collect()
}

pub(crate) fn string_count(connection: &Connection) -> Result<u32> {
    let sql = "SELECT coalesce(max(code), 0) FROM string";
    connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite)
}

pub(crate) fn code(connection: &Connection, text: &str) -> Result<Option<Code>> {
    let sql = "SELECT code FROM string WHERE text = ?1";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let code = select.query_row([text], |row| row.get(0)).optional().map_err(sqlite)?;
    Ok(code.map(Code))
}

pub(crate) fn event_ids(connection: &Connection, positions: &[u64]) -> Result<Vec<EventId>> {
    // The whole row: its checksum is over all of it.
    let mut select = connection.prepare_cached(row::SELECT).map_err(sqlite)?;
    let mut id = |position: &u64| {
        let row = match i64::try_from(*position) {
            Ok(_) => row::at(&mut select, *position)?,
            Err(_) => None,
        };
        row.map(|row| row.id).ok_or_else(|| unknown("position", *position))
    };
    positions.iter().map(&mut id).collect()
}

/// The event at a position, as the target of a correction at a later position of one stream.
pub(crate) fn resolve(
    connection: &Connection,
    position: Option<u64>,
    lead: LeadIndex,
    before: u64,
) -> Result<Option<Target>> {
    let Some(position) = position.filter(|position| *position < before) else { return Ok(None) };
    let mut select = connection.prepare_cached(row::SELECT).map_err(sqlite)?;
    match row::at(&mut select, position)? {
        Some(row) if row.placed.lead == lead => Ok(Some(Target::new(position, &row.event()?))),
        _ => Ok(None),
    }
}

/// Whether corrections of an event, in whatever streams, came before it.
pub(crate) fn is_awaited(connection: &Connection, target: EventId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT * FROM early_correction WHERE target = ?1)";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    select.query_row([target.0.as_bytes().as_slice()], |row| row.get(0)).map_err(sqlite)
}

/// The corrections that came before the event that they name, in order.
pub(crate) fn early(
    connection: &Connection,
    target: EventId,
    lead: LeadIndex,
    before: u64,
) -> Result<Vec<EarlyCorrection>> {
    // No ranges and no IS among the parameters: with those, SQLite parses the statement anew for
    // every event, which was a third of an import.
    let sql = "SELECT position, lead FROM early_correction WHERE target = ?1";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = select.query([target.0.as_bytes().as_slice()]).map_err(sqlite)?;
    let mut positions = Vec::new();
    while let Some(row) = rows.next().map_err(sqlite)? {
        let position = row.get::<_, i64>(0).map_err(sqlite)?.cast_unsigned();
        if position < before && row.get::<_, Option<u32>>(1).map_err(sqlite)? == lead_column(lead) {
            positions.push(position);
        }
    }
    positions.sort_unstable();
    let mut out = Vec::new();
    let mut event = connection.prepare_cached(row::SELECT).map_err(sqlite)?;
    for position in positions {
        let Some(row) = row::at(&mut event, position)? else { continue };
        if let Body::Corrected(corrected) = row.event()?.body {
            out.push(EarlyCorrection { position, corrected });
        }
    }
    Ok(out)
}
