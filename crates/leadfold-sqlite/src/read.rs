//! What readers ask of one snapshot.

mod history;
mod ids;
mod relower;

use leadfold_core::event::{Body, RecordedEvent};
use leadfold_core::{Code, EarlyCorrection, EventId, Facts, LeadId, LeadIndex, LeadKey, Target};
use leadfold_store::LeadEntry;
use leadfold_store::adapter::{PageRow, unknown};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};

pub(crate) use self::history::{family, history, lead_events, linked, links, stream};
pub(crate) use self::ids::{
    Positions, SELECT_ID, find_indexed, find_with, first_recent, for_each_indexed, for_each_recent,
    recent_crc,
};
pub(crate) use self::relower::Relower;
use crate::derived::{Early, Lead, Stream, Text, Totals, missing};
use crate::error::{Result, corrupt, sqlite};
use crate::page;
use crate::row;

/// About so many.
pub(crate) const FACTS_AN_EVENT: usize = 2;
/// Room is made at once for so many events at most: a damaged file may claim any number.
const ROOM_EVENTS_MAX: u64 = 65_536;

const SELECT_LEAD: &str = "SELECT lead.lead, id, key, lead.crc, \
    stream.lead, events, last, links, stream.crc FROM lead LEFT JOIN stream ON stream.lead = lead.lead";

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
    // What grows page by page leaves its former self behind, in memory that had to be cleared for it.
    let events = end.saturating_sub(after).min(ROOM_EVENTS_MAX) as usize;
    out.reserve(events, FACTS_AN_EVENT * events);
    while next <= end {
        let page = page_with(connection, next)?;
        if page.first == next && page.last <= end {
            page.decode(&mut out)?;
        } else {
            let mut whole = Facts::default();
            page.decode(&mut whole)?;
            for fact in whole.rows() {
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
    if after >= end {
        return Ok(Vec::new());
    }
    let mut out = Vec::with_capacity((end - after).min(ROOM_EVENTS_MAX) as usize);
    let mut select = connection.prepare_cached(row::SELECT_RANGE).map_err(sqlite)?;
    let mut rows = select.query(((after + 1).cast_signed(), end.cast_signed())).map_err(sqlite)?;
    while let Some(row) = rows.next().map_err(sqlite)? {
        let row = row::read(row)?;
        let expected = after + 1 + out.len() as u64;
        if row.placed.position != expected {
            return Err(no_event(expected));
        }
        out.push(row.into_recorded()?);
    }
    if (out.len() as u64) < end - after {
        return Err(no_event(after + 1 + out.len() as u64));
    }
    Ok(out)
}

fn no_event(position: u64) -> leadfold_store::StoreError {
    corrupt(format!(
        "expected an event at position {position}, found none: \
         verify the store and restore it from a backup"
    ))
}

pub(crate) fn lead(connection: &Connection, id: LeadId) -> Result<Option<LeadEntry>> {
    let sql = format!("{SELECT_LEAD} WHERE id = ?1");
    let mut select = connection.prepare_cached(&sql).map_err(sqlite)?;
    let entry = select.query_row([id.0.as_bytes().as_slice()], |row| Ok(entry(row)));
    let entry = entry.optional().map_err(sqlite)?.transpose()?;
    match entry {
        Some(entry) if entry.id != id => Err(misled(&format!("lead {id}"))),
        entry => Ok(entry),
    }
}

/// The index of a lead.
pub(crate) fn lead_index(connection: &Connection, id: LeadId) -> Result<Option<LeadIndex>> {
    let sql = "SELECT lead, id, key, crc FROM lead WHERE id = ?1";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = select.query([id.0.as_bytes().as_slice()]).map_err(sqlite)?;
    let Some(row) = rows.next().map_err(sqlite)? else { return Ok(None) };
    let lead = Lead::read(row)?;
    if lead.id == id { Ok(Some(lead.index)) } else { Err(misled(&format!("lead {id}"))) }
}

/// An index of a table has led to a row of something else.
fn misled(what: &str) -> leadfold_store::StoreError {
    corrupt(format!(
        "expected {what}, found another one in its place: rebuild what is derived from the events"
    ))
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
    // The numbers have no gaps, and their end is known.
    let end = Totals::load(connection)?.unwrap_or_default().leads;
    let mut expected = (from.0..end).take(leads_max);
    while let Some(row) = rows.next().map_err(sqlite)? {
        let entry = entry(row)?;
        if expected.next() != Some(entry.index.0) {
            return Err(misled("the leads of consecutive numbers"));
        }
        out.push(entry);
    }
    match expected.next() {
        Some(index) => Err(missing(&format!("a lead with index {index}"))),
        None => Ok(out),
    }
}

pub(crate) fn leads_by_key(connection: &Connection, key: &LeadKey) -> Result<Vec<LeadEntry>> {
    let sql = format!("{SELECT_LEAD} WHERE key = ?1 ORDER BY lead.lead");
    let mut select = connection.prepare_cached(&sql).map_err(sqlite)?;
    let mut rows = select.query([key.as_str()]).map_err(sqlite)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(sqlite)? {
        let entry = entry(row)?;
        if entry.key != *key {
            return Err(misled("leads of a key"));
        }
        out.push(entry);
    }
    Ok(out)
}

fn entry(row: &Row<'_>) -> Result<LeadEntry> {
    let Lead { index, id, key } = Lead::read(row)?;
    let key: LeadKey = key.parse().map_err(|error| {
        corrupt(format!("the key of lead {id} is damaged: rebuild what is derived")).because(error)
    })?;
    let has_stream = row.get_ref(4).map_err(sqlite)? != ValueRef::Null;
    if !has_stream {
        return Err(missing(&format!("a stream of the lead with index {}", index.0)));
    }
    let sequence = Stream::read(row, 4)?.events;
    Ok(LeadEntry { index, id, key, sequence })
}

pub(crate) fn strings(connection: &Connection, codes: &[Code]) -> Result<Vec<String>> {
    let sql = "SELECT code, text, crc FROM string WHERE code = ?1";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut text = |code: &Code| {
        if !code.is_some() {
            return Ok(String::new());
        }
        let mut rows = select.query([code.0]).map_err(sqlite)?;
        match rows.next().map_err(sqlite)? {
            Some(row) => Text::read(row).map(|text| text.text.to_owned()),
            None if code.0 <= string_count(connection)? => {
                Err(missing(&format!("a string with code {}", code.0)))
            }
            None => Err(unknown("string code", u64::from(code.0))),
        }
    };
    codes.iter().map(&mut text).collect()
}

pub(crate) fn string_count(connection: &Connection) -> Result<u32> {
    Ok(Totals::load(connection)?.unwrap_or_default().strings)
}

pub(crate) fn code(connection: &Connection, text: &str) -> Result<Option<Code>> {
    let sql = "SELECT code, text, crc FROM string WHERE text = ?1";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = select.query([text]).map_err(sqlite)?;
    let Some(row) = rows.next().map_err(sqlite)? else { return Ok(None) };
    let found = Text::read(row)?;
    if found.text == text { Ok(Some(found.code)) } else { Err(misled("the code of a string")) }
}

pub(crate) fn event_ids(connection: &Connection, positions: &[u64]) -> Result<Vec<EventId>> {
    // The whole row: its checksum is over all of it.
    let mut select = connection.prepare_cached(row::SELECT).map_err(sqlite)?;
    let head = head(connection)?;
    let mut id = |position: &u64| {
        if !(1..=head).contains(position) {
            return Err(unknown("position", *position));
        }
        let row = row::at(&mut select, *position)?;
        row.map(|row| row.id).ok_or_else(|| no_event(*position))
    };
    positions.iter().map(&mut id).collect()
}

/// The event of an id that has a position, as the target of a correction at a later position of
/// one stream.
pub(crate) fn resolve(
    connection: &Connection,
    (id, position): (EventId, Option<u64>),
    lead: LeadIndex,
    before: u64,
) -> Result<Option<Target>> {
    let Some(position) = position.filter(|position| *position < before) else { return Ok(None) };
    let mut select = connection.prepare_cached(row::SELECT).map_err(sqlite)?;
    let row = row::at(&mut select, position)?.ok_or_else(|| no_event(position))?;
    if row.id != id {
        return Err(misled(&format!("event {id} at position {position}")));
    }
    let is_of_lead = row.placed.lead == lead;
    is_of_lead.then(|| Ok(Target::new(position, &row.event()?))).transpose()
}

/// Whether corrections of an event, in whatever streams, came before it.
pub(crate) fn is_awaited(connection: &Connection, target: EventId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT * FROM early_correction WHERE target = ?1)";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    select.query_row([target.0.as_bytes().as_slice()], |row| row.get(0)).map_err(sqlite)
}

/// That a correction whose target had not come is there for it.
pub(crate) fn check_early(connection: &Connection, early: Early) -> Result<()> {
    let sql = "SELECT EXISTS (SELECT * FROM early_correction WHERE target = ?1 AND position = ?2)";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let row = (early.target.0.as_bytes().as_slice(), early.position.cast_signed());
    if select.query_row(row, |row| row.get(0)).map_err(sqlite)? {
        return Ok(());
    }
    Err(missing(&format!("the correction at position {} to wait for its target", early.position)))
}

/// Where the corrections are that came before the event that they name, in order.
pub(crate) fn early_positions(
    connection: &Connection,
    target: EventId,
    lead: LeadIndex,
    before: u64,
) -> Result<Vec<u64>> {
    // No ranges and no IS among the parameters: with those, SQLite parses the statement anew for
    // every event, which was a third of an import.
    let sql = "SELECT target, position, lead, crc FROM early_correction WHERE target = ?1";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = select.query([target.0.as_bytes().as_slice()]).map_err(sqlite)?;
    let mut positions = Vec::new();
    while let Some(row) = rows.next().map_err(sqlite)? {
        let early = Early::read(row)?;
        if early.position < before && early.lead == lead {
            positions.push(early.position);
        }
    }
    positions.sort_unstable();
    Ok(positions)
}

/// The corrections that came before the event that they name, in order.
pub(crate) fn early(
    connection: &Connection,
    target: EventId,
    lead: LeadIndex,
    before: u64,
) -> Result<Vec<EarlyCorrection>> {
    let positions = early_positions(connection, target, lead, before)?;
    let mut out = Vec::new();
    let mut event = connection.prepare_cached(row::SELECT).map_err(sqlite)?;
    for position in positions {
        let row = row::at(&mut event, position)?.ok_or_else(|| no_event(position))?;
        if let Body::Corrected(corrected) = row.event()?.body {
            out.push(EarlyCorrection { position, corrected });
        }
    }
    Ok(out)
}
