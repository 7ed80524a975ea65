//! Facts by lead: the order in which a rebuild reads a log.
//!
//! In the order of the log the events of interleaved leads send the fold to another place of
//! memory each time, and waiting for that was more than half of its time at a million leads
//! (`benches/README.md`). Lead by lead, a lead's rows are touched once and lie beside those of
//! the lead before; late events are put in their place before they are folded, not after.

mod encode;
mod outline;
mod runs;

use std::ops::{Range, RangeInclusive};

use self::encode::Decoder;
pub(crate) use self::encode::LAYOUT;
pub(crate) use self::outline::{Outline, Outlines, Tangle, active_among};
pub use self::runs::LeadRuns;
use crate::fact::{DecodeError, Facts, LeadIndex, Mark, Term};
use crate::machine::Kind;

/// Facts of whole events, lead by lead (events without a lead last), each lead's in the order of
/// the log.
///
/// ```
/// # use leadfold_core::{Facts, LeadFacts};
/// let page = Facts::default(); // as a store hands it out
/// let by_lead = LeadFacts::of(&[&page]);
/// assert!(by_lead.facts().is_empty());
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LeadFacts(Facts);

impl LeadFacts {
    /// Puts events in order. The pages may be in the order of the log or by lead themselves, but
    /// each page has to be later in the log than the one before it as far as they share a lead.
    ///
    /// Pages that are by lead already are merged at the cost of their length.
    pub fn of(pages: &[&Facts]) -> Self {
        let events = pages.iter().map(|page| page.event_count()).sum();
        let mut order: Vec<(u32, u32, u32)> = Vec::with_capacity(events);
        for (number, page) in (0..).zip(pages) {
            order.extend(page.lead.iter().zip(0..).map(|(lead, event)| (*lead, number, event)));
        }
        // Stable: a lead's events keep the order of the log.
        order.sort_by_key(|(lead, ..)| *lead);
        let mut facts = Facts::default();
        facts.reserve(order.len(), pages.iter().map(|page| page.len()).sum());
        // What stands together already is copied together.
        for together in order.chunk_by(|a, b| (a.1, a.2 + 1) == (b.1, b.2)) {
            let (_, page, first) = together[0];
            let first = first as usize;
            facts.extend_events(pages[page as usize], first..first + together.len());
        }
        Self(facts)
    }

    /// Takes facts that are in order.
    ///
    /// # Errors
    /// [`NotByLead`] where they are not.
    pub fn try_from_facts(facts: Facts) -> Result<Self, NotByLead> {
        let place = |event: usize| (facts.lead[event], facts.position[event]);
        match (1..facts.event_count()).find(|event| place(*event) <= place(event - 1)) {
            None => Ok(Self(facts)),
            Some(event) => {
                let (lead, position) = place(event);
                Err(NotByLead { lead, position })
            }
        }
    }

    /// The facts.
    pub fn facts(&self) -> &Facts {
        &self.0
    }

    /// Takes the facts out.
    pub fn into_facts(self) -> Facts {
        self.0
    }

    /// The number of events.
    pub fn event_count(&self) -> usize {
        self.0.event_count()
    }

    /// The first lead of the page.
    pub fn first_lead(&self) -> Option<LeadIndex> {
        self.0.lead.first().map(|lead| LeadIndex(*lead))
    }

    /// The last lead of the page.
    pub fn last_lead(&self) -> Option<LeadIndex> {
        self.0.lead.last().map(|lead| LeadIndex(*lead))
    }

    /// Adds all facts of some leads, which are sorted, to a page.
    pub fn history(&self, leads: &[LeadIndex], page: &mut Facts) {
        let facts = &self.0;
        let (Some(first), Some(last)) = (facts.lead.first(), facts.lead.last()) else { return };
        let from = leads.partition_point(|lead| lead.0 < *first);
        let mut start = 0;
        for lead in leads[from..].iter().take_while(|lead| lead.0 <= *last) {
            start += facts.lead[start..].partition_point(|other| *other < lead.0);
            let own = facts.lead[start..].iter().take_while(|other| **other == lead.0);
            let end = start + own.count();
            page.extend_events(facts, start..end);
            start = end;
        }
    }

    /// The leads that merges, or their undoing, name here: both sides of each.
    pub(crate) fn linked(&self) -> impl Iterator<Item = LeadIndex> + '_ {
        let facts = &self.0;
        // Most pages have none, which all marks together tell at once.
        let any = facts.marks.iter().fold(Mark::default(), |all, mark| all.with(*mark));
        let marks = if any.is_complex() { facts.marks.as_slice() } else { &[] };
        let complex = (0..).zip(marks).filter(|(_, mark)| mark.is_complex());
        complex.flat_map(move |(event, _)| {
            let (start, end) = facts.event(event);
            let is_merge = |term: &&Term| matches!(term.kind, Kind::Merged | Kind::Unmerged);
            let merges = facts.terms[start..end].iter().filter(is_merge);
            merges.flat_map(move |term| [LeadIndex(facts.lead[event]), LeadIndex(term.a)])
        })
    }

    /// Drops the leads before one and behind another.
    pub fn keep_leads(&mut self, first: LeadIndex, last: LeadIndex) {
        let facts = &mut self.0;
        facts.truncate(facts.lead.partition_point(|lead| *lead <= last.0));
        if self.first_lead().is_some_and(|lead| lead < first) {
            *self = self.of_leads(first, last);
        }
    }

    /// The same of the leads from one up to another.
    #[must_use]
    pub fn of_leads(&self, first: LeadIndex, last: LeadIndex) -> Self {
        let start = self.0.lead.partition_point(|lead| *lead < first.0);
        let end = self.0.lead.partition_point(|lead| *lead <= last.0).max(start);
        let mut kept = Facts::default();
        kept.extend_events(&self.0, start..end);
        Self(kept)
    }

    /// Drops the events at other positions of the log.
    pub fn keep_positions(&mut self, positions: &RangeInclusive<u64>) {
        if !self.0.position.iter().all(|position| positions.contains(position)) {
            let mut kept = Facts::default();
            let is_kept = |event: &usize| positions.contains(&self.0.position[*event]);
            let events = (0..self.event_count()).filter(is_kept);
            events.for_each(|event| kept.extend_events(&self.0, event..event + 1));
            self.0 = kept;
        }
    }

    /// The leads, each with what its events are like.
    #[inline]
    pub(crate) fn outlines(&self) -> Outlines<'_> {
        self.outlines_of(0..self.event_count())
    }

    /// The same of some events, which are those of whole leads.
    #[inline]
    pub(crate) fn outlines_of(&self, events: Range<usize>) -> Outlines<'_> {
        Outlines::of(&self.0, events)
    }

    /// Whose an event is, if there is one.
    fn lead_of(&self, event: usize) -> Option<u32> {
        self.0.lead.get(event).copied()
    }

    /// The first event from one on that is of a lead, or of one behind it.
    fn events_before(&self, from: usize, lead: u64) -> usize {
        if self.0.lead.last().is_none_or(|last| u64::from(*last) < lead) {
            return self.event_count();
        }
        let is_before = |one: &&u32| u64::from(**one) < lead;
        from + self.0.lead[from..].iter().take_while(is_before).count()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds events of another page, which come behind those here.
    ///
    /// # Panics
    /// When there are no such events.
    pub fn append_events(&mut self, other: &Self, events: Range<usize>) {
        self.0.extend_events(&other.0, events);
    }

    /// Adds a page of the leads behind those here.
    pub fn append(&mut self, other: &Self) {
        self.0.extend_events(&other.0, 0..other.event_count());
    }

    /// Becomes a page, in the memory that there is.
    fn take(&mut self, page: LeadPage, decoder: &mut Decoder) -> Result<(), DecodeError> {
        match page {
            LeadPage::Facts(facts) => *self = facts,
            LeadPage::Packed(parts) => {
                self.clear();
                for part in parts {
                    decoder.decode_behind(&part, self)?;
                }
            }
        }
        Ok(())
    }

    /// The same in so many parts of whole leads, of about as many facts each. Fewer where there are
    /// not as many leads.
    pub fn in_parts(&self, parts: usize) -> impl Iterator<Item = Self> {
        let (facts, parts) = (&self.0, parts.max(1));
        // The first event of the lead that has a fact.
        let lead_at = |fact: usize| {
            let lead = facts.lead[facts.event_of(fact)];
            facts.lead.partition_point(|other| *other < lead)
        };
        let end_of = move |part: usize| {
            let behind = facts.len() * part / parts;
            if behind < facts.len() { lead_at(behind) } else { facts.event_count() }
        };
        let cuts = (0..parts).map(move |part| end_of(part)..end_of(part + 1));
        cuts.filter(|events| !events.is_empty()).map(|events| {
            let mut part = Facts::default();
            part.extend_events(facts, events);
            Self(part)
        })
    }
}

/// A page of facts by lead, as a store has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LeadPage {
    /// As they are.
    Facts(LeadFacts),
    /// Parts of whole leads, one behind the other, each as [`LeadFacts::encode`] makes it. They
    /// are unpacked where they are folded, so that every thread does it for itself.
    Packed(Vec<Vec<u8>>),
}

impl LeadPage {
    /// The facts.
    ///
    /// # Errors
    /// [`DecodeError`] when a part is damaged.
    pub fn unpack(self) -> Result<LeadFacts, DecodeError> {
        let mut facts = LeadFacts::default();
        facts.take(self, &mut Decoder::default())?;
        Ok(facts)
    }
}

impl Default for LeadPage {
    fn default() -> Self {
        Self::Facts(LeadFacts::default())
    }
}

/// Facts that are not by lead.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a page of facts by lead is damaged: expected leads and their positions to rise, found \
     position {position} of lead number {lead} out of place; rebuild the facts from the events"
)]
pub struct NotByLead {
    /// The dense index of the lead.
    pub lead: u32,
    /// Position of the event.
    pub position: u64,
}
