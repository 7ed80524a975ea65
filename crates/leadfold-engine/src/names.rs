//! Codes back to strings, loaded once for a report.

use std::collections::BTreeMap;

use leadfold_core::metrics::KeyPart;
use leadfold_core::{Code, LeadIndex, LeadKey};
use leadfold_store::{EventStore, LeadEntry, StoreError};

/// Leads read at once.
const LEADS_PAGE: u32 = 4_096;

/// Strings of a log, by code, as far as they were asked for.
#[derive(Clone, Debug, Default)]
pub struct Names {
    strings: BTreeMap<Code, String>,
    leads: BTreeMap<LeadIndex, LeadEntry>,
}

impl Names {
    /// Loads the strings behind codes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load<S: EventStore>(
        &mut self,
        store: &S,
        codes: impl IntoIterator<Item = Code>,
    ) -> Result<(), StoreError> {
        let mut wanted: Vec<Code> = codes
            .into_iter()
            .filter(|code| code.is_some() && !self.strings.contains_key(code))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let strings = store.strings(&wanted).await?;
        self.strings.extend(wanted.into_iter().zip(strings));
        Ok(())
    }

    /// Loads the names of leads.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load_leads<S: EventStore>(
        &mut self,
        store: &S,
        leads: impl IntoIterator<Item = LeadIndex>,
    ) -> Result<(), StoreError> {
        let mut wanted: Vec<LeadIndex> =
            leads.into_iter().filter(|lead| !self.leads.contains_key(lead)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut rest = wanted.as_slice();
        while let [first, ..] = rest {
            // One page for leads that lie close together; no more than needed for others.
            let near = rest.partition_point(|lead| lead.0 - first.0 < LEADS_PAGE);
            let span = (rest[near - 1].0 - first.0) as usize + 1;
            let page = store.leads(*first, span).await?.into_iter();
            let page = page.filter(|entry| rest[..near].binary_search(&entry.index).is_ok());
            self.leads.extend(page.map(|entry| (entry.index, entry)));
            rest = &rest[near..];
        }
        Ok(())
    }

    /// The string of a code; `None` for an absent one.
    pub fn string(&self, code: Code) -> Option<&str> {
        self.strings.get(&code).map(String::as_str)
    }

    /// The key of a lead.
    pub fn lead(&self, lead: LeadIndex) -> Option<&LeadKey> {
        self.entry(lead).map(|entry| &entry.key)
    }

    /// A lead as the store knows it.
    pub fn entry(&self, lead: LeadIndex) -> Option<&LeadEntry> {
        self.leads.get(&lead)
    }

    /// A value of a split as text; `None` for a missing one.
    pub fn key_part(&self, part: KeyPart) -> Option<String> {
        match part {
            KeyPart::Name(code) => self.string(code).map(str::to_owned),
            KeyPart::Month(year, month) => Some(format!("{year:04}-{month:02}")),
            KeyPart::Missing => None,
        }
    }
}
