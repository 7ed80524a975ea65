//! Whether the function falls on from a top. Where customers tell little of a parameter the top may
//! be one of rounding: the likelihood rises for ever, by less and less, as two parameters leave
//! together, and neither gradient nor curvature tell that from a top far away.

use super::{GONE, LEFT, STEP_MAX, moved};

/// What there is along the ridges.
pub(super) enum Beyond<const N: usize> {
    /// It falls.
    Lower,
    /// It rises at this place.
    Higher([f64; N]),
    /// It neither falls nor rises on a way: to this place, of this value.
    Level { ridge: [f64; N], at: [f64; N], value: f64 },
}

/// Looks along the ridges from a place of that height, near and far.
pub(super) fn beyond<const N: usize>(
    ridges: &[[f64; N]],
    at: &[f64; N],
    height: f64,
    unit: f64,
    mut value: impl FnMut(&[f64; N]) -> f64,
) -> Beyond<N> {
    for (ridge, far) in ridges.iter().flat_map(|ridge| [(ridge, STEP_MAX), (ridge, GONE)]) {
        let there = moved(at, &ridge.map(|part| part * far));
        let found = value(&there);
        if found - height > LEFT * unit {
            return Beyond::Higher(there);
        }
        if found - height > -LEFT * unit {
            return Beyond::Level { ridge: *ridge, at: there, value: found };
        }
    }
    Beyond::Lower
}
