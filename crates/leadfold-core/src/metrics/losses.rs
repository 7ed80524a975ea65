//! Loss reasons (P29).

use std::collections::BTreeMap;

use super::split::{KeyPart, deal_key};
use super::{By, DurationStat, Period, stands_alone};
use crate::fact::Code;
use crate::tables::{Outcome, Tables};
use crate::{Currency, Money, State};

/// Lost opportunities of one reason, for one value of the split.
#[derive(Clone, Debug, PartialEq)]
pub struct LossRow {
    /// The values of the dimensions.
    pub key: Vec<KeyPart>,
    /// The reason; none is a row of its own.
    pub reason: Code,
    /// How many.
    pub count: u64,
    /// Their amounts as they stood, by currency.
    pub amounts: Vec<Money>,
    /// The leads' states before the loss.
    pub stages: Vec<(State, u64)>,
    /// From opening to loss; implied openings are left out.
    pub open_for: DurationStat,
}

#[derive(Default)]
struct Tally {
    count: u64,
    amounts: BTreeMap<Currency, i128>,
    stages: BTreeMap<State, u64>,
    open_for: Vec<i64>,
}

/// Opportunities lost in the period, by the dimensions and by reason.
pub fn losses(tables: &Tables, period: Period, by: &[By]) -> Vec<LossRow> {
    let mut groups: BTreeMap<(Vec<KeyPart>, Code), Tally> = BTreeMap::new();
    for (lead, deal) in tables.opportunities.iter() {
        let Some(lead) = tables.lead(lead).filter(stands_alone) else { continue };
        let lost_at = deal.closed_at.filter(|_| deal.outcome == Outcome::Lost);
        let Some(lost_at) = lost_at.filter(|at| period.contains(*at)) else { continue };
        let tally = groups.entry((deal_key(&lead, deal, by), deal.reason)).or_default();
        tally.count += 1;
        if let Some(amount) = deal.amount {
            *tally.amounts.entry(deal.currency()).or_default() += i128::from(amount);
        }
        if let Some(state) = deal.stage_at_loss {
            *tally.stages.entry(state).or_default() += 1;
        }
        if !deal.is_implied {
            tally.open_for.push(lost_at.micros() - deal.opened_at.micros());
        }
    }
    groups.into_iter().map(|((key, reason), tally)| tally.into_row(key, reason)).collect()
}

impl Tally {
    fn into_row(mut self, key: Vec<KeyPart>, reason: Code) -> LossRow {
        let amounts = self.amounts.into_iter();
        LossRow {
            key,
            reason,
            count: self.count,
            amounts: amounts.map(|(currency, amount)| Money { currency, amount }).collect(),
            stages: self.stages.into_iter().collect(),
            open_for: DurationStat::of(&mut self.open_for),
        }
    }
}
