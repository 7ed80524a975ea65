//! The numbers of one draft, exchanged for those of the log: each name is looked up once.

use leadfold_core::machine::Kind;
use leadfold_core::{Code, Fact, LeadId, LeadIndex, LeadKey};

use super::{DraftNames, corrupt};
use crate::StoreError;

/// The numbers that a log gives to names.
pub trait Dictionary {
    /// The code of a string.
    ///
    /// # Errors
    /// When the store fails.
    fn string(&mut self, text: &str) -> Result<Code, StoreError>;

    /// The index of a lead, and whether it is new.
    ///
    /// # Errors
    /// When the store fails.
    fn lead(&mut self, id: LeadId, key: &LeadKey) -> Result<(LeadIndex, bool), StoreError>;
}

/// The log's numbers of the names that have been asked for, by the draft's numbers.
///
/// A name that no new event uses gets no number, so the log has the same numbers whatever the
/// drafts were.
#[derive(Debug)]
pub struct Numbers<'d> {
    names: &'d DraftNames,
    codes: Vec<Code>,
    leads: Vec<LeadIndex>,
}

impl<'d> Numbers<'d> {
    /// None exchanged yet.
    pub fn new(names: &'d DraftNames) -> Self {
        let codes = vec![Code::NONE; names.texts.len()];
        let leads = vec![LeadIndex::NONE; names.leads.len()];
        Self { names, codes, leads }
    }

    /// The fact in the log's numbers; its own lead has been exchanged already.
    ///
    /// # Errors
    /// When the log fails.
    pub fn exchange(&mut self, log: &mut impl Dictionary, fact: Fact) -> Result<Fact, StoreError> {
        // The other lead of a merge stands where other facts have their first string.
        if matches!(fact.kind, Kind::Merged | Kind::Unmerged) {
            let (other, _) = self.lead(log, LeadIndex(fact.a.0))?;
            return Ok(Fact { a: Code(other.0), ..fact });
        }
        let a = self.code(log, fact.a)?;
        let b = self.code(log, fact.b)?;
        Ok(Fact { a, b, ..fact })
    }

    fn code(&mut self, log: &mut impl Dictionary, code: Code) -> Result<Code, StoreError> {
        if !code.is_some() {
            return Ok(Code::NONE);
        }
        let index = code.0 as usize - 1;
        if !self.codes[index].is_some() {
            self.codes[index] = log.string(&self.names.texts[index])?;
        }
        Ok(self.codes[index])
    }

    /// The index of a lead, and whether it is new.
    ///
    /// # Errors
    /// When the log fails.
    pub fn lead(
        &mut self,
        log: &mut impl Dictionary,
        lead: LeadIndex,
    ) -> Result<(LeadIndex, bool), StoreError> {
        if lead == LeadIndex::NONE {
            return Ok((lead, false));
        }
        let index = lead.0 as usize;
        if self.leads[index] != LeadIndex::NONE {
            return Ok((self.leads[index], false));
        }
        let (id, key) = &self.names.leads[index];
        let (found, is_new) = log.lead(*id, key)?;
        self.leads[index] = found;
        Ok((found, is_new))
    }
}

/// The number after `count`, of strings or of leads.
///
/// # Errors
/// When there are no more numbers.
pub fn next_number(count: u32, what: &str) -> Result<u32, StoreError> {
    count.checked_add(1).filter(|next| *next < u32::MAX).ok_or_else(|| {
        corrupt(format!("expected fewer than {} {what}, found more: split the log", u32::MAX))
    })
}
