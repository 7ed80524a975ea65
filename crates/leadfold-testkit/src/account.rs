//! What a log has, held against what was acknowledged: the account of a fault test.
//!
//! Events are pure functions of their numbers, and so is what a writer appends together. So a
//! process may die in the middle, and another one knows what it has tried. Numbers of one writer
//! count from its first, and a writer tries its batches one after the other.
//!
//! ```
//! # use leadfold_store::{Blocking, MemoryStore};
//! # use leadfold_testkit::account::{Account, batch, first_of};
//! let store = Blocking(MemoryStore::new());
//! let mut account = Account::default();
//! let first = first_of(0);
//! let append = batch(first);
//! account.tries(first);
//! store.append(append)?;
//! account.acknowledges(first, 1);
//!
//! let tally = account.judge(&store.events(0, usize::MAX)?);
//! assert!(tally.is_clean(), "{tally}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::AddAssign;

use leadfold_core::event::{NewEvent, RecordedEvent};
use leadfold_store::Append;

use crate::conformance::support::{
    NOW, captured, cost, event, event_id, lost, merged, replaced, retracted,
};

/// A writer has fewer numbers than this.
const NUMBERS: u64 = 1 << 32;

/// The first number of a writer.
pub fn first_of(writer: u32) -> u64 {
    u64::from(writer) * NUMBERS + 1
}

/// The event of a number: of one of sixty leads or of none, of all kinds that stores treat apart.
pub fn numbered(number: u64) -> NewEvent {
    let lead = format!("L{}", number * 7 % 60);
    match number % 10 {
        0 => cost(number),
        1 => captured(number, &lead, &format!("source {}", number % 7)),
        2 => event(
            number,
            &lead,
            "\"type\":\"scored\",\"data\":{\"model\":\"m\",\"model_version\":1,\"total\":2.5}",
        ),
        3 => retracted(number, &lead, number - 1),
        4 => retracted(number, &lead, number + 60),
        5 => replaced(number, &lead, number.saturating_sub(60), "{\"source\":\"replaced\"}"),
        6 if number % 7 == 6 => merged(number, &lead, &format!("L{}", number % 60)),
        _ => lost(number, &lead, &format!("reason {number}")),
    }
}

/// How many events are appended together from a number on: mostly few, now and then hundreds.
pub fn batch_len(first: u64) -> u64 {
    let mixed = first.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    if mixed.is_multiple_of(16) { 100 + mixed % 200 } else { 1 + mixed % 12 }
}

/// The events that are appended together from a number on.
pub fn batch(first: u64) -> Append {
    Append::new((first..first + batch_len(first)).map(numbered).collect(), NOW)
}

/// What writers have tried, and what was acknowledged to them.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// The last number that a writer has tried, by its first.
    tried: BTreeMap<u64, u64>,
    /// Numbers and the positions that came with the acknowledgement.
    acknowledged: Vec<(u64, u64)>,
}

impl Account {
    /// A batch is about to be appended.
    pub fn tries(&mut self, first: u64) {
        let last = first + batch_len(first) - 1;
        let tried = self.tried.entry(writer(first)).or_default();
        *tried = last.max(*tried);
    }

    /// A batch was acknowledged with the position of its first event; returns what comes next.
    pub fn acknowledges(&mut self, first: u64, position: u64) -> u64 {
        let next = first + batch_len(first);
        self.acknowledged.extend((first..next).zip(position..));
        next
    }

    /// Compares all events of a log.
    pub fn judge(&self, found: &[RecordedEvent]) -> Tally {
        let acknowledged = self.acknowledged.len() as u64;
        let mut tally =
            Tally { rounds: 1, acknowledged, found: found.len() as u64, ..Tally::default() };
        let places = self.places(found, &mut tally);
        for (number, position) in &self.acknowledged {
            match places.get(number) {
                None => tally.lost += 1,
                Some(found) => tally.reordered += u64::from(found != position),
            }
        }
        tally.torn = self.tried.iter().map(|(first, last)| torn(*first, *last, &places)).sum();
        tally
    }

    /// Where the events are that were tried; what is wrong with the order goes into the tally.
    fn places(&self, found: &[RecordedEvent], tally: &mut Tally) -> HashMap<u64, u64> {
        let mut places = HashMap::new();
        let mut latest: BTreeMap<u64, u64> = BTreeMap::new();
        let mut before = 0;
        for event in found {
            tally.skipped += u64::from(event.position != before + 1);
            before = event.position;
            let Some(number) = self.number(event) else {
                tally.invented += 1;
                continue;
            };
            if places.insert(number, event.position).is_some() {
                tally.applied_twice += 1;
                continue;
            }
            let later = latest.insert(writer(number), number);
            tally.reordered += u64::from(later.is_some_and(|later| later > number));
        }
        places
    }

    /// The number of an event, if it was tried with this content.
    fn number(&self, found: &RecordedEvent) -> Option<u64> {
        let (_, number) = found.id.0.as_u64_pair();
        let is_tried =
            number != 0 && self.tried.get(&writer(number)).is_some_and(|last| number <= *last);
        let is_same = || found.id == event_id(number) && found.event == numbered(number).event;
        (is_tried && is_same()).then_some(number)
    }
}

/// The first number of the writer of a number.
fn writer(number: u64) -> u64 {
    (number - 1) / NUMBERS * NUMBERS + 1
}

/// How many batches are there in part, or not together.
fn torn(first: u64, last: u64, places: &HashMap<u64, u64>) -> u64 {
    let mut torn = 0;
    let mut first = first;
    while first <= last {
        let next = first + batch_len(first);
        let begin = places.get(&first);
        let is_whole = (first..next)
            .zip(0..)
            .all(|(number, index)| places.get(&number).copied() == begin.map(|at| at + index));
        torn += u64::from(!is_whole);
        first = next;
    }
    torn
}

/// What a fault test has seen: everything but the first three has to be 0.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// How often a log was looked at.
    pub rounds: u64,
    /// Acknowledged events that were looked for, over all rounds.
    pub acknowledged: u64,
    /// Events that were there, over all rounds.
    pub found: u64,
    /// Acknowledged and not there.
    pub lost: u64,
    /// There, but nobody has tried to append them, or not with this content.
    pub invented: u64,
    /// At another position than was acknowledged, or before what the same writer appended earlier.
    pub reordered: u64,
    /// Positions that are left out.
    pub skipped: u64,
    /// Events that are there once more.
    pub applied_twice: u64,
    /// Batches that are there in part.
    pub torn: u64,
}

impl Tally {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        let Self { lost, invented, reordered, skipped, applied_twice, torn, .. } = *self;
        lost + invented + reordered + skipped + applied_twice + torn == 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.acknowledged += other.acknowledged;
        self.found += other.found;
        self.lost += other.lost;
        self.invented += other.invented;
        self.reordered += other.reordered;
        self.skipped += other.skipped;
        self.applied_twice += other.applied_twice;
        self.torn += other.torn;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rounds, acknowledged, found, lost, invented, .. } = self;
        let Self { reordered, skipped, applied_twice, torn, .. } = self;
        write!(
            f,
            "{rounds} rounds, {acknowledged} acknowledged, {found} found: lost {lost}, invented \
             {invented}, reordered {reordered}, skipped {skipped}, applied twice {applied_twice}, \
             torn {torn}"
        )
    }
}

#[cfg(test)]
#[path = "account/account_test.rs"]
mod account_test;
