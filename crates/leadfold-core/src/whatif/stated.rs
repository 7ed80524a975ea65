//! The probabilities that a log states for its deals, held against their outcomes (P25).

use std::collections::BTreeMap;

use super::trace::{Stated, Trace};
use crate::metrics::{CalibrationBin, Judged, Unmeasured, brier, calibration_by_width, log_loss};
use crate::{Code, Lead, Opportunity, Outcome, Timestamp};

/// Bins of the calibration, each a tenth wide.
const BINS: usize = 10;

/// How true the stated probabilities were, over the closed deals of leads that stand for
/// themselves.
///
/// Of each deal the last probability counts that was stated at or after its opening and before
/// the instant of its outcome. One of 0 or 1 says how the deal came out, and is left out. A number
/// outside them is no probability, and states none.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedQuality {
    /// Closed deals.
    pub closed: u64,
    /// Those with a probability.
    pub stated: u64,
    /// Those whose probability is 0 or 1.
    pub certain: u64,
    /// Those whose last number is no probability: percents, perhaps.
    pub outside: u64,
    /// The Brier score of the stated ones.
    pub brier: Result<f64, Unmeasured>,
    /// The log loss of the stated ones, nats.
    pub log_loss: Result<f64, Unmeasured>,
    /// What was said and what came true, in bins of a tenth.
    pub calibration: Result<Vec<CalibrationBin>, Unmeasured>,
}

impl StatedQuality {
    pub(super) fn of<'a>(leads: impl Iterator<Item = Lead<'a>>, trace: &Trace) -> Self {
        let (mut closed, mut certain, mut outside, mut judged) = (0, 0, 0, Vec::new());
        for lead in leads {
            let stated = by_deal(trace.stated(lead.index()));
            let deals = lead.opportunities().into_iter();
            for deal in deals.filter(|deal| deal.outcome != Outcome::Open) {
                closed += 1;
                let rows = stated_of(&deal, &stated);
                outside += u64::from(rows.last().is_some_and(|row| !is_probability(row)));
                match rows.iter().rfind(|row| is_probability(row)).map(|row| row.probability) {
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
            outside,
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

/// What was stated while the deal was open.
fn stated_of<'s>(deal: &Opportunity, stated: &'s BTreeMap<Code, Vec<Stated>>) -> &'s [Stated] {
    let rows = stated.get(&deal.key).map_or(&[][..], Vec::as_slice);
    let (opened, closed) = (deal.opened_at, deal.closed_at().unwrap_or(deal.opened_at));
    let at = |end: Timestamp| rows.partition_point(|row| row.at < end.micros());
    &rows[at(opened)..at(closed).max(at(opened))]
}

fn is_probability(row: &Stated) -> bool {
    (0.0..=1.0).contains(&row.probability)
}
