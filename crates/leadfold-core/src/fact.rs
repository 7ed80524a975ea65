//! Events as the fold sees them: fixed-width facts in columns, strings and ids as small numbers.
//!
//! An event is one head fact and, where it says more than a head can hold, detail facts behind
//! it at the same position. A page of facts never splits an event.

use std::ops::Range;

use crate::machine::Kind;

/// The dense index of a lead in one log; [`LeadIndex::NONE`] for events without a lead.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LeadIndex(pub u32);

impl LeadIndex {
    /// No lead.
    pub const NONE: Self = Self(u32::MAX);
}

/// The code of an interned string in one log; [`Code::NONE`] for an absent one.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Code(pub u32);

impl Code {
    /// No string.
    pub const NONE: Self = Self(0);

    /// Whether there is a string.
    pub const fn is_some(self) -> bool {
        self.0 != 0
    }

    /// This one, or the other if this is none.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        if self.is_some() { self } else { other }
    }
}

/// "No value" in the `x` column where it holds an optional number or time.
pub(crate) const NO_X: i64 = i64::MIN;

/// One fact, as a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fact {
    /// Position of the event in the log.
    pub position: u64,
    /// When it became known, microseconds.
    pub recorded_at: i64,
    /// When it happened, microseconds.
    pub at: i64,
    /// Whom it happened to.
    pub lead: LeadIndex,
    /// What kind of event it is.
    pub kind: Kind,
    /// A small word of the kind: level, side, target; for a detail, which field it is.
    pub sub: u8,
    /// Dense code of a currency, 0 for none.
    pub currency: u16,
    /// First string.
    pub a: Code,
    /// Second string.
    pub b: Code,
    /// A number: amount, time, score, position.
    pub x: i64,
}

/// Facts in columns, in the order of the log.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Facts {
    pub(crate) position: Vec<u64>,
    pub(crate) recorded_at: Vec<i64>,
    pub(crate) at: Vec<i64>,
    pub(crate) lead: Vec<u32>,
    pub(crate) kind: Vec<Kind>,
    pub(crate) sub: Vec<u8>,
    pub(crate) currency: Vec<u16>,
    pub(crate) a: Vec<u32>,
    pub(crate) b: Vec<u32>,
    pub(crate) x: Vec<i64>,
    /// Where each event begins: its head fact. To find the ends by looking for details cost one
    /// wrong guess of the processor an event.
    pub(crate) heads: Vec<u32>,
    /// The events, by number, that have amendments among their facts: hardly any.
    pub(crate) amended: Vec<u32>,
}

impl Facts {
    /// Bytes of one fact in [`Facts::encode`].
    pub const FACT_BYTES: usize = 8 + 8 + 8 + 4 + 1 + 1 + 2 + 4 + 4 + 8;

    /// The number of facts.
    pub fn len(&self) -> usize {
        self.kind.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kind.is_empty()
    }

    /// Position of the last event, if there is one.
    pub fn last_position(&self) -> Option<u64> {
        self.position.last().copied()
    }

    /// Removes all facts and keeps the memory.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.position.truncate(len);
        self.recorded_at.truncate(len);
        self.at.truncate(len);
        self.lead.truncate(len);
        self.kind.truncate(len);
        self.sub.truncate(len);
        self.currency.truncate(len);
        self.a.truncate(len);
        self.b.truncate(len);
        self.x.truncate(len);
        self.heads.truncate(self.heads.partition_point(|head| (*head as usize) < len));
        self.amended.truncate(self.amended.partition_point(|e| (*e as usize) < self.heads.len()));
    }

    /// Drops the events behind a position.
    pub fn keep_until(&mut self, position: u64) {
        self.truncate(self.position.partition_point(|other| *other <= position));
    }

    /// Appends a fact. What stands at one position is one event.
    ///
    /// # Panics
    /// When there are 4 billion facts: a page is a small part of a log.
    pub fn push(&mut self, fact: Fact) {
        self.position.push(fact.position);
        self.recorded_at.push(fact.recorded_at);
        self.at.push(fact.at);
        self.lead.push(fact.lead.0);
        self.kind.push(fact.kind);
        self.sub.push(fact.sub);
        self.currency.push(fact.currency);
        self.a.push(fact.a.0);
        self.b.push(fact.b.0);
        self.x.push(fact.x);
        self.note_events(self.len() - 1);
    }

    /// The fact at an index.
    ///
    /// # Panics
    /// When there is none.
    pub fn row(&self, index: usize) -> Fact {
        Fact {
            position: self.position[index],
            recorded_at: self.recorded_at[index],
            at: self.at[index],
            lead: LeadIndex(self.lead[index]),
            kind: self.kind[index],
            sub: self.sub[index],
            currency: self.currency[index],
            a: Code(self.a[index]),
            b: Code(self.b[index]),
            x: self.x[index],
        }
    }

    /// Takes note of where events begin, and which are amended, among the facts from one on.
    fn note_events(&mut self, from: usize) {
        for index in from..self.len() {
            if index == 0 || self.position[index - 1] != self.position[index] {
                self.heads.push(u32::try_from(index).expect("a page is a small part of a log"));
            }
        }
        self.note_amended(from);
    }

    /// Takes note of which events are amended among the facts from one on, once it is noted where
    /// they begin.
    pub(crate) fn note_amended(&mut self, mut from: usize) {
        let next = |kinds: &[Kind]| kinds.iter().position(|kind| *kind == Kind::Amendment);
        while let Some(place) = next(&self.kind[from..]) {
            let event = self.heads.partition_point(|head| *head as usize <= from + place) - 1;
            if self.amended.last() != Some(&(event as u32)) {
                self.amended.push(event as u32);
            }
            from += place + 1;
        }
    }

    /// Makes room for so many more facts.
    pub(crate) fn reserve(&mut self, facts: usize) {
        self.position.reserve(facts);
        self.recorded_at.reserve(facts);
        self.at.reserve(facts);
        self.lead.reserve(facts);
        self.kind.reserve(facts);
        self.sub.reserve(facts);
        self.currency.reserve(facts);
        self.a.reserve(facts);
        self.b.reserve(facts);
        self.x.reserve(facts);
    }

    /// Appends facts of another page: those of whole events.
    pub(crate) fn extend_from(&mut self, other: &Self, start: usize, end: usize) {
        let old = self.len();
        self.extend_columns(other, start, end);
        self.note_events(old);
    }

    /// Appends some events of another page, at least one, that are not those here.
    pub(crate) fn extend_events(&mut self, other: &Self, events: Range<usize>) {
        let (start, end) = other.events_at(&events);
        let offset = (self.len() as u32).wrapping_sub(start as u32);
        let old = self.len();
        self.heads.extend(other.heads[events].iter().map(|head| head.wrapping_add(offset)));
        self.extend_columns(other, start, end);
        u32::try_from(self.len()).expect("a page is a small part of a log");
        self.note_amended(old);
    }

    fn extend_columns(&mut self, other: &Self, start: usize, end: usize) {
        self.position.extend_from_slice(&other.position[start..end]);
        self.recorded_at.extend_from_slice(&other.recorded_at[start..end]);
        self.at.extend_from_slice(&other.at[start..end]);
        self.lead.extend_from_slice(&other.lead[start..end]);
        self.kind.extend_from_slice(&other.kind[start..end]);
        self.sub.extend_from_slice(&other.sub[start..end]);
        self.currency.extend_from_slice(&other.currency[start..end]);
        self.a.extend_from_slice(&other.a[start..end]);
        self.b.extend_from_slice(&other.b[start..end]);
        self.x.extend_from_slice(&other.x[start..end]);
    }

    /// Appends the events of another page that `keep` wants, by lead.
    pub fn extend_filtered(&mut self, other: &Self, mut keep: impl FnMut(LeadIndex) -> bool) {
        for (start, end) in other.events() {
            if keep(LeadIndex(other.lead[start])) {
                self.extend_from(other, start, end);
            }
        }
    }

    /// The events, as the indices of their first facts and of the facts behind their last.
    #[inline]
    pub(crate) fn events(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..self.heads.len()).map(|event| self.event(event))
    }

    /// Where an event begins and ends.
    #[inline]
    pub(crate) fn event(&self, event: usize) -> (usize, usize) {
        let end = self.heads.get(event + 1).map_or(self.len(), |head| *head as usize);
        (self.heads[event] as usize, end)
    }

    /// Where some events, at least one, begin and end.
    pub(crate) fn events_at(&self, events: &Range<usize>) -> (usize, usize) {
        (self.event(events.start).0, self.event(events.end - 1).1)
    }

    /// The number of events.
    pub(crate) fn event_count(&self) -> usize {
        self.heads.len()
    }

    /// Whether an event corrects, is corrected or merges: it can only be folded with the whole
    /// history of all whom it concerns.
    #[inline]
    pub(crate) fn is_complex(&self, event: usize) -> bool {
        self.kind[self.heads[event] as usize].is_complex() || self.has_amended(&(event..event + 1))
    }

    /// Whether there are amendments among the facts of some events.
    #[inline]
    pub(crate) fn has_amended(&self, events: &Range<usize>) -> bool {
        if self.amended.is_empty() {
            return false;
        }
        let from = self.amended.partition_point(|event| (*event as usize) < events.start);
        self.amended.get(from).is_some_and(|event| (*event as usize) < events.end)
    }

    /// The facts as bytes: the columns one after the other, little-endian.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len() * Self::FACT_BYTES);
        self.position.iter().for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
        self.recorded_at.iter().for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
        self.at.iter().for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
        self.x.iter().for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
        self.lead.iter().for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
        self.a.iter().for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
        self.b.iter().for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
        self.currency.iter().for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
        self.kind.iter().for_each(|v| out.push(*v as u8));
        out.extend_from_slice(&self.sub);
        out
    }

    /// Appends facts that [`Facts::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are no whole number of facts, or name an unknown kind;
    /// nothing is appended then.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let n = bytes.len() / Self::FACT_BYTES;
        if n * Self::FACT_BYTES != bytes.len() {
            return Err(DecodeError::Length { bytes: bytes.len() });
        }
        let mut cursor = bytes;
        let mut column = |width: usize| {
            let (head, tail) = cursor.split_at(width * n);
            cursor = tail;
            head
        };
        let (position, recorded_at, at, x) = (column(8), column(8), column(8), column(8));
        let (lead, a, b, currency) = (column(4), column(4), column(4), column(2));
        let (kind, sub) = (column(1), column(1));
        for code in kind {
            if Kind::from_code(*code).is_none() {
                return Err(DecodeError::Kind { code: *code });
            }
        }
        let old = self.len();
        self.kind.extend(kind.iter().filter_map(|code| Kind::from_code(*code)));
        self.position.extend(words(position, u64::from_le_bytes));
        self.recorded_at.extend(words(recorded_at, i64::from_le_bytes));
        self.at.extend(words(at, i64::from_le_bytes));
        self.x.extend(words(x, i64::from_le_bytes));
        self.lead.extend(words(lead, u32::from_le_bytes));
        self.a.extend(words(a, u32::from_le_bytes));
        self.b.extend(words(b, u32::from_le_bytes));
        self.currency.extend(words(currency, u16::from_le_bytes));
        self.sub.extend_from_slice(sub);
        self.note_events(old);
        Ok(())
    }
}

fn words<const N: usize, T>(bytes: &[u8], read: fn([u8; N]) -> T) -> impl Iterator<Item = T> {
    bytes.as_chunks::<N>().0.iter().map(move |chunk| read(*chunk))
}

/// Bytes that are no page of facts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// No whole number of facts, or not as many as it says.
    #[error(
        "a page of facts is damaged: expected whole facts, found {bytes} bytes that end \
         elsewhere; rebuild the facts from the events"
    )]
    Length {
        /// Length found.
        bytes: usize,
    },
    /// A layout that this version does not know.
    #[error(
        "a page of facts is damaged, or newer than this program: expected layout {}, found \
         {layout}; rebuild the facts from the events",
        crate::by_lead::LAYOUT
    )]
    Layout {
        /// Layout found.
        layout: u8,
    },
    /// An unknown kind of fact.
    #[error(
        "a page of facts is damaged, or newer than this program: found the unknown kind {code}; \
         rebuild the facts from the events"
    )]
    Kind {
        /// Kind found.
        code: u8,
    },
    /// Facts of other leads than it is kept for.
    #[error(
        "a page of facts by lead is damaged: expected leads from number {from} on, found none \
         behind {last}; rebuild the facts from the events"
    )]
    Leads {
        /// The first lead that was wanted.
        from: u32,
        /// The last lead found.
        last: u32,
    },
}

/// What a detail fact adds to its head.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Field {
    Medium,
    Channel,
    /// `a` name, `b` value.
    Attribute,
    Pipeline,
    Product,
    ExpectedClose,
    /// `x` holds the bits of an `f64`.
    Probability,
    DecisionDue,
    TouchDue,
    Reason,
    Handoff,
    Competitor,
    Margin,
    /// `x` holds the bits of an `f64`.
    Fit,
    /// `x` holds the bits of an `f64`.
    Behaviour,
    ModelVersion,
    Programme,
    CostFrom,
    CostTo,
    CostKind,
    FollowUpKind,
    Owner,
    HistoryKnownFrom,
    Campaign,
    Activity,
    /// `a` the system, `x` a hash of the id there.
    ExternalId,
}

impl Field {
    const ALL: [Self; 26] = [
        Self::Medium,
        Self::Channel,
        Self::Attribute,
        Self::Pipeline,
        Self::Product,
        Self::ExpectedClose,
        Self::Probability,
        Self::DecisionDue,
        Self::TouchDue,
        Self::Reason,
        Self::Handoff,
        Self::Competitor,
        Self::Margin,
        Self::Fit,
        Self::Behaviour,
        Self::ModelVersion,
        Self::Programme,
        Self::CostFrom,
        Self::CostTo,
        Self::CostKind,
        Self::FollowUpKind,
        Self::Owner,
        Self::HistoryKnownFrom,
        Self::Campaign,
        Self::Activity,
        Self::ExternalId,
    ];

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}
