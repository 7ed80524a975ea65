//! What the rows of a portal need to know of each other.

use std::collections::HashMap;

use super::{
    kind::Kind,
    record::{Latest, Rank, Seen},
    row::Row,
    terms::Terms,
};
use crate::{StatusMap, crm::error::CrmFault};

/// The leads and deals that have records, and whose deals they are.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Which kinds of rows each file has.
    pub(super) kinds: Vec<Vec<Kind>>,
    leads: HashMap<u64, Lead>,
    deals: HashMap<u64, Deal>,
    /// How statuses of leads, and stages of deals, end: S or F.
    semantics: HashMap<(bool, String), String>,
}

/// What all records of a lead say: of each field the one that was modified last.
#[derive(Debug, Default)]
struct Lead {
    /// The record that says how it came.
    rank: Rank,
    responsible: Option<Latest<u64>>,
}

/// What all records of a deal say.
#[derive(Debug, Default)]
struct Deal {
    rank: Rank,
    responsible: Option<Latest<u64>>,
    /// The lead that it hangs on, or that it hangs on none; none where no record says so.
    lead: Option<Latest<Option<u64>>>,
    terms: Terms,
}

impl Index {
    /// Remembers a record that is sound; what is wrong with one is told when its events are made.
    pub(super) fn look_at(&mut self, kind: Kind, row: &Row, map: &StatusMap) {
        let Ok(seen) = Seen::of(kind, row, map) else { return };
        let responsible = seen.responsible.map(|user| (seen.modified, user));
        match kind {
            Kind::Lead => {
                let known = self.leads.entry(seen.id).or_default();
                known.rank = known.rank.max(seen.rank());
                known.responsible = known.responsible.max(responsible);
            }
            Kind::Deal => {
                let known = self.deals.entry(seen.id).or_default();
                known.rank = known.rank.max(seen.rank());
                known.responsible = known.responsible.max(responsible);
                known.lead = known.lead.max(seen.lead.map(|lead| (seen.modified, lead)));
                known.terms.merge(&seen.terms);
            }
            _ => {}
        }
    }

    /// Takes a row of a list of names in; false where it is of no use.
    pub(super) fn learn(&mut self, row: &Row) -> bool {
        let of_deal = match row.text("ENTITY_ID") {
            Some("STATUS") => false,
            Some(list) if list.starts_with("DEAL_STAGE") => true,
            _ => return false,
        };
        if let (Ok(Some(status)), Some(semantic)) = (row.code("STATUS_ID"), row.text("SEMANTICS")) {
            self.semantics.insert((of_deal, status), semantic.to_owned());
        }
        true
    }

    /// How a status of a lead, or a stage of a deal, ends, as a list of the portal says.
    pub(super) fn semantic(&self, of_deal: bool, status: &str) -> Option<&str> {
        self.semantics.get(&(of_deal, status.to_owned())).map(String::as_str)
    }

    /// The key of a lead that has a record.
    pub(super) fn lead(&self, id: u64) -> Result<String, CrmFault> {
        if self.leads.contains_key(&id) { Ok(lead_key(id)) } else { Err(no_lead(id)) }
    }

    /// The key of the lead of a deal that has a record: its lead's, or its own.
    pub(super) fn lead_of_deal(&self, id: u64) -> Result<String, CrmFault> {
        let deal = self.deals.get(&id).ok_or_else(|| no_deal(id))?;
        let unsaid = || CrmFault::MissingField { field: "LEAD_ID".to_owned(), of: "a deal" };
        let (_, lead) = deal.lead.ok_or_else(unsaid)?;
        Ok(lead.map_or_else(|| deal_key(id), lead_key))
    }

    /// Whether no record of a deal says on which lead it hangs, if on any.
    pub(super) fn lacks_lead(&self, id: u64) -> bool {
        self.deals.get(&id).is_some_and(|deal| deal.lead.is_none())
    }

    /// Whether a record is the one that says how its lead or deal came.
    pub(super) fn is_leading(&self, kind: Kind, seen: &Seen) -> bool {
        let rank = match kind {
            Kind::Deal => self.deals.get(&seen.id).map(|deal| deal.rank),
            _ => self.leads.get(&seen.id).map(|lead| lead.rank),
        };
        rank == Some(seen.rank())
    }

    /// Who is responsible for a lead, and when its record was modified.
    pub(super) fn responsible_for_lead(&self, id: u64) -> Option<Latest<u64>> {
        self.leads.get(&id)?.responsible
    }

    /// Who is responsible for a deal, and when its record was modified.
    pub(super) fn responsible_for_deal(&self, id: u64) -> Option<Latest<u64>> {
        self.deals.get(&id)?.responsible
    }

    /// The terms of a deal; none where no record has any.
    pub(super) fn terms(&self, id: u64) -> Option<&Terms> {
        self.deals.get(&id).map(|deal| &deal.terms).filter(|terms| !terms.is_empty())
    }

    /// The deals of which terms are known.
    pub(super) fn deals_with_terms(&self) -> impl Iterator<Item = u64> {
        let with = self.deals.iter().filter(|(_, deal)| !deal.terms.is_empty());
        with.map(|(id, _)| *id)
    }

    /// Whether a deal hangs on no lead, and is a lead itself.
    pub(super) fn is_own_lead(&self, id: u64) -> bool {
        let deal = self.deals.get(&id);
        deal.is_some_and(|deal| deal.lead.is_some_and(|(_, lead)| lead.is_none()))
    }
}

/// The key of a lead.
pub(super) fn lead_key(id: u64) -> String {
    id.to_string()
}

/// The key of a deal that has no lead. Bitrix24 writes it so, too, where IDs of both may stand.
fn deal_key(id: u64) -> String {
    format!("D_{id}")
}

fn no_lead(id: u64) -> CrmFault {
    CrmFault::NoRecord { what: "lead", id, instead: "crm.lead.list or crm.item.list" }
}

fn no_deal(id: u64) -> CrmFault {
    CrmFault::NoRecord { what: "deal", id, instead: "crm.deal.list or crm.item.list" }
}
