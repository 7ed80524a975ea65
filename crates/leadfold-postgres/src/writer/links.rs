//! Which leads merges have connected, as far as a transaction has asked.

use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::LeadIndex;

use crate::connection::Connection;
use crate::error::Result;
use crate::read;

#[derive(Debug, Default)]
pub(crate) struct Links {
    links: BTreeMap<LeadIndex, BTreeSet<LeadIndex>>,
    /// Leads whose links in the log are known.
    fetched: BTreeSet<LeadIndex>,
}

impl Links {
    /// A link of this transaction.
    pub(crate) fn add(&mut self, lead: LeadIndex, other: LeadIndex) {
        self.links.entry(lead).or_default().insert(other);
        self.links.entry(other).or_default().insert(lead);
    }

    /// These leads and all that merges ever connected with them, sorted.
    pub(crate) fn family(
        &mut self,
        connection: &mut Connection,
        leads: &[LeadIndex],
    ) -> Result<Vec<LeadIndex>> {
        loop {
            let family = self.reached(leads);
            let unknown: Vec<_> = family.difference(&self.fetched).copied().collect();
            if unknown.is_empty() {
                return Ok(family.into_iter().collect());
            }
            self.fetch(connection, &unknown)?;
        }
    }

    fn reached(&self, leads: &[LeadIndex]) -> BTreeSet<LeadIndex> {
        let mut family: BTreeSet<_> = leads.iter().copied().collect();
        let mut open = leads.to_vec();
        while let Some(lead) = open.pop() {
            let others = self.links.get(&lead).into_iter().flatten();
            open.extend(others.copied().filter(|other| family.insert(*other)));
        }
        family
    }

    fn fetch(&mut self, connection: &mut Connection, leads: &[LeadIndex]) -> Result<()> {
        self.fetched.extend(leads);
        for (lead, other) in read::links(connection, leads)? {
            self.add(lead, other);
            self.fetched.extend([lead, other]);
        }
        Ok(())
    }
}
