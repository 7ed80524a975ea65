//! What an export had to leave out, because it is damaged.

use std::ops::RangeInclusive;

use leadfold_store::StoreError;

use crate::error::{CliError, Outcome};
use crate::message::tell;
use crate::text::counted;

/// Places that are named; all events are counted.
const NAMED_MAX: usize = 20;

/// Damaged events, by their positions.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// Runs of positions, each with what is said of its first.
    places: Vec<(RangeInclusive<u64>, StoreError)>,
    events: u64,
}

impl LeftOut {
    pub(super) fn is_empty(&self) -> bool {
        self.events == 0
    }

    /// Adds an event behind those that there are.
    pub(super) fn add(&mut self, position: u64, error: StoreError) {
        self.events += 1;
        let has_room = self.places.len() < NAMED_MAX;
        let before = self.places.last_mut().map(|(place, _)| place);
        match before.filter(|place| place.end() + 1 == position) {
            Some(place) => *place = *place.start()..=position,
            None if has_room => self.places.push((position..=position, error)),
            None => {}
        }
    }

    /// Done if nothing is left out; else it is named.
    pub(super) fn outcome(&self) -> Result<Outcome, CliError> {
        if self.is_empty() {
            return Ok(Outcome::Done);
        }
        for (place, error) in &self.places {
            tell(format_args!("left out: {}: {error}", named(place)));
        }
        let named: u64 = self.places.iter().map(|(place, _)| place.end() - place.start() + 1).sum();
        if self.events > named {
            tell(format_args!(
                "left out: {} more",
                counted(self.events - named, "event", "events")
            ));
        }
        let verb = if self.events == 1 { "is" } else { "are" };
        Err(CliError::LeftOut(format!("{} {verb}", counted(self.events, "event", "events"))))
    }
}

fn named(place: &RangeInclusive<u64>) -> String {
    match (place.start(), place.end()) {
        (first, last) if first == last => format!("event {first}"),
        (first, last) => format!("events {first} to {last}"),
    }
}
