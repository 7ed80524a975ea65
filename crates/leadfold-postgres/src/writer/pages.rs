//! Facts into pages: the one that is being filled, and those that it may be merged with.

use leadfold_core::{Fact, Facts};
use leadfold_store::adapter::{FACTS_MAX, merges};

use super::pending::{NewPage, Pending};
use crate::connection::Connection;
use crate::error::{Result, corrupt};
use crate::page;

#[derive(Default)]
pub(crate) struct Pages {
    /// Where the last pages begin and how many facts they have, the last one last.
    tail: Vec<(u64, u64)>,
    /// Facts of the page that is being filled.
    facts: Facts,
    first: u64,
}

impl Pages {
    /// Begins a page at a position, behind others.
    pub(crate) fn behind(tail: Vec<(u64, u64)>, first: u64) -> Self {
        Self { tail, facts: Facts::default(), first }
    }

    /// Begins a new page where the facts of the event at a position do not fit.
    pub(crate) fn make_room(
        &mut self,
        connection: &mut Connection,
        pending: &mut Pending,
        facts: usize,
        position: u64,
    ) -> Result<()> {
        if self.facts.len() + facts > FACTS_MAX {
            self.flush(connection, pending)?;
            self.first = position;
        }
        Ok(())
    }

    pub(crate) fn push(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// Ends the page, together with those before it that it is to be merged with.
    pub(crate) fn flush(
        &mut self,
        connection: &mut Connection,
        pending: &mut Pending,
    ) -> Result<()> {
        let Some(last) = self.facts.last_position() else { return Ok(()) };
        let (mut first, mut count) = (self.first, self.facts.len() as u64);
        let mut merged = Vec::new();
        while let Some(before) = self.tail.pop_if(|before| merges(before.1, count)) {
            (first, count) = (before.0, count + before.1);
            merged.push(first.cast_signed());
        }
        let facts = std::mem::take(&mut self.facts);
        let bytes = behind(connection, pending, &merged, facts)?.encode();
        // The first of them is overwritten, the others go.
        merged.pop();
        pending.merged.append(&mut merged);
        let crc = page::checksum(first, last, &bytes);
        pending.pages.push(NewPage { first, last, count, crc, bytes });
        self.tail.push((first, count));
        self.first = last + 1;
        Ok(())
    }
}

/// Facts behind those of the pages that begin at some positions. Those that have not been written
/// yet are taken back: they are the last.
fn behind(
    connection: &mut Connection,
    pending: &mut Pending,
    firsts: &[i64],
    facts: Facts,
) -> Result<Facts> {
    if firsts.is_empty() {
        return Ok(facts);
    }
    let is_merged = |page: &mut NewPage| firsts.contains(&page.first.cast_signed());
    let unwritten: Vec<_> = pending.pages.extract_if(.., is_merged).collect();
    let is_unwritten =
        |first: &i64| unwritten.iter().any(|page| page.first.cast_signed() == *first);
    let written: Vec<i64> = firsts.iter().copied().filter(|first| !is_unwritten(first)).collect();
    let rows = connection.query(page::SELECT_FIRST, &[&written])?;
    if rows.len() != written.len() {
        return Err(corrupt("expected pages of facts, found others: rebuild the facts"));
    }
    let mut merged = Facts::default();
    for row in &rows {
        page::read(row)?.decode(&mut merged)?;
    }
    for page in &unwritten {
        merged.decode(&page.bytes).map_err(|error| corrupt(error.to_string()))?;
    }
    merged.extend_filtered(&facts, |_| true);
    Ok(merged)
}
