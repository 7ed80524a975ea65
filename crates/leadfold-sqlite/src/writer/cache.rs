//! What the writer has looked up, up to a bound: memory does not grow with the log.

use std::borrow::Borrow;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use leadfold_store::adapter::Map;

/// A generation that has more is the old one from then on. With what one transaction adds it stays
/// in a map of 2^17 places, or of 2^18.
const ENTRIES_MAX: usize = 1 << 16;

/// Two generations: what is asked for comes into the young one, and what nobody has asked for goes
/// with the old one. So what is in use stays, unlike in a cache that is emptied when it is full.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    young: Map<K, V>,
    old: Map<K, V>,
}

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self { young: Map::default(), old: Map::default() }
    }
}

impl<K: Eq + Hash, V> Cache<K, V> {
    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.young.insert(key, value);
    }

    /// What is known of a key.
    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        V: Copy,
    {
        if let Some(value) = self.young.get(key) {
            return Some(*value);
        }
        let (key, value) = self.old.remove_entry(key)?;
        self.young.insert(key, value);
        Some(value)
    }

    /// What is known of a key, or else what a look-up tells.
    pub(crate) fn get_or_look_up<E>(
        &mut self,
        key: K,
        look_up: impl FnOnce(&K) -> Result<V, E>,
    ) -> Result<&mut V, E> {
        match self.young.entry(key) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let value = match self.old.remove(entry.key()) {
                    Some(value) => value,
                    None => look_up(entry.key())?,
                };
                Ok(entry.insert(value))
            }
        }
    }

    /// Forgets what has not been asked for in a long time, if there is much. Whoever changes values
    /// has written them down by then.
    pub(crate) fn age(&mut self) {
        if self.young.len() > ENTRIES_MAX {
            // With its memory: a large transaction may have taken much.
            self.old = std::mem::take(&mut self.young);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_use_stays_and_the_rest_is_forgotten() {
        const GENERATION: u32 = ENTRIES_MAX as u32;
        let mut cache = Cache::default();
        let end = 4 * GENERATION;
        for key in 0..end {
            cache.insert(key, key);
            assert_eq!(cache.get(&7).is_some(), key >= 7, "after {key}");
            cache.age();
            assert!(cache.young.len() + cache.old.len() <= 2 * (ENTRIES_MAX + 1));
        }
        assert_eq!(cache.get(&8), None, "nobody has asked for it");
        assert_eq!(cache.get(&(end - GENERATION)), Some(end - GENERATION), "it is young enough");
        // It comes back once, and is changed in place.
        let mut look_ups = 0;
        for _ in 0..2 {
            let found = cache.get_or_look_up(8, |key: &u32| {
                look_ups += 1;
                Ok::<_, ()>(*key)
            });
            *found.expect("nothing fails") += 1;
        }
        assert_eq!((cache.get(&8), look_ups), (Some(10), 1));
    }
}
