//! What each event did to the state of a lead: one more reading of the fold.

use std::collections::BTreeMap;

use leadfold_core::{Bounds, Fold, Glance, LeadIndex, Observer, Playbook, Seen, State};
use leadfold_store::{EventStore, StoreError};

use crate::log::Log;

/// The state before an event, none if it began the lead, and the one after it.
pub(super) type Move = (Option<State>, State);

/// The moves of one lead, by position.
#[derive(Debug)]
struct Moves {
    lead: LeadIndex,
    by_position: BTreeMap<u64, Move>,
}

impl Observer for Moves {
    fn wants(&self, _: Glance<'_>) -> bool {
        true
    }

    fn forget(&mut self, lead: LeadIndex) {
        if lead == self.lead {
            self.by_position.clear();
        }
    }

    fn absorbed(&mut self, _: LeadIndex) {}

    fn saw(&mut self, seen: &Seen<'_>) -> bool {
        if seen.lead() == self.lead {
            self.by_position.insert(seen.position(), (seen.from(), seen.state()));
        }
        true
    }
}

/// The moves of a lead, by position, and the lead that it is part of at the end. The lead's family
/// is folded alone: its rows depend on nobody else's events.
pub(super) fn moves<S: EventStore>(
    log: &Log<S>,
    playbook: &Playbook,
    bounds: Bounds,
    family: &[LeadIndex],
    lead: LeadIndex,
) -> Result<(BTreeMap<u64, Move>, Option<LeadIndex>), StoreError> {
    let moves = Moves { lead, by_position: BTreeMap::new() };
    let mut fold = Fold::watched(playbook.clone(), bounds, moves);
    fold.learn(|word| log.store.code(word))?;
    fold.apply(&log.store.history(family)?);
    fold.settle(|leads| log.store.history(leads))?;
    let (tables, moves) = fold.into_parts();
    let merged_into = tables.lead(lead).and_then(|lead| lead.merged_into());
    Ok((moves.by_position, merged_into))
}
