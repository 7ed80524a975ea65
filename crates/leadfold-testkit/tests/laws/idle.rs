//! Somebody who watches a fold and keeps nothing. The benches measure what that costs.

use leadfold_core::{Glance, LeadIndex, Observer, Seen};

/// Counts the events that it is shown, and wants none but those that change the tables.
#[derive(Default)]
pub(crate) struct Idle {
    pub(crate) seen: usize,
}

impl Observer for Idle {
    fn wants(&self, _: Glance<'_>) -> bool {
        false
    }

    fn forget(&mut self, _: LeadIndex) {}

    fn absorbed(&mut self, _: LeadIndex) {}

    fn saw(&mut self, _: &Seen<'_>) -> bool {
        self.seen += 1;
        false
    }
}
