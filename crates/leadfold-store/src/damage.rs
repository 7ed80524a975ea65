//! What `verify` finds.

use std::fmt;

/// Something in a store that is not as it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Damage {
    /// What is damaged.
    pub what: Damaged,
    /// First position concerned, 0 where no position can be named.
    pub first: u64,
    /// Last position concerned, 0 where no position can be named.
    pub last: u64,
    /// What was expected and what was found, without content of events.
    pub detail: String,
}

impl Damage {
    /// Damage from one position to another.
    pub fn new(what: Damaged, first: u64, last: u64, detail: impl Into<String>) -> Self {
        Self { what, first, last, detail: detail.into() }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, first, last, detail } = self;
        match (first, last) {
            (0, 0) => write!(f, "{what}: {detail}")?,
            _ if first == last => write!(f, "{what} at position {first}: {detail}")?,
            _ => write!(f, "{what} at positions {first} to {last}: {detail}")?,
        }
        write!(f, "; {}", what.remedy())
    }
}

/// What can be damaged.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Damaged {
    /// An event: its checksum, its place or its content. The truth itself.
    Event,
    /// A page of facts, derived from the events.
    Facts,
    /// The medium below: a file, a page of it, an index.
    File,
    /// The index from event ids to positions, derived from the events.
    Ids,
    /// Leads, strings, links or early corrections, derived from the events.
    Names,
    /// Tables as they stood at a position, derived from the events.
    Snapshot,
}

impl Damaged {
    /// What to do.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Event | Self::File => "restore from a backup, or export what is readable",
            Self::Facts | Self::Ids | Self::Names => "rebuild what is derived from the events",
            Self::Snapshot => "drop the snapshot, or take it anew",
        }
    }
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Event => "damaged event",
            Self::Facts => "damaged facts",
            Self::File => "damaged file",
            Self::Ids => "damaged index of event ids",
            Self::Names => "damaged names",
            Self::Snapshot => "damaged snapshot",
        })
    }
}

/// A list of damages that ends at a limit: a log of ten million damaged events has one message.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Damages(Vec<Damage>);

impl Damages {
    /// More are not listed.
    pub const COUNT_MAX: usize = 1_000;

    /// Adds one, unless the list is full.
    pub fn push(&mut self, damage: Damage) {
        if !self.is_full() {
            self.0.push(damage);
        }
    }

    /// Whether further damages are dropped.
    pub fn is_full(&self) -> bool {
        self.0.len() >= Self::COUNT_MAX
    }

    /// Whether nothing is damaged.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the event at a position is among them.
    pub fn has_event_at(&self, position: u64) -> bool {
        let mut events = self.0.iter().filter(|damage| damage.what == Damaged::Event);
        events.any(|damage| (damage.first..=damage.last).contains(&position))
    }

    /// Whether any event is among them.
    pub fn has_events(&self) -> bool {
        self.0.iter().any(|damage| damage.what == Damaged::Event)
    }

    /// The list.
    pub fn into_vec(self) -> Vec<Damage> {
        self.0
    }
}
