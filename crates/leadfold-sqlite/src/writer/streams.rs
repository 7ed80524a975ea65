//! The ends of the leads' streams, cached up to a bound and written once a transaction.

use std::collections::hash_map::Entry;

use leadfold_core::LeadIndex;
use leadfold_store::adapter::Map;
use rusqlite::Connection;

use crate::derived::Stream;
use crate::error::{Result, sqlite};
use crate::read::stream;

/// Beyond this the cache is emptied: memory does not grow with the log.
const ENTRIES_MAX: usize = 200_000;

const REPLACE: &str =
    "INSERT OR REPLACE INTO stream (lead, events, last, links, crc) VALUES (?1, ?2, ?3, ?4, ?5)";

#[derive(Debug, Default)]
pub(crate) struct Streams {
    ends: Map<LeadIndex, End>,
    dirty: Vec<LeadIndex>,
}

#[derive(Clone, Copy, Debug)]
struct End {
    stream: Stream,
    /// Not written yet.
    is_dirty: bool,
}

impl Streams {
    /// A lead that the log did not know has no stream yet: nothing to look up. It gets one, if an
    /// empty one, so that a stream that is missing can be told from one that is empty.
    pub(crate) fn begin(&mut self, lead: LeadIndex) {
        self.ends.insert(lead, End { stream: Stream::empty(lead), is_dirty: true });
        self.dirty.push(lead);
    }

    /// How many events a lead has.
    pub(crate) fn events(&mut self, connection: &Connection, lead: LeadIndex) -> Result<u64> {
        end(&mut self.ends, connection, lead).map(|end| end.stream.events)
    }

    /// Adds an event; returns its sequence and the position of the event before it.
    pub(crate) fn push(
        &mut self,
        connection: &Connection,
        lead: LeadIndex,
        position: u64,
    ) -> Result<(u64, u64)> {
        let stream = self.change(connection, lead)?;
        let before = std::mem::replace(&mut stream.last, position);
        stream.events += 1;
        Ok((if lead == LeadIndex::NONE { 0 } else { stream.events }, before))
    }

    /// Counts a lead that a merge has linked a lead with.
    pub(crate) fn link(&mut self, connection: &Connection, lead: LeadIndex) -> Result<()> {
        self.change(connection, lead)?.links += 1;
        Ok(())
    }

    /// A stream that is written once more.
    fn change(&mut self, connection: &Connection, lead: LeadIndex) -> Result<&mut Stream> {
        let end = end(&mut self.ends, connection, lead)?;
        if !end.is_dirty {
            end.is_dirty = true;
            self.dirty.push(lead);
        }
        Ok(&mut end.stream)
    }

    /// Writes down what has changed, and empties the cache if it has grown too large.
    pub(crate) fn flush(&mut self, connection: &Connection) -> Result<()> {
        let mut replace = connection.prepare_cached(REPLACE).map_err(sqlite)?;
        let mut dirty = std::mem::take(&mut self.dirty);
        dirty.sort_unstable();
        for lead in dirty {
            let end = end(&mut self.ends, connection, lead)?;
            end.is_dirty = false;
            let Stream { events, last, links, .. } = end.stream;
            let [events, last, links] = [events, last, links].map(u64::cast_signed);
            let row = (lead.0, events, last, links, end.stream.crc());
            replace.execute(row).map_err(sqlite)?;
        }
        if self.ends.len() > ENTRIES_MAX {
            self.ends = Map::default();
        }
        Ok(())
    }
}

/// The end of a stream, which is looked up if it is not known.
fn end<'e>(
    ends: &'e mut Map<LeadIndex, End>,
    connection: &Connection,
    lead: LeadIndex,
) -> Result<&'e mut End> {
    match ends.entry(lead) {
        Entry::Occupied(entry) => Ok(entry.into_mut()),
        Entry::Vacant(entry) => {
            let stream = stream(connection, lead)?;
            Ok(entry.insert(End { stream, is_dirty: false }))
        }
    }
}
