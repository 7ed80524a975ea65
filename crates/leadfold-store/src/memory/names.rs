//! Strings and leads to small numbers and back.

use std::collections::HashMap;

use leadfold_core::{Code, LeadId, LeadIndex, LeadKey};

use crate::{StoreError, StoreErrorKind};

/// The dictionaries of a log. Numbers are given in the order in which the log names things.
#[derive(Debug, Default)]
pub(crate) struct Names {
    texts: Vec<String>,
    codes: HashMap<String, Code>,
    leads: Vec<(LeadId, LeadKey)>,
    indices: HashMap<LeadId, LeadIndex>,
    /// Leads of different tenants and origins may have one key.
    same_key: HashMap<LeadKey, Vec<LeadIndex>>,
}

impl Names {
    pub(crate) fn intern_string(&mut self, text: &str) -> Code {
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        self.texts.push(text.to_owned());
        let code = Code(self.string_count());
        self.codes.insert(text.to_owned(), code);
        code
    }

    pub(crate) fn intern_lead(&mut self, id: LeadId, key: &LeadKey) -> LeadIndex {
        if let Some(index) = self.indices.get(&id) {
            return *index;
        }
        let index = LeadIndex(u32::try_from(self.leads.len()).expect("memory holds fewer leads"));
        self.leads.push((id, key.clone()));
        self.same_key.entry(key.clone()).or_default().push(index);
        self.indices.insert(id, index);
        index
    }

    pub(crate) fn string_count(&self) -> u32 {
        u32::try_from(self.texts.len()).expect("memory holds fewer strings")
    }

    pub(crate) fn code(&self, text: &str) -> Option<Code> {
        self.codes.get(text).copied()
    }

    pub(crate) fn text(&self, code: Code) -> Result<String, StoreError> {
        let Some(index) = (code.0 as usize).checked_sub(1) else { return Ok(String::new()) };
        self.texts.get(index).cloned().ok_or_else(|| {
            let count = self.texts.len();
            let found = code.0;
            StoreError::new(
                StoreErrorKind::NotFound,
                format!(
                    "expected a string code of 0 to {count}, found {found}: use codes of this log"
                ),
            )
        })
    }

    pub(crate) fn index(&self, id: LeadId) -> Option<LeadIndex> {
        self.indices.get(&id).copied()
    }

    pub(crate) fn same_key(&self, key: &LeadKey) -> &[LeadIndex] {
        self.same_key.get(key).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn lead(&self, index: LeadIndex) -> Option<&(LeadId, LeadKey)> {
        self.leads.get(index.0 as usize)
    }
}
