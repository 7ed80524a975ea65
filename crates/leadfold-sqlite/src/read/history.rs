//! The events of single leads: each stream is a chain from its last event back to its first.

use std::collections::BTreeSet;

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Facts, LeadIndex};
use leadfold_store::adapter::EventRow;
use rusqlite::{Connection, OptionalExtension};

use super::Relower;
use crate::derived::{Link, Stream, Totals, missing};
use crate::error::{Result, corrupt, sqlite};
use crate::row;

/// Reading all pages is cheaper than following chains when more than one event in this many is
/// wanted: an event by its row costs as much as so many facts of a page.
const SCAN_RATIO: u64 = 64;

pub(crate) fn lead_events(connection: &Connection, lead: LeadIndex) -> Result<Vec<RecordedEvent>> {
    let mut rows = chain(connection, lead)?;
    rows.reverse();
    rows.into_iter().map(EventRow::into_recorded).collect()
}

/// The stream of a lead; an empty one of a number that the log has not given.
pub(crate) fn stream(connection: &Connection, lead: LeadIndex) -> Result<Stream> {
    let sql = "SELECT lead, events, last, links, crc FROM stream WHERE lead = ?1";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let found = select.query_row([lead.0], |row| Ok(Stream::read(row, 0))).optional();
    match found.map_err(sqlite)?.transpose()? {
        Some(stream) => Ok(stream),
        None if is_known(connection, lead)? => {
            Err(missing(&format!("a stream of lead index {}", lead.0)))
        }
        None => Ok(Stream::empty(lead)),
    }
}

/// Every lead has a stream, and so have the events without one once anything has been written.
fn is_known(connection: &Connection, lead: LeadIndex) -> Result<bool> {
    let counts = Totals::load(connection)?;
    Ok(counts.is_some_and(|counts| lead == LeadIndex::NONE || lead.0 < counts.leads))
}

/// The rows of a stream, the last first.
fn chain(connection: &Connection, lead: LeadIndex) -> Result<Vec<EventRow>> {
    let Stream { events, last: mut position, .. } = stream(connection, lead)?;
    let mut select = connection.prepare_cached(row::SELECT).map_err(sqlite)?;
    let mut rows: Vec<EventRow> = Vec::new();
    while position != 0 {
        let row = row::at(&mut select, position)?;
        let row = row.filter(|row| row.placed.lead == lead && row.placed.previous < position);
        let Some(row) = row else { return Err(broken(lead, position)) };
        position = row.placed.previous;
        rows.push(row);
    }
    if rows.len() as u64 != events {
        return Err(broken(lead, rows.last().map_or(0, |row| row.placed.position)));
    }
    Ok(rows)
}

fn broken(lead: LeadIndex, position: u64) -> leadfold_store::StoreError {
    corrupt(format!(
        "expected the stream of the lead with index {} to lead over position {position}, found it \
         broken there: verify the store, then rebuild or restore",
        lead.0
    ))
}

pub(crate) fn history(connection: &Connection, leads: &[LeadIndex]) -> Result<Facts> {
    let leads: BTreeSet<_> = leads.iter().copied().collect();
    let mut wanted = 0;
    for lead in &leads {
        wanted += stream(connection, *lead)?.events;
    }
    if wanted.saturating_mul(SCAN_RATIO) > super::head(connection)? {
        return scan(connection, &leads);
    }
    let mut rows = Vec::new();
    for lead in leads {
        rows.extend(chain(connection, lead)?);
    }
    rows.sort_unstable_by_key(|row| row.placed.position);
    let mut relower = Relower::new(connection)?;
    let mut out = Facts::default();
    for row in rows {
        relower.lower(&row, &row.event()?, &mut out)?;
    }
    Ok(out)
}

fn scan(connection: &Connection, leads: &BTreeSet<LeadIndex>) -> Result<Facts> {
    let (mut out, mut page) = (Facts::default(), Facts::default());
    let head = super::head(connection)?;
    let mut next = 1;
    while next <= head {
        let row = super::page_with(connection, next)?;
        page.clear();
        row.decode(&mut page)?;
        out.extend_filtered(&page, |lead| leads.contains(&lead));
        next = row.last + 1;
    }
    Ok(out)
}

pub(crate) fn family(connection: &Connection, leads: &[LeadIndex]) -> Result<Vec<LeadIndex>> {
    let mut family: BTreeSet<_> = leads.iter().copied().collect();
    let mut open = leads.to_vec();
    while let Some(lead) = open.pop() {
        for other in links(connection, lead)? {
            if family.insert(other) {
                open.push(other);
            }
        }
    }
    Ok(family.into_iter().collect())
}

/// The leads that merges have linked a lead with: as many as its stream says.
pub(crate) fn links(connection: &Connection, lead: LeadIndex) -> Result<Vec<LeadIndex>> {
    let sql = "SELECT lead, other, crc FROM link WHERE lead = ?1";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = select.query([lead.0]).map_err(sqlite)?;
    let mut others = Vec::new();
    while let Some(row) = rows.next().map_err(sqlite)? {
        others.push(Link::read(row)?.other);
    }
    let expected = stream(connection, lead)?.links;
    if others.len() as u64 == expected {
        return Ok(others);
    }
    Err(corrupt(format!(
        "expected {expected} links of lead index {}, found {}: \
         rebuild what is derived from the events",
        lead.0,
        others.len()
    )))
}

/// The leads that merges name: all rows of `link` are there.
pub(crate) fn linked(connection: &Connection) -> Result<Vec<LeadIndex>> {
    let sql = "SELECT lead, other, crc FROM link ORDER BY lead, other";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = select.query([]).map_err(sqlite)?;
    let (mut leads, mut links) = (Vec::new(), 0);
    while let Some(row) = rows.next().map_err(sqlite)? {
        leads.push(Link::read(row)?.lead);
        links += 1;
    }
    leads.dedup();
    let expected = Totals::load(connection)?.unwrap_or_default().links;
    if links == expected { Ok(leads) } else { Err(missing(&format!("{expected} links of leads"))) }
}
