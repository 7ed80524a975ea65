//! What an export had to leave out, because it is damaged.

use std::ops::RangeInclusive;

use leadfold_store::StoreError;

use crate::error::{CliError, Outcome};
use crate::message::tell;
use crate::text::counted;

/// Places that are named; all events are counted.
const NAMED_MAX: usize = 20;
/// After so many positions in a row at which nothing reads, the rest is given up: each costs a look,
/// and a damaged position may be any number of them behind the others.
const GIVEN_UP: u64 = 65_536;

/// Damaged events, by their positions.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// Runs of positions, each with what is said of its first.
    places: Vec<(RangeInclusive<u64>, StoreError)>,
    events: u64,
    /// The last run, named or not.
    last: Option<RangeInclusive<u64>>,
}

impl LeftOut {
    pub(super) fn is_empty(&self) -> bool {
        self.events == 0
    }

    /// Adds an event behind those that there are.
    pub(super) fn add(&mut self, position: u64, error: StoreError) {
        self.events += 1;
        self.last = match self.last.take() {
            Some(run) if run.end() + 1 == position => Some(*run.start()..=position),
            _ => Some(position..=position),
        };
        let has_room = self.places.len() < NAMED_MAX;
        let before = self.places.last_mut().map(|(place, _)| place);
        match before.filter(|place| place.end() + 1 == position) {
            Some(place) => *place = *place.start()..=position,
            None if has_room => self.places.push((position..=position, error)),
            None => {}
        }
    }

    /// Whether nothing has been read for so long that nothing more is to be expected.
    pub(super) fn gives_up(&self) -> bool {
        self.last.as_ref().is_some_and(|run| run.end() - run.start() + 1 >= GIVEN_UP)
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
        if let Some(run) = self.last.as_ref().filter(|_| self.gives_up()) {
            tell(format_args!(
                "left out: all events behind {}, unread, because none of the {} before reads: \
                 verify the store",
                run.end(),
                run.end() - run.start() + 1
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
