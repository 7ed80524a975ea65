//! What an export has that leadfold has no word for: counted, so that nothing is lost silently.

use std::collections::BTreeMap;

use super::text::code;

/// Rows that became no event and are no fault, by what they are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LeftOut {
    counts: BTreeMap<(&'static str, String), u64>,
}

impl LeftOut {
    /// What was left out, its value, and how many rows that were; in order.
    ///
    /// ```
    /// assert_eq!(leadfold_import::LeftOut::default().iter().count(), 0);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str, u64)> {
        self.counts.iter().map(|((what, value), rows)| (*what, value.as_str(), *rows))
    }

    pub(crate) fn count(&mut self, what: &'static str, value: &str) {
        let mut key = (what, code(value));
        // However many values there are, only so many are told apart.
        if self.counts.len() >= VALUES_MAX && !self.counts.contains_key(&key) {
            key.1 = OTHER.to_owned();
        }
        *self.counts.entry(key).or_insert(0) += 1;
    }
}

/// Values that are told apart.
const VALUES_MAX: usize = 200;
/// What all further ones are called.
const OTHER: &str = "(others)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_values_are_told_apart() {
        let mut left_out = LeftOut::default();
        (0..1_000).for_each(|n| left_out.count("status", &n.to_string()));
        left_out.count("status", "7");
        assert_eq!(left_out.iter().count(), VALUES_MAX + 1);
        assert_eq!(left_out.iter().map(|(.., rows)| rows).sum::<u64>(), 1_001);
        assert!(left_out.iter().any(|found| found == ("status", "7", 2)));
    }

    #[test]
    fn what_is_no_code_is_shown_by_its_shape() {
        let mut left_out = LeftOut::default();
        left_out.count("status", "Anna 555");
        assert_eq!(left_out.iter().next(), Some(("status", "aaaa 999", 1)));
    }
}
