//! What the hand-offs were worth, and the score behind them (P25).

use super::{Matured, Trial};
use crate::metrics::{Fraction, Judged, Rate, Unmeasured, auc, lift};
use crate::scoring::Points;

/// What a playbook's hand-offs did to wins, over matured leads.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Effect {
    /// Won of all: the base rate.
    pub base: Rate,
    /// Won of those handed off.
    pub precision: Rate,
    /// Handed off of those won.
    pub recall: Rate,
    /// Precision over the base rate; 1 is what handing off by chance gets.
    pub lift: Fraction,
}

/// How well the order of the scores told who would be won. Points are no probabilities: Brier
/// score, log loss and calibration say nothing of them.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreQuality {
    /// How many leads were scored.
    pub leads: u64,
    /// The chance that a won lead had the higher score than one that was not won.
    pub auc: Result<Fraction, Unmeasured>,
    /// How many leads are the best tenth, rounded up.
    pub best: u64,
    /// The share won among the best tenth over the share won among all.
    pub lift_of_best: Result<Fraction, Unmeasured>,
}

impl Trial {
    /// What the hand-offs did to wins.
    pub fn effect(&self) -> Effect {
        let count = |is_meant: fn(&Matured) -> bool| {
            self.matured().filter(|lead| is_meant(lead)).count() as u64
        };
        let (all, won) = (count(|_| true), count(|lead| lead.is_won));
        let handed_off = count(|lead| lead.is_handed_off);
        let both = count(|lead| lead.is_won && lead.is_handed_off);
        Effect {
            base: Rate { num: won, den: all },
            precision: Rate { num: both, den: handed_off },
            recall: Rate { num: both, den: won },
            lift: Fraction {
                num: u128::from(both) * u128::from(all),
                den: u128::from(handed_off) * u128::from(won),
            },
        }
    }

    /// The matured leads with their scores as they were decided on, in points.
    pub fn judged(&self) -> Vec<Judged> {
        let judged = |lead: &Matured| {
            Some(Judged { score: lead.score.map(Points::to_f64)?, is_won: lead.is_won })
        };
        self.matured().filter_map(judged).collect()
    }

    /// How good the score was; none without a scoring model.
    pub fn score_quality(&self) -> Option<ScoreQuality> {
        if !self.is_scored {
            return None;
        }
        let judged = self.judged();
        let best = judged.len().div_ceil(10);
        Some(ScoreQuality {
            leads: judged.len() as u64,
            auc: auc(&judged),
            best: best as u64,
            lift_of_best: lift(&judged, best),
        })
    }
}
