//! The table `fact_page`: the facts of consecutive events as one block.

use leadfold_core::Facts;
use leadfold_store::adapter::{PageRow, merges};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::error::{Result, sqlite};

pub(crate) const INSERT: &str =
    "INSERT INTO fact_page (first, last, count, crc, facts) VALUES (?1, ?2, ?3, ?4, ?5)";
pub(crate) const DELETE: &str = "DELETE FROM fact_page WHERE first = ?1";
/// The last page that begins at or before a position, or else the first one.
pub(crate) const SELECT: &str = "SELECT first, last, crc, facts FROM fact_page \
    WHERE first >= coalesce((SELECT max(first) FROM fact_page WHERE first <= ?1), 0) \
    ORDER BY first LIMIT 1";
const SELECT_END: &str = "SELECT first, count FROM fact_page ORDER BY first DESC LIMIT 1";

pub(crate) fn read(row: &Row<'_>) -> Result<PageRow, rusqlite::Error> {
    let (first, last) = (row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?);
    let (last, bytes) = (last.cast_unsigned(), row.get::<_, Vec<u8>>(3)?);
    let is_sound = row.get::<_, i64>(2)? == i64::from(checksum(first, last, &bytes));
    Ok(PageRow { first, last, is_sound, bytes })
}

/// The page that holds a position, if one does; else a neighbour.
pub(crate) fn at(connection: &Connection, position: u64) -> Result<Option<PageRow>> {
    let mut statement = connection.prepare_cached(SELECT).map_err(sqlite)?;
    statement.query_row([position.cast_signed()], read).optional().map_err(sqlite)
}

/// Where the next page behind a position begins.
pub(crate) fn next_first(connection: &Connection, position: u64) -> Result<Option<u64>> {
    let sql = "SELECT min(first) FROM fact_page WHERE first > ?1";
    let mut statement = connection.prepare_cached(sql).map_err(sqlite)?;
    let first: Option<i64> =
        statement.query_row([position.cast_signed()], |row| row.get(0)).map_err(sqlite)?;
    Ok(first.map(i64::cast_unsigned))
}

/// The pages that end behind a position.
pub(crate) fn behind(connection: &Connection, position: u64) -> Result<Vec<PageRow>> {
    let sql = "SELECT first, last, crc, facts FROM fact_page WHERE last > ?1 ORDER BY first";
    let mut statement = connection.prepare_cached(sql).map_err(sqlite)?;
    let pages = statement.query_map([position.cast_signed()], read);
    pages.and_then(Iterator::collect).map_err(sqlite)
}

/// Where the last page begins, and its facts, if it is to be merged with `facts` of a page that
/// begins at a position. One that does not end directly before that, because another is missing
/// between them, or that is damaged, is left as it is: `verify` tells of it.
pub(crate) fn last_to_merge(
    connection: &Connection,
    first: u64,
    facts: &Facts,
) -> Result<Option<(u64, Facts)>> {
    let mut statement = connection.prepare_cached(SELECT_END).map_err(sqlite)?;
    let end = statement
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .optional()
        .map_err(sqlite)?;
    let page = match end {
        Some((begin, count)) if merges(count.cast_unsigned(), facts.len() as u64) => {
            at(connection, begin.cast_unsigned())?
        }
        _ => None,
    };
    let mut before = Facts::default();
    let page = page.filter(|page| page.last.checked_add(1) == Some(first));
    let page = page.filter(|page| page.decode(&mut before).is_ok());
    Ok(page.map(|page| (page.first, before)))
}

/// Stores facts as a page of their own.
pub(crate) fn insert(connection: &Connection, first: u64, last: u64, facts: &Facts) -> Result<()> {
    let bytes = facts.encode();
    let crc = checksum(first, last, &bytes);
    let mut statement = connection.prepare_cached(INSERT).map_err(sqlite)?;
    let row = (first.cast_signed(), last.cast_signed(), facts.len() as i64, crc, bytes);
    statement.execute(row).map(drop).map_err(sqlite)
}

pub(crate) fn delete(connection: &Connection, first: u64) -> Result<()> {
    let mut statement = connection.prepare_cached(DELETE).map_err(sqlite)?;
    statement.execute([first.cast_signed()]).map(drop).map_err(sqlite)
}

fn checksum(first: u64, last: u64, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    PageRow::feed(first, last, bytes, |bytes| hasher.update(bytes));
    hasher.finalize()
}
