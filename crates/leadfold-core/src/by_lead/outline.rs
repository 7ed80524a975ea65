//! What a lead's events are like, at a glance: how a rebuild has to fold them.

use std::ops::Range;

use crate::fact::{Facts, Mark, Term};
use crate::machine::Kind;

/// A lead among facts by lead.
#[derive(Clone, Debug)]
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
    pub(super) fn of(facts: &Facts, Range { start: first, end }: Range<usize>) -> Self {
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
    let bits = marks.iter().zip(0..).map(|(mark, place)| u64::from(!mark.is_passive()) << place);
    bits.fold(0, |all, bit: u64| all | bit)
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
