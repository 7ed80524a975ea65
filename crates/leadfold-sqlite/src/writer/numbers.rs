//! The numbers of one draft, exchanged for those of the log: each name is looked up once.

use leadfold_core::machine::Kind;
use leadfold_core::{Code, Fact, LeadIndex};
use rusqlite::Connection;

use super::names::Names;
use crate::draft;
use crate::error::Result;

/// The log's numbers of the names that have been asked for, by the draft's numbers.
///
/// A name that no new event uses gets no number, so the log has the same numbers whatever the
/// drafts were.
pub(crate) struct Numbers<'d> {
    names: &'d draft::Names,
    codes: Vec<Code>,
    leads: Vec<LeadIndex>,
}

impl<'d> Numbers<'d> {
    pub(crate) fn new(names: &'d draft::Names) -> Self {
        let codes = vec![Code::NONE; names.texts.len()];
        let leads = vec![LeadIndex::NONE; names.leads.len()];
        Self { names, codes, leads }
    }

    /// The fact in the log's numbers; its own lead has been exchanged already.
    pub(crate) fn exchange(
        &mut self,
        connection: &Connection,
        log: &mut Names,
        fact: Fact,
    ) -> Result<Fact> {
        // The other lead of a merge stands where other facts have their first string.
        if matches!(fact.kind, Kind::Merged | Kind::Unmerged) {
            let (other, _) = self.lead(connection, log, LeadIndex(fact.a.0))?;
            return Ok(Fact { a: Code(other.0), ..fact });
        }
        let a = self.code(connection, log, fact.a)?;
        let b = self.code(connection, log, fact.b)?;
        Ok(Fact { a, b, ..fact })
    }

    fn code(&mut self, connection: &Connection, log: &mut Names, code: Code) -> Result<Code> {
        if !code.is_some() {
            return Ok(Code::NONE);
        }
        let index = code.0 as usize - 1;
        if !self.codes[index].is_some() {
            self.codes[index] = log.string(connection, &self.names.texts[index])?;
        }
        Ok(self.codes[index])
    }

    /// The index of a lead, and whether it is new.
    pub(crate) fn lead(
        &mut self,
        connection: &Connection,
        log: &mut Names,
        lead: LeadIndex,
    ) -> Result<(LeadIndex, bool)> {
        if lead == LeadIndex::NONE {
            return Ok((lead, false));
        }
        let index = lead.0 as usize;
        if self.leads[index] != LeadIndex::NONE {
            return Ok((self.leads[index], false));
        }
        let (id, key) = &self.names.leads[index];
        let (found, is_new) = log.lead(connection, *id, key)?;
        self.leads[index] = found;
        Ok((found, is_new))
    }
}
