//! The ends of the leads' streams, cached up to a bound and written once a transaction.

use leadfold_core::LeadIndex;
use leadfold_store::adapter::Map;

use crate::connection::Connection;
use crate::error::Result;
use crate::read;

/// Beyond this the cache is emptied: memory does not grow with the log.
const ENTRIES_MAX: usize = 200_000;

/// The end of a stream: its lead, how many events it has, and the position of the last.
pub(crate) type Row = (LeadIndex, u64, u64);

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

    /// Looks up those ends that are not cached.
    pub(crate) fn fetch(&mut self, connection: &mut Connection, leads: &[LeadIndex]) -> Result<()> {
        let is_unknown = |lead: &LeadIndex| !self.ends.contains_key(lead);
        let asked: Vec<_> = leads.iter().copied().filter(is_unknown).collect();
        if asked.is_empty() {
            return Ok(());
        }
        let found = read::streams(connection, &asked)?;
        for lead in asked {
            let (events, last) = found.get(&lead).copied().unwrap_or_default();
            self.ends.insert(lead, End { events, last, is_dirty: false });
        }
        Ok(())
    }

    /// How many events a lead has.
    pub(crate) fn events(&mut self, connection: &mut Connection, lead: LeadIndex) -> Result<u64> {
        self.end(connection, lead).map(|end| end.events)
    }

    /// Adds an event; returns its sequence and the position of the event before it.
    pub(crate) fn push(
        &mut self,
        connection: &mut Connection,
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

    fn end(&mut self, connection: &mut Connection, lead: LeadIndex) -> Result<&mut End> {
        if !self.ends.contains_key(&lead) {
            self.fetch(connection, &[lead])?;
        }
        Ok(self.ends.entry(lead).or_default())
    }

    /// What has changed and is to be written.
    pub(crate) fn take_dirty(&mut self) -> Vec<Row> {
        let dirty = std::mem::take(&mut self.dirty);
        let row = |lead| {
            let end = self.ends.entry(lead).or_default();
            end.is_dirty = false;
            (lead, end.events, end.last)
        };
        dirty.into_iter().map(row).collect()
    }

    /// Empties the cache if it has grown too large. All of it must have been written.
    pub(crate) fn trim(&mut self) {
        if self.ends.len() > ENTRIES_MAX {
            self.ends = Map::default();
        }
    }
}
