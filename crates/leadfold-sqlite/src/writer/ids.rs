//! Which ids the log has. The last ones wait in memory, and in `recent_ids`, until they go into
//! the index together: random single entries would rewrite a page of the index for every event.

use std::collections::HashMap;

use leadfold_core::EventId;
use leadfold_store::{Batch, Prepared, Recorded};
use rusqlite::{Connection, Statement};

use crate::error::{Result, corrupt, sqlite};
use crate::read::{SELECT_ID, find_indexed, find_with, recent_ids};
use crate::row::{self, EventRow};

/// So many ids wait.
const RECENT_MAX: usize = 1 << 17;

const INSERT_ID: &str = "INSERT INTO event_id (id, position) VALUES (?1, ?2)";
const INSERT_RECENT: &str = "INSERT INTO recent_ids (first, ids) VALUES (?1, ?2)";

#[derive(Debug, Default)]
pub(crate) struct Ids {
    recent: HashMap<EventId, u64>,
    /// Ids of the events that `recent_ids` does not have yet, in order.
    unsaved: Vec<u8>,
    has_index: bool,
}

impl Ids {
    pub(crate) fn load(connection: &Connection, head: u64) -> Result<Self> {
        let recent = recent_ids(connection)?;
        let has_index = recent.len() as u64 != head;
        Ok(Self { recent, unsaved: Vec::new(), has_index })
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
        &self,
        connection: &Connection,
        batch: &Batch,
    ) -> Result<HashMap<usize, Recorded>> {
        let mut known = HashMap::new();
        let mut find = connection.prepare_cached(SELECT_ID).map_err(sqlite)?;
        let mut select = connection.prepare_cached(row::SELECT).map_err(sqlite)?;
        // In the order of the index: neighbours share its pages.
        let mut order: Vec<_> = (0..batch.events.len()).collect();
        order.sort_unstable_by_key(|index| batch.events[*index].id);
        for index in order {
            let event = &batch.events[index];
            let position = match self.recent.get(&event.id) {
                Some(position) => Some(*position),
                None if self.has_index => find_with(&mut find, event.id)?,
                None => None,
            };
            if let Some(position) = position {
                known.insert(index, recorded(&mut select, position, event)?);
            }
        }
        Ok(known)
    }

    /// Writes down the ids that came with this transaction.
    pub(crate) fn flush(&mut self, connection: &Connection, head: u64) -> Result<()> {
        if self.recent.len() >= RECENT_MAX {
            return self.index(connection);
        }
        if !self.unsaved.is_empty() {
            let first = head + 1 - (self.unsaved.len() / 16) as u64;
            let mut insert = connection.prepare_cached(INSERT_RECENT).map_err(sqlite)?;
            insert.execute((first.cast_signed(), &self.unsaved)).map_err(sqlite)?;
            self.unsaved.clear();
        }
        Ok(())
    }

    /// Moves all that wait into the index, in its order.
    fn index(&mut self, connection: &Connection) -> Result<()> {
        self.unsaved.clear();
        self.has_index = true;
        let mut ids: Vec<_> = self.recent.drain().collect();
        ids.sort_unstable();
        let mut insert = connection.prepare_cached(INSERT_ID).map_err(sqlite)?;
        for (id, position) in ids {
            let row = (id.0.as_bytes().as_slice(), position.cast_signed());
            insert.execute(row).map_err(sqlite)?;
        }
        connection.execute_batch("DELETE FROM recent_ids").map_err(sqlite)
    }
}

fn recorded(select: &mut Statement<'_>, position: u64, event: &Prepared) -> Result<Recorded> {
    let row = EventRow::at(select, position)?.filter(|row| row.id == event.id);
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
