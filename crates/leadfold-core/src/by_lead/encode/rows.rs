//! The rows that a page has in front: facts without their event and their number.

use crate::fact::{DecodeError, Facts, Mark, NO_X, Term};
use crate::machine::Kind;
use crate::pack::{pack, unpack};

/// Rows that a page is looked through for without a search.
const RECENT: usize = 4_096;
/// An odd number without a pattern: 2^64 by the golden ratio.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// What facts share but their event: a fact without its number.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Row {
    pub(super) term: Term,
    pub(super) mark: Mark,
    pub(super) has_x: bool,
    pub(super) is_head: bool,
    /// The number of the class of its numbers, once all rows of the page are known; that behind
    /// the last class if it has none.
    pub(super) class: u32,
}

impl Row {
    fn of(term: Term, is_head: bool) -> Self {
        Self::new(Term { x: NO_X, ..term }, term.x != NO_X, is_head)
    }

    fn new(term: Term, has_x: bool, is_head: bool) -> Self {
        // Which number it is does not matter to the mark, but that there is one may.
        let mark = Term { x: if has_x { 0 } else { NO_X }, ..term }.mark();
        Self { term, mark, has_x, is_head, class: 0 }
    }

    /// Where it is looked for among the [`RECENT`] rows.
    fn slot(self) -> usize {
        let Term { sub, currency, a, b, .. } = self.term;
        let codes = u64::from(a) << 32 | u64::from(b);
        let rest = u64::from(currency) << 8 | u64::from(sub);
        let mixed = (codes.wrapping_mul(MIX) >> 16) ^ rest << 16 ^ self.head().cast_unsigned();
        (mixed.wrapping_mul(MIX) >> 32) as usize % RECENT
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
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    pub(super) class_count: usize,
}

impl Rows {
    /// The rows of a page, and of each of its facts the number of its row.
    ///
    /// Nearly all facts are of rows that were met before, so a row is first looked for at one place.
    /// What another one has taken that place from is met anew, and counts as one row all the same.
    pub(super) fn of_page(facts: &Facts) -> (Self, Vec<i64>) {
        let mut recent = vec![None; RECENT];
        let (mut met, mut met_as) = (Vec::new(), Vec::with_capacity(facts.len()));
        for (start, end) in (0..facts.event_count()).map(|event| facts.event(event)) {
            for index in start..end {
                let row = Row::of(facts.terms[index], index == start);
                let slot = &mut recent[row.slot()];
                match *slot {
                    Some((known, met_at)) if known == row => met_as.push(met_at),
                    _ => {
                        *slot = Some((row, met.len()));
                        met_as.push(met.len());
                        met.push(row);
                    }
                }
            }
        }
        let mut rows = met.clone();
        rows.sort_unstable();
        rows.dedup();
        let number = |row| rows.partition_point(|other| other < row) as i64;
        let number_of_met: Vec<i64> = met.iter().map(number).collect();
        let numbers = met_as.into_iter().map(|met_at| number_of_met[met_at]).collect();
        (Self::of(rows), numbers)
    }

    fn of(mut rows: Vec<Row>) -> Self {
        let (mut class_count, mut last) = (0, None);
        for row in rows.iter_mut().filter(|row| row.has_x) {
            let number_of = Some(row.number_of());
            class_count += u32::from(std::mem::replace(&mut last, number_of) != number_of);
            row.class = class_count - 1;
        }
        rows.iter_mut().filter(|row| !row.has_x).for_each(|row| row.class = class_count);
        Self { rows, class_count: class_count as usize }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
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

    pub(super) fn read(bytes: &mut &[u8], count: usize) -> Result<Option<Self>, DecodeError> {
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
