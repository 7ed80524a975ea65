//! One lead, as its rows tell it.

use std::collections::BTreeSet;

use super::{
    CAPTURED, CHURNED, Finding, Handoff, LeadRow, NO_ROW, OPEN_IMPLIED, OPEN_UNKNOWN, Opportunity,
    Profile, Rare, Revenue, Tables, Visit,
};
use crate::event::CaptureOrigin;
use crate::fact::{Code, LeadIndex};
use crate::{State, Timestamp};

/// Everything that the tables hold of one lead.
///
/// ```
#[doc = include_str!("../../doc/log.rs.txt")]
/// use leadfold_core::{Decision, State};
///
/// let lead = tables.leads().next().ok_or("no lead")?;
/// assert_eq!((lead.state(), case.name(lead.owner())), (State::Customer, Some("ann")));
/// assert_eq!(lead.handoffs()[0].decision, Decision::Accepted);
/// let visits: Vec<State> = lead.visits().iter().map(|visit| visit.state).collect();
/// assert_eq!(visits, State::LADDER); // one as SQL, too: the opportunity implies it
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Lead<'a> {
    pub(super) tables: &'a Tables,
    pub(super) index: LeadIndex,
    pub(super) row: &'a LeadRow,
    pub(super) profile: &'a Profile,
}

impl<'a> Lead<'a> {
    /// Its index in the log.
    pub fn index(&self) -> LeadIndex {
        self.index
    }

    /// Its state.
    pub fn state(&self) -> State {
        self.row.state
    }

    /// Its round, from 1.
    pub fn cycle(&self) -> u32 {
        self.row.cycle
    }

    /// Who has it.
    pub fn owner(&self) -> Code {
        self.row.owner
    }

    /// When it was captured, if that is known.
    pub fn captured_at(&self) -> Option<Timestamp> {
        self.row.has(CAPTURED).then(|| Timestamp::from_micros(self.row.captured_at))
    }

    /// When its history begins.
    pub fn began_at(&self) -> Timestamp {
        Timestamp::from_micros(self.row.began_at)
    }

    /// When it entered its state.
    pub fn entered_at(&self) -> Timestamp {
        Timestamp::from_micros(self.row.entered_at)
    }

    /// The highest rung of the ladder that it ever stood on, really or by implication.
    pub fn reached(&self) -> u8 {
        self.row.reached
    }

    /// Whether it really entered a state.
    pub fn has_entered(&self, state: State) -> bool {
        self.row.entered & state.bit() != 0
    }

    /// Whether it is a customer that left.
    pub fn is_churned(&self) -> bool {
        self.row.has(CHURNED)
    }

    /// The lead that it was merged into.
    pub fn merged_into(&self) -> Option<LeadIndex> {
        let into = self.rare().merged_into;
        (into != NO_ROW).then_some(LeadIndex(into))
    }

    /// Where it came from.
    pub fn source(&self) -> Code {
        self.profile.source
    }

    /// By which medium.
    pub fn medium(&self) -> Code {
        self.profile.medium
    }

    /// By which campaign.
    pub fn campaign(&self) -> Code {
        self.profile.campaign
    }

    /// On which channel.
    pub fn channel(&self) -> Code {
        self.profile.channel
    }

    /// The product of its first opportunity, purchase or win that names one.
    pub fn product(&self) -> Code {
        self.profile.product
    }

    /// Which side began.
    pub fn origin(&self) -> Option<CaptureOrigin> {
        CaptureOrigin::from_code(self.profile.origin)
    }

    /// Why it was disqualified last.
    pub fn disqualified_for(&self) -> Code {
        self.rare().disqualified
    }

    /// The value of a captured attribute.
    pub fn attribute(&self, name: Code) -> Code {
        let chain = self.tables.rows.attributes.chain(self.profile.attributes);
        let oldest = chain.filter(|attribute| attribute.name == name).last();
        oldest.map_or(Code::NONE, |found| found.value)
    }

    /// Its captured attributes: name and value.
    pub fn attributes(&self) -> Vec<(Code, Code)> {
        let chain = self.tables.rows.attributes.chain(self.profile.attributes);
        let mut attributes = oldest_first(chain.map(|attribute| (attribute.name, attribute.value)));
        let mut seen = BTreeSet::new();
        attributes.retain(|(name, _)| seen.insert(*name));
        attributes
    }

    /// The states that it really entered, each by its bit.
    pub(crate) fn entered(&self) -> u16 {
        self.row.entered
    }

    /// Its visits that have ended, newest first.
    pub(crate) fn closed_visits(&self) -> impl Iterator<Item = Visit> + use<'a> {
        self.tables.closed_visits_of(self.row)
    }

    fn rare(&self) -> &'a Rare {
        self.tables.rows.rare(self.profile)
    }

    /// Its visits, the open one last.
    pub fn visits(&self) -> Vec<Visit> {
        let mut visits = oldest_first(self.tables.closed_visits_of(self.row));
        visits.push(self.open_visit());
        visits
    }

    /// The visit that lasts.
    pub fn open_visit(&self) -> Visit {
        Visit {
            state: self.row.state,
            is_implied: self.row.has(OPEN_IMPLIED),
            is_unknown: self.row.has(OPEN_UNKNOWN),
            cycle: self.row.cycle,
            entered_at: self.entered_at(),
            left_at: None,
        }
    }

    /// Its hand-offs, oldest first.
    pub fn handoffs(&self) -> Vec<Handoff> {
        oldest_first(self.tables.rows.handoffs.chain(self.row.handoffs).copied())
    }

    /// The hand-off that waits for an answer. Nobody owes one for a lead that is erased, and for
    /// a merged one its survivor has it.
    pub fn pending_handoff(&self) -> Option<&'a Handoff> {
        let is_gone = matches!(self.row.state, State::Merged | State::Erased);
        self.tables.rows.pending_handoff(self.row).filter(|_| !is_gone)
    }

    /// Its opportunities, oldest first.
    pub fn opportunities(&self) -> Vec<Opportunity> {
        oldest_first(self.tables.rows.opportunities.chain(self.row.opportunities).copied())
    }

    /// The same, newest first.
    pub(crate) fn deals(&self) -> impl Iterator<Item = &'a Opportunity> + use<'a> {
        self.tables.rows.opportunities.chain(self.row.opportunities)
    }

    /// Its revenue and refunds, oldest first.
    pub fn revenue(&self) -> Vec<Revenue> {
        oldest_first(self.tables.rows.revenue.chain(self.row.revenue).copied())
    }

    /// The same, newest first, without a vector of them.
    pub fn payments(&self) -> impl Iterator<Item = &'a Revenue> + use<'a> {
        self.tables.rows.revenue.chain(self.row.revenue)
    }

    /// Whether it has paid or been paid back.
    pub(crate) fn has_payments(&self) -> bool {
        self.row.revenue != NO_ROW
    }

    /// Whether an opportunity of a lead that stands alone is won. Whoever wins one becomes a
    /// customer: the count of those that never did is not looked up.
    pub(crate) fn has_won_deal(&self) -> bool {
        Some(self.row.reached) == State::Customer.rung() && self.rare().n_won > 0
    }

    /// What is wrong with its history, oldest first.
    pub fn findings(&self) -> Vec<Finding> {
        oldest_first(self.tables.rows.findings.chain(self.rare().findings).copied())
    }
}

pub(super) fn oldest_first<T>(newest_first: impl Iterator<Item = T>) -> Vec<T> {
    let mut rows: Vec<T> = newest_first.collect();
    rows.reverse();
    rows
}
