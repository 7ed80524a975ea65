//! What the fold leaves behind: one compact row a lead, and rows for what happened to it.
//!
//! The tables are all that metrics read. They hold numbers only: the strings behind the codes
//! are the log's. Equal logs make equal tables, whatever the pages, shards or order of replay;
//! [`Tables::encode`] is the form in which that is compared.

mod append;
mod encode;
mod finding;
mod lead;
mod memory;
mod one_each;
mod record;
mod rows;
mod stored;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::event::RevenueKind;
use crate::fact::{Code, LeadIndex, NO_X};
use crate::{Currency, State, Timestamp};

pub use self::finding::{Finding, FindingCode};
pub use self::lead::Lead;
pub(crate) use self::one_each::OneEach;
pub use self::rows::Rows;
pub(crate) use self::rows::reserve;

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

/// The hot row: what nearly every event of a lead touches, in one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct LeadRow {
    /// Time of the last event, to see that the next one is not late.
    pub(crate) last_at: i64,
    /// When the state was entered.
    pub(crate) entered_at: i64,
    pub(crate) captured_at: i64,
    pub(crate) began_at: i64,
    pub(crate) owner: Code,
    pub(crate) cycle: u32,
    pub(crate) visits: u32,
    pub(crate) handoffs: u32,
    pub(crate) opportunities: u32,
    pub(crate) revenue: u32,
    pub(crate) entered: u16,
    pub(crate) flags: u16,
    pub(crate) state: State,
    pub(crate) reached: u8,
}

/// The lead has had an event.
pub(crate) const BEGUN: u16 = 1;
/// It was captured.
pub(crate) const CAPTURED: u16 = 1 << 1;
/// It was captured under its own key, not only under that of a lead that it absorbed.
pub(crate) const CAPTURED_ITSELF: u16 = 1 << 7;
/// The open visit was implied.
pub(crate) const OPEN_IMPLIED: u16 = 1 << 2;
/// The open visit began nobody knows when.
pub(crate) const OPEN_UNKNOWN: u16 = 1 << 3;
/// A customer that left.
pub(crate) const CHURNED: u16 = 1 << 4;
/// Corrected or part of a family: always folded from its whole history.
pub(crate) const COMPLEX: u16 = 1 << 5;
/// Waits to be folded anew.
pub(crate) const DIRTY: u16 = 1 << 6;
/// An observer wants all that happens to it.
pub(crate) const WATCHED: u16 = 1 << 8;

const _: () = assert!(size_of::<LeadRow>() == 64, "a hot row is one cache line");

impl Default for LeadRow {
    fn default() -> Self {
        Self {
            last_at: i64::MIN,
            entered_at: 0,
            captured_at: NO_X,
            began_at: 0,
            owner: Code::NONE,
            cycle: 1,
            visits: NO_ROW,
            handoffs: NO_ROW,
            opportunities: NO_ROW,
            revenue: NO_ROW,
            entered: 0,
            flags: 0,
            state: State::New,
            reached: 0,
        }
    }
}

impl LeadRow {
    pub(crate) fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// The cold row of a lead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profile {
    pub(crate) source: Code,
    pub(crate) medium: Code,
    pub(crate) campaign: Code,
    pub(crate) channel: Code,
    /// The product of the first opportunity, purchase or win that names one.
    pub(crate) product: Code,
    pub(crate) attributes: u32,
    /// Its [`Rare`], once it has one.
    pub(crate) rare: u32,
    pub(crate) origin: u8,
}

const _: () = assert!(size_of::<Profile>() == 32, "two cold rows are one cache line");

impl Default for Profile {
    fn default() -> Self {
        Self {
            source: Code::NONE,
            medium: Code::NONE,
            campaign: Code::NONE,
            channel: Code::NONE,
            product: Code::NONE,
            attributes: NO_ROW,
            rare: NO_ROW,
            origin: 0,
        }
    }
}

/// What most leads have none of: deals, findings, costs, ids of other systems, an end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Rare {
    pub(crate) merged_into: u32,
    pub(crate) findings: u32,
    pub(crate) costs: u32,
    pub(crate) externals: u32,
    pub(crate) n_opportunities: u32,
    pub(crate) n_open: u32,
    pub(crate) n_won: u32,
    pub(crate) n_closings: u32,
    pub(crate) disqualified: Code,
}

impl Rare {
    const NONE: Self = Self {
        merged_into: NO_ROW,
        findings: NO_ROW,
        costs: NO_ROW,
        externals: NO_ROW,
        n_opportunities: 0,
        n_open: 0,
        n_won: 0,
        n_closings: 0,
        disqualified: Code::NONE,
    };
}

impl Default for Rare {
    fn default() -> Self {
        Self::NONE
    }
}

/// Chains of the rows without a lead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoLead {
    pub(crate) costs: u32,
    pub(crate) findings: u32,
}

impl Default for NoLead {
    fn default() -> Self {
        Self { costs: NO_ROW, findings: NO_ROW }
    }
}

/// A visit that has ended, as it is stored: there are more of them than of anything else. It
/// began when the lead's visit before it ended, or with the lead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClosedVisit {
    pub(crate) left_at: i64,
    pub(crate) cycle: u32,
    pub(crate) state: State,
    /// [`OPEN_IMPLIED`] and [`OPEN_UNKNOWN`] as the lead's row had them.
    pub(crate) flags: u8,
}

impl ClosedVisit {
    pub(crate) fn is_implied(&self) -> bool {
        u16::from(self.flags) & OPEN_IMPLIED != 0
    }

    fn visit(&self, elder: Option<&Self>, row: &LeadRow) -> Visit {
        let entered_at = elder.map_or(row.began_at, |elder| elder.left_at);
        Visit {
            state: self.state,
            is_implied: self.is_implied(),
            is_unknown: u16::from(self.flags) & OPEN_UNKNOWN != 0,
            cycle: self.cycle,
            entered_at: Timestamp::from_micros(entered_at),
            left_at: Some(Timestamp::from_micros(self.left_at)),
        }
    }
}

/// A visit of a state: how long a lead was there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Visit {
    /// The state.
    pub state: State,
    /// Not in the log: implied by a later step.
    pub is_implied: bool,
    /// Nobody knows when it began or ended: left out of durations.
    pub is_unknown: bool,
    /// The round of the lead.
    pub cycle: u32,
    /// When it began.
    pub entered_at: Timestamp,
    /// When it ended; `None` while it lasts.
    pub left_at: Option<Timestamp>,
}

impl Visit {
    /// How long a closed visit lasted, microseconds; none for an open, implied or unknown one.
    pub fn duration(&self) -> Option<i64> {
        let left_at = self.left_at?;
        (!self.is_implied && !self.is_unknown).then(|| left_at.micros() - self.entered_at.micros())
    }
}

/// A hand-off: an offer to sales and what became of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Handoff {
    /// The recipient.
    pub to: Code,
    /// Its key, if it has one.
    pub key: Code,
    /// When it was offered.
    pub offered_at: Timestamp,
    /// When it was decided or closed.
    pub decided_at: Option<Timestamp>,
    /// When the decision was due, if the event said so.
    pub decision_due: Option<Timestamp>,
    /// When the first attempt was due, if the event said so.
    pub touch_due: Option<Timestamp>,
    /// What became of it.
    pub decision: Decision,
    /// Who decided.
    pub by: Code,
    /// Why it was rejected or returned.
    pub reason: Code,
    /// The acceptance was implied by a later step.
    pub is_implied: bool,
    /// The round of the lead.
    pub cycle: u32,
    /// Position of the event that offered it.
    pub position: u64,
}

/// What became of a hand-off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Decision {
    /// Nobody has answered.
    Pending,
    /// Sales took it.
    Accepted,
    /// Sales declined it.
    Rejected,
    /// Sales took it and gave it back later.
    Returned,
    /// Another hand-off took its place.
    Superseded,
    /// The lead was recycled or disqualified meanwhile.
    Closed,
}

impl Decision {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Returned => "returned",
            Self::Superseded => "superseded",
            Self::Closed => "closed",
        }
    }
}

/// A deal inside a lead.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Opportunity {
    /// Its key; none for the one that an outcome without key implied.
    pub key: Code,
    /// Which one of the lead's it is, from 0, by opening.
    pub ordinal: u32,
    /// Pipeline.
    pub pipeline: Code,
    /// Stage.
    pub stage: Code,
    /// Product.
    pub product: Code,
    /// Owner of the lead when it was last opened, reopened or closed.
    pub owner: Code,
    /// Reason of the loss.
    pub reason: Code,
    /// Who won instead.
    pub competitor: Code,
    /// Expected or agreed value as it was stated last, minor units.
    pub amount: Option<i64>,
    /// Dense code of the currency.
    pub(crate) currency: u16,
    /// Dense code of the currency at the loss; 0 while it is not lost.
    pub(crate) currency_at_loss: u16,
    /// The amount at the loss; [`NO_X`] without one, and while it is not lost.
    pub(crate) amount_at_loss: i64,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was closed last; [`NO_X`] while it is open.
    pub(crate) closed_at: i64,
    /// Open, won or lost.
    pub outcome: Outcome,
    /// The lead's state before the loss.
    pub stage_at_loss: Option<State>,
    /// Nobody recorded its opening: an outcome implied it.
    pub is_implied: bool,
    /// The lead's round when it was opened.
    pub cycle: u32,
    /// How often it was reopened.
    pub reopened: u32,
    /// Which of the lead's closings closed it, from 1; 0 while open.
    pub(crate) closing: u32,
}

const _: () = assert!(size_of::<Opportunity>() == 96, "a deal takes no byte more than it has");

impl Opportunity {
    /// The currency of its amount.
    pub fn currency(&self) -> Currency {
        Currency::from_code(self.currency).unwrap_or(Currency::NONE)
    }

    /// When it was closed last, while it is closed.
    pub fn closed_at(&self) -> Option<Timestamp> {
        (self.closed_at != NO_X).then(|| Timestamp::from_micros(self.closed_at))
    }

    /// What it was worth when it was lost, minor units, while it is lost: an amendment after the
    /// loss changes its amount, and not this one.
    pub fn amount_at_loss(&self) -> Option<i64> {
        (self.amount_at_loss != NO_X).then_some(self.amount_at_loss)
    }

    /// The currency of its amount at the loss.
    pub fn currency_at_loss(&self) -> Currency {
        Currency::from_code(self.currency_at_loss).unwrap_or(Currency::NONE)
    }
}

/// How a deal stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Outcome {
    /// Open.
    Open,
    /// Won.
    Won,
    /// Lost.
    Lost,
}

impl Outcome {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

/// Money from a customer, or back to one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Revenue {
    /// When.
    pub at: Timestamp,
    /// Minor units, 0 or more.
    pub amount: i64,
    /// What of it is margin.
    pub margin: Option<i64>,
    /// The product.
    pub product: Code,
    /// The currency.
    pub currency: Currency,
    /// First, repeat or renewal.
    pub kind: Option<RevenueKind>,
    /// Money back.
    pub is_refund: bool,
}

/// One attribute of a lead as a capture gave it. The oldest of a name counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Attribute {
    pub(crate) name: Code,
    pub(crate) value: Code,
}

/// Money spent on getting leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cost {
    /// When it was recorded as having occurred.
    pub at: Timestamp,
    /// Minor units.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// On which source.
    pub source: Code,
    /// On which campaign.
    pub campaign: Code,
    /// On which channel.
    pub channel: Code,
    /// On which programme.
    pub programme: Code,
    /// Kind of cost.
    pub kind: Code,
    /// First day.
    pub from: Timestamp,
    /// Last day.
    pub to: Timestamp,
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
        let row = self.leads.get(index.0 as usize)?;
        let profile = &self.profiles[index.0 as usize];
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
