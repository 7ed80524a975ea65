//! What readers ask. One statement is one snapshot; what takes several is put into one.

mod history;
mod relower;

use leadfold_core::event::{Body, RecordedEvent};
use leadfold_core::{Code, EarlyCorrection, EventId, Facts, LeadId, LeadIndex, LeadKey};
use leadfold_store::adapter::{Map, PageRow, unknown};
use leadfold_store::{LeadEntry, StoreError};
use postgres::Row;
use postgres::fallible_iterator::FallibleIterator;
use uuid::Uuid;

pub(crate) use self::history::{family, history, lead_events, links, streams};
pub(crate) use self::relower::{Relowered, relower, target_of};
use crate::connection::{Connection, column, number};
use crate::error::{Result, corrupt, pg};
use crate::page;
use crate::row::{self, columns, lead_of};

macro_rules! select_lead {
    ($rest:literal) => {
        concat!(
            "SELECT l.lead, l.id, l.key, coalesce(s.events, 0) \
             FROM lead l LEFT JOIN stream s ON s.lead = l.lead ",
            $rest
        )
    };
}

pub(crate) fn head(connection: &mut Connection) -> Result<u64> {
    number(&connection.query_one("SELECT coalesce(max(position), 0) FROM event", &[])?, 0)
}

/// From a snapshot.
pub(crate) fn facts(connection: &mut Connection, after: u64, events_max: usize) -> Result<Facts> {
    let head = head(connection)?;
    let end = after.saturating_add(events_max as u64).min(head);
    let mut out = Facts::default();
    if after >= end {
        return Ok(out);
    }
    for_each_page(connection, after + 1, end, |page| {
        if page.first > after && page.last <= end {
            return page.decode(&mut out);
        }
        let mut whole = Facts::default();
        page.decode(&mut whole)?;
        for fact in whole.rows() {
            if fact.position > after && fact.position <= end {
                out.push(fact);
            }
        }
        Ok(())
    })?;
    Ok(out)
}

/// The pages that hold the positions from one to another, without a gap between them.
fn for_each_page(
    connection: &mut Connection,
    first: u64,
    last: u64,
    mut take: impl FnMut(&PageRow) -> Result<()>,
) -> Result<()> {
    let params: [i64; 2] = [first.cast_signed(), last.cast_signed()];
    let mut rows = connection.stream(page::SELECT, &[&params[0], &params[1]])?;
    let mut next = first;
    while let Some(row) = rows.next().map_err(pg)? {
        let page = page::read(&row)?;
        if !page.holds(next) {
            break;
        }
        take(&page)?;
        next = page.last + 1;
    }
    if next > last {
        return Ok(());
    }
    Err(corrupt(format!(
        "expected a page of facts for position {next}, found none: \
         rebuild the facts from the events"
    )))
}

pub(crate) fn events(
    connection: &mut Connection,
    after: u64,
    events_max: usize,
) -> Result<Vec<RecordedEvent>> {
    let sql = columns!("event WHERE position > $1 ORDER BY position LIMIT $2");
    let after_column = i64::try_from(after).unwrap_or(i64::MAX);
    let limit = i64::try_from(events_max).unwrap_or(i64::MAX);
    let mut rows = connection.stream(sql, &[&after_column, &limit])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(pg)? {
        let event = row::read(&row)?.into_recorded()?;
        let expected = after + 1 + out.len() as u64;
        if event.position != expected {
            return Err(corrupt(format!(
                "expected an event at position {expected}, found the next at position {}: \
                 verify the store and restore it from a backup",
                event.position
            )));
        }
        out.push(event);
    }
    Ok(out)
}

pub(crate) fn lead(connection: &mut Connection, id: LeadId) -> Result<Option<LeadEntry>> {
    let row = connection.query_opt(select_lead!("WHERE l.id = $1"), &[&id.0])?;
    row.as_ref().map(entry).transpose()
}

pub(crate) fn leads(
    connection: &mut Connection,
    from: LeadIndex,
    leads_max: usize,
) -> Result<Vec<LeadEntry>> {
    let limit = i64::try_from(leads_max).unwrap_or(i64::MAX);
    let sql = select_lead!("WHERE l.lead >= $1 ORDER BY l.lead LIMIT $2");
    connection.query(sql, &[&i64::from(from.0), &limit])?.iter().map(entry).collect()
}

pub(crate) fn leads_by_key(connection: &mut Connection, key: &LeadKey) -> Result<Vec<LeadEntry>> {
    let sql = select_lead!("WHERE l.key = $1 ORDER BY l.lead");
    connection.query(sql, &[&key.as_str()])?.iter().map(entry).collect()
}

fn entry(row: &Row) -> Result<LeadEntry> {
    let index = lead_of(Some(column(row, 0)?));
    let id = LeadId(column(row, 1)?);
    let key: LeadKey = column::<&str>(row, 2)?.parse().map_err(|error| {
        corrupt(format!("the key of lead {id} is damaged: rebuild what is derived")).because(error)
    })?;
    Ok(LeadEntry { index, id, key, sequence: number(row, 3)? })
}

pub(crate) fn strings(connection: &mut Connection, codes: &[Code]) -> Result<Vec<String>> {
    let asked: Vec<i64> = codes.iter().map(|code| i64::from(code.0)).collect();
    let mut found: Map<u32, String> = Map::default();
    let sql = "SELECT code, text FROM string WHERE code = ANY($1)";
    for row in connection.query(sql, &[&asked])? {
        let code = u32::try_from(column::<i64>(&row, 0)?).unwrap_or(0);
        found.insert(code, text(&row, 1)?);
    }
    let text = |code: &Code| match found.get(&code.0) {
        _ if !code.is_some() => Ok(String::new()),
        Some(text) => Ok(text.clone()),
        None => Err(unknown("string code", u64::from(code.0))),
    };
    codes.iter().map(text).collect()
}

/// A string as the table `string` holds it.
fn text(row: &Row, n: usize) -> Result<String> {
    String::from_utf8(column(row, n)?).map_err(|_| {
        corrupt("expected a string in UTF-8, found other bytes: rebuild what is derived")
    })
}

pub(crate) fn string_count(connection: &mut Connection) -> Result<u32> {
    let row = connection.query_one("SELECT coalesce(max(code), 0) FROM string", &[])?;
    Ok(u32::try_from(number(&row, 0)?).unwrap_or(u32::MAX - 1))
}

pub(crate) fn code(connection: &mut Connection, text: &str) -> Result<Option<Code>> {
    Ok(codes(connection, &[text.as_bytes()])?.pop().map(|(code, _)| code))
}

/// The codes of those of some texts that have one.
pub(crate) fn codes(connection: &mut Connection, texts: &[&[u8]]) -> Result<Vec<(Code, String)>> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT code, text FROM string WHERE text = ANY($1)";
    let known = |row: &Row| {
        let code = u32::try_from(column::<i64>(row, 0)?).unwrap_or(u32::MAX - 1);
        Ok((Code(code), text(row, 1)?))
    };
    connection.query(sql, &[&texts])?.iter().map(known).collect()
}

pub(crate) fn event_ids(connection: &mut Connection, positions: &[u64]) -> Result<Vec<EventId>> {
    if let Ok(ids) = ids_at(connection, positions)? {
        return Ok(ids);
    }
    // The head first: what has been appended since the first look is found now.
    let head = head(connection)?;
    ids_at(connection, positions)?.map_err(|position| match position {
        1.. if position <= head => no_event(position),
        _ => unknown("position", position),
    })
}

/// The ids of events, or the first position that has none.
fn ids_at(
    connection: &mut Connection,
    positions: &[u64],
) -> Result<std::result::Result<Vec<EventId>, u64>> {
    let asked: Vec<_> = positions.iter().map(|p| i64::try_from(*p).unwrap_or(i64::MAX)).collect();
    // The whole row: its checksum is over all of it.
    let rows = row::at(connection, &asked)?;
    let found: Map<u64, EventId> = rows.iter().map(|row| (row.placed.position, row.id)).collect();
    let id = |position: &u64| found.get(position).copied().ok_or(*position);
    Ok(positions.iter().map(id).collect())
}

fn no_event(position: u64) -> StoreError {
    corrupt(format!(
        "expected an event at position {position}, found none: \
         verify the store and restore it from a backup"
    ))
}

/// The corrections that came before the events that they name, by what they name, in order.
pub(crate) type Early = Map<EventId, Vec<(LeadIndex, EarlyCorrection)>>;

/// Those that name one of some events.
pub(crate) fn early(connection: &mut Connection, targets: &[Uuid]) -> Result<Early> {
    let sql = "SELECT position FROM early_correction WHERE target = ANY($1) ORDER BY position";
    let rows = connection.query(sql, &[&targets])?;
    let positions: Vec<i64> = rows.iter().map(|row| column(row, 0)).collect::<Result<_>>()?;
    let mut found = row::at(connection, &positions)?.into_iter();
    let mut early = Early::default();
    for position in positions.into_iter().map(i64::cast_unsigned) {
        let row = found.next().filter(|row| row.placed.position == position);
        let row = row.ok_or_else(|| no_event(position))?;
        let lead = row.placed.lead;
        if let Body::Corrected(corrected) = row.event()?.body {
            let of = early.entry(corrected.target).or_default();
            of.push((lead, EarlyCorrection { position, corrected }));
        }
    }
    Ok(early)
}

/// Those of one event: of its own lead, and before it.
pub(crate) fn early_of(
    early: &Early,
    target: EventId,
    lead: LeadIndex,
    before: u64,
) -> Vec<EarlyCorrection> {
    let of = early.get(&target).into_iter().flatten();
    of.filter(|(of, correction)| *of == lead && correction.position < before)
        .map(|(_, correction)| correction.clone())
        .collect()
}

/// Whether any correction came before what it names.
pub(crate) fn has_early(connection: &mut Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM early_correction)";
    column(&connection.query_one(sql, &[])?, 0)
}
