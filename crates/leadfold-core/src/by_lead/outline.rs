//! What a lead's events are like, at a glance: how a rebuild has to fold them.

use std::ops::Range;

use crate::fact::Facts;
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
        let heads = &facts.heads[first..end];
        let lead = facts.lead[heads[0] as usize];
        let (mut count, mut last_at) = (0, i64::MIN);
        let (mut is_in_order, mut is_complex) = (true, false);
        for head in heads {
            let head = *head as usize;
            if facts.lead[head] != lead {
                break;
            }
            is_in_order &= last_at <= facts.at[head];
            last_at = facts.at[head];
            is_complex |= facts.kind[head].is_complex();
            count += 1;
        }
        let events = first..first + count;
        let is_complex = is_complex || facts.has_amended(&events);
        let tangle = if is_complex { Tangle::of(facts, &events) } else { Tangle::None };
        Self { lead, events, tangle, is_in_order }
    }
}

impl Tangle {
    /// What the complex events among some of a lead do to it.
    #[cold]
    fn of(facts: &Facts, events: &Range<usize>) -> Self {
        let complex = events.clone().filter(|event| facts.is_complex(*event));
        let is_merge = |kind: &Kind| matches!(kind, Kind::Merged | Kind::Unmerged);
        let merges = |event| {
            let (start, end) = facts.event(event);
            facts.kind[start..end].iter().any(is_merge)
        };
        complex
            .map(|event| if merges(event) { Self::Merged } else { Self::Corrected })
            .max()
            .unwrap_or(Self::None)
    }
}
