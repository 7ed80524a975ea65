//! The leads that are being worked, by whose turn it is next.
//!
//! Only the leads of the current hour are kept in order; the others lie in a pile for each later
//! hour. So the ordered part fits a cache however many leads there are.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::act::Act;
use super::calendar::HOUR;
use super::profile::Profile;

/// A lead's place in the queue: what is left of its life, which is never nothing.
#[derive(Debug)]
pub(super) struct Turn {
    /// When the lead's next event arrives.
    arrives_at: i64,
    rest: std::vec::IntoIter<Act>,
    pub(super) lead: u32,
    pub(super) profile: Profile,
}

impl Turn {
    /// The first turn of a life, unless it is empty.
    pub(super) fn first(lead: u32, profile: Profile, acts: Vec<Act>) -> Option<Self> {
        let arrives_at = acts.first()?.recorded_at;
        Some(Self { arrives_at, rest: acts.into_iter(), lead, profile })
    }

    /// What happens at this turn, and the lead's next one if there is more of its life.
    pub(super) fn take(mut self) -> Option<(Act, Option<Self>)> {
        let act = self.rest.next()?;
        let next = self.rest.as_slice().first().map(|next| next.recorded_at);
        Some((act, next.map(|arrives_at| Self { arrives_at, ..self })))
    }
}

/// Turns by their time; those of one second by their lead.
#[derive(Debug)]
pub(super) struct Queue {
    from: i64,
    /// The last hour that is kept in order.
    hour: usize,
    now: BinaryHeap<Reverse<Turn>>,
    /// By hour since `from`.
    later: Vec<Vec<Turn>>,
    len: usize,
}

impl Queue {
    pub(super) fn new(from: i64) -> Self {
        Self { from, hour: 0, now: BinaryHeap::new(), later: Vec::new(), len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, turn: Turn) {
        self.len += 1;
        let hour = ((turn.arrives_at - self.from) / HOUR) as usize;
        if hour <= self.hour {
            self.now.push(Reverse(turn));
            return;
        }
        if hour >= self.later.len() {
            self.later.resize_with(hour + 1, Vec::new);
        }
        self.later[hour].push(turn);
    }

    /// The time of the next turn.
    pub(super) fn next_at(&mut self) -> Option<i64> {
        while self.now.is_empty() && self.hour + 1 < self.later.len() {
            self.hour += 1;
            let turns = std::mem::take(&mut self.later[self.hour]);
            self.now = turns.into_iter().map(Reverse).collect();
        }
        self.now.peek().map(|Reverse(turn)| turn.arrives_at)
    }

    pub(super) fn pop(&mut self) -> Option<Turn> {
        self.next_at()?;
        self.len -= 1;
        self.now.pop().map(|Reverse(turn)| turn)
    }
}

impl PartialEq for Turn {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Turn {}

impl PartialOrd for Turn {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Turn {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_lead = || self.lead.cmp(&other.lead);
        self.arrives_at.cmp(&other.arrives_at).then_with(by_lead)
    }
}
