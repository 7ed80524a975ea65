//! The area under the ROC curve.

use super::{Fraction, Judged, Unmeasured, ascending, finite, won};

/// The chance that a won lead has the higher score than a lost one, ties counted half
/// (Mann-Whitney): `(2 * higher + tied) / (2 * won * lost)`, exact, in `n log n`.
///
/// # Errors
/// [`Unmeasured`] for no leads, for leads that all ended alike, and for a score that is not finite.
///
/// ```
/// # use leadfold_core::metrics::{Fraction, Judged, auc};
/// let leads = [(10.0, false), (20.0, true), (20.0, false), (30.0, true)];
/// let leads = leads.map(|(score, is_won)| Judged { score, is_won });
/// // Of four pairs, three are in order and one is tied.
/// assert_eq!(auc(&leads)?, Fraction { num: 7, den: 8 });
/// # Ok::<(), leadfold_core::metrics::Unmeasured>(())
/// ```
pub fn auc(leads: &[Judged]) -> Result<Fraction, Unmeasured> {
    let sorted = ascending(finite(leads)?);
    let n_won = won(&sorted);
    let n_lost = sorted.len() as u64 - n_won;
    if n_won == 0 || n_lost == 0 {
        return Err(Unmeasured::OneClass { is_won: n_lost == 0 });
    }
    let (mut num, mut lost_below) = (0_u128, 0_u64);
    for tied in sorted.chunk_by(|a, b| a.score == b.score) {
        let won = won(tied);
        let lost = tied.len() as u64 - won;
        num += u128::from(won) * (2 * u128::from(lost_below) + u128::from(lost));
        lost_below += lost;
    }
    Ok(Fraction { num, den: 2 * u128::from(n_won) * u128::from(n_lost) })
}
