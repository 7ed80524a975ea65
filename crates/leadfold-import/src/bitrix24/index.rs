//! What the rows of a portal need to know of each other.

use std::collections::HashMap;

use super::{deal::Terms, kind::Kind, row::Row};
use crate::{StatusMap, crm::error::CrmFault};

/// The leads and deals that have records, and whose deals they are.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Which kinds of rows each file has.
    pub(super) kinds: Vec<Vec<Kind>>,
    /// Who is responsible for each lead.
    leads: HashMap<u64, Option<u64>>,
    deals: HashMap<u64, Deal>,
    /// How statuses of leads, and stages of deals, end: S or F.
    semantics: HashMap<(bool, String), String>,
}

/// What is known of a deal.
#[derive(Debug, Default)]
struct Deal {
    /// The lead that it hangs on.
    lead: Option<u64>,
    responsible: Option<u64>,
    /// Only where a move opens it, and not its record.
    terms: Option<Box<Terms>>,
}

impl Index {
    /// Remembers a record; what is wrong with one is told when its events are made.
    pub(super) fn look_at(&mut self, kind: Kind, row: &Row, map: &StatusMap) {
        let Ok(Some(id)) = row.id("ID") else { return };
        match kind {
            // A page may have been fetched without a field that another page has.
            Kind::Lead => {
                let responsible = row.id("ASSIGNED_BY_ID").unwrap_or_default();
                let known = self.leads.entry(id).or_default();
                *known = known.or(responsible);
            }
            Kind::Deal => {
                let known = self.deals.entry(id).or_default();
                known.lead = known.lead.or_else(|| row.id("LEAD_ID").unwrap_or_default());
                let responsible = row.id("ASSIGNED_BY_ID").unwrap_or_default();
                known.responsible = known.responsible.or(responsible);
                if map.opens_late {
                    known.terms = Terms::of(row, id, map).ok().flatten().map(Box::new);
                }
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
        Ok(deal.lead.map_or_else(|| deal_key(id), lead_key))
    }

    /// Who is responsible for a lead.
    pub(super) fn responsible_for_lead(&self, id: u64) -> Option<u64> {
        self.leads.get(&id).copied().flatten()
    }

    /// Who is responsible for a deal.
    pub(super) fn responsible_for_deal(&self, id: u64) -> Option<u64> {
        self.deals.get(&id)?.responsible
    }

    /// The terms of a deal, where a move opens it.
    pub(super) fn terms(&self, id: u64) -> Option<&Terms> {
        self.deals.get(&id)?.terms.as_deref()
    }

    /// Whether a deal hangs on no lead, and is a lead itself.
    pub(super) fn is_own_lead(&self, id: u64) -> bool {
        self.deals.get(&id).is_some_and(|deal| deal.lead.is_none())
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
