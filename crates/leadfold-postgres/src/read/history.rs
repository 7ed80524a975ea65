//! The events of single leads: each stream is a chain from its last event back to its first.

use std::collections::BTreeSet;

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Facts, LeadIndex};
use leadfold_store::adapter::{EventRow, Map};

use crate::connection::{Connection, column, number};
use crate::error::{Result, corrupt};
use crate::row::{self, columns, lead_of};

/// Reading all pages is cheaper than following chains when more than one event in this many is
/// wanted: an event by its row costs as much as so many facts of a page.
const SCAN_RATIO: u64 = 64;

/// A chain goes only backwards and stays with its lead, so a damaged one ends.
const SELECT_CHAINS: &str = columns!(
    "(WITH RECURSIVE chain AS ( \
         SELECT e.* FROM stream s JOIN event e ON e.position = s.last WHERE s.lead = ANY($1) \
         UNION ALL \
         SELECT e.* FROM chain c JOIN event e ON e.position = c.previous \
         WHERE c.previous < c.position AND e.lead IS NOT DISTINCT FROM c.lead \
     ) SELECT * FROM chain) chains ORDER BY position"
);
const SELECT_STREAMS: &str = "SELECT lead, events, last FROM stream WHERE lead = ANY($1)";

/// From a snapshot.
pub(crate) fn lead_events(
    connection: &mut Connection,
    lead: LeadIndex,
) -> Result<Vec<RecordedEvent>> {
    chains(connection, &[lead])?.into_iter().map(EventRow::into_recorded).collect()
}

fn column_of(leads: &[LeadIndex]) -> Vec<i64> {
    leads.iter().map(|lead| i64::from(lead.0)).collect()
}

/// How many events streams have, and the positions of their last ones.
pub(crate) fn streams(
    connection: &mut Connection,
    leads: &[LeadIndex],
) -> Result<Map<LeadIndex, (u64, u64)>> {
    let rows = connection.query(SELECT_STREAMS, &[&column_of(leads)])?;
    let end = |row| Ok((lead_of(Some(column(row, 0)?)), (number(row, 1)?, number(row, 2)?)));
    rows.iter().map(end).collect()
}

/// The rows of some streams, in the order of the log.
fn chains(connection: &mut Connection, leads: &[LeadIndex]) -> Result<Vec<EventRow>> {
    let mut ends = streams(connection, leads)?;
    let rows = connection.query(SELECT_CHAINS, &[&column_of(leads)])?;
    let rows: Vec<EventRow> = rows.iter().map(row::read).collect::<Result<_>>()?;
    // Back from the last: each row is the one that the row behind it leads to.
    for row in rows.iter().rev() {
        let end = ends.get_mut(&row.placed.lead).filter(|end| end.1 == row.placed.position);
        let Some((events, last)) = end else { return Err(broken(row.placed.lead)) };
        (*events, *last) = (events.saturating_sub(1), row.placed.previous);
    }
    match ends.into_iter().find(|(_, end)| *end != (0, 0)) {
        Some((lead, _)) => Err(broken(lead)),
        None => Ok(rows),
    }
}

fn broken(lead: LeadIndex) -> leadfold_store::StoreError {
    corrupt(format!(
        "expected the stream of the lead with index {} to lead from its last event to its first, \
         found it broken: verify the store, then rebuild or restore",
        lead.0
    ))
}

/// From a snapshot.
pub(crate) fn history(connection: &mut Connection, leads: &[LeadIndex]) -> Result<Facts> {
    let leads: BTreeSet<_> = leads.iter().copied().collect();
    let list: Vec<_> = leads.iter().copied().collect();
    let wanted: u64 = streams(connection, &list)?.values().map(|(events, _)| events).sum();
    let head = super::head(connection)?;
    if wanted.saturating_mul(SCAN_RATIO) > head {
        return scan(connection, &leads, head);
    }
    let rows = chains(connection, &list)?;
    super::relower(connection, &rows)?.into_facts()
}

fn scan(connection: &mut Connection, leads: &BTreeSet<LeadIndex>, head: u64) -> Result<Facts> {
    let (mut out, mut page) = (Facts::default(), Facts::default());
    super::for_each_page(connection, 1, head, |row| {
        page.clear();
        row.decode(&mut page)?;
        out.extend_filtered(&page, |lead| leads.contains(&lead));
        Ok(())
    })?;
    Ok(out)
}

/// Every link of every lead that links lead to from some leads.
pub(crate) fn links(
    connection: &mut Connection,
    leads: &[LeadIndex],
) -> Result<Vec<(LeadIndex, LeadIndex)>> {
    let sql = "WITH RECURSIVE family AS ( \
            SELECT unnest($1::bigint[]) AS lead \
            UNION SELECT l.other FROM family f JOIN link l ON l.lead = f.lead \
        ) SELECT l.lead, l.other FROM family f JOIN link l ON l.lead = f.lead";
    let rows = connection.query(sql, &[&column_of(leads)])?;
    rows.iter().map(|row| Ok((lead_of(column(row, 0)?), lead_of(column(row, 1)?)))).collect()
}

pub(crate) fn family(connection: &mut Connection, leads: &[LeadIndex]) -> Result<Vec<LeadIndex>> {
    let mut family: BTreeSet<_> = leads.iter().copied().collect();
    family.extend(links(connection, leads)?.into_iter().map(|(_, other)| other));
    Ok(family.into_iter().collect())
}
