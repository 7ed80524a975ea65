//! The dictionaries of the writer: strings and leads to numbers, cached up to a bound.

use leadfold_core::{Code, LeadId, LeadIndex, LeadKey};
use leadfold_store::StoreError;
use leadfold_store::adapter::{Dictionary, next_number};
use rusqlite::Connection;

use super::cache::Cache;
use super::streams::Streams;
use crate::derived::{Lead, Text, Totals};
use crate::error::{Result, corrupt, sqlite};
use crate::read::{code, lead_index};

/// Longer strings are looked up every time.
const TEXT_BYTES_MAX: usize = 256;

const INSERT_STRING: &str = "INSERT OR IGNORE INTO string (code, text, crc) VALUES (?1, ?2, ?3)";
const INSERT_LEAD: &str = "INSERT OR IGNORE INTO lead (lead, id, key, crc) VALUES (?1, ?2, ?3, ?4)";

#[derive(Debug, Default)]
pub(crate) struct Names {
    codes: Cache<String, Code>,
    leads: Cache<LeadId, LeadIndex>,
    totals: Totals,
    /// What the file says; none if nothing has been written to it.
    saved: Option<Totals>,
}

impl Names {
    pub(crate) fn load(connection: &Connection) -> Result<Self> {
        let saved = Totals::load(connection)?;
        Ok(Self { totals: saved.unwrap_or_default(), saved, ..Self::default() })
    }

    /// Whether nothing has been written to the file.
    pub(crate) fn is_new(&self) -> bool {
        self.saved.is_none()
    }

    /// Totals a row of `link`.
    pub(crate) fn count_link(&mut self) {
        self.totals.links += 1;
    }

    /// Writes down how many there are, and forgets what is long unused.
    pub(crate) fn flush(&mut self, connection: &Connection) -> Result<()> {
        if self.saved != Some(self.totals) {
            self.totals.store(connection)?;
            self.saved = Some(self.totals);
        }
        self.codes.age();
        self.leads.age();
        Ok(())
    }

    pub(crate) fn string(&mut self, connection: &Connection, text: &str) -> Result<Code> {
        if let Some(code) = self.codes.get(text) {
            return Ok(code);
        }
        // Most strings that are not cached are new: the insertion itself tells.
        let next = next_number(self.totals.strings, "strings")?;
        let mut insert = connection.prepare_cached(INSERT_STRING).map_err(sqlite)?;
        let crc = Text { code: Code(next), text }.crc();
        let code = if insert.execute((next, text, crc)).map_err(sqlite)? == 1 {
            self.totals.strings = next;
            Code(next)
        } else {
            code(connection, text)?.ok_or_else(|| taken("string code", next))?
        };
        if text.len() <= TEXT_BYTES_MAX {
            self.codes.insert(text.to_owned(), code);
        }
        Ok(code)
    }

    /// The index of a lead that is in the log.
    pub(crate) fn known_lead(
        &mut self,
        connection: &Connection,
        id: LeadId,
    ) -> Result<Option<LeadIndex>> {
        if let Some(index) = self.leads.get(&id) {
            return Ok(Some(index));
        }
        let index = lead_index(connection, id)?;
        if let Some(index) = index {
            self.leads.insert(id, index);
        }
        Ok(index)
    }

    /// The index of a lead, and whether it is new.
    pub(crate) fn lead(
        &mut self,
        connection: &Connection,
        id: LeadId,
        key: &LeadKey,
    ) -> Result<(LeadIndex, bool)> {
        if let Some(index) = self.leads.get(&id) {
            return Ok((index, false));
        }
        let index = self.totals.leads;
        let count = next_number(index, "leads")?;
        let mut insert = connection.prepare_cached(INSERT_LEAD).map_err(sqlite)?;
        let crc = Lead { index: LeadIndex(index), id, key: key.as_str() }.crc();
        let row = (index, id.0.as_bytes().as_slice(), key.as_str(), crc);
        if insert.execute(row).map_err(sqlite)? == 1 {
            self.totals.leads = count;
            self.leads.insert(id, LeadIndex(index));
            return Ok((LeadIndex(index), true));
        }
        let known = self.known_lead(connection, id)?;
        Ok((known.ok_or_else(|| taken("lead index", index))?, false))
    }
}

fn taken(what: &str, number: u32) -> StoreError {
    corrupt(format!(
        "expected the {what} {number} to be free, found it taken: \
         rebuild what is derived from the events"
    ))
}

/// The names of a file, with the connection to look them up, and the streams of new leads.
pub(crate) struct Named<'a> {
    pub(crate) names: &'a mut Names,
    pub(crate) streams: &'a mut Streams,
    pub(crate) connection: &'a Connection,
}

impl Dictionary for Named<'_> {
    fn string(&mut self, text: &str) -> Result<Code, StoreError> {
        self.names.string(self.connection, text)
    }

    fn lead(&mut self, id: LeadId, key: &LeadKey) -> Result<(LeadIndex, bool), StoreError> {
        let (index, is_new) = self.names.lead(self.connection, id, key)?;
        if is_new {
            self.streams.begin(index);
        }
        Ok((index, is_new))
    }
}
