//! The dictionaries of the writer: strings and leads to numbers, cached up to a bound.

use leadfold_core::{Code, LeadId, LeadIndex, LeadKey};
use leadfold_store::StoreError;
use leadfold_store::adapter::{Dictionary, Map, next_number};
use rusqlite::{Connection, OptionalExtension};

use crate::error::{Result, corrupt, sqlite};

/// Beyond this a cache is emptied: memory does not grow with the log.
const ENTRIES_MAX: usize = 200_000;
/// Longer strings are looked up every time.
const TEXT_BYTES_MAX: usize = 256;

const SELECT_STRING: &str = "SELECT code FROM string WHERE text = ?1";
const INSERT_STRING: &str = "INSERT OR IGNORE INTO string (code, text) VALUES (?1, ?2)";
const SELECT_LEAD: &str = "SELECT lead FROM lead WHERE id = ?1";
const INSERT_LEAD: &str = "INSERT OR IGNORE INTO lead (lead, id, key) VALUES (?1, ?2, ?3)";

#[derive(Debug, Default)]
pub(crate) struct Names {
    codes: Map<String, Code>,
    leads: Map<LeadId, LeadIndex>,
    string_count: u32,
    lead_count: u32,
}

impl Names {
    pub(crate) fn load(connection: &Connection) -> Result<Self> {
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite);
        Ok(Self {
            string_count: count("SELECT coalesce(max(code), 0) FROM string")?,
            lead_count: count("SELECT coalesce(max(lead) + 1, 0) FROM lead")?,
            ..Self::default()
        })
    }

    /// Empties what has grown too large.
    pub(crate) fn trim(&mut self) {
        if self.codes.len() > ENTRIES_MAX {
            self.codes = Map::default();
        }
        if self.leads.len() > ENTRIES_MAX {
            self.leads = Map::default();
        }
    }

    pub(crate) fn string(&mut self, connection: &Connection, text: &str) -> Result<Code> {
        if let Some(code) = self.codes.get(text) {
            return Ok(*code);
        }
        // Most strings that are not cached are new: the insertion itself tells.
        let code = next_number(self.string_count, "strings")?;
        let mut insert = connection.prepare_cached(INSERT_STRING).map_err(sqlite)?;
        let code = if insert.execute((code, text)).map_err(sqlite)? == 1 {
            self.string_count = code;
            Code(code)
        } else {
            let mut select = connection.prepare_cached(SELECT_STRING).map_err(sqlite)?;
            Code(select.query_row([text], |row| row.get(0)).map_err(sqlite)?)
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
            return Ok(Some(*index));
        }
        let mut select = connection.prepare_cached(SELECT_LEAD).map_err(sqlite)?;
        let index = select
            .query_row([id.0.as_bytes().as_slice()], |row| row.get(0))
            .optional()
            .map_err(sqlite)?
            .map(LeadIndex);
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
            return Ok((*index, false));
        }
        let index = self.lead_count;
        let count = next_number(index, "leads")?;
        let mut insert = connection.prepare_cached(INSERT_LEAD).map_err(sqlite)?;
        let row = (index, id.0.as_bytes().as_slice(), key.as_str());
        if insert.execute(row).map_err(sqlite)? == 1 {
            self.lead_count = count;
            self.leads.insert(id, LeadIndex(index));
            return Ok((LeadIndex(index), true));
        }
        let known = self.known_lead(connection, id)?.ok_or_else(|| {
            corrupt(format!(
                "expected the lead index {index} to be free, found it taken: \
                 rebuild what is derived from the events"
            ))
        })?;
        Ok((known, false))
    }
}

/// The names of a file, with the connection to look them up.
pub(crate) struct Named<'a> {
    pub(crate) names: &'a mut Names,
    pub(crate) connection: &'a Connection,
}

impl Dictionary for Named<'_> {
    fn string(&mut self, text: &str) -> Result<Code, StoreError> {
        self.names.string(self.connection, text)
    }

    fn lead(&mut self, id: LeadId, key: &LeadKey) -> Result<(LeadIndex, bool), StoreError> {
        self.names.lead(self.connection, id, key)
    }
}
