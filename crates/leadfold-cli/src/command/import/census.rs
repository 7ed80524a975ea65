//! How often each line, or each lead, came before: in memory, and beyond a limit in a file.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::io;

use leadfold_import::Census;
use leadfold_store::{StoreError, StoreErrorKind};
use rusqlite::{Connection, OptionalExtension};

use crate::error::CliError;

/// Keys in memory: the most that a table of 2^20 places takes before it doubles.
const KEYS_MAX: usize = (1 << 20) / 8 * 7;

/// Bits of the filter: 10 for each of 13 million keys, which then errs once in a hundred.
const FILTER_BITS: usize = 1 << 27;

/// A census of bounded memory: about 30 MB, and 20 MB more once it spills.
///
/// It keeps 64-bit hashes instead of keys; among ten million two share a hash with a probability
/// of 1 to 370,000. What does not fit is sorted into a temporary file, and a filter answers for
/// nearly all keys that are not there.
#[derive(Debug)]
pub(crate) struct SpillingCensus {
    counts: HashMap<u64, u32>,
    keys_max: usize,
    spilled: Option<Spilled>,
}

#[derive(Debug)]
struct Spilled {
    filter: Vec<u64>,
    file: Connection,
}

/// The disk failed, not the input.
pub(crate) fn failed(error: &io::Error) -> CliError {
    let message = format!(
        "cannot count identical lines: expected room for temporary files, found {error}; free \
         some space, or set SQLITE_TMPDIR to where there is some, and import the file again"
    );
    CliError::Store(StoreError::new(StoreErrorKind::Io, message))
}

impl Default for SpillingCensus {
    fn default() -> Self {
        Self::with_keys_max(KEYS_MAX)
    }
}

impl SpillingCensus {
    fn with_keys_max(keys_max: usize) -> Self {
        Self { counts: HashMap::new(), keys_max, spilled: None }
    }

    fn spill(&mut self) -> rusqlite::Result<()> {
        let spilled = match &mut self.spilled {
            Some(spilled) => spilled,
            none => none.insert(Spilled::new()?),
        };
        let mut counts: Vec<(u64, u32)> = self.counts.drain().collect();
        counts.sort_unstable();
        spilled.insert(&counts)
    }
}

impl Census for SpillingCensus {
    fn count(&mut self, key: &[u8]) -> io::Result<u64> {
        let mut hasher = DefaultHasher::new();
        hasher.write(key);
        let hash = hasher.finish();
        if self.counts.len() >= self.keys_max && !self.counts.contains_key(&hash) {
            self.spill().map_err(io::Error::other)?;
        }
        let count = match self.counts.get_mut(&hash) {
            Some(count) => count,
            None => {
                let spilled = self.spilled.as_ref().map_or(Ok(0), |spilled| spilled.count(hash));
                self.counts.entry(hash).or_insert(spilled.map_err(io::Error::other)?)
            }
        };
        let before = u64::from(*count);
        *count = count.saturating_add(1);
        Ok(before)
    }
}

impl Spilled {
    /// An empty file that SQLite deletes when it is closed. It survives nothing and need not.
    fn new() -> rusqlite::Result<Self> {
        let file = Connection::open("")?;
        file.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4096;
             CREATE TABLE count (hash INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;",
        )?;
        Ok(Self { filter: vec![0; FILTER_BITS / 64], file })
    }

    fn insert(&mut self, counts: &[(u64, u32)]) -> rusqlite::Result<()> {
        let transaction = self.file.transaction()?;
        {
            let mut insert =
                transaction.prepare_cached("INSERT OR REPLACE INTO count VALUES (?1, ?2)")?;
            for (hash, n) in counts {
                insert.execute((hash.cast_signed(), n))?;
                for bit in bits(*hash) {
                    self.filter[bit / 64] |= 1 << (bit % 64);
                }
            }
        }
        transaction.commit()
    }

    fn count(&self, hash: u64) -> rusqlite::Result<u32> {
        if bits(hash).iter().any(|bit| self.filter[bit / 64] & (1 << (bit % 64)) == 0) {
            return Ok(0);
        }
        let mut query = self.file.prepare_cached("SELECT n FROM count WHERE hash = ?1")?;
        let n = query.query_row([hash.cast_signed()], |row| row.get(0)).optional()?;
        Ok(n.unwrap_or(0))
    }
}

/// Six places of a hash in the filter.
fn bits(hash: u64) -> [usize; 6] {
    let (first, step) = (hash as u32, (hash >> 32) as u32 | 1);
    std::array::from_fn(|n| first.wrapping_add(step.wrapping_mul(n as u32)) as usize % FILTER_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spilled_or_not_the_count_is_the_same() {
        let mut small = SpillingCensus::with_keys_max(10);
        let mut counts: HashMap<u64, u64> = HashMap::new();
        for n in 0..2_000_u64 {
            let key = n * n % 157;
            let count = counts.entry(key).or_default();
            assert_eq!(small.count(&key.to_le_bytes()).expect("there is room"), *count);
            *count += 1;
        }
        assert!(small.spilled.is_some() && small.counts.len() <= 10);
    }
    #[test]
    fn full_disk_is_an_error_of_the_disk() {
        let mut census = SpillingCensus::with_keys_max(10);
        for n in 0..20_u64 {
            census.count(&n.to_le_bytes()).expect("there is room");
        }
        let file = &census.spilled.as_ref().expect("it spilled").file;
        file.pragma_update(None, "max_page_count", 2).expect("a limit");
        let error = (20..2_000_u64).find_map(|n| census.count(&n.to_le_bytes()).err());
        let error = failed(&error.expect("there is none left"));
        assert_eq!(error.status(), 4);
        assert!(error.to_string().contains("database or disk is full"), "{error}");
    }
}
