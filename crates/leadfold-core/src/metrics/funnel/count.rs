//! A funnel while it is counted, lead by lead.

use std::collections::BTreeMap;
use std::ops::Range;

use super::tally::{Tally, row_of};
use super::{FunnelKind, FunnelQuery, FunnelRow};
use crate::metrics::split::{Groups, with_key};
use crate::metrics::{KeyPart, stands_alone};
use crate::tables::Tables;
use crate::{Lead, LeadIndex};

/// Leads whose visits are read in one go where they are scattered.
const LEADS_A_BLOCK: usize = 64;

/// What a funnel has counted so far. Some leads are counted here and others there, on threads of
/// their own if need be, and then both together.
///
/// ```
/// # use leadfold_core::metrics::{FunnelCount, FunnelQuery, funnel};
/// # use leadfold_core::{LeadIndex, Tables, Timestamp};
/// # let tables = Tables::default();
/// let query = FunnelQuery::as_of(Timestamp::from_micros(0));
/// let middle = LeadIndex(tables.lead_count() as u32 / 2);
/// let halves = [LeadIndex(0)..middle, middle..LeadIndex::NONE];
/// let [first, second] = halves.map(|leads| FunnelCount::of(&tables, &query, leads));
/// assert_eq!(first.and(second).rows(), funnel(&tables, &query));
/// ```
#[derive(Clone, Debug)]
pub struct FunnelCount<'a> {
    query: &'a FunnelQuery,
    /// Of leads that were counted together.
    parts: Vec<Groups<Tally>>,
}

impl<'a> FunnelCount<'a> {
    /// Counts some leads of the tables.
    pub fn of(tables: &Tables, query: &'a FunnelQuery, leads: Range<LeadIndex>) -> Self {
        Self { query, parts: Vec::new() }.with(tables, leads)
    }

    /// Counts some more leads of the same tables, into what there is: a thread that counts a few
    /// at a time fills less memory than many counts that are put together. A lead that has been
    /// counted before counts twice.
    #[must_use]
    pub fn with(mut self, tables: &Tables, leads: Range<LeadIndex>) -> Self {
        let query = self.query;
        let mut part = self.parts.pop().unwrap_or_default();
        let (mut key, mut block) = (Vec::new(), Vec::new());
        let is_scattered = tables.has_scattered_visits();
        tables.leads_in(leads).filter(|lead| is_member(lead, query)).for_each(|lead| {
            if !is_scattered {
                return count(&mut part, &lead, query, &mut key);
            }
            block.push(lead);
            if block.len() == LEADS_A_BLOCK {
                tables.warm_up_visits(&block);
                block.drain(..).for_each(|lead| count(&mut part, &lead, query, &mut key));
            }
        });
        block.iter().for_each(|lead| count(&mut part, lead, query, &mut key));
        self.parts.push(part);
        self
    }

    /// What both have counted, of the same tables under the same query. A lead that both have
    /// counted counts twice.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// The rows: first the total, then the groups in the order of their keys.
    pub fn rows(&self) -> Vec<FunnelRow> {
        let mut rows = vec![self.total()];
        rows.extend(self.groups());
        rows
    }

    /// The row of all leads. To find its medians takes about as long as to find those of all
    /// groups: one thread can do this while another one does that.
    pub fn total(&self) -> FunnelRow {
        let all: Vec<&Tally> = self.parts.iter().flat_map(Groups::tallies).collect();
        row_of(Vec::new(), &all, self.query)
    }

    /// The rows of the groups in the order of their keys; none where nothing is split.
    pub fn groups(&self) -> Vec<FunnelRow> {
        let query = self.query;
        if query.by.is_empty() {
            return Vec::new();
        }
        let rows = self.tallies().into_iter();
        let rows = rows.map(|(key, tallies)| row_of(key.to_vec(), &tallies, query));
        // A group without anything in the period is no row.
        let is_row = |row: &FunnelRow| query.kind == FunnelKind::Cohort || row.has_anything();
        rows.filter(is_row).collect()
    }

    /// The tallies of each key.
    fn tallies(&self) -> BTreeMap<&[KeyPart], Vec<&Tally>> {
        let mut groups = BTreeMap::<_, Vec<_>>::new();
        for part in &self.parts {
            part.iter().for_each(|(key, tally)| groups.entry(key).or_default().push(tally));
        }
        groups
    }
}

/// Whether a funnel counts a lead.
fn is_member(lead: &Lead<'_>, query: &FunnelQuery) -> bool {
    let is_captured = || lead.captured_at().is_some_and(|at| query.period.contains(at));
    stands_alone(lead) && (query.kind == FunnelKind::Period || is_captured())
}

#[inline(always)]
fn count(groups: &mut Groups<Tally>, lead: &Lead<'_>, query: &FunnelQuery, key: &mut Vec<KeyPart>) {
    with_key(lead, &query.by, key, |key| groups.tally(key)).lead(lead, query);
}

impl FunnelRow {
    fn has_anything(&self) -> bool {
        let has_entries = self.stages.iter().any(|stage| stage.reached > 0);
        self.captured > 0 || self.erased > 0 || has_entries
    }
}
