//! What a lead's events are like, at a glance: how a rebuild has to fold them.

use std::ops::Range;

use crate::fact::{Facts, Mark, Term};
use crate::machine::Kind;

/// A lead among facts by lead.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Outline {
    pub(crate) lead: u32,
    /// The numbers of its events.
    pub(crate) events: Range<usize>,
    pub(crate) tangle: Tangle,
    /// No event happened before one that is earlier in the log.
    pub(crate) is_in_order: bool,
    /// A bit for each of its events that leaves a trace in the tables of a lead that has begun and
    /// is not erased; of a lead with more events than bits it says nothing ([`active_among`] does).
    pub(crate) active: u64,
}

/// What of a lead's history keeps it from being folded event by event.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Tangle {
    None,
    Corrected,
    /// The histories of others count, too.
    Merged,
}

impl Outline {
    /// The lead whose events begin some, which are those of whole leads and not none.
    #[inline]
    fn of(facts: &Facts, Range { start: first, end }: Range<usize>) -> Self {
        let (leads, times, marks) =
            (&facts.lead[first..end], &facts.at[first..end], &facts.marks[first..end]);
        let (lead, mut last_at) = (leads[0], times[0]);
        let (mut is_in_order, mut is_complex, mut active) = (true, false, 0);
        let mut count = 0;
        // One walk: where a loop over few events ends is what no processor foresees.
        for ((_, at), mark) in
            leads.iter().zip(times).zip(marks).take_while(|((other, _), _)| **other == lead)
        {
            is_in_order &= last_at <= *at;
            is_complex |= mark.is_complex();
            active |= u64::from(!mark.is_passive()).wrapping_shl(count);
            last_at = *at;
            count += 1;
        }
        let events = first..first + count as usize;
        let tangle = if is_complex { Tangle::of(facts, &events) } else { Tangle::None };
        Self { lead, events, tangle, is_in_order, active }
    }
}

/// Which of some events, at most as many as there are bits, leave a trace.
pub(crate) fn active_among(marks: &[Mark]) -> u64 {
    let (eights, rest) = marks.as_chunks();
    let mut last = [Mark::default(); 8];
    last[..rest.len()].copy_from_slice(rest);
    let eights = eights.iter().chain((!rest.is_empty()).then_some(&last)).zip((0..).step_by(8));
    eights.fold(0, |all, (eight, place)| all | u64::from(Mark::bits(eight).active) << place)
}

/// So many events are looked at in one go.
const EVENTS_A_LOOK: usize = 512;
/// Events of a lead that one read of the bits tells, wherever in a byte it begins.
const EVENTS_A_READ: u32 = u64::BITS - 8;

/// The leads of some events, which are those of whole leads.
///
/// The marks of many events are looked at in one go, in loops without a question: where a lead ends
/// is then read from bits. A loop over the events of each lead ended where no processor foresaw it.
pub(crate) struct Outlines<'a> {
    facts: &'a Facts,
    /// The events of leads that have not been handed out.
    rest: Range<usize>,
    /// The events that have been looked at.
    seen: Range<usize>,
    /// The first events of leads.
    first: Bits,
    /// Those that leave a trace.
    active: Bits,
    /// Those for which their lead has to be walked over.
    odd: Bits,
}

impl<'a> Outlines<'a> {
    pub(super) fn of(facts: &'a Facts, events: Range<usize>) -> Self {
        let seen = events.start..events.start;
        let (first, active, odd) = Default::default();
        Self { facts, rest: events, seen, first, active, odd }
    }

    /// Looks at the events that come next.
    fn look(&mut self) {
        let Range { start, end } = self.rest;
        self.seen = start..end.min(start + EVENTS_A_LOOK);
        let (eights, some) = self.facts.marks[self.seen.clone()].as_chunks();
        // Behind the last event there is no more of its lead.
        let mut last = [Mark::FIRST; 8];
        last[..some.len()].copy_from_slice(some);
        for (place, eight) in eights.iter().chain([&last]).enumerate() {
            let bits = Mark::bits(eight);
            self.first.0[place] = bits.first;
            self.active.0[place] = bits.active;
            self.odd.0[place] = bits.odd;
        }
    }

    /// The next lead by a walk over its events, which may lead behind what has been looked at.
    fn walk(&mut self) -> Outline {
        let outline = Outline::of(self.facts, self.rest.clone());
        let end = outline.events.end;
        if end > self.seen.end {
            self.seen = end..end;
        }
        outline
    }

    /// The next lead, which has more events than one read of the bits tells.
    #[cold]
    fn long(&mut self) -> Outline {
        if self.rest.start > self.seen.start && self.seen.end < self.rest.end {
            self.look();
        }
        let (begins, known) = (self.rest.start - self.seen.start, self.seen.len());
        let next = self.first.next_from(begins + 1);
        let is_whole = next < known || self.seen.end == self.rest.end;
        if !is_whole || self.odd.next_from(begins) < next {
            return self.walk();
        }
        let events = self.rest.start..self.seen.start + next;
        let marks = &self.facts.marks[events.clone()];
        Outline {
            lead: self.facts.lead[events.start],
            tangle: Tangle::None,
            is_in_order: true,
            active: if marks.len() <= u64::BITS as usize { active_among(marks) } else { 0 },
            events,
        }
    }

    /// How many events the next lead has, by the bits, and where they begin there.
    #[inline]
    fn next_lead(&self) -> (u32, usize) {
        let place = self.rest.start - self.seen.start;
        (1 + self.first.read(place + 1).trailing_zeros(), place)
    }
}

impl Iterator for Outlines<'_> {
    type Item = Outline;

    #[inline]
    fn next(&mut self) -> Option<Outline> {
        if self.rest.is_empty() {
            return None;
        }
        let (mut count, mut place) = self.next_lead();
        if self.rest.start + count as usize >= self.seen.end && self.seen.end < self.rest.end {
            self.look();
            (count, place) = self.next_lead();
        }
        let own = if count <= EVENTS_A_READ { (1 << count) - 1 } else { 0 };
        let outline = if own == 0 {
            self.long()
        } else if self.odd.read(place) & own != 0 {
            self.walk()
        } else {
            Outline {
                lead: self.facts.lead[self.rest.start],
                events: self.rest.start..self.rest.start + count as usize,
                tangle: Tangle::None,
                is_in_order: true,
                active: self.active.read(place) & own,
            }
        };
        self.rest.start = outline.events.end;
        Some(outline)
    }
}

/// A bit for each event of a look, the first one the lowest.
struct Bits([u8; EVENTS_A_LOOK / 8 + 9]);

impl Default for Bits {
    fn default() -> Self {
        Self([0; EVENTS_A_LOOK / 8 + 9])
    }
}

impl Bits {
    /// The first bit that is set from one on; one behind all where there is none.
    fn next_from(&self, place: usize) -> usize {
        let mut place = place;
        while place < EVENTS_A_LOOK {
            let bits = self.read(place);
            if bits != 0 {
                return place + bits.trailing_zeros() as usize;
            }
            place += EVENTS_A_READ as usize;
        }
        place
    }

    /// The bits from one on: at least as many as a read tells.
    #[inline]
    fn read(&self, place: usize) -> u64 {
        let bytes = &self.0[place / 8..][..8];
        u64::from_le_bytes(bytes.try_into().expect("eight bytes")) >> (place % 8)
    }
}

impl Tangle {
    /// What the complex events among some of a lead do to it.
    #[cold]
    fn of(facts: &Facts, events: &Range<usize>) -> Self {
        let complex = events.clone().filter(|event| facts.marks[*event].is_complex());
        let is_merge = |term: &Term| matches!(term.kind, Kind::Merged | Kind::Unmerged);
        let merges = |event| {
            let (start, end) = facts.event(event);
            facts.terms[start..end].iter().any(is_merge)
        };
        complex
            .map(|event| if merges(event) { Self::Merged } else { Self::Corrected })
            .max()
            .unwrap_or(Self::None)
    }
}

#[cfg(test)]
mod outline_test;
