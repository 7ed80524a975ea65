//! Score quality (P25): was the score worth listening to?
//!
//! The figures compare scores with what became of the leads. Two things are the caller's to see to.
//! Take **matured** leads only, whose outcome is final: an open lead is not lost. Take the score as
//! it stood **at the decision**: one from after the outcome knows it.
//!
//! Brier, log loss and calibration read the score as a probability; AUC and lift need its order
//! only, and take points too. Where a figure has no meaning it is an [`Unmeasured`] with the
//! reason. No figure depends on the order of the leads.

mod auc;
mod calibration;
mod fraction;
mod lift;
mod loss;

pub use self::auc::auc;
pub use self::calibration::{CalibrationBin, calibration_by_quantile, calibration_by_width};
pub use self::fraction::Fraction;
pub use self::lift::lift;
pub use self::loss::{brier, log_loss};

/// A lead whose outcome is known, with the score that it had when it was decided on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// A probability (0 to 1) or, where only the order counts, any finite number.
    pub score: f64,
    /// Whether it was won.
    pub is_won: bool,
}

/// Why a figure has no value.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unmeasured {
    /// There are no leads.
    #[error("expected at least one lead, found none; widen the period")]
    Empty,
    /// All leads ended alike.
    #[error(
        "expected won and lost leads, found only {} ones; widen the period",
        if *.is_won { "won" } else { "lost" }
    )]
    OneClass {
        /// How they ended.
        is_won: bool,
    },
    /// A score that is not a number, or infinite.
    #[error("expected finite scores, found {found} at index {index}; leave that lead out")]
    NotFinite {
        /// Which lead.
        index: usize,
        /// Its score.
        found: f64,
    },
    /// A score that is no probability.
    #[error(
        "expected probabilities from 0 to 1, found {found} at index {index}; points have to be \
         turned into probabilities first"
    )]
    NotProbability {
        /// Which lead.
        index: usize,
        /// Its score.
        found: f64,
    },
    /// A probability of 0 or 1. Being wrong once with it costs infinitely much, and it mostly means
    /// that the outcome was known when the score was taken.
    #[error(
        "expected probabilities above 0 and below 1, found {found} at index {index}; take the \
         score from before the outcome, or bound it"
    )]
    Certain {
        /// Which lead.
        index: usize,
        /// Its score.
        found: f64,
    },
    /// More, or fewer, than there are.
    #[error("expected the first 1 to {n} leads to be asked for, found {found}; ask for as many")]
    OutOfRange {
        /// How many were asked for.
        found: usize,
        /// How many there are.
        n: usize,
    },
    /// No bins.
    #[error("expected at least 1 bin and at most {max}, found {found}; ask for as many")]
    Bins {
        /// The most.
        max: usize,
        /// How many were asked for.
        found: usize,
    },
}

/// The leads, if there are any and each score passes.
fn checked(
    leads: &[Judged],
    fault: impl Fn(usize, f64) -> Option<Unmeasured>,
) -> Result<&[Judged], Unmeasured> {
    let faults = leads.iter().enumerate().find_map(|(index, lead)| fault(index, lead.score));
    match faults {
        Some(fault) => Err(fault),
        None if leads.is_empty() => Err(Unmeasured::Empty),
        None => Ok(leads),
    }
}

fn finite(leads: &[Judged]) -> Result<&[Judged], Unmeasured> {
    checked(leads, |index, found| {
        (!found.is_finite()).then_some(Unmeasured::NotFinite { index, found })
    })
}

fn probable(leads: &[Judged]) -> Result<&[Judged], Unmeasured> {
    checked(leads, |index, found| {
        (!(0.0..=1.0).contains(&found)).then_some(Unmeasured::NotProbability { index, found })
    })
}

/// The leads in ascending order of their scores. The two zeros stand side by side, and are equal.
fn ascending(leads: &[Judged]) -> Vec<Judged> {
    let mut sorted = leads.to_vec();
    sorted.sort_unstable_by(|a, b| a.score.total_cmp(&b.score));
    sorted
}

fn won(leads: &[Judged]) -> u64 {
    leads.iter().filter(|lead| lead.is_won).count() as u64
}

/// The mean of at least one number, the same for every order of them.
fn mean(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.iter().sum::<f64>() / numbers.len() as f64
}
