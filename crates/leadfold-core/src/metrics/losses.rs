//! Loss reasons (P29).

use std::collections::BTreeMap;

use super::split::{KeyPart, deal_key};
use super::{By, DurationStat, Period, stands_alone};
use crate::fact::Code;
use crate::tables::{Opportunity, Outcome, Tables};
use crate::{Currency, Money, State, Timestamp};

/// Lost opportunities of one reason, for one value of the split.
#[derive(Clone, Debug, PartialEq)]
pub struct LossRow {
    /// The values of the dimensions.
    pub key: Vec<KeyPart>,
    /// The reason; none is a row of its own.
    pub reason: Code,
    /// How many.
    pub count: u64,
    /// Their amounts as they were at the losses, by currency.
    pub amounts: Vec<Money>,
    /// The leads' states before the loss.
    pub states: Vec<(State, u64)>,
    /// Where the deals stood in their pipelines at the loss.
    pub stages: Vec<StageAtLoss>,
    /// From opening to loss; implied openings are left out.
    pub open_for: DurationStat,
}

/// Where some deals stood in a pipeline when they were lost. A deal of which the log names no
/// stage, or no pipeline, is counted under none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StageAtLoss {
    /// The pipeline.
    pub pipeline: Code,
    /// The stage.
    pub stage: Code,
    /// How many.
    pub count: u64,
}

#[derive(Default)]
struct Tally {
    count: u64,
    amounts: BTreeMap<Currency, i128>,
    states: BTreeMap<State, u64>,
    stages: BTreeMap<(Code, Code), u64>,
    open_for: Vec<i64>,
}

/// Opportunities that are lost now and were lost in the period, by the dimensions and by reason.
///
/// ```
/// use leadfold_core::metrics::{Period, losses};
/// use leadfold_core::Tables;
///
/// assert_eq!(losses(&Tables::default(), Period::default(), &[]), []);
/// ```
pub fn losses(tables: &Tables, period: Period, by: &[By]) -> Vec<LossRow> {
    let mut groups: BTreeMap<(Vec<KeyPart>, Code), Tally> = BTreeMap::new();
    for (lead, deal) in tables.rows.opportunities.iter() {
        let Some(lead) = tables.lead(lead).filter(stands_alone) else { continue };
        let lost_at = deal.closed_at().filter(|_| deal.outcome == Outcome::Lost);
        let Some(lost_at) = lost_at.filter(|at| period.contains(*at)) else { continue };
        let tally = groups.entry((deal_key(&lead, deal, by), deal.reason)).or_default();
        tally.add(deal, lost_at);
    }
    groups.into_iter().map(|((key, reason), tally)| tally.into_row(key, reason)).collect()
}

impl Tally {
    fn add(&mut self, deal: &Opportunity, lost_at: Timestamp) {
        self.count += 1;
        if let Some(amount) = deal.amount_at_loss() {
            *self.amounts.entry(deal.currency_at_loss()).or_default() += i128::from(amount);
        }
        if let Some(state) = deal.stage_at_loss {
            *self.states.entry(state).or_default() += 1;
        }
        // A change of stage after the loss breaks the rules; where it is applied, it counts here.
        *self.stages.entry((deal.pipeline, deal.stage)).or_default() += 1;
        if !deal.is_implied {
            self.open_for.push(lost_at.micros() - deal.opened_at.micros());
        }
    }

    fn into_row(mut self, key: Vec<KeyPart>, reason: Code) -> LossRow {
        let amounts = self.amounts.into_iter();
        let stages = self.stages.into_iter();
        LossRow {
            key,
            reason,
            count: self.count,
            amounts: amounts.map(|(currency, amount)| Money { currency, amount }).collect(),
            states: self.states.into_iter().collect(),
            stages: stages
                .map(|((pipeline, stage), count)| StageAtLoss { pipeline, stage, count })
                .collect(),
            open_for: DurationStat::of(&mut self.open_for),
        }
    }
}
