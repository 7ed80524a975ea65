//! The events that prove a finding.

use std::fmt;
use std::ops::Deref;

/// Positions of events in the log, oldest first.
///
/// It reads as a slice. Nearly every finding has four at the most, which stand in it: memory of its
/// own for each would be asked for and given back a hundred thousand times.
///
/// ```
/// # use leadfold_core::audit::Evidence;
/// let evidence: Evidence = [3, 5].into_iter().collect();
/// assert_eq!(evidence, [3, 5]);
/// assert!(evidence.contains(&5));
/// ```
#[derive(Clone)]
pub struct Evidence(Form);

#[derive(Clone)]
enum Form {
    Few(Proof),
    Many(Box<[u64]>),
}

/// Up to four positions, oldest first; those that are not there come before them, as 0.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Proof([u64; 4]);

impl Proof {
    /// Positions without the absent ones (0) and without repetitions.
    pub(super) fn of(positions: &[u64]) -> Self {
        let mut proof = [0; 4];
        let mut n = 0;
        for position in positions {
            if *position != 0 && !proof.contains(position) {
                proof[n] = *position;
                n += 1;
            }
        }
        proof.sort_unstable();
        Self(proof)
    }

    fn positions(&self) -> &[u64] {
        let absent = self.0.iter().take_while(|position| **position == 0).count();
        &self.0[absent..]
    }
}

impl From<Proof> for Evidence {
    fn from(proof: Proof) -> Self {
        Self(Form::Few(proof))
    }
}

impl From<Vec<u64>> for Evidence {
    fn from(positions: Vec<u64>) -> Self {
        Self(Form::Many(positions.into()))
    }
}

impl FromIterator<u64> for Evidence {
    fn from_iter<I: IntoIterator<Item = u64>>(positions: I) -> Self {
        Vec::from_iter(positions).into()
    }
}

impl Deref for Evidence {
    type Target = [u64];

    fn deref(&self) -> &[u64] {
        match &self.0 {
            Form::Few(proof) => proof.positions(),
            Form::Many(positions) => positions,
        }
    }
}

impl<'a> IntoIterator for &'a Evidence {
    type Item = &'a u64;
    type IntoIter = std::slice::Iter<'a, u64>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Evidence {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Evidence {}

impl<const N: usize> PartialEq<[u64; N]> for Evidence {
    fn eq(&self, other: &[u64; N]) -> bool {
        **self == *other
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Proof};

    #[test]
    fn a_proof_has_what_is_there_once_and_in_order() {
        for (given, expected) in [
            (&[][..], &[][..]),
            (&[0, 0], &[]),
            (&[7, 0, 3, 7], &[3, 7]),
            (&[4, 3, 2, 1], &[1, 2, 3, 4]),
        ] {
            let evidence = Evidence::from(Proof::of(given));
            assert_eq!(*evidence, *expected, "{given:?}");
            assert_eq!(evidence, Evidence::from(expected.to_vec()), "{given:?}");
        }
    }
}
