//! Facts of single events, derived again with the numbers that the log has given.

use leadfold_core::event::{Body, Event};
use leadfold_core::{
    Code, EventId, Facts, Intern, LeadId, LeadIndex, LeadKey, Place, Target, lower,
};
use leadfold_store::StoreError;
use leadfold_store::adapter::{EventRow, Map};
use rusqlite::Connection;

use super::Positions;
use crate::derived::Early;
use crate::error::{Result, corrupt, sqlite};

/// Beyond this the cache of strings is emptied.
const ENTRIES_MAX: usize = 200_000;

/// Derives facts and changes nothing; the same facts as were stored.
pub(crate) struct Relower<'c> {
    connection: &'c Connection,
    codes: Map<String, Code>,
    positions: Positions,
    has_early: bool,
    lead: LeadIndex,
    position: u64,
}

impl<'c> Relower<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Result<Self> {
        let sql = "SELECT EXISTS (SELECT * FROM early_correction)";
        let has_early = connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite)?;
        Ok(Self {
            connection,
            codes: Map::default(),
            positions: Positions::default(),
            has_early,
            lead: LeadIndex::NONE,
            position: 0,
        })
    }

    /// The position of an event, by its id.
    pub(crate) fn find(&mut self, id: EventId) -> Result<Option<u64>> {
        self.positions.find(self.connection, id)
    }

    /// Appends the facts of a stored event.
    pub(crate) fn lower<B>(
        &mut self,
        row: &EventRow<B>,
        event: &Event,
        out: &mut Facts,
    ) -> Result<()> {
        (self.lead, self.position) = (row.placed.lead, row.placed.position);
        let early = if self.has_early {
            super::early(self.connection, row.id, self.lead, self.position)?
        } else {
            Vec::new()
        };
        let recorded_at = row.recorded_at.micros();
        let place = Place { position: self.position, recorded_at, lead: self.lead };
        lower(event, place, &early, self, out)?;
        match &event.body {
            Body::Corrected(corrected) => self.check_early(corrected.target),
            _ => Ok(()),
        }
    }

    /// A target that had not come before its correction has it waiting.
    fn check_early(&mut self, target: EventId) -> Result<()> {
        if self.target(target)?.is_some() {
            return Ok(());
        }
        let early = Early { target, position: self.position, lead: self.lead };
        super::check_early(self.connection, early)
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
        super::lead_index(self.connection, id)?.ok_or_else(|| {
            corrupt(format!(
                "expected lead {id} to have an index, found none; \
                 rebuild what is derived from the events"
            ))
        })
    }

    fn target(&mut self, id: EventId) -> Result<Option<Target>> {
        let position = self.find(id)?;
        super::resolve(self.connection, (id, position), self.lead, self.position)
    }
}
