//! Does a probability of 30 % come true three times in ten?

use serde::Serialize;

use super::{Judged, Unmeasured, ascending, mean, probable, won};
use crate::metrics::Rate;

/// More bins are refused.
const BINS_MAX: usize = 10_000;

/// Leads with like probabilities: what was said, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Lower end: of the bin, or by quantile the lowest probability in it.
    pub from: f64,
    /// Upper end: of the bin, or by quantile the highest probability in it.
    pub to: f64,
    /// The mean probability; none in an empty bin.
    pub mean: Option<f64>,
    /// Won, of all in the bin.
    pub won: Rate,
}

/// Bins of equal width, from 0 to 1: bin `i` of `n` holds `i / n <= p < (i + 1) / n`, the last one
/// 1 too. Empty bins are kept.
///
/// # Errors
/// [`Unmeasured`] for no leads, for a score that is no probability, and for 0 or more than 10,000
/// bins.
///
/// ```
/// # use leadfold_core::metrics::{Judged, Rate, calibration_by_width};
/// let leads = [(0.1, false), (0.5, true), (1.0, true)];
/// let leads = leads.map(|(score, is_won)| Judged { score, is_won });
/// let bins = calibration_by_width(&leads, 2)?;
/// assert_eq!((bins[0].to, bins[0].mean), (0.5, Some(0.1)));
/// assert_eq!((bins[1].won, bins[1].mean), (Rate { num: 2, den: 2 }, Some(0.75)));
/// # Ok::<(), leadfold_core::metrics::Unmeasured>(())
/// ```
pub fn calibration_by_width(
    leads: &[Judged],
    n_bins: usize,
) -> Result<Vec<CalibrationBin>, Unmeasured> {
    let sorted = ascending(probable(leads)?);
    check_bins(n_bins)?;
    let end = |bin: usize| bin as f64 / n_bins as f64;
    let start = |bin| sorted.partition_point(|lead| lead.score < end(bin));
    let bin = |at: usize| {
        let behind = if at + 1 == n_bins { sorted.len() } else { start(at + 1) };
        bin(end(at), end(at + 1), &sorted[start(at)..behind])
    };
    Ok((0..n_bins).map(bin).collect())
}

/// Bins of as many leads each as can be: a lead with `r` lower ones among `n` leads is in bin
/// `floor(r * bins / n)`, so that equal probabilities are never parted. Empty bins are left out.
///
/// # Errors
/// As [`calibration_by_width`].
///
/// ```
/// # use leadfold_core::metrics::{Judged, Rate, calibration_by_quantile};
/// let leads = [(0.1, false), (0.1, false), (0.2, true), (0.9, true)];
/// let leads = leads.map(|(score, is_won)| Judged { score, is_won });
/// let bins = calibration_by_quantile(&leads, 2)?;
/// assert_eq!((bins[0].from, bins[0].to, bins[0].won), (0.1, 0.1, Rate { num: 0, den: 2 }));
/// assert_eq!((bins[1].from, bins[1].to, bins[1].won), (0.2, 0.9, Rate { num: 2, den: 2 }));
/// # Ok::<(), leadfold_core::metrics::Unmeasured>(())
/// ```
pub fn calibration_by_quantile(
    leads: &[Judged],
    n_bins: usize,
) -> Result<Vec<CalibrationBin>, Unmeasured> {
    let sorted = ascending(probable(leads)?);
    check_bins(n_bins)?;
    let mut ranked: Vec<(usize, Judged)> = Vec::with_capacity(sorted.len());
    for tied in sorted.chunk_by(|a, b| a.score == b.score) {
        let at = ranked.len() as u128 * n_bins as u128 / sorted.len() as u128;
        ranked.extend(tied.iter().map(|lead| (at as usize, *lead)));
    }
    let bins = ranked.chunk_by(|a, b| a.0 == b.0);
    let leads = bins.map(|bin| bin.iter().map(|(_, lead)| *lead).collect::<Vec<Judged>>());
    Ok(leads.map(|leads| bin(leads[0].score, leads[leads.len() - 1].score, &leads)).collect())
}

fn check_bins(found: usize) -> Result<(), Unmeasured> {
    let fault = Unmeasured::Bins { max: BINS_MAX, found };
    if (1..=BINS_MAX).contains(&found) { Ok(()) } else { Err(fault) }
}

fn bin(from: f64, to: f64, leads: &[Judged]) -> CalibrationBin {
    let scores: Vec<f64> = leads.iter().map(|lead| lead.score).collect();
    CalibrationBin {
        from,
        to,
        mean: (!leads.is_empty()).then(|| mean(scores)),
        won: Rate { num: won(leads), den: leads.len() as u64 },
    }
}
