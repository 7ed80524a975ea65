//! The ends of the leads' streams, cached up to a bound and written once a transaction.

use leadfold_core::LeadIndex;
use rusqlite::Connection;

use super::cache::Cache;
use crate::derived::Stream;
use crate::error::{Result, sqlite};
use crate::read::stream;

const REPLACE: &str =
    "INSERT OR REPLACE INTO stream (lead, events, last, links, crc) VALUES (?1, ?2, ?3, ?4, ?5)";

#[derive(Debug, Default)]
pub(crate) struct Streams {
    ends: Cache<LeadIndex, End>,
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

    /// Writes down what has changed, and forgets what is long unused.
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
        self.ends.age();
        Ok(())
    }
}

/// The end of a stream, which is looked up if it is not known.
fn end<'e>(
    ends: &'e mut Cache<LeadIndex, End>,
    connection: &Connection,
    lead: LeadIndex,
) -> Result<&'e mut End> {
    ends.get_or_look_up(lead, |lead| {
        Ok(End { stream: stream(connection, *lead)?, is_dirty: false })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::renew_derived;

    /// More leads than the cache has room for, twice.
    #[test]
    fn stream_that_was_forgotten_goes_on_where_the_file_says() {
        const LEADS: u32 = 1 << 18;
        let file = Connection::open_in_memory().expect("memory");
        renew_derived(&file).expect("the tables are new");
        file.execute_batch("BEGIN").expect("memory does not fail");
        let mut streams = Streams::default();
        for lead in (0..LEADS).map(LeadIndex) {
            streams.begin(lead);
            let position = u64::from(lead.0) + 1;
            assert_eq!(streams.push(&file, lead, position).expect("it goes in"), (1, 0));
            if position.is_multiple_of(1 << 16) {
                streams.flush(&file).expect("they are written");
            }
        }
        for lead in [0, 1, LEADS / 2, LEADS - 1].map(LeadIndex) {
            let (end, first) = (u64::from(LEADS) + 1, u64::from(lead.0) + 1);
            assert_eq!(streams.push(&file, lead, end).expect("it goes in"), (2, first));
        }
    }
}
