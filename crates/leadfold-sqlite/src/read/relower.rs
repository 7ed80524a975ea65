//! Facts of single events, derived again with the numbers that the log has given.

use std::collections::HashMap;

use leadfold_core::event::Event;
use leadfold_core::{
    Code, EventId, Facts, Intern, LeadId, LeadIndex, LeadKey, Place, Target, lower,
};
use leadfold_store::StoreError;
use rusqlite::{Connection, OptionalExtension};

use crate::error::{Result, corrupt, sqlite};
use crate::row::EventRow;

/// Beyond this the cache of strings is emptied.
const ENTRIES_MAX: usize = 200_000;

/// Derives facts and changes nothing; the same facts as were stored.
pub(crate) struct Relower<'c> {
    connection: &'c Connection,
    codes: HashMap<String, Code>,
    has_early: bool,
    lead: LeadIndex,
    position: u64,
}

impl<'c> Relower<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Result<Self> {
        let sql = "SELECT EXISTS (SELECT * FROM early_correction)";
        let has_early = connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite)?;
        let (lead, position) = (LeadIndex::NONE, 0);
        Ok(Self { connection, codes: HashMap::new(), has_early, lead, position })
    }

    /// Appends the facts of a stored event.
    pub(crate) fn lower(&mut self, row: &EventRow, event: &Event, out: &mut Facts) -> Result<()> {
        (self.lead, self.position) = (row.placed.lead, row.placed.position);
        let early = if self.has_early {
            super::early(self.connection, row.id, self.lead, self.position)?
        } else {
            Vec::new()
        };
        let recorded_at = row.recorded_at.micros();
        let place = Place { position: self.position, recorded_at, lead: self.lead };
        lower(event, place, &early, self, out)
    }
}

impl Intern for Relower<'_> {
    type Error = StoreError;

    fn string(&mut self, text: &str) -> Result<Code> {
        if let Some(code) = self.codes.get(text) {
            return Ok(*code);
        }
        let code = super::code(self.connection, text)?.ok_or_else(|| {
            corrupt(format!(
                "expected the strings of the event at position {} to have codes, \
                 found one without; rebuild what is derived from the events",
                self.position
            ))
        })?;
        if self.codes.len() >= ENTRIES_MAX {
            self.codes.clear();
        }
        self.codes.insert(text.to_owned(), code);
        Ok(code)
    }

    fn lead(&mut self, id: LeadId, _: &LeadKey) -> Result<LeadIndex> {
        let sql = "SELECT lead FROM lead WHERE id = ?1";
        let mut select = self.connection.prepare_cached(sql).map_err(sqlite)?;
        let index = select.query_row([id.0.as_bytes().as_slice()], |row| row.get(0)).optional();
        index.map_err(sqlite)?.map(LeadIndex).ok_or_else(|| {
            corrupt(format!(
                "expected lead {id} to have an index, found none; \
                 rebuild what is derived from the events"
            ))
        })
    }

    fn target(&mut self, id: EventId) -> Result<Option<Target>> {
        let position = find(self.connection, id)?;
        super::resolve(self.connection, position, self.lead, self.position)
    }
}

/// The position of an event, by its id.
fn find(connection: &Connection, id: EventId) -> Result<Option<u64>> {
    if let Some(position) = super::find_indexed(connection, id)? {
        return Ok(Some(position));
    }
    let mut select =
        connection.prepare_cached("SELECT first, ids FROM recent_ids").map_err(sqlite)?;
    let mut rows = select.query([]).map_err(sqlite)?;
    while let Some(row) = rows.next().map_err(sqlite)? {
        let ids = row.get_ref(1).map_err(sqlite)?.as_blob().map_err(|error| {
            corrupt("the list of recent ids is damaged: rebuild what is derived").because(error)
        })?;
        let index = ids.as_chunks::<16>().0.iter().position(|other| other == id.0.as_bytes());
        if let Some(index) = index {
            let first = row.get::<_, i64>(0).map_err(sqlite)?.cast_unsigned();
            return Ok(Some(first + index as u64));
        }
    }
    Ok(None)
}
