//! Rows that are read before they are needed.
//!
//! The rows of interleaved leads are all over memory, and waiting for each in turn was half of the
//! fold (`benches/README.md`). Reads that nobody waits for overlap: so the rows of the next events
//! are read in one go.
//!
//! To do the same with what a lead's row points to (its profile, its newest hand-off and deal) took
//! as much time as it saved.

use std::ops::{BitXor, Range};

use super::{Fold, Observer};
use crate::fact::{Facts, LeadIndex};

/// Events whose rows are read in one go before they are folded: those are to be near until then.
pub(super) const WARM_UP: usize = 64;

impl<O: Observer> Fold<O> {
    /// Reads what the next events of a page will ask.
    pub(super) fn warm_up(&self, facts: &Facts, from: usize) {
        let events = from..facts.event_count().min(from + WARM_UP);
        let leads = facts.lead[events.clone()].iter();
        touch(leads.filter_map(|lead| self.tables.leads.get(*lead as usize)).map(|row| row.flags));
        if O::WATCHES {
            self.warm_up_observer(facts, events);
        }
    }

    /// Lets who watches do the same for what it may be shown.
    fn warm_up_observer(&self, facts: &Facts, events: Range<usize>) {
        let (mut leads, mut shown) = ([LeadIndex(0); WARM_UP], 0);
        let is_shown = |event: &usize| {
            let mark = facts.marks[*event];
            !mark.is_passive() || mark.is_signal()
        };
        for event in events.filter(is_shown) {
            leads[shown] = LeadIndex(facts.lead[event]);
            shown += 1;
        }
        self.observer.warm_up(&leads[..shown]);
    }
}

/// Reads values that are needed later.
#[inline]
pub(crate) fn touch<T: Default + BitXor<Output = T>>(values: impl Iterator<Item = T>) {
    std::hint::black_box(values.fold(T::default(), BitXor::bitxor));
}
