//! The table `fact_page`: the facts of consecutive events as one block.

use leadfold_store::adapter::PageRow;
use postgres::Row;

use crate::connection::{column, number};
use crate::error::Result;

/// The pages that hold the positions from one to another.
pub(crate) const SELECT: &str = "SELECT first, last, crc, facts FROM fact_page \
    WHERE first >= coalesce((SELECT max(first) FROM fact_page WHERE first <= $1), 0) \
    AND first <= $2 ORDER BY first";
/// The pages that begin at some positions.
pub(crate) const SELECT_FIRST: &str =
    "SELECT first, last, crc, facts FROM fact_page WHERE first = ANY($1) ORDER BY first";

pub(crate) fn read(row: &Row) -> Result<PageRow> {
    let (first, last, bytes) = (number(row, 0)?, number(row, 1)?, column::<Vec<u8>>(row, 3)?);
    let is_sound = column::<i64>(row, 2)? == checksum(first, last, &bytes);
    Ok(PageRow { first, last, is_sound, bytes })
}

pub(crate) fn checksum(first: u64, last: u64, bytes: &[u8]) -> i64 {
    let mut hasher = crc32fast::Hasher::new();
    PageRow::feed(first, last, bytes, |bytes| hasher.update(bytes));
    i64::from(hasher.finalize())
}
