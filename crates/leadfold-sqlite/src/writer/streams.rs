//! The ends of the leads' streams, cached up to a bound and written once a transaction.

use std::collections::hash_map::Entry;

use leadfold_core::LeadIndex;
use leadfold_store::adapter::Map;
use rusqlite::Connection;

use crate::error::{Result, sqlite};
use crate::read::stream;

/// Beyond this the cache is emptied: memory does not grow with the log.
const ENTRIES_MAX: usize = 200_000;

const REPLACE: &str = "INSERT OR REPLACE INTO stream (lead, events, last) VALUES (?1, ?2, ?3)";

#[derive(Debug, Default)]
pub(crate) struct Streams {
    ends: Map<LeadIndex, End>,
    dirty: Vec<LeadIndex>,
}

#[derive(Clone, Copy, Debug, Default)]
struct End {
    events: u64,
    last: u64,
    /// Not written yet.
    is_dirty: bool,
}

impl Streams {
    /// A lead that the log did not know has no stream yet: nothing to look up.
    pub(crate) fn begin(&mut self, lead: LeadIndex) {
        self.ends.insert(lead, End::default());
    }

    /// How many events a lead has.
    pub(crate) fn events(&mut self, connection: &Connection, lead: LeadIndex) -> Result<u64> {
        self.end(connection, lead).map(|end| end.events)
    }

    /// Adds an event; returns its sequence and the position of the event before it.
    pub(crate) fn push(
        &mut self,
        connection: &Connection,
        lead: LeadIndex,
        position: u64,
    ) -> Result<(u64, u64)> {
        let end = self.end(connection, lead)?;
        let before = *end;
        let events = before.events + 1;
        *end = End { events, last: position, is_dirty: true };
        if !before.is_dirty {
            self.dirty.push(lead);
        }
        Ok((if lead == LeadIndex::NONE { 0 } else { events }, before.last))
    }

    fn end(&mut self, connection: &Connection, lead: LeadIndex) -> Result<&mut End> {
        match self.ends.entry(lead) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let (events, last) = stream(connection, lead)?;
                Ok(entry.insert(End { events, last, is_dirty: false }))
            }
        }
    }

    /// Writes down what has changed, and empties the cache if it has grown too large.
    pub(crate) fn flush(&mut self, connection: &Connection) -> Result<()> {
        let mut replace = connection.prepare_cached(REPLACE).map_err(sqlite)?;
        let mut dirty = std::mem::take(&mut self.dirty);
        dirty.sort_unstable();
        for lead in dirty {
            let end = self.end(connection, lead)?;
            end.is_dirty = false;
            let row = (lead.0, end.events.cast_signed(), end.last.cast_signed());
            replace.execute(row).map_err(sqlite)?;
        }
        if self.ends.len() > ENTRIES_MAX {
            self.ends = Map::default();
        }
        Ok(())
    }
}
