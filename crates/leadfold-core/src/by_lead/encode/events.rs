//! Leads and what the facts of each event share, as differences.

use super::pace::Pace;
use crate::fact::{Facts, Mark};
use crate::pack::{pack, read_varint, unpack, varint};

/// Leads and what the facts of each event share, as the differences that are packed.
#[derive(Clone, Debug, Default)]
pub(super) struct Events {
    /// Of each lead.
    pub(super) leads: Vec<i64>,
    counts: Vec<i64>,
    first_positions: Vec<i64>,
    first_times: Vec<i64>,
    /// Of each event behind the first of its lead.
    positions: Vec<i64>,
    times: Vec<i64>,
    /// Of each event.
    delays: Vec<i64>,
    /// By which positions are told, where they have been read: what is written finds its own.
    pace: Pace,
}

/// The first event of a lead.
#[derive(Clone, Copy, Default)]
struct First {
    lead: u32,
    position: u64,
    at: i64,
}

impl Events {
    pub(super) fn of(facts: &Facts) -> Self {
        let mut events = Self::default();
        let mut before = First::default();
        let mut start = 0;
        for own in facts.lead.chunk_by(|one, next| one == next) {
            let end = start + own.len();
            let (positions, times) = (&facts.position[start..end], &facts.at[start..end]);
            let first = First { lead: own[0], position: positions[0], at: times[0] };
            events.leads.push(i64::from(first.lead - before.lead));
            events.counts.push(own.len() as i64);
            events.first_positions.push(apart(before.position, first.position));
            events.first_times.push(first.at.wrapping_sub(before.at));
            let pairs = positions.iter().zip(&positions[1..]);
            events.positions.extend(pairs.map(|(one, next)| apart(*one, *next)));
            let pairs = times.iter().zip(&times[1..]);
            events.times.extend(pairs.map(|(one, next)| next.wrapping_sub(*one)));
            (before, start) = (first, end);
        }
        let delays = facts.recorded_at.iter().zip(&facts.at);
        events.delays.extend(delays.map(|(recorded_at, at)| recorded_at.wrapping_sub(*at)));
        events
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let Self { leads, counts, first_positions, first_times, positions, times, delays, .. } =
            self;
        for column in [leads, counts, first_positions, first_times, times, delays] {
            pack(column, out);
        }
        // A log that was not written as things happened is better told without a pace.
        let packed = [Pace::of(positions, times), Pace::default()].map(|pace| {
            let told = positions.iter().zip(times).map(|(far, time)| pace.told(*far, *time));
            let mut out = Vec::new();
            varint(pace.0, &mut out);
            pack(&told.collect::<Vec<_>>(), &mut out);
            out
        });
        out.extend(packed.iter().min_by_key(|packed| packed.len()).into_iter().flatten());
    }

    pub(super) fn read(&mut self, bytes: &mut &[u8], leads: usize, events: usize) -> Option<()> {
        let Self { leads: numbers, counts, first_positions, first_times, .. } = self;
        for column in [numbers, counts, first_positions, first_times] {
            unpack(bytes, leads, column)?;
        }
        let later = events.checked_sub(leads)?;
        unpack(bytes, later, &mut self.times)?;
        unpack(bytes, events, &mut self.delays)?;
        self.pace = Pace(read_varint(bytes)?);
        unpack(bytes, later, &mut self.positions)
    }

    /// Adds what these are differences of, but the marks, and tells whether an event happened before
    /// the one of its lead in front of it. `None` where leads and the positions of each do not rise,
    /// or there are not as many events as the leads have.
    pub(super) fn add(&self, facts: &mut Facts) -> Option<bool> {
        let last = facts.lead.last().copied();
        let start = facts.lead.len();
        let mut room = Room::behind(facts, self.delays.len());
        let mut later = Later { positions: &self.positions, times: &self.times };
        let (mut first, mut rises, mut falls) = (First::default(), true, false);
        for (index, count) in self.counts.iter().enumerate() {
            let count = usize::try_from(*count).ok()?;
            first = self.first(first, index)?;
            let own = later.take(count.checked_sub(1)?)?;
            let (own_rise, own_fall) = room.take(count)?.fill(first, own, self.pace);
            rises &= own_rise;
            falls |= own_fall;
        }
        room.times.is_empty().then_some(())?;
        let times = facts.at[start..].iter().zip(&self.delays);
        facts.recorded_at.extend(times.map(|(at, delay)| at.wrapping_add(*delay)));
        rises &= last.zip(facts.lead.get(start)).is_none_or(|(last, first)| last < *first);
        rises.then_some(falls)
    }

    /// Notes in the marks of the events that were added how each stands to the one in front of it.
    pub(super) fn place(&self, marks: &mut [Mark], times: &[i64], falls: bool) {
        if falls {
            let pairs = times.windows(2).map(|pair| pair[1] < pair[0]);
            let marks = marks[1..].iter_mut().zip(pairs);
            marks.for_each(|(mark, is_before)| *mark = mark.with(Mark::behind(is_before)));
        }
        let mut first = 0;
        for count in &self.counts {
            marks[first] = marks[first].replaced(Mark::FIRST);
            first += *count as usize;
        }
    }

    /// The first event of a lead, by that of the lead before. `None` where leads do not rise.
    fn first(&self, before: First, index: usize) -> Option<First> {
        let lead = i64::from(before.lead).checked_add(self.leads[index])?;
        Some(First {
            lead: u32::try_from(lead).ok().filter(|lead| *lead > before.lead || index == 0)?,
            position: behind(before.position, self.first_positions[index]),
            at: before.at.wrapping_add(self.first_times[index]),
        })
    }
}

/// Places for events of which nothing is known yet.
struct Room<'a> {
    leads: &'a mut [u32],
    positions: &'a mut [u64],
    times: &'a mut [i64],
}

impl<'a> Room<'a> {
    fn behind(facts: &'a mut Facts, events: usize) -> Self {
        let start = facts.lead.len();
        facts.lead.resize(start + events, 0);
        facts.position.resize(start + events, 0);
        facts.at.resize(start + events, 0);
        Self {
            leads: &mut facts.lead[start..],
            positions: &mut facts.position[start..],
            times: &mut facts.at[start..],
        }
    }

    /// Takes the places of so many events. `None` if there are not as many.
    fn take(&mut self, events: usize) -> Option<Self> {
        Some(Self {
            leads: self.leads.split_off_mut(..events)?,
            positions: self.positions.split_off_mut(..events)?,
            times: self.times.split_off_mut(..events)?,
        })
    }

    /// Puts the events of a lead in their places. Tells whether their positions rise, and whether
    /// one happened before the one in front of it.
    #[inline]
    fn fill(self, first: First, later: Later<'_>, pace: Pace) -> (bool, bool) {
        self.leads.fill(first.lead);
        let First { mut position, mut at, .. } = first;
        let (mut rises, mut falls) = (true, false);
        let mut places = self.positions.iter_mut().zip(self.times);
        if let Some(place) = places.next() {
            (*place.0, *place.1) = (position, at);
        }
        for ((told, time), place) in later.positions.iter().zip(later.times).zip(places) {
            let before = (position, at);
            position = behind(position, pace.position(*told, *time));
            at = at.wrapping_add(*time);
            rises &= before.0 < position;
            falls |= at < before.1;
            (*place.0, *place.1) = (position, at);
        }
        (rises, falls)
    }
}

/// Events behind the first of their lead, as they are told.
struct Later<'a> {
    positions: &'a [i64],
    times: &'a [i64],
}

impl Later<'_> {
    /// Takes so many. `None` if there are not as many.
    fn take(&mut self, events: usize) -> Option<Self> {
        Some(Self {
            positions: self.positions.split_off(..events)?,
            times: self.times.split_off(..events)?,
        })
    }
}

/// How far a position is behind another one.
fn apart(before: u64, position: u64) -> i64 {
    position.wrapping_sub(before).cast_signed()
}

/// The position that is so far behind another one.
fn behind(before: u64, difference: i64) -> u64 {
    before.wrapping_add(difference.cast_unsigned())
}
