//! Events as the fold sees them: fixed-width facts, strings and ids as small numbers.
//!
//! An event is one head fact and, where it says more than a head can hold, detail facts behind
//! it at the same position. A page of facts never splits an event.

mod mark;

use std::ops::Range;

pub(crate) use self::mark::Mark;
use crate::event::Side;
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

/// What a fact says beside what it shares with its event. All of it lies together: from a column
/// that is seldom read, each number is waited for. It takes no byte more than it has.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[repr(C, packed(4))]
pub(crate) struct Term {
    pub(crate) kind: Kind,
    pub(crate) sub: u8,
    pub(crate) currency: u16,
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) x: i64,
}

const _: () = assert!(size_of::<Term>() == 20, "a fact takes no byte more than it has");

impl Term {
    fn of(fact: &Fact) -> Self {
        let Fact { kind, sub, currency, a, b, x, .. } = *fact;
        Self { kind, sub, currency, a: a.0, b: b.0, x }
    }

    pub(crate) fn mark(&self) -> Mark {
        let is_active = match self.kind {
            Kind::Detail => self.is_external(),
            kind => !kind.is_passive(),
        };
        let is_complex = self.kind.is_complex() || self.kind == Kind::Amendment;
        Mark::of(is_active, is_complex, self.is_signal())
    }

    fn is_signal(&self) -> bool {
        match self.kind {
            Kind::Touched => self.is_attempt(),
            Kind::ConsentGranted => self.x != NO_X,
            Kind::ConsentWithdrawn | Kind::ProfileUpdated => true,
            _ => false,
        }
    }

    /// Whether it is a touch of somebody in sales, and not of automation.
    #[inline]
    pub(crate) fn is_attempt(&self) -> bool {
        self.sub & 7 == Side::code(Some(Side::Sales)) && self.currency == 0
    }

    /// Which field it is, if it is a detail.
    #[inline]
    pub(crate) fn field(&self) -> Option<Field> {
        if self.kind == Kind::Detail { Field::from_code(self.sub) } else { None }
    }

    /// Whether it is an event's identity in its system of origin.
    #[inline]
    pub(crate) fn is_external(&self) -> bool {
        self.kind == Kind::Detail && self.sub == Field::ExternalId as u8
    }
}

/// Facts, in the order of the log. What all facts of an event share stands in columns, once an
/// event.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Facts {
    // Of each event.
    pub(crate) position: Vec<u64>,
    pub(crate) recorded_at: Vec<i64>,
    pub(crate) at: Vec<i64>,
    pub(crate) lead: Vec<u32>,
    /// Where it begins: its head fact. To find the ends by looking for details cost one wrong
    /// guess of the processor an event.
    pub(crate) heads: Vec<u32>,
    /// They also say how an event stands to the one in front of it, told from leads and times when
    /// the event was put there: whoever changes those afterwards has to leave that unasked.
    pub(crate) marks: Vec<Mark>,
    // Of each fact.
    pub(crate) terms: Vec<Term>,
}

impl Facts {
    /// Bytes of one fact in [`Facts::encode`].
    pub const FACT_BYTES: usize = 8 + 8 + 8 + 4 + 1 + 1 + 2 + 4 + 4 + 8;

    /// The number of facts.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Bytes of all facts, and of what they share.
    pub fn bytes(&self) -> usize {
        let an_event = 8 + 8 + 8 + 4 + 4 + size_of::<Mark>();
        self.event_count() * an_event + self.len() * size_of::<Term>()
    }

    /// Position of the last event, if there is one.
    pub fn last_position(&self) -> Option<u64> {
        self.position.last().copied()
    }

    /// Removes all facts and keeps the memory.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Keeps the first events.
    pub(crate) fn truncate(&mut self, events: usize) {
        let facts = self.heads.get(events).map_or(self.len(), |head| *head as usize);
        self.cut(events, facts);
    }

    /// Keeps so many events, which have so many facts.
    pub(crate) fn cut(&mut self, events: usize, facts: usize) {
        self.position.truncate(events);
        self.recorded_at.truncate(events);
        self.at.truncate(events);
        self.lead.truncate(events);
        self.heads.truncate(events);
        self.marks.truncate(events);
        self.terms.truncate(facts);
    }

    /// Drops the events behind a position.
    pub fn keep_until(&mut self, position: u64) {
        self.truncate(self.position.partition_point(|other| *other <= position));
    }

    /// Appends a fact. What stands at one position is one event: its lead and its times are those
    /// of the first fact there.
    ///
    /// # Panics
    /// When there are 4 billion facts: a page is a small part of a log.
    pub fn push(&mut self, fact: Fact) {
        let term = Term::of(&fact);
        if self.last_position() != Some(fact.position) {
            self.position.push(fact.position);
            self.recorded_at.push(fact.recorded_at);
            self.at.push(fact.at);
            self.lead.push(fact.lead.0);
            self.heads.push(small(self.len()));
            self.begin_mark();
        }
        self.push_term(term);
    }

    /// Begins the mark of the last event.
    fn begin_mark(&mut self) {
        self.marks.push(self.place_of(self.marks.len()));
    }

    /// How an event stands to the one in front of it.
    fn place_of(&self, event: usize) -> Mark {
        match event.checked_sub(1) {
            Some(before) if self.lead[before] == self.lead[event] => {
                Mark::behind(self.at[event] < self.at[before])
            }
            _ => Mark::FIRST,
        }
    }

    /// Appends a fact to the last event.
    fn push_term(&mut self, term: Term) {
        self.terms.push(term);
        if let Some(mark) = self.marks.last_mut() {
            *mark = mark.with(term.mark());
        }
    }

    /// The fact at an index.
    ///
    /// # Panics
    /// When there is none.
    pub fn row(&self, index: usize) -> Fact {
        self.row_of(self.event_of(index), index)
    }

    /// All facts, one after the other.
    pub fn rows(&self) -> impl Iterator<Item = Fact> + '_ {
        self.rows_in(0..self.len())
    }

    /// Some facts, one after the other. To look each of them up by its index takes a search for its
    /// event.
    ///
    /// # Panics
    /// When there are no such facts.
    pub fn rows_in(&self, facts: Range<usize>) -> impl Iterator<Item = Fact> + '_ {
        let mut event = if facts.is_empty() { 0 } else { self.event_of(facts.start) };
        facts.map(move |index| {
            let begins = |head: &u32| *head as usize <= index;
            event += usize::from(self.heads.get(event + 1).is_some_and(begins));
            self.row_of(event, index)
        })
    }

    fn row_of(&self, event: usize, index: usize) -> Fact {
        let term = self.terms[index];
        Fact {
            position: self.position[event],
            recorded_at: self.recorded_at[event],
            at: self.at[event],
            lead: LeadIndex(self.lead[event]),
            kind: term.kind,
            sub: term.sub,
            currency: term.currency,
            a: Code(term.a),
            b: Code(term.b),
            x: term.x,
        }
    }

    /// The number of the event that has a fact.
    pub(crate) fn event_of(&self, index: usize) -> usize {
        self.heads.partition_point(|head| *head as usize <= index) - 1
    }

    /// Makes room for so many more events and facts.
    pub fn reserve(&mut self, events: usize, facts: usize) {
        self.position.reserve(events);
        self.recorded_at.reserve(events);
        self.at.reserve(events);
        self.lead.reserve(events);
        self.heads.reserve(events);
        self.marks.reserve(events);
        self.terms.reserve(facts);
    }

    /// Makes room for so many events and facts in all, rounded up to a power of two: pages that are
    /// much of a size take memory of the same sizes, which allocators keep side by side.
    pub(crate) fn make_room(&mut self, events: usize, facts: usize) {
        let (events, facts) = (events.next_power_of_two(), facts.next_power_of_two());
        self.reserve(events.saturating_sub(self.event_count()), facts.saturating_sub(self.len()));
    }

    /// Appends some events of another page, which are not those here.
    pub(crate) fn extend_events(&mut self, other: &Self, events: Range<usize>) {
        if events.is_empty() {
            return;
        }
        let (start, end) = (other.event(events.start).0, other.event(events.end - 1).1);
        let offset = small(self.len()).wrapping_sub(start as u32);
        small(self.len() + end - start);
        self.heads.extend(other.heads[events.clone()].iter().map(|head| head.wrapping_add(offset)));
        self.position.extend_from_slice(&other.position[events.clone()]);
        self.recorded_at.extend_from_slice(&other.recorded_at[events.clone()]);
        self.at.extend_from_slice(&other.at[events.clone()]);
        self.lead.extend_from_slice(&other.lead[events.clone()]);
        let first = self.marks.len();
        self.marks.extend_from_slice(&other.marks[events]);
        // Another event is in front of the first one now.
        self.marks[first] = self.marks[first].replaced(self.place_of(first));
        self.terms.extend_from_slice(&other.terms[start..end]);
    }

    /// Appends the events of another page that `keep` wants, by lead.
    pub fn extend_filtered(&mut self, other: &Self, mut keep: impl FnMut(LeadIndex) -> bool) {
        // What stands together is copied together.
        let mut together = 0..0;
        for (event, lead) in other.lead.iter().enumerate() {
            if !keep(LeadIndex(*lead)) {
                continue;
            }
            if together.end != event {
                self.extend_events(other, together);
                together = event..event;
            }
            together.end = event + 1;
        }
        self.extend_events(other, together);
    }

    /// Where an event begins and ends: its first fact, and the fact behind its last.
    #[inline]
    pub(crate) fn event(&self, event: usize) -> (usize, usize) {
        let end = self.heads.get(event + 1).map_or(self.len(), |head| *head as usize);
        (self.heads[event] as usize, end)
    }

    /// What kind of event it is.
    #[inline]
    pub(crate) fn kind_of(&self, event: usize) -> Kind {
        self.terms[self.heads[event] as usize].kind
    }

    /// The number of events.
    pub fn event_count(&self) -> usize {
        self.heads.len()
    }

    /// The facts as bytes: column behind column, little-endian, each fact with what it shares with
    /// its event.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len() * Self::FACT_BYTES);
        self.each_fact(&self.position, |v| out.extend_from_slice(&v.to_le_bytes()));
        self.each_fact(&self.recorded_at, |v| out.extend_from_slice(&v.to_le_bytes()));
        self.each_fact(&self.at, |v| out.extend_from_slice(&v.to_le_bytes()));
        self.terms.iter().for_each(|term| out.extend_from_slice(&{ term.x }.to_le_bytes()));
        self.each_fact(&self.lead, |v| out.extend_from_slice(&v.to_le_bytes()));
        self.terms.iter().for_each(|term| out.extend_from_slice(&{ term.a }.to_le_bytes()));
        self.terms.iter().for_each(|term| out.extend_from_slice(&{ term.b }.to_le_bytes()));
        self.terms.iter().for_each(|term| out.extend_from_slice(&{ term.currency }.to_le_bytes()));
        out.extend(self.terms.iter().map(|term| term.kind as u8));
        out.extend(self.terms.iter().map(|term| term.sub));
        out
    }

    /// A column of the events, with each value as often as its event has facts.
    fn each_fact<T: Copy>(&self, column: &[T], mut put: impl FnMut(T)) {
        for (event, value) in column.iter().enumerate() {
            let (start, end) = self.event(event);
            (start..end).for_each(|_| put(*value));
        }
    }

    /// Appends facts that [`Facts::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are no whole number of facts, name an unknown kind, or have
    /// facts of one event that are not alike; nothing is appended then.
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
        let (position, recorded_at) = (words(column(8)), words(column(8)));
        let (at, x, lead) = (words(column(8)), words(column(8)), words(column(4)));
        let (a, b, currency) = (words(column(4)), words(column(4)), words(column(2)));
        let (kind, sub) = (column(1), column(1));
        if let Some(code) = kind.iter().find(|code| Kind::from_code(**code).is_none()) {
            return Err(DecodeError::Kind { code: *code });
        }
        let shared = |index: usize| (recorded_at[index], at[index], lead[index]);
        let is_torn = |index: &usize| {
            position[index - 1] == position[*index] && shared(index - 1) != shared(*index)
        };
        if let Some(index) = (1..n).find(is_torn) {
            return Err(DecodeError::Torn { position: u64::from_le_bytes(position[index]) });
        }
        let old = self.len();
        small(old + n);
        self.reserve(0, n);
        for (index, kind) in kind.iter().filter_map(|code| Kind::from_code(*code)).enumerate() {
            let position = u64::from_le_bytes(position[index]);
            if self.last_position() != Some(position) {
                self.position.push(position);
                self.recorded_at.push(i64::from_le_bytes(recorded_at[index]));
                self.at.push(i64::from_le_bytes(at[index]));
                self.lead.push(u32::from_le_bytes(lead[index]));
                self.heads.push((old + index) as u32);
                self.begin_mark();
            }
            self.push_term(Term {
                kind,
                sub: sub[index],
                currency: u16::from_le_bytes(currency[index]),
                a: u32::from_le_bytes(a[index]),
                b: u32::from_le_bytes(b[index]),
                x: i64::from_le_bytes(x[index]),
            });
        }
        Ok(())
    }
}

/// A number of facts as it is kept.
fn small(facts: usize) -> u32 {
    u32::try_from(facts).expect("a page is a small part of a log")
}

fn words<const N: usize>(bytes: &[u8]) -> &[[u8; N]] {
    bytes.as_chunks::<N>().0
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
    /// Facts of one event that are of several leads or times.
    #[error(
        "a page of facts is damaged: expected one lead and one time of the event at position \
         {position}, found several; rebuild the facts from the events"
    )]
    Torn {
        /// Position of the event.
        position: u64,
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
    /// `x` holds the bits of an `f64`.
    Probability,
    DecisionDue,
    TouchDue,
    Competitor,
    Margin,
    Programme,
    CostFrom,
    CostTo,
    CostKind,
    Owner,
    Campaign,
    Activity,
    /// `a` the system, `x` a hash of the id there.
    ExternalId,
}

impl Field {
    const ALL: [Self; 18] = [
        Self::Medium,
        Self::Channel,
        Self::Attribute,
        Self::Pipeline,
        Self::Product,
        Self::Probability,
        Self::DecisionDue,
        Self::TouchDue,
        Self::Competitor,
        Self::Margin,
        Self::Programme,
        Self::CostFrom,
        Self::CostTo,
        Self::CostKind,
        Self::Owner,
        Self::Campaign,
        Self::Activity,
        Self::ExternalId,
    ];

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}
