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
    SELECT_ID, find_indexed, find_with, first_recent, for_each_indexed, for_each_recent, recent_crc,
};
use crate::row;

/// So many ids wait,
const RECENT_MIN: u64 = 1 << 17;
/// or, of a large log, one for so many in the index: its pages are many, and more ids share them.
const RECENT_SHARE: u64 = 8;
/// But no more: with what one transaction adds, a map of 2^19 places has room for them.
const RECENT_MAX: u64 = 6 << 16;
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
        for_each_recent(connection, None, |id, position| {
            ids.recent.insert(id, position);
            last = Some(position);
        })?;
        if last.is_some_and(|last| last != head) {
            return Err(missing(&format!("the ids up to position {head} to wait for the index")));
        }
        ids.indexed = head.saturating_sub(ids.recent.len() as u64);
        check_end_of_index(connection, ids.indexed)?;
        ids.filter.take_if(|_| ids.recent.len() as u64 != head);
        Ok(ids)
    }

    /// Adds what others have appended behind a position, if that is all that they have done: none if
    /// they have moved ids into the index, or have put an older file back. Whoever has made the
    /// tables anew, the index among them, has to be told from elsewhere.
    pub(crate) fn catch_up(
        mut self,
        connection: &Connection,
        known: u64,
        head: u64,
    ) -> Result<Option<Self>> {
        let first = known + 1 - self.recent.len() as u64;
        if head < known || first_recent(connection)?.unwrap_or(head + 1) != first {
            return Ok(None);
        }
        let mut expected = known + 1..=head;
        let mut goes_on = true;
        for_each_recent(connection, Some(known + 1), |id, position| {
            goes_on &= expected.next() == Some(position);
            self.recent.insert(id, position);
        })?;
        Ok((goes_on && expected.is_empty()).then_some(self))
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
        if self.recent.len() as u64 >= recent_max(self.indexed) {
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

/// How many ids wait for an index of so many.
fn recent_max(indexed: u64) -> u64 {
    (indexed / RECENT_SHARE).clamp(RECENT_MIN, RECENT_MAX)
}

/// That the index has the last event before those that wait. All that wait go into it at once, so
/// it has all events before that one too; if it has not, ids are missing where the list began. Of an
/// event that is damaged itself nothing can be said here.
fn check_end_of_index(connection: &Connection, indexed: u64) -> Result<()> {
    let mut select = connection.prepare_cached(row::SELECT).map_err(sqlite)?;
    let event = match row::at(&mut select, indexed) {
        Err(error) if error.is_corrupt() => None,
        event => event?,
    };
    match event {
        Some(event) if find_indexed(connection, event.id)? != Some(indexed) => Err(missing(
            &format!("the ids up to position {indexed} in the index, or to wait for it"),
        )),
        _ => Ok(()),
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
    use leadfold_core::{LeadIndex, Timestamp};
    use leadfold_store::adapter::Placed;
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> EventId {
        EventId(Uuid::from_u128(n))
    }

    /// A file whose index has event 1, while so many ids wait behind it.
    fn file(waiting: u128) -> Connection {
        let connection = Connection::open_in_memory().expect("memory");
        let tables = "CREATE TABLE event_id (id BLOB PRIMARY KEY, position INTEGER) WITHOUT ROWID;
            CREATE TABLE recent_ids (first INTEGER PRIMARY KEY, ids BLOB NOT NULL, crc INTEGER);
            CREATE TABLE event (position INTEGER PRIMARY KEY, lead INTEGER, sequence INTEGER,
                previous INTEGER, recorded_at INTEGER, id BLOB, body TEXT, crc INTEGER);";
        connection.execute_batch(tables).expect("the tables are new");
        let first = id(1).0.into_bytes();
        connection.execute(INSERT_ID, (first.as_slice(), 1)).expect("the index takes it");
        let placed = Placed { position: 1, lead: LeadIndex::NONE, sequence: 0, previous: 0 };
        let mut insert = connection.prepare(row::INSERT).expect("the statement is sound");
        let now = Timestamp::from_micros(0);
        row::insert(&mut insert, placed, now, id(1), "{}").expect("the log takes it");
        drop(insert);
        let ids: Vec<u8> = (2..2 + waiting).flat_map(|n| id(n).0.into_bytes()).collect();
        let crc = recent_crc(2, &ids);
        connection.execute(INSERT_RECENT, (2, ids, crc)).expect("the list takes them");
        connection
    }

    /// Appends a row of ids, as another process does.
    fn append(file: &Connection, numbers: std::ops::RangeInclusive<u128>) {
        let first = *numbers.start() as u64;
        let ids: Vec<u8> = numbers.flat_map(|n| id(n).0.into_bytes()).collect();
        let row = (first.cast_signed(), &ids, recent_crc(first, &ids));
        file.execute(INSERT_RECENT, row).expect("the list takes them");
    }

    /// What is known of a file of four events goes on if so many are there now.
    fn caught_up(file: &Connection, head: u64) -> Option<Ids> {
        let ids = Ids::load(&self::file(3), 4).expect("the file is read");
        ids.catch_up(file, 4, head).expect("the file is read")
    }

    #[test]
    fn ids_that_others_have_appended_are_read_behind_those_that_are_known() {
        let file = file(3);
        append(&file, 5..=6);
        append(&file, 7..=7);
        let ids = caught_up(&file, 7).expect("it goes on");
        for n in 2..=7_u128 {
            assert_eq!(ids.find(&file, id(n)).expect("memory does not fail"), Some(n as u64));
        }
        assert_eq!(ids.recent.len(), 6);

        assert!(caught_up(&self::file(3), 4).is_some(), "nothing has come");
        assert!(caught_up(&file, 8).is_none(), "the last one is missing");
        assert!(caught_up(&self::file(3), 3).is_none(), "it was longer before");
        file.execute("DELETE FROM recent_ids WHERE first = 5", []).expect("it goes");
        assert!(caught_up(&file, 7).is_none(), "there is a gap");
    }

    #[test]
    fn ids_that_others_have_moved_are_looked_for_in_the_index() {
        let file = file(3);
        file.execute("DELETE FROM recent_ids", []).expect("they go");
        assert!(caught_up(&file, 6).is_none(), "all of them, and what came since");
        append(&file, 7..=8);
        assert!(caught_up(&file, 8).is_none(), "others wait now");

        // A rebuild writes other rows: one goes on over the position that was known.
        let anew = self::file(6);
        assert!(caught_up(&anew, 7).is_none());
    }

    #[test]
    fn more_ids_wait_for_a_large_index_up_to_a_bound() {
        let waiting = [0, 1 << 20, 1 << 21, 1 << 33].map(recent_max);
        assert_eq!(waiting, [131_072, 131_072, 262_144, 393_216]);
    }

    #[test]
    fn an_id_in_the_index_is_looked_for_whatever_waits_beside_it() {
        let whole = file(3);
        let mut ids = Ids::load(&whole, 4).expect("the file is read");
        assert!(ids.may_be_indexed(&whole, id(1)).expect("memory does not fail"));
        assert!(ids.filter.is_some(), "looking up everything one by one costs more");
        assert!(!ids.may_be_indexed(&whole, id(9)).expect("memory does not fail"));

        // The index has lost what it had.
        whole.execute("DELETE FROM event_id", []).expect("it goes");
        assert!(Ids::load(&whole, 4).expect_err("it is damaged").is_corrupt());
        // An event that is damaged says nothing about it, and keeps no other out.
        whole.execute("UPDATE event SET crc = crc + 1", []).expect("it is there");
        Ids::load(&whole, 4).expect("the file is read");

        // More than there are events, and fewer.
        for waiting in [2, 5] {
            assert!(Ids::load(&file(waiting), 4).expect_err("it is damaged").is_corrupt());
        }
    }
}
