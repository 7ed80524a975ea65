//! The probabilities that a log states for its deals, held against their outcomes (P25).

use std::collections::BTreeMap;

use super::trace::{Stated, Trace};
use crate::metrics::{CalibrationBin, Judged, Unmeasured, brier, calibration_by_width, log_loss};
use crate::{Code, Lead, Opportunity, Outcome};

/// Bins of the calibration, each a tenth wide.
const BINS: usize = 10;

/// How true the stated probabilities were, over the closed deals of leads that stand for
/// themselves.
///
/// Of each deal the last probability counts that was stated at or after its opening and before
/// the instant of its outcome. One of 0 or 1 says how the deal came out, and is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedQuality {
    /// Closed deals.
    pub closed: u64,
    /// Those with a probability.
    pub stated: u64,
    /// Those whose probability is 0 or 1.
    pub certain: u64,
    /// The Brier score of the stated ones.
    pub brier: Result<f64, Unmeasured>,
    /// The log loss of the stated ones, nats.
    pub log_loss: Result<f64, Unmeasured>,
    /// What was said and what came true, in bins of a tenth.
    pub calibration: Result<Vec<CalibrationBin>, Unmeasured>,
}

impl StatedQuality {
    pub(super) fn of<'a>(leads: impl Iterator<Item = Lead<'a>>, trace: &Trace) -> Self {
        let (mut closed, mut certain, mut judged) = (0, 0, Vec::new());
        for lead in leads {
            let stated = by_deal(trace.stated(lead.index()));
            let deals = lead.opportunities().into_iter();
            for deal in deals.filter(|deal| deal.outcome != Outcome::Open) {
                closed += 1;
                match stated_of(&deal, &stated) {
                    Some(score) if score == 0.0 || score == 1.0 => certain += 1,
                    Some(score) => {
                        judged.push(Judged { score, is_won: deal.outcome == Outcome::Won });
                    }
                    None => {}
                }
            }
        }
        Self {
            closed,
            stated: judged.len() as u64,
            certain,
            brier: brier(&judged),
            log_loss: log_loss(&judged),
            calibration: calibration_by_width(&judged, BINS),
        }
    }
}

fn by_deal(stated: Vec<Stated>) -> BTreeMap<Code, Vec<Stated>> {
    let mut by_deal: BTreeMap<Code, Vec<Stated>> = BTreeMap::new();
    for row in stated {
        by_deal.entry(row.deal).or_default().push(row);
    }
    by_deal
}

/// The last probability that was stated while the deal was open.
fn stated_of(deal: &Opportunity, stated: &BTreeMap<Code, Vec<Stated>>) -> Option<f64> {
    let (opened, closed) = (deal.opened_at.micros(), deal.closed_at()?.micros());
    let rows = stated.get(&deal.key)?;
    let last = rows[..rows.partition_point(|row| row.at < closed)].last()?;
    (last.at >= opened).then_some(last.probability)
}
