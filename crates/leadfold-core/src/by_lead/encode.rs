//! Facts by lead as few bytes: each column as the differences that are small in this order.
//!
//! What kind of fact it is, with its small word, currency and codes, is one of a few hundred rows
//! that a page has in front, so a fact is the number of its row; the row also says whether it
//! begins an event, and whether a number belongs to it. Of a lead: how far it is from the one
//! before, how many events it has, and how far the position and the time of its first event are
//! from those of the first event of the lead before. Of each event behind that: how far its time is
//! from that of the event before it, and its position from where a log that grows evenly would have
//! it after that time. Of every event: how much later it became known. Numbers stand by what they
//! are numbers of, for likes are alike.

mod events;
mod pace;
mod rows;

use self::events::Events;
use self::rows::Rows;
use super::LeadFacts;
use crate::fact::{DecodeError, Facts, Mark, NO_X};
use crate::pack::{pack, read_varint, unpack, varint};

/// The layout that this version writes, and the only one that it reads.
pub(crate) const LAYOUT: u8 = 3;

impl LeadFacts {
    /// The facts as bytes: see `benches/README.md` for how many.
    pub fn encode(&self) -> Vec<u8> {
        let facts = self.facts();
        let (rows, numbers) = Rows::of_page(facts);
        let events = Events::of(facts);
        let mut out = vec![LAYOUT];
        varint(facts.event_count() as u64, &mut out);
        varint(facts.len() as u64, &mut out);
        varint(rows.rows.len() as u64, &mut out);
        varint(events.leads.len() as u64, &mut out);
        rows.write(&mut out);
        pack(&numbers, &mut out);
        events.write(&mut out);
        let mut by_class = vec![Vec::new(); rows.class_count];
        let x = facts.terms.iter().map(|term| term.x);
        for (number, x) in numbers.iter().zip(x).filter(|(_, x)| *x != NO_X) {
            by_class[rows.rows[*number as usize].class as usize].push(x);
        }
        let counts = by_class.iter().map(|values| values.len() as i64);
        pack(&counts.collect::<Vec<_>>(), &mut out);
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
    events: Events,
    /// The numbers of one class, and of all of them, in the order of the classes.
    of_class: Vec<i64>,
    x: Vec<i64>,
    /// Of each class, how many numbers it has, and where its next one is.
    counts: Vec<i64>,
    cursors: Vec<usize>,
    /// Of each event, how it has to be taken.
    marks: Vec<Mark>,
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
        let mut sizes = [0; 4];
        for size in &mut sizes {
            *size = read_count(&mut rest).ok_or_else(damaged)?;
        }
        let [events, count, rows, leads] = sizes;
        let rows = Rows::read(&mut rest, rows)?.ok_or_else(damaged)?;
        self.read(&mut rest, &rows, [events, count, leads])
            .filter(|()| rest.is_empty())
            .ok_or_else(damaged)?;
        let facts = &mut facts.0;
        let before = (facts.event_count(), facts.len());
        self.add(&rows, events, facts).ok_or_else(|| {
            facts.cut(before.0, before.1);
            damaged()
        })
    }

    /// Reads all columns. `None` where the bytes do not hold them.
    fn read(
        &mut self,
        bytes: &mut &[u8],
        rows: &Rows,
        [events, count, leads]: [usize; 3],
    ) -> Option<()> {
        unpack(bytes, count, &mut self.numbers)?;
        self.events.read(bytes, leads, events)?;
        unpack(bytes, rows.class_count, &mut self.counts)?;
        self.x.clear();
        self.cursors.clear();
        for count in &self.counts {
            unpack(bytes, usize::try_from(*count).ok()?, &mut self.of_class)?;
            self.cursors.push(self.x.len());
            self.x.extend_from_slice(&self.of_class);
        }
        // What has no number finds none.
        self.cursors.push(self.x.len());
        self.x.push(NO_X);
        Some(())
    }

    /// Adds the facts. `None` where the columns do not fit together, or do not come behind the leads
    /// that are there; some of it has been added then.
    fn add(&mut self, rows: &Rows, events: usize, facts: &mut Facts) -> Option<()> {
        let old = facts.len();
        facts.make_room(facts.event_count() + events + 1, old + self.numbers.len());
        u32::try_from(old + self.numbers.len()).expect("a page is a small part of a log");
        let first = facts.event_count();
        let falls = self.events.add(facts)?;
        self.add_terms(rows, events, facts)?;
        self.events.place(&mut facts.marks[first..], &facts.at[first..], falls);
        // Of each class as many numbers were found as there are.
        let mut end = 0;
        let is_found = |(count, cursor): (&i64, &usize)| {
            end += *count as usize;
            *cursor == end
        };
        self.counts.iter().zip(&self.cursors).all(is_found).then_some(())
    }

    /// Adds what each fact says, where events begin, and their marks. `None` where there is no such
    /// row, or there are other events.
    ///
    /// What is not asked need not be guessed, and one wrong guess of the processor costs as much as
    /// a fact: a number is looked up whether or not there is one, and a fact that begins no event is
    /// noted as if it did, and overwritten by the one behind it.
    fn add_terms(&mut self, rows: &Rows, events: usize, facts: &mut Facts) -> Option<()> {
        let row_of = |number: i64| rows.rows.get(number as usize);
        if let Some(first) = self.numbers.first() {
            row_of(*first).filter(|row| row.is_head)?;
        }
        let Facts { heads, marks, terms, .. } = facts;
        let (old, mut next, mut mark) = (heads.len(), 0, Mark::default());
        heads.resize(old + events + 1, 0);
        self.marks.clear();
        self.marks.resize(events + 1, Mark::default());
        let own_heads = &mut heads[old..];
        // The mark of an event stands one place behind its head.
        let own_marks = self.marks.as_mut_slice();
        let (x, cursors) = (self.x.as_slice(), self.cursors.as_mut_slice());
        let mut is_known = true;
        let indices = terms.len() as u32..;
        terms.extend(self.numbers.iter().zip(indices).map(|(number, index)| {
            let row = row_of(*number).unwrap_or_else(|| {
                is_known = false;
                &rows.rows[0]
            });
            if let Some(head) = own_heads.get_mut(next) {
                *head = index;
            }
            next += usize::from(row.is_head);
            mark = if row.is_head { row.mark } else { mark.with(row.mark) };
            if let Some(own) = own_marks.get_mut(next) {
                *own = mark;
            }
            let cursor = &mut cursors[row.class as usize];
            let x = x.get(*cursor).copied().unwrap_or(NO_X);
            *cursor += usize::from(row.has_x);
            let mut term = row.term;
            term.x = x;
            term
        }));
        heads.truncate(old + events);
        marks.extend_from_slice(&self.marks[1..]);
        (is_known && next == events).then_some(())
    }
}

fn read_count(bytes: &mut &[u8]) -> Option<usize> {
    usize::try_from(read_varint(bytes)?).ok()
}

#[cfg(test)]
mod encode_test;
