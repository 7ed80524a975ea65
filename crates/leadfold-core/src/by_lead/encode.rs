//! Facts by lead as few bytes: each column as the differences that are small in this order.
//!
//! What kind of fact it is, with its small word, currency and codes, is one of a few hundred rows
//! that a page has in front, so a fact is the number of its row; the row also says whether it
//! begins an event, and whether a number belongs to it. Of an event: how far its lead is from the
//! one before, how far its position and its time are from those of the lead's event before, and
//! how much later it became known. What all facts of an event share is written once. Numbers
//! stand by what they are numbers of, for likes are alike.

use super::LeadFacts;
use crate::fact::{DecodeError, Facts, Mark, NO_X, Term};
use crate::machine::Kind;
use crate::pack::{pack, read_varint, unpack, varint};

/// The layout that this version writes, and the only one that it reads.
pub(crate) const LAYOUT: u8 = 2;

/// What facts share but their event: a fact without its number.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Row {
    term: Term,
    mark: Mark,
    has_x: bool,
    is_head: bool,
    /// The number of the class of its numbers, once all rows of the page are known.
    class: u32,
}

impl Row {
    fn of(facts: &Facts, index: usize, is_head: bool) -> Self {
        let term = facts.terms[index];
        Self::new(Term { x: NO_X, ..term }, term.x != NO_X, is_head)
    }

    fn new(term: Term, has_x: bool, is_head: bool) -> Self {
        // Which number it is does not matter to the mark, but that there is one may.
        let mark = Term { x: if has_x { 0 } else { NO_X }, ..term }.mark();
        Self { term, mark, has_x, is_head, class: 0 }
    }

    /// Kind, whether there is a number, and whether it begins an event, as one number.
    fn head(self) -> i64 {
        4 * (self.term.kind as i64) + 2 * i64::from(self.has_x) + i64::from(self.is_head)
    }

    /// What a number of it is a number of.
    fn number_of(self) -> (Kind, u8) {
        let Term { kind, sub, .. } = self.term;
        (kind, if kind == Kind::Detail { sub } else { 0 })
    }
}

/// The rows of a page, sorted, and where the numbers of their classes are.
#[derive(Clone, Debug, Default)]
struct Rows {
    rows: Vec<Row>,
    class_count: usize,
}

impl Rows {
    fn of(mut rows: Vec<Row>) -> Self {
        for index in 1..rows.len() {
            let before = rows[index - 1];
            let is_new = before.number_of() != rows[index].number_of();
            rows[index].class = before.class + u32::from(is_new);
        }
        let class_count = rows.last().map_or(0, |row| row.class as usize + 1);
        Self { rows, class_count }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut column = |value: fn(&Row) -> i64| {
            let values: Vec<i64> = self.rows.iter().map(value).collect();
            pack(&values, out);
        };
        column(|row| row.head());
        column(|row| i64::from(row.term.sub));
        column(|row| i64::from(row.term.currency));
        column(|row| i64::from(row.term.a));
        column(|row| i64::from(row.term.b));
    }

    fn read(bytes: &mut &[u8], count: usize) -> Result<Option<Self>, DecodeError> {
        let mut columns = [const { Vec::new() }; 5];
        for column in &mut columns {
            if unpack(bytes, count, column).is_none() {
                return Ok(None);
            }
        }
        let [heads, subs, currencies, a, b] = columns;
        let mut rows = Vec::with_capacity(count);
        for index in 0..count {
            let code = (heads[index] / 4) as u8;
            let term = Term {
                kind: Kind::from_code(code).ok_or(DecodeError::Kind { code })?,
                sub: subs[index] as u8,
                currency: currencies[index] as u16,
                a: a[index] as u32,
                b: b[index] as u32,
                x: NO_X,
            };
            rows.push(Row::new(term, heads[index] & 2 != 0, heads[index] & 1 != 0));
        }
        Ok(Some(Self::of(rows)))
    }
}

/// The event before: what the differences are to. A lead's first event is told from 0 and from
/// the time of the first event of the lead before.
#[derive(Clone, Copy, Default)]
struct Before {
    lead: u32,
    position: u64,
    at: i64,
    first_at: i64,
}

impl Before {
    #[inline]
    fn of_lead(self, lead: u32) -> Self {
        if lead == self.lead { self } else { Self { lead, position: 0, at: self.first_at, ..self } }
    }

    #[inline]
    fn then(self, is_first: bool, position: u64, at: i64) -> Self {
        Self { position, at, first_at: if is_first { at } else { self.first_at }, ..self }
    }
}

/// What the facts of each event share: as differences where it is packed.
#[derive(Clone, Debug, Default)]
struct Events {
    leads: Vec<i64>,
    positions: Vec<i64>,
    times: Vec<i64>,
    delays: Vec<i64>,
}

impl Events {
    fn of(facts: &Facts) -> Self {
        let mut columns = Self::default();
        let mut before = Before::default();
        for event in 0..facts.event_count() {
            let (lead, position) = (facts.lead[event], facts.position[event]);
            let at = facts.at[event];
            columns.leads.push(i64::from(lead - before.lead));
            let from = before.of_lead(lead);
            columns.positions.push(position.wrapping_sub(from.position).cast_signed());
            columns.times.push(at.wrapping_sub(from.at));
            columns.delays.push(facts.recorded_at[event].wrapping_sub(at));
            before = from.then(lead != before.lead, position, at);
        }
        columns
    }

    fn columns(&mut self) -> [&mut Vec<i64>; 4] {
        let Self { leads, positions, times, delays } = self;
        [leads, positions, times, delays]
    }

    /// Turns the differences into what they are differences of. `None` where they do not rise by
    /// lead and position.
    fn sum_up(&mut self) -> Option<()> {
        let mut before = Before::default();
        for event in 0..self.leads.len() {
            let lead = i64::from(before.lead).wrapping_add(self.leads[event]);
            let lead = u32::try_from(lead).ok()?;
            let from = before.of_lead(lead);
            let position = from.position.wrapping_add(self.positions[event].cast_unsigned());
            let at = from.at.wrapping_add(self.times[event]);
            let is_behind = (lead, position) > (before.lead, before.position);
            if !is_behind && event > 0 {
                return None;
            }
            before = from.then(lead != before.lead, position, at);
            self.leads[event] = i64::from(lead);
            self.positions[event] = position.cast_signed();
            self.times[event] = at;
            self.delays[event] = at.wrapping_add(self.delays[event]);
        }
        Some(())
    }
}

impl LeadFacts {
    /// The facts as bytes: see `benches/README.md` for how many.
    pub fn encode(&self) -> Vec<u8> {
        let facts = self.facts();
        let mut all: Vec<Row> = Vec::with_capacity(facts.len());
        for (start, end) in (0..facts.event_count()).map(|event| facts.event(event)) {
            all.extend((start..end).map(|index| Row::of(facts, index, index == start)));
        }
        let mut rows = all.clone();
        rows.sort_unstable();
        rows.dedup();
        let rows = Rows::of(rows);
        let number = |row: &Row| {
            let key = |other: &Row| (other.term, other.has_x, other.is_head);
            rows.rows.binary_search_by_key(&key(row), key).unwrap_or_default()
        };
        let numbers: Vec<usize> = all.iter().map(number).collect();
        let mut out = vec![LAYOUT];
        varint(facts.event_count() as u64, &mut out);
        varint(facts.len() as u64, &mut out);
        varint(rows.rows.len() as u64, &mut out);
        rows.write(&mut out);
        pack(&numbers.iter().map(|number| *number as i64).collect::<Vec<_>>(), &mut out);
        Events::of(facts).columns().into_iter().for_each(|column| pack(column, &mut out));
        let mut by_class = vec![Vec::new(); rows.class_count];
        let x = facts.terms.iter().map(|term| term.x);
        for (number, x) in numbers.iter().zip(x).filter(|(_, x)| *x != NO_X) {
            by_class[rows.rows[*number].class as usize].push(x);
        }
        by_class.iter().for_each(|values| pack(values, &mut out));
        out
    }

    /// Reads what [`LeadFacts::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are nothing of the kind.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut facts = Self::default();
        Decoder::default().decode_behind(bytes, &mut facts)?;
        Ok(facts)
    }
}

/// Memory for reading packed pages, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Decoder {
    /// Of each fact, the number of its row.
    numbers: Vec<i64>,
    /// Of each row, how many facts are of it.
    counts: Vec<usize>,
    events: Events,
    /// The numbers of one class, and of all of them, in the order of the classes.
    of_class: Vec<i64>,
    x: Vec<i64>,
    /// Of each class, where its next number is.
    places: Vec<usize>,
}

impl Decoder {
    /// Adds what [`LeadFacts::encode`] wrote of leads that come behind those that are there.
    /// Nothing is added where that fails.
    pub(super) fn decode_behind(
        &mut self,
        bytes: &[u8],
        facts: &mut LeadFacts,
    ) -> Result<(), DecodeError> {
        let damaged = || DecodeError::Length { bytes: bytes.len() };
        let (&layout, mut rest) = bytes.split_first().ok_or_else(damaged)?;
        if layout != LAYOUT {
            return Err(DecodeError::Layout { layout });
        }
        let rest = &mut rest;
        let (events, count) = (read_count(rest), read_count(rest));
        let (Some(events), Some(count), Some(rows)) = (events, count, read_count(rest)) else {
            return Err(damaged());
        };
        let rows = Rows::read(rest, rows)?.ok_or_else(damaged)?;
        let last = facts.0.lead.last().copied();
        self.read(rest, &rows, events, count, last)
            .filter(|()| rest.is_empty())
            .ok_or_else(damaged)?;
        self.add(&rows, events, &mut facts.0);
        Ok(())
    }

    /// Reads all columns. `None` where they do not fit together, or do not come behind a lead.
    fn read(
        &mut self,
        bytes: &mut &[u8],
        rows: &Rows,
        events: usize,
        count: usize,
        last: Option<u32>,
    ) -> Option<()> {
        unpack(bytes, count, &mut self.numbers)?;
        self.count_facts(rows)?;
        self.places.clear();
        self.places.resize(rows.class_count, 0);
        let mut heads = 0;
        for (row, count) in rows.rows.iter().zip(&self.counts) {
            self.places[row.class as usize] += if row.has_x { *count } else { 0 };
            heads += if row.is_head { *count } else { 0 };
        }
        (heads == events).then_some(())?;
        for column in self.events.columns() {
            unpack(bytes, events, column)?;
        }
        self.events.sum_up()?;
        self.x.clear();
        for place in &mut self.places {
            unpack(bytes, *place, &mut self.of_class)?;
            *place = self.x.len();
            self.x.extend_from_slice(&self.of_class);
        }
        let first = self.events.leads.first();
        first.zip(last).is_none_or(|(first, last)| *first > i64::from(last)).then_some(())
    }

    /// Counts the facts of each row. `None` where there is no such row, or the first fact begins no
    /// event.
    fn count_facts(&mut self, rows: &Rows) -> Option<()> {
        let Self { numbers, counts, .. } = self;
        counts.clear();
        counts.resize(rows.rows.len(), 0);
        for number in &*numbers {
            *counts.get_mut(usize::try_from(*number).ok()?)? += 1;
        }
        numbers.first().is_none_or(|first| rows.rows[*first as usize].is_head).then_some(())
    }

    /// Adds the facts, column by column.
    fn add(&mut self, rows: &Rows, events: usize, facts: &mut Facts) {
        let old = facts.len();
        facts.make_room(facts.event_count() + events + 1, old + self.numbers.len());
        u32::try_from(old + self.numbers.len()).expect("a page is a small part of a log");
        self.add_terms(rows, events, facts);
        let Events { leads, positions, times, delays } = &self.events;
        facts.lead.extend(leads.iter().map(|lead| *lead as u32));
        facts.position.extend(positions.iter().map(|position| position.cast_unsigned()));
        facts.at.extend_from_slice(times);
        facts.recorded_at.extend_from_slice(delays);
    }

    /// Adds what each fact says, where events begin, and their marks. What is not asked need not be
    /// guessed, and one wrong guess of the processor costs as much as a fact: a number is looked up
    /// whether or not there is one, and a fact that begins no event is noted as if it did, and
    /// overwritten by the one behind it.
    fn add_terms(&mut self, rows: &Rows, events: usize, facts: &mut Facts) {
        let Self { numbers, x, places, .. } = self;
        let Facts { heads, marks, terms, .. } = facts;
        // What a class without any more numbers looks up.
        x.push(NO_X);
        let (mut next, mut mark) = (heads.len(), Mark::default());
        heads.resize(next + events + 1, 0);
        marks.resize(next + events + 1, Mark::default());
        let indices = terms.len() as u32..;
        terms.extend(numbers.iter().zip(indices).map(|(number, index)| {
            let row = &rows.rows[*number as usize];
            heads[next] = index;
            next += usize::from(row.is_head);
            mark = if row.is_head { row.mark } else { mark.with(row.mark) };
            marks[next - 1] = mark;
            let place = &mut places[row.class as usize];
            let found = x[*place];
            *place += usize::from(row.has_x);
            Term { x: if row.has_x { found } else { NO_X }, ..row.term }
        }));
        heads.truncate(next);
        marks.truncate(next);
    }
}

fn read_count(bytes: &mut &[u8]) -> Option<usize> {
    usize::try_from(read_varint(bytes)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Code, Fact, LeadIndex};

    /// Also what the fold asks of them at a glance, which is not packed.
    #[test]
    fn facts_of_every_kind_come_back_with_a_number_and_without() {
        for (kind, x) in Kind::ALL.iter().flat_map(|kind| [NO_X, 0, 7].map(|x| (*kind, x))) {
            let (lead, a, b) = (LeadIndex(3), Code::NONE, Code::NONE);
            let (position, recorded_at, at, sub, currency) = (5, 9, 8, 0, 0);
            let mut facts = Facts::default();
            facts.push(Fact { position, recorded_at, at, lead, kind, sub, currency, a, b, x });
            let facts = LeadFacts::try_from_facts(facts).expect("one fact is by lead");
            assert_eq!(LeadFacts::decode(&facts.encode()), Ok(facts), "{kind:?} {x}");
        }
    }
}
