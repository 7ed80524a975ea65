//! Counts keys, so that a rule can speak once for each lead while rows only stream by.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hasher},
    io,
};

/// How often each key has been seen.
///
/// The one thing of an import that grows with the number of leads. Hence the caller's choice:
/// [`MemoryCensus`], or one that spills to disk.
pub trait Census {
    /// Counts `key` and says how often it had been counted before.
    ///
    /// # Errors
    ///
    /// When the count cannot be kept; the import ends there.
    fn count(&mut self, key: &[u8]) -> io::Result<u64>;
}

impl<C: Census + ?Sized> Census for &mut C {
    fn count(&mut self, key: &[u8]) -> io::Result<u64> {
        (**self).count(key)
    }
}

impl<C: Census + ?Sized> Census for Box<C> {
    fn count(&mut self, key: &[u8]) -> io::Result<u64> {
        (**self).count(key)
    }
}

/// A census in memory: about 20 bytes a key.
///
/// It keeps 64-bit hashes instead of keys; among ten million leads two share a hash with a
/// probability of 1 to 370,000.
///
/// ```
/// use leadfold_import::{Census, MemoryCensus};
///
/// let mut census = MemoryCensus::default();
/// assert_eq!(census.count(b"anna")?, 0);
/// assert_eq!(census.count(b"anna")?, 1);
/// assert_eq!(census.count(b"boris")?, 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryCensus {
    counts: HashMap<u64, u32>,
}

impl Census for MemoryCensus {
    fn count(&mut self, key: &[u8]) -> io::Result<u64> {
        let mut hasher = DefaultHasher::new();
        hasher.write(key);
        let count = self.counts.entry(hasher.finish()).or_insert(0);
        let before = u64::from(*count);
        *count = count.saturating_add(1);
        Ok(before)
    }
}
