//! What the fold leaves behind: one compact row a lead, and rows for what happened to it.
//!
//! The tables are all that metrics read. They hold numbers only: the strings behind the codes
//! are the log's. Equal logs make equal tables, whatever the pages, shards or order of replay;
//! [`Tables::encode`] is the form in which that is compared.

mod append;
mod chained;
mod deal;
mod encode;
mod finding;
mod handoff;
mod lead;
mod memory;
mod money;
mod one_each;
mod per_lead;
mod record;
mod row;
mod rows;
mod stored;
mod visit;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::Timestamp;
use crate::fact::{Code, LeadIndex};

pub use self::append::Grown;
pub(crate) use self::chained::Chained;
pub use self::deal::{Opportunity, Outcome};
pub use self::finding::{Finding, FindingCode};
pub use self::handoff::{Decision, Handoff};
pub use self::lead::Lead;
pub use self::money::{Cost, Revenue};
pub(crate) use self::one_each::OneEach;
pub(crate) use self::per_lead::PerLead;
pub(crate) use self::row::{
    BEGUN, CAPTURED, CAPTURED_ITSELF, CHURNED, COMPLEX, DIRTY, LeadRow, NoLead, OPEN_IMPLIED,
    OPEN_UNKNOWN, Profile, Rare, WATCHED,
};
pub use self::rows::Rows;
pub(crate) use self::rows::{moved, parts_from, place_of, reserve};
pub(crate) use self::visit::ClosedVisit;
pub use self::visit::Visit;

/// End of a chain of rows.
pub(crate) const NO_ROW: u32 = u32::MAX;

/// The tables of one log, or of one lead.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// The hot row of each lead, by its index.
    pub(crate) leads: OneEach<LeadRow>,
    /// What is rarely touched, by the same index.
    pub(crate) profiles: OneEach<Profile>,
    /// What happens repeatedly.
    pub(crate) rows: AllRows,
    /// Chains of the rows that belong to no lead.
    pub(crate) no_lead: NoLead,
    /// The latest `occurred_at` folded.
    pub(crate) last_at: Option<i64>,
}

/// What happens repeatedly: rows of all leads, one vector a table. They stand apart from the rows
/// of which each lead has one, so that the fold can hold a lead's own while it adds to these.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllRows {
    pub(crate) visits: Rows<ClosedVisit>,
    pub(crate) handoffs: Rows<Handoff>,
    pub(crate) opportunities: Rows<Opportunity>,
    pub(crate) revenue: Rows<Revenue>,
    pub(crate) attributes: Rows<Attribute>,
    pub(crate) costs: Rows<Cost>,
    pub(crate) findings: Rows<Finding>,
    pub(crate) externals: Rows<External>,
    /// At most one of each lead.
    pub(crate) rares: Rows<Rare>,
}

impl AllRows {
    /// What a lead has of what most have none of.
    #[inline]
    pub(crate) fn rare(&self, profile: &Profile) -> &Rare {
        self.rares.newest(profile.rare).unwrap_or(&Rare::NONE)
    }

    /// The same, to be changed.
    #[inline]
    pub(crate) fn rare_mut(&mut self, lead: u32, profile: &mut Profile) -> &mut Rare {
        self.rares.only_mut(lead, &mut profile.rare)
    }

    pub(crate) fn add_finding(&mut self, lead: u32, profile: &mut Profile, finding: Finding) {
        let rare = self.rares.only_mut(lead, &mut profile.rare);
        self.findings.push(lead, &mut rare.findings, finding);
    }

    pub(crate) fn add_cost(&mut self, lead: u32, profile: &mut Profile, cost: Cost) {
        let rare = self.rares.only_mut(lead, &mut profile.rare);
        self.costs.push(lead, &mut rare.costs, cost);
    }

    pub(crate) fn add_external(&mut self, lead: u32, profile: &mut Profile, external: External) {
        let rare = self.rares.only_mut(lead, &mut profile.rare);
        self.externals.push(lead, &mut rare.externals, external);
    }

    /// The newest hand-off of a lead, while it waits for an answer.
    #[inline]
    pub(crate) fn pending_handoff(&self, row: &LeadRow) -> Option<&Handoff> {
        self.handoffs.newest(row.handoffs).filter(|handoff| handoff.decision == Decision::Pending)
    }

    /// Ends a lead's open visit.
    #[inline]
    pub(crate) fn close_visit(&mut self, lead: u32, row: &mut LeadRow, at: i64) {
        let visit = ClosedVisit {
            left_at: at,
            cycle: row.cycle,
            state: row.state,
            flags: (row.flags & (OPEN_IMPLIED | OPEN_UNKNOWN)) as u8,
        };
        self.visits.push(lead, &mut row.visits, visit);
    }
}
/// One attribute of a lead as a capture gave it. The oldest of a name counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Attribute {
    pub(crate) name: Code,
    pub(crate) value: Code,
}

/// An event's identity in its system of origin, to find one that was recorded twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct External {
    pub(crate) stream: u32,
    pub(crate) system: Code,
    pub(crate) hash: i64,
    pub(crate) at: i64,
    pub(crate) position: u64,
}

impl Tables {
    /// The leads that have begun, in the order of their indices.
    pub fn leads(&self) -> impl Iterator<Item = Lead<'_>> {
        self.leads_in(LeadIndex(0)..LeadIndex::NONE)
    }

    /// The same, of a range of leads.
    pub fn leads_in(&self, leads: Range<LeadIndex>) -> impl Iterator<Item = Lead<'_>> {
        let Range { start: LeadIndex(start), end: LeadIndex(end) } = leads;
        let parts = self.leads.parts(start..end).zip(self.profiles.parts(start..end));
        parts.flat_map(move |((first, rows), (_, profiles))| {
            let rows = rows.iter().zip(profiles).zip(first..);
            let begun = rows.filter(|((row, _), _)| row.has(BEGUN));
            begun.map(|((row, profile), index)| Lead {
                tables: self,
                index: LeadIndex(index),
                row,
                profile,
            })
        })
    }

    /// One lead, if it has begun.
    pub fn lead(&self, index: LeadIndex) -> Option<Lead<'_>> {
        self.lead_at(index.0, index)
    }

    /// A lead at a place, which in a shard is not its number.
    pub(crate) fn lead_at(&self, place: u32, index: LeadIndex) -> Option<Lead<'_>> {
        let row = self.leads.get(place as usize)?;
        let profile = &self.profiles[place as usize];
        row.has(BEGUN).then_some(Lead { tables: self, index, row, profile })
    }

    /// The leads that stand together with one: the root that stands for it, and all that merges
    /// have made part of that. To find them, every lead is looked at.
    pub fn family_of(&self, lead: LeadIndex) -> BTreeSet<LeadIndex> {
        let mut linked: BTreeMap<LeadIndex, Vec<LeadIndex>> = BTreeMap::new();
        for part in self.leads() {
            if let Some(into) = part.merged_into() {
                linked.entry(part.index()).or_default().push(into);
                linked.entry(into).or_default().push(part.index());
            }
        }
        let (mut family, mut next) = (BTreeSet::from([lead]), vec![lead]);
        while let Some(member) = next.pop() {
            let others = linked.remove(&member).unwrap_or_default();
            next.extend(others.into_iter().filter(|other| family.insert(*other)));
        }
        family
    }

    /// One more than the highest index of a lead.
    pub fn lead_count(&self) -> usize {
        self.leads.len()
    }

    /// The latest `occurred_at` that was folded.
    pub fn last_at(&self) -> Option<Timestamp> {
        self.last_at.map(Timestamp::from_micros)
    }

    /// All costs, of leads and of no lead.
    pub fn costs(&self) -> impl Iterator<Item = &Cost> {
        self.rows.costs.iter().map(|(_, cost)| cost)
    }

    /// All costs by lead, those of no lead last; each lead's oldest first. A lead may have costs
    /// before it has begun.
    pub fn costs_by_lead(&self) -> impl Iterator<Item = (Option<LeadIndex>, Cost)> {
        let leads = (0..).map(|index| Some(LeadIndex(index)));
        let chains = leads.zip(self.profiles.iter().map(|profile| self.rows.rare(profile).costs));
        chains.chain([(None, self.no_lead.costs)]).flat_map(|(lead, chain)| {
            let costs = lead::oldest_first(self.rows.costs.chain(chain).copied());
            costs.into_iter().map(move |cost| (lead, cost))
        })
    }

    /// Makes room for so many times what there is, if there is as much memory.
    pub(crate) fn make_room(&mut self, times: usize) {
        let leads = self.leads.len().saturating_mul(times);
        self.leads.make_room(leads);
        self.profiles.make_room(leads);
        self.rows.visits.make_room(times);
        self.rows.handoffs.make_room(times);
        self.rows.opportunities.make_room(times);
        self.rows.revenue.make_room(times);
        self.rows.attributes.make_room(times);
        self.rows.findings.make_room(times);
        self.rows.externals.make_room(times);
        self.rows.rares.make_room(times);
    }

    /// Makes room for a lead's rows.
    #[inline]
    pub(crate) fn reserve_lead(&mut self, lead: u32) {
        let leads = lead as usize + 1;
        self.leads.reach(leads);
        self.profiles.reach(leads);
    }

    /// Hands out the visits that have ended and are wanted, with their leads.
    pub(crate) fn each_closed_visit(
        &self,
        is_wanted: impl Fn(&ClosedVisit) -> bool,
        mut take: impl FnMut(u32, Visit),
    ) {
        self.rows.visits.each_with_elder(is_wanted, |lead, visit, elder| {
            take(lead, visit.visit(elder, &self.leads[lead as usize]));
        });
    }

    /// Whether visits of a lead are all over memory.
    pub(crate) fn has_scattered_visits(&self) -> bool {
        self.rows.visits.is_scattered()
    }

    /// Reads the visits of some leads in one go.
    pub(crate) fn warm_up_visits(&self, leads: &[Lead<'_>]) {
        self.rows.visits.warm_up(&mut leads.iter().map(|lead| lead.row.visits).collect());
    }

    /// The visits of a lead that have ended, newest first.
    pub(crate) fn closed_visits_of(&self, row: &LeadRow) -> impl Iterator<Item = Visit> {
        let visits = self.rows.visits.chain_with_elders(row.visits);
        visits.map(|(visit, elder)| visit.visit(elder, row))
    }

    /// Forgets all that is known of a lead, but how it has to be folded.
    pub(crate) fn forget_lead(&mut self, lead: u32) {
        let row = std::mem::take(&mut self.leads[lead as usize]);
        let profile = std::mem::take(&mut self.profiles[lead as usize]);
        self.leads[lead as usize].flags = row.flags & COMPLEX;
        self.rows.visits.drop_chain(row.visits);
        self.rows.handoffs.drop_chain(row.handoffs);
        self.rows.opportunities.drop_chain(row.opportunities);
        self.rows.revenue.drop_chain(row.revenue);
        self.rows.attributes.drop_chain(profile.attributes);
        let rare = *self.rows.rare(&profile);
        self.rows.findings.drop_chain(rare.findings);
        self.rows.costs.drop_chain(rare.costs);
        self.rows.externals.drop_chain(rare.externals);
        self.rows.rares.drop_chain(profile.rare);
    }

    /// Forgets the rows without a lead.
    pub(crate) fn forget_no_lead(&mut self) {
        let chains = std::mem::take(&mut self.no_lead);
        self.rows.costs.drop_chain(chains.costs);
        self.rows.findings.drop_chain(chains.findings);
    }
}
