//! The dictionaries of the writer: strings and leads to numbers, cached up to a bound.

use std::collections::HashSet;
use std::sync::Arc;

use leadfold_core::{Code, LeadId, LeadIndex, LeadKey};
use leadfold_store::StoreError;
use leadfold_store::adapter::{Dictionary, Map, next_number};
use uuid::Uuid;

use super::pending::Pending;
use crate::connection::{Connection, column};
use crate::error::{Result, corrupt};
use crate::read;
use crate::row::lead_of;

/// Beyond this a cache is emptied: memory does not grow with the log.
const ENTRIES_MAX: usize = 200_000;
/// The same for the bytes of strings.
const TEXT_BYTES_MAX: usize = 32 << 20;

#[derive(Debug, Default)]
pub(crate) struct Names {
    codes: Map<Arc<str>, Code>,
    leads: Map<LeadId, LeadIndex>,
    /// What this transaction has asked for and the log does not have.
    absent_texts: HashSet<Arc<str>>,
    absent_leads: HashSet<LeadId>,
    text_bytes: usize,
    string_count: u32,
    lead_count: u32,
}

impl Names {
    /// Begins a transaction with so many strings and leads in the log.
    pub(crate) fn begin(&mut self, strings: u64, leads: u64) -> Result<()> {
        let count = |count| {
            u32::try_from(count)
                .map_err(|_| corrupt("expected fewer names: rebuild what is derived"))
        };
        (self.string_count, self.lead_count) = (count(strings)?, count(leads)?);
        self.absent_texts.clear();
        self.absent_leads.clear();
        Ok(())
    }

    /// Looks up those texts that are not cached.
    pub(crate) fn fetch_strings<'t>(
        &mut self,
        connection: &mut Connection,
        texts: impl Iterator<Item = &'t Arc<str>>,
    ) -> Result<()> {
        let asked: HashSet<Arc<str>> =
            texts.filter(|text| !self.codes.contains_key(*text)).cloned().collect();
        let bytes: Vec<&[u8]> = asked.iter().map(|text| text.as_bytes()).collect();
        for (code, text) in read::codes(connection, &bytes)? {
            self.add_string(text.into(), code);
        }
        let is_absent = |text: &Arc<str>| !self.codes.contains_key(text);
        self.absent_texts.extend(asked.into_iter().filter(is_absent));
        Ok(())
    }

    /// Looks up those leads that are not cached.
    pub(crate) fn fetch_leads(
        &mut self,
        connection: &mut Connection,
        leads: &[LeadId],
    ) -> Result<()> {
        let is_known = |id: &&LeadId| !self.leads.contains_key(id);
        let asked: Vec<Uuid> = leads.iter().filter(is_known).map(|id| id.0).collect();
        if asked.is_empty() {
            return Ok(());
        }
        let sql = "SELECT id, lead FROM lead WHERE id = ANY($1)";
        for row in connection.query(sql, &[&asked])? {
            self.leads.insert(LeadId(column(&row, 0)?), lead_of(Some(column(&row, 1)?)));
        }
        let absent = asked.into_iter().map(LeadId).filter(|id| !self.leads.contains_key(id));
        self.absent_leads.extend(absent);
        Ok(())
    }

    fn add_string(&mut self, text: Arc<str>, code: Code) {
        self.text_bytes += text.len();
        self.codes.insert(text, code);
    }

    /// The index of a lead that is in the log.
    pub(crate) fn known_lead(
        &mut self,
        connection: &mut Connection,
        id: LeadId,
    ) -> Result<Option<LeadIndex>> {
        if !self.leads.contains_key(&id) && !self.absent_leads.contains(&id) {
            self.fetch_leads(connection, &[id])?;
        }
        Ok(self.leads.get(&id).copied())
    }

    /// The same for several, without those that the log does not have.
    pub(crate) fn known_leads<'i>(
        &mut self,
        connection: &mut Connection,
        ids: impl IntoIterator<Item = &'i LeadId>,
    ) -> Result<Vec<LeadIndex>> {
        let ids = ids.into_iter();
        ids.filter_map(|id| self.known_lead(connection, *id).transpose()).collect()
    }

    /// Empties what has grown too large. All of it must have been written.
    pub(crate) fn trim(&mut self) {
        if self.codes.len() > ENTRIES_MAX || self.text_bytes > TEXT_BYTES_MAX {
            (self.codes, self.text_bytes) = (Map::default(), 0);
            self.absent_texts.clear();
        }
        if self.leads.len() > ENTRIES_MAX {
            self.leads = Map::default();
            self.absent_leads.clear();
        }
    }
}

/// The names of a log, with the connection to look up what was not fetched.
pub(crate) struct Named<'a> {
    pub(crate) connection: &'a mut Connection,
    pub(crate) names: &'a mut Names,
    pub(crate) pending: &'a mut Pending,
}

impl Dictionary for Named<'_> {
    fn string(&mut self, text: &str) -> Result<Code, StoreError> {
        let Self { connection, names, pending } = self;
        if let Some(code) = names.codes.get(text) {
            return Ok(*code);
        }
        let text: Arc<str> = text.into();
        if !names.absent_texts.contains(&text) {
            names.fetch_strings(connection, std::iter::once(&text))?;
        }
        if let Some(code) = names.codes.get(&text) {
            return Ok(*code);
        }
        names.string_count = next_number(names.string_count, "strings")?;
        let code = Code(names.string_count);
        pending.strings.push((code, Arc::clone(&text)));
        names.add_string(text, code);
        Ok(code)
    }

    fn lead(&mut self, id: LeadId, key: &LeadKey) -> Result<(LeadIndex, bool), StoreError> {
        let Self { connection, names, pending } = self;
        if let Some(index) = names.known_lead(connection, id)? {
            return Ok((index, false));
        }
        let index = LeadIndex(names.lead_count);
        names.lead_count = next_number(names.lead_count, "leads")?;
        pending.leads.push((index, id, key.clone()));
        names.leads.insert(id, index);
        Ok((index, true))
    }
}
