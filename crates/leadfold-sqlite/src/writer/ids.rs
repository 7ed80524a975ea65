//! Which ids the log has. The last ones wait in memory, and in `recent_ids`, until they go into
//! the index together: random single entries would rewrite a page of the index for every event.

use std::collections::HashMap;

use leadfold_core::EventId;
use leadfold_store::adapter::Map;
use leadfold_store::{Batch, Prepared, Recorded};
use rusqlite::{Connection, Statement};

use super::filter::Filter;
use crate::derived::missing;
use crate::error::{Result, corrupt, sqlite};
use crate::read::{
    SELECT_ID, find_indexed, find_with, for_each_indexed, for_each_recent, recent_crc,
};
use crate::row;

/// So many ids wait.
const RECENT_MAX: usize = 1 << 17;
/// The first filter has room for so many ids of the index, each later one for so many times more.
const FILTER_IDS: usize = 1 << 20;
const FILTER_GROWTH: usize = 8;
/// The index of an opened file is read into a filter when so many ids in it have been looked up
/// one by one: before that it is not worth the time.
const LOOKUPS_SHARE: u64 = 8;

const INSERT_ID: &str = "INSERT INTO event_id (id, position) VALUES (?1, ?2)";
const INSERT_RECENT: &str = "INSERT INTO recent_ids (first, ids, crc) VALUES (?1, ?2, ?3)";

#[derive(Debug)]
pub(crate) struct Ids {
    recent: Map<EventId, u64>,
    /// Ids of the events that `recent_ids` does not have yet, in order.
    unsaved: Vec<u8>,
    /// How many ids the index has.
    indexed: u64,
    /// Of the ids in the index; none while the index of an opened file has not been read.
    filter: Option<Filter>,
    lookups: u64,
}

impl Default for Ids {
    /// Those of an empty log.
    fn default() -> Self {
        let filter = Some(Filter::with_room_for(FILTER_IDS));
        Self { recent: Map::default(), unsaved: Vec::new(), indexed: 0, filter, lookups: 0 }
    }
}

impl Ids {
    pub(crate) fn load(connection: &Connection, head: u64) -> Result<Self> {
        let mut ids = Self::default();
        let mut last = None;
        for_each_recent(connection, |id, position| {
            ids.recent.insert(id, position);
            last = Some(position);
        })?;
        if last.is_some_and(|last| last != head) {
            return Err(missing(&format!("the ids up to position {head} to wait for the index")));
        }
        ids.indexed = head.saturating_sub(ids.recent.len() as u64);
        ids.filter.take_if(|_| ids.recent.len() as u64 != head);
        Ok(ids)
    }

    pub(crate) fn push(&mut self, id: EventId, position: u64) {
        self.recent.insert(id, position);
        self.unsaved.extend_from_slice(id.0.as_bytes());
    }

    pub(crate) fn find(&self, connection: &Connection, id: EventId) -> Result<Option<u64>> {
        match self.recent.get(&id) {
            Some(position) => Ok(Some(*position)),
            None => find_indexed(connection, id),
        }
    }

    /// What the log has under the ids of a batch, by index in the batch.
    pub(crate) fn known(
        &mut self,
        connection: &Connection,
        batch: &Batch,
    ) -> Result<HashMap<usize, Recorded>> {
        let mut known = HashMap::new();
        let mut find = connection.prepare_cached(SELECT_ID).map_err(sqlite)?;
        let mut select = connection.prepare_cached(row::SELECT).map_err(sqlite)?;
        for (index, event) in batch.events.iter().enumerate() {
            let position = match self.recent.get(&event.id).copied() {
                Some(position) => Some(position),
                None if self.may_be_indexed(connection, event.id)? => {
                    find_with(&mut find, event.id)?
                }
                None => None,
            };
            if let Some(position) = position {
                known.insert(index, recorded(&mut select, position, event)?);
            }
        }
        Ok(known)
    }

    fn may_be_indexed(&mut self, connection: &Connection, id: EventId) -> Result<bool> {
        if let Some(filter) = &self.filter {
            return Ok(filter.may_have(id));
        }
        self.lookups += 1;
        if self.lookups * LOOKUPS_SHARE > self.indexed {
            self.read_filter(connection)?;
        }
        Ok(true)
    }

    fn read_filter(&mut self, connection: &Connection) -> Result<()> {
        let room = usize::try_from(self.indexed).unwrap_or(usize::MAX / FILTER_GROWTH);
        let mut filter = Filter::with_room_for(FILTER_IDS.max(room * FILTER_GROWTH));
        for_each_indexed(connection, |id| filter.insert(id))?;
        self.filter = Some(filter);
        Ok(())
    }

    /// Writes down the ids that came with this transaction.
    pub(crate) fn flush(&mut self, connection: &Connection, head: u64) -> Result<()> {
        if self.recent.len() >= RECENT_MAX {
            return self.index(connection);
        }
        if !self.unsaved.is_empty() {
            let first = head + 1 - (self.unsaved.len() / 16) as u64;
            let mut insert = connection.prepare_cached(INSERT_RECENT).map_err(sqlite)?;
            let row = (first.cast_signed(), &self.unsaved, recent_crc(first, &self.unsaved));
            insert.execute(row).map_err(sqlite)?;
            self.unsaved.clear();
        }
        Ok(())
    }

    /// Moves all that wait into the index, in its order.
    fn index(&mut self, connection: &Connection) -> Result<()> {
        self.unsaved.clear();
        let mut ids: Vec<_> = self.recent.drain().collect();
        ids.sort_unstable();
        self.indexed += ids.len() as u64;
        let mut insert = connection.prepare_cached(INSERT_ID).map_err(sqlite)?;
        for (id, position) in &ids {
            let row = (id.0.as_bytes().as_slice(), position.cast_signed());
            insert.execute(row).map_err(sqlite)?;
        }
        connection.execute_batch("DELETE FROM recent_ids").map_err(sqlite)?;
        if let Some(filter) = &mut self.filter {
            ids.iter().for_each(|(id, _)| filter.insert(*id));
        }
        match &self.filter {
            Some(filter) if filter.is_full() => self.read_filter(connection),
            _ => Ok(()),
        }
    }
}

fn recorded(select: &mut Statement<'_>, position: u64, event: &Prepared) -> Result<Recorded> {
    let row = row::at(select, position)?.filter(|row| row.id == event.id);
    let row = row.ok_or_else(|| {
        corrupt(format!(
            "the index of event ids is damaged: expected event {} at position {position}; \
             rebuild what is derived from the events",
            event.id
        ))
    })?;
    let is_same = row.body == event.content;
    Ok(Recorded { position, sequence: row.placed.sequence, is_same })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> EventId {
        EventId(Uuid::from_u128(n))
    }

    /// A file whose index has event 1, while so many ids wait behind it.
    fn file(waiting: u128) -> Connection {
        let connection = Connection::open_in_memory().expect("memory");
        let tables = "CREATE TABLE event_id (id BLOB PRIMARY KEY, position INTEGER) WITHOUT ROWID;
            CREATE TABLE recent_ids (first INTEGER PRIMARY KEY, ids BLOB NOT NULL, crc INTEGER);";
        connection.execute_batch(tables).expect("the tables are new");
        let first = id(1).0.into_bytes();
        connection.execute(INSERT_ID, (first.as_slice(), 1)).expect("the index takes it");
        let ids: Vec<u8> = (2..2 + waiting).flat_map(|n| id(n).0.into_bytes()).collect();
        let crc = recent_crc(2, &ids);
        connection.execute(INSERT_RECENT, (2, ids, crc)).expect("the list takes them");
        connection
    }

    #[test]
    fn an_id_in_the_index_is_looked_for_whatever_waits_beside_it() {
        let whole = file(3);
        let mut ids = Ids::load(&whole, 4).expect("the file is read");
        assert!(ids.may_be_indexed(&whole, id(1)).expect("memory does not fail"));
        assert!(ids.filter.is_some(), "looking up everything one by one costs more");
        assert!(!ids.may_be_indexed(&whole, id(9)).expect("memory does not fail"));

        // More than there are events, and fewer.
        for waiting in [2, 5] {
            assert!(Ids::load(&file(waiting), 4).expect_err("it is damaged").is_corrupt());
        }
    }
}
