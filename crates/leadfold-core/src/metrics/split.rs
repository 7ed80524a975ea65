//! Splits: which of a metric's rows a lead belongs to.

use std::collections::BTreeMap;

use super::Zone;
use crate::fact::Code;
use crate::{Lead, Opportunity};

/// A dimension to split a metric by.
#[derive(Clone, Debug)]
pub enum By {
    /// Where the lead came from.
    Source,
    /// By which medium.
    Medium,
    /// By which campaign.
    Campaign,
    /// On which channel.
    Channel,
    /// Who has the lead; for an opportunity, who had it when it was opened or closed last.
    Owner,
    /// The product of the opportunity; for a lead, the first product that an event names.
    Product,
    /// The month of the capture.
    CohortMonth(Zone),
    /// A captured attribute, by the code of its name.
    Attribute(Code),
}

/// A lead's value of one dimension.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum KeyPart {
    /// A string of the log.
    Name(Code),
    /// Year and month.
    Month(i32, u32),
    /// The lead has none. Never merged with a value that happens to be called "unknown".
    Missing,
}

impl KeyPart {
    pub(crate) fn of(code: Code) -> Self {
        if code.is_some() { Self::Name(code) } else { Self::Missing }
    }

    /// Something of it to tell it from others by, most often.
    fn bits(self) -> u64 {
        match self {
            Self::Name(code) => u64::from(code.0),
            Self::Month(year, month) => u64::from(year.unsigned_abs()) << 4 | u64::from(month),
            Self::Missing => u64::MAX,
        }
    }
}

/// The value of one dimension for a lead.
fn part(lead: &Lead<'_>, by: &By) -> KeyPart {
    match by {
        By::Source => KeyPart::of(lead.source()),
        By::Medium => KeyPart::of(lead.medium()),
        By::Campaign => KeyPart::of(lead.campaign()),
        By::Channel => KeyPart::of(lead.channel()),
        By::Owner => KeyPart::of(lead.owner()),
        By::Product => KeyPart::of(lead.product()),
        By::CohortMonth(zone) => lead.captured_at().map_or(KeyPart::Missing, |at| {
            let (year, month) = zone.month(at);
            KeyPart::Month(year, month)
        }),
        By::Attribute(name) => KeyPart::of(lead.attribute(*name)),
    }
}

/// The values of all dimensions for a lead, in their order: the key of its row in a split.
pub fn key(lead: &Lead<'_>, by: &[By]) -> Vec<KeyPart> {
    by.iter().map(|by| part(lead, by)).collect()
}

/// Does something with that key: room is needed unless it has one value.
#[inline(always)]
pub(super) fn with_key<T>(
    lead: &Lead<'_>,
    by: &[By],
    room: &mut Vec<KeyPart>,
    take: impl FnOnce(&[KeyPart]) -> T,
) -> T {
    if let [by] = by {
        return take(&[part(lead, by)]);
    }
    room.clear();
    room.extend(by.iter().map(|by| part(lead, by)));
    take(room)
}

/// The values of all dimensions for an opportunity of a lead.
pub(super) fn deal_key(lead: &Lead<'_>, deal: &Opportunity, by: &[By]) -> Vec<KeyPart> {
    by.iter()
        .map(|by| match by {
            By::Owner => KeyPart::of(deal.owner),
            By::Product => KeyPart::of(deal.product),
            _ => part(lead, by),
        })
        .collect()
}

/// What is counted for each key.
#[derive(Clone, Debug)]
pub(super) struct Groups<T> {
    keys: Keys,
    tallies: Vec<T>,
}

impl<T> Default for Groups<T> {
    fn default() -> Self {
        Self { keys: Keys::default(), tallies: Vec::new() }
    }
}

impl<T: Default> Groups<T> {
    /// What is counted for a key: nothing yet, if it is new.
    #[inline]
    pub(super) fn tally(&mut self, key: &[KeyPart]) -> &mut T {
        let number = self.keys.number_of(key) as usize;
        if number == self.tallies.len() {
            self.tallies.push(T::default());
        }
        &mut self.tallies[number]
    }

    /// Of all keys, in no order.
    pub(super) fn tallies(&self) -> &[T] {
        &self.tallies
    }

    /// All keys in their order, and what was counted.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[KeyPart], &T)> {
        self.keys.iter().map(|(key, number)| (key, &self.tallies[number as usize]))
    }
}

/// Keys, numbered as they come.
#[derive(Clone, Debug)]
struct Keys {
    numbers: BTreeMap<Vec<KeyPart>, u32>,
    /// The keys that were looked up last, each at a place of its own making: leads by the million
    /// have a handful of keys, and most are found here.
    recent: [Option<Recent>; 64],
}

/// A key and its number. Most keys have one value: no memory elsewhere is looked at for it.
#[derive(Clone, Debug)]
struct Recent {
    first: Option<KeyPart>,
    rest: Vec<KeyPart>,
    number: u32,
}

impl Recent {
    fn is(&self, key: &[KeyPart]) -> bool {
        self.first.as_ref() == key.first() && self.rest == key.get(1..).unwrap_or_default()
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self { numbers: BTreeMap::new(), recent: [const { None }; 64] }
    }
}

impl Keys {
    /// A key's number; that of a new one is how many there were before.
    #[inline]
    fn number_of(&mut self, key: &[KeyPart]) -> u32 {
        match &self.recent[place_of(key)] {
            Some(recent) if recent.is(key) => recent.number,
            _ => self.look_up(key),
        }
    }

    #[cold]
    fn look_up(&mut self, key: &[KeyPart]) -> u32 {
        let next = self.numbers.len() as u32;
        let number = match self.numbers.get(key) {
            Some(number) => *number,
            None => *self.numbers.entry(key.to_vec()).or_insert(next),
        };
        let (first, rest) = (key.first().copied(), key.iter().skip(1).copied().collect());
        self.recent[place_of(key)] = Some(Recent { first, rest, number });
        number
    }

    /// All keys in their order, with their numbers.
    fn iter(&self) -> impl Iterator<Item = (&[KeyPart], u32)> {
        self.numbers.iter().map(|(key, number)| (key.as_slice(), *number))
    }
}

/// One of 64 places, by multiplicative hashing (Knuth, 6.4).
fn place_of(key: &[KeyPart]) -> usize {
    let mix = |hash: u64, part: &KeyPart| (hash ^ part.bits()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (key.iter().fold(0, mix) >> 58) as usize
}
