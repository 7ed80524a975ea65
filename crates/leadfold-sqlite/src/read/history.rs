//! The events of single leads: each stream is a chain from its last event back to its first.

use std::collections::BTreeSet;

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Facts, LeadIndex};
use leadfold_store::adapter::EventRow;
use rusqlite::{Connection, OptionalExtension};

use super::Relower;
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

/// How many events a stream has, and the position of the last.
pub(crate) fn stream(connection: &Connection, lead: LeadIndex) -> Result<(u64, u64)> {
    let sql = "SELECT events, last FROM stream WHERE lead = ?1";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let found = select
        .query_row([lead.0], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .optional()
        .map_err(sqlite)?;
    let (events, last) = found.unwrap_or_default();
    Ok((events.cast_unsigned(), last.cast_unsigned()))
}

/// The rows of a stream, the last first.
fn chain(connection: &Connection, lead: LeadIndex) -> Result<Vec<EventRow>> {
    let (events, mut position) = stream(connection, lead)?;
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
        wanted += stream(connection, *lead)?.0;
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
    let sql = "SELECT other FROM link WHERE lead = ?1";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut family: BTreeSet<_> = leads.iter().copied().collect();
    let mut open = leads.to_vec();
    while let Some(lead) = open.pop() {
        let mut rows = select.query([lead.0]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let other = LeadIndex(row.get(0).map_err(sqlite)?);
            if family.insert(other) {
                open.push(other);
            }
        }
    }
    Ok(family.into_iter().collect())
}

/// The leads that merges name.
pub(crate) fn linked(connection: &Connection) -> Result<Vec<LeadIndex>> {
    let sql = "SELECT DISTINCT lead FROM link ORDER BY lead";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let leads = select.query_map([], |row| row.get(0).map(LeadIndex)).map_err(sqlite)?;
    leads.collect::<Result<_, _>>().map_err(sqlite)
}
