//! How much better the best are than all.

use super::{Fraction, Judged, Unmeasured, ascending, finite, won};

/// The lift at `k`: the share won among the `k` highest scores, over the share won among all,
/// `(won_k / k) / (won / n)`. 1 is what chance gets. Exact.
///
/// Where several leads tie for the last places, each counts in part: the lift is the mean over all
/// ways to break the tie.
///
/// # Errors
/// [`Unmeasured`] for no leads, for leads of which none was won, for a score that is not finite,
/// and for a `k` of 0 or of more leads than there are.
///
/// ```
/// # use leadfold_core::metrics::{Judged, lift};
/// let leads = [(9.0, true), (8.0, true), (2.0, false), (1.0, true), (1.0, false), (0.0, false)];
/// let leads = leads.map(|(score, is_won)| Judged { score, is_won });
/// assert_eq!(lift(&leads, 2)?.ratio(), Some(2.0));
/// // The third and a half of the tied two: 2.5 of 4, over 3 of 6.
/// assert_eq!(lift(&leads, 4)?.ratio(), Some(1.25));
/// # Ok::<(), leadfold_core::metrics::Unmeasured>(())
/// ```
pub fn lift(leads: &[Judged], k: usize) -> Result<Fraction, Unmeasured> {
    let sorted = ascending(finite(leads)?);
    let n = sorted.len();
    if k == 0 || k > n {
        return Err(Unmeasured::OutOfRange { found: k, n });
    }
    let n_won = won(&sorted);
    if n_won == 0 {
        return Err(Unmeasured::OneClass { is_won: false });
    }
    let last = sorted[n - k].score;
    let first_tied = sorted.partition_point(|lead| lead.score < last);
    let first_above = sorted.partition_point(|lead| lead.score <= last);
    let (tied, above) = (&sorted[first_tied..first_above], &sorted[first_above..]);
    let [n, k, n_tied, n_above] = [n, k, tied.len(), above.len()].map(|count| count as u128);
    let [won_all, won_tied, won_above] = [n_won, won(tied), won(above)].map(u128::from);
    let won_first = won_above * n_tied + (k - n_above) * won_tied;
    Ok(Fraction { num: won_first * n, den: n_tied * k * won_all })
}
