//! Duplicates among the leads: somebody who came before comes again as a new lead, and is merged.
//!
//! A duplicate is merged while it has captured and touches only, into a lead that was captured
//! earlier and is no duplicate itself. So nothing that it brings can be illegal in the survivor.

use super::Simulation;
use super::act::What;
use super::events::Captures;
use super::rng::{Purpose, Rng};
use super::script::Script;

/// How many leads back the first coming lies at most.
const REACH: u64 = 200;

/// The lead that this one is a duplicate of, if it is one.
pub(super) fn original(simulation: &Simulation, captures: &Captures, lead: u32) -> Option<u32> {
    let mut rng = Rng::new(simulation.seed, lead, Purpose::Twin);
    if !rng.chance(simulation.merges) {
        return None;
    }
    let original = lead.checked_sub(1 + rng.below(REACH) as u32)?;
    let is_first = !Rng::new(simulation.seed, original, Purpose::Twin).chance(simulation.merges);
    (is_first && captures.at(original) < captures.at(lead)).then_some(original)
}

impl Script {
    /// The short life of a duplicate.
    pub(super) fn live_as_twin(&mut self, original: u32) {
        self.capture();
        if self.chance(0.6) {
            self.touches(0.3);
        }
        self.wait_office(1.5);
        self.act(What::Merged { into: original });
        if self.chance(0.05) {
            self.wait_office(1.0);
            self.act(What::Unmerged { from: original });
            self.touches(0.5);
        }
    }
}
