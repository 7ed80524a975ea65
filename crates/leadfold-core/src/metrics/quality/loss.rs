//! What a probability costs when it is held against the outcome.

use super::{Judged, Unmeasured, checked, mean, probable};

/// The Brier score: the mean of `(p - y)^2`, with `y` 1 for won and 0 for lost. 0 is perfect; 0.25
/// is what always saying one half gets (G. W. Brier, 1950).
///
/// # Errors
/// [`Unmeasured`] for no leads, and for a score that is no probability. Leads that all ended alike
/// have a Brier score.
///
/// ```
/// # use leadfold_core::metrics::{Judged, brier};
/// let leads = [Judged { score: 0.5, is_won: true }, Judged { score: 0.25, is_won: false }];
/// assert_eq!(brier(&leads)?, (0.25 + 0.0625) / 2.0);
/// # Ok::<(), leadfold_core::metrics::Unmeasured>(())
/// ```
pub fn brier(leads: &[Judged]) -> Result<f64, Unmeasured> {
    let miss = |lead: &Judged| lead.score - f64::from(u8::from(lead.is_won));
    Ok(mean(probable(leads)?.iter().map(|lead| miss(lead) * miss(lead)).collect()))
}

/// The log loss: the mean of `-ln(p)` over won and `-ln(1 - p)` over lost leads, in nats. 0 would
/// be perfect; `ln 2`, some 0.693, is what always saying one half gets.
///
/// # Errors
/// [`Unmeasured`] for no leads, for a score that is no probability, and for one of 0 or 1, even
/// where that was right: the loss is never infinite.
///
/// ```
/// # use leadfold_core::metrics::{Judged, Unmeasured, log_loss};
/// let half = [Judged { score: 0.5, is_won: true }];
/// assert_eq!(log_loss(&half)?, std::f64::consts::LN_2);
/// let sure = [Judged { score: 1.0, is_won: true }];
/// assert_eq!(log_loss(&sure), Err(Unmeasured::Certain { index: 0, found: 1.0 }));
/// # Ok::<(), Unmeasured>(())
/// ```
pub fn log_loss(leads: &[Judged]) -> Result<f64, Unmeasured> {
    let leads = checked(probable(leads)?, |index, found| {
        (found == 0.0 || found == 1.0).then_some(Unmeasured::Certain { index, found })
    })?;
    // ln_1p keeps what a small p is worth.
    let loss = |lead: &Judged| {
        if lead.is_won { -lead.score.ln() } else { -(-lead.score).ln_1p() }
    };
    Ok(mean(leads.iter().map(loss).collect()))
}
