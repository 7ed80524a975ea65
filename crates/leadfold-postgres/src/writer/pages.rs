//! Facts into pages: the one that is being filled, and those that it may be merged with.

use leadfold_core::{Fact, Facts};
use leadfold_store::adapter::{FACTS_MAX, merges};

use super::pending::{NewPage, Pending};
use crate::connection::Connection;
use crate::error::{Result, corrupt};
use crate::page;

/// A page that new facts may be merged with.
#[derive(Clone, Copy)]
pub(crate) struct End {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// How many facts it has.
    pub(crate) count: u64,
}

#[derive(Default)]
pub(crate) struct Pages {
    /// The last pages, the last one last.
    tail: Vec<End>,
    /// Facts of the page that is being filled.
    facts: Facts,
    first: u64,
}

impl Pages {
    /// Begins a page at a position, behind others.
    pub(crate) fn behind(tail: Vec<End>, first: u64) -> Self {
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

    /// Ends the page, together with those before it that it is to be merged with. Those that do not
    /// end directly before it, because a page is missing between them, or that are damaged, are left
    /// as they are: `verify` tells of them.
    pub(crate) fn flush(
        &mut self,
        connection: &mut Connection,
        pending: &mut Pending,
    ) -> Result<()> {
        let Some(last) = self.facts.last_position() else { return Ok(()) };
        let (mut first, mut count) = (self.first, self.facts.len() as u64);
        let mut merged = Vec::new();
        let is_merged = |before: &End, first, count| {
            before.last.checked_add(1) == Some(first) && merges(before.count, count)
        };
        while let Some(before) = self.tail.pop_if(|before| is_merged(before, first, count)) {
            (first, count) = (before.first, count + before.count);
            merged.push(first.cast_signed());
        }
        let facts = std::mem::take(&mut self.facts);
        let (damaged, facts) = behind(connection, pending, &merged, facts)?;
        if let Some(damaged) = damaged {
            (first, count) = (damaged + 1, facts.len() as u64);
            merged.retain(|begin| begin.cast_unsigned() >= first);
        }
        let bytes = facts.encode();
        // The first of them is overwritten, the others go.
        merged.pop();
        pending.merged.append(&mut merged);
        let crc = page::checksum(first, last, &bytes);
        pending.pages.push(NewPage { first, last, count, crc, bytes });
        self.tail.push(End { first, last, count });
        self.first = last + 1;
        Ok(())
    }
}

/// Facts behind those of the pages that begin at some positions, and where the last of these ends
/// that is damaged: only those behind it are taken then. Those that have not been written yet are
/// taken back: they are the last.
fn behind(
    connection: &mut Connection,
    pending: &mut Pending,
    firsts: &[i64],
    facts: Facts,
) -> Result<(Option<u64>, Facts)> {
    if firsts.is_empty() {
        return Ok((None, facts));
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
    let (mut damaged, mut merged) = (None, Facts::default());
    for row in &rows {
        let page = page::read(row)?;
        if page.decode(&mut merged).is_err() {
            (damaged, merged) = (Some(page.last), Facts::default());
        }
    }
    for page in &unwritten {
        merged.decode(&page.bytes).map_err(|error| corrupt(error.to_string()))?;
    }
    merged.extend_filtered(&facts, |_| true);
    Ok((damaged, merged))
}
