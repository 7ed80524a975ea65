//! The weighted pipeline (P12): what open opportunities are to be expected to bring.
//!
//! An opportunity counts with its amount times the probability that it is won: its own, where the
//! log states one, else the win rate of its stage. The tables have neither the probabilities nor
//! the stages that an opportunity has been through, so an observer notes them ([`DealTrail`]).

mod trail;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use self::trail::DealTrail;
use self::trail::LeadTrail;
use super::split::{KeyPart, deal_key};
use super::{By, Rate, stands_alone};
use crate::tables::{Opportunity, Outcome, Tables};
use crate::{Code, Currency, Lead, State};

/// Where the probability of an opportunity is from.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbabilityOrigin {
    /// The last that the log states of it.
    Own,
    /// The win rate of its stage: of all closed opportunities that were ever there.
    StageHistory,
    /// There is none: nothing is stated, and nothing that was ever in its stage is closed.
    Unknown,
}

/// Open opportunities whose probabilities are from one place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PipelinePart {
    /// Where the probabilities are from.
    pub origin: ProbabilityOrigin,
    /// How many opportunities, those without an amount included.
    pub count: u64,
    /// Of these, how many have no amount.
    pub without_amount: u64,
    /// Their amounts by currency.
    pub amounts: Vec<PipelineAmount>,
}

/// Amounts of open opportunities in one currency, minor units.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct PipelineAmount {
    /// The currency.
    pub currency: Currency,
    /// Sum of the amounts.
    pub amount: i128,
    /// Sum of the amounts times probability, each rounded to a whole minor unit (halves up);
    /// none where the probabilities are unknown.
    pub expected: Option<i128>,
}

/// The weighted pipeline of one key.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PipelineRow {
    /// The values of the dimensions; empty for the total.
    pub key: Vec<KeyPart>,
    /// Open opportunities.
    pub open: u64,
    /// By where the probabilities are from; without empty parts.
    pub parts: Vec<PipelinePart>,
}

impl PipelineRow {
    /// Amounts and expected amounts of all parts by currency. What has no probability is in the
    /// amounts and adds nothing to what is expected.
    pub fn amounts(&self) -> Vec<PipelineAmount> {
        let mut sums: BTreeMap<Currency, (i128, Option<i128>)> = BTreeMap::new();
        for found in self.parts.iter().flat_map(|part| &part.amounts) {
            let (amount, expected) = sums.entry(found.currency).or_default();
            *amount += found.amount;
            *expected = found.expected.map_or(*expected, |add| Some(add + expected.unwrap_or(0)));
        }
        let list = sums.into_iter();
        let amount = |(currency, (amount, expected))| PipelineAmount { currency, amount, expected };
        list.map(amount).collect()
    }
}

/// Open opportunities, weighted. The first row is the total. Those of an erased lead are not among
/// them: nothing can close them any more.
///
/// ```
/// use leadfold_core::metrics::{DealTrail, pipeline};
/// use leadfold_core::Tables;
///
/// let rows = pipeline(&Tables::default(), &DealTrail::default(), &[]);
/// assert_eq!((rows.len(), rows[0].open, rows[0].amounts().len()), (1, 0, 0));
/// ```
pub fn pipeline(tables: &Tables, trail: &DealTrail, by: &[By]) -> Vec<PipelineRow> {
    let rates = stage_win_rates(tables, trail);
    let mut rows: BTreeMap<Vec<KeyPart>, Tally> = BTreeMap::new();
    rows.entry(Vec::new()).or_default();
    let can_close = |lead: &Lead<'_>| stands_alone(lead) && lead.state() != State::Erased;
    for lead in tables.leads().filter(can_close) {
        let trail = trail.of_lead(lead.index());
        let deals = lead.opportunities().into_iter();
        for deal in deals.filter(|deal| deal.outcome == Outcome::Open) {
            let chance = Chance::of(&deal, &trail, &rates);
            rows.entry(Vec::new()).or_default().add(&deal, chance);
            if !by.is_empty() {
                rows.entry(deal_key(&lead, &deal, by)).or_default().add(&deal, chance);
            }
        }
    }
    rows.into_iter().map(|(key, tally)| tally.into_row(key)).collect()
}

/// A stage with its pipeline, which may be none.
type Stage = (Code, Code);

/// Won of closed, by stage that the opportunities were ever in. One that was in a stage twice, or
/// was closed twice, counts once, with its last outcome.
fn stage_win_rates(tables: &Tables, trail: &DealTrail) -> BTreeMap<Stage, Rate> {
    let mut rates: BTreeMap<Stage, Rate> = BTreeMap::new();
    for lead in tables.leads().filter(stands_alone) {
        let trail = trail.of_lead(lead.index());
        let deals = lead.opportunities().into_iter();
        for deal in deals.filter(|deal| deal.outcome != Outcome::Open) {
            for stage in trail.stages(&deal).collect::<BTreeSet<Stage>>() {
                let rate = rates.entry(stage).or_default();
                rate.num += u64::from(deal.outcome == Outcome::Won);
                rate.den += 1;
            }
        }
    }
    rates
}

/// The probability that an opportunity is won.
#[derive(Clone, Copy, Debug)]
enum Chance {
    Own(f64),
    OfStage(Rate),
    Unknown,
}

impl Chance {
    fn of(deal: &Opportunity, trail: &LeadTrail, rates: &BTreeMap<Stage, Rate>) -> Self {
        if let Some(own) = trail.probability(deal) {
            return Self::Own(own);
        }
        // Without a stage it is unknown where it stands: no rate is that of no stage.
        let rate = rates.get(&(deal.pipeline, deal.stage));
        rate.map_or(Self::Unknown, |rate| Self::OfStage(*rate))
    }

    fn origin(self) -> ProbabilityOrigin {
        match self {
            Self::Own(_) => ProbabilityOrigin::Own,
            Self::OfStage(_) => ProbabilityOrigin::StageHistory,
            Self::Unknown => ProbabilityOrigin::Unknown,
        }
    }

    /// Rounded once an opportunity, so that sums do not depend on an order.
    fn expected(self, amount: i64) -> Option<i128> {
        match self {
            Self::Own(p) => Some(times(amount, p)),
            Self::OfStage(Rate { num, den }) => {
                let (num, den) = (i128::from(num), i128::from(den));
                Some((2 * i128::from(amount) * num + den) / (2 * den))
            }
            Self::Unknown => None,
        }
    }
}

/// An amount times a share from 0 to 1, as a decimal number: the shortest one that reads as the
/// share, which is what a log has. Halves go up, and no amount is too large to be exact.
fn times(amount: i64, share: f64) -> i128 {
    let text = format!("{share:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let numerator: i128 = format!("{whole}{part}").parse().unwrap_or(0);
    let places = part.len() as i32 - exponent.parse::<i32>().unwrap_or(0);
    // Seventeen digits times an amount are below half of what has more places.
    let denominator = u32::try_from(places).ok().and_then(|places| 10_i128.checked_pow(places));
    denominator.map_or(0, |all| (i128::from(amount) * numerator + all / 2) / all)
}

#[cfg(test)]
mod tests {
    use super::times;

    #[test]
    fn a_share_is_the_decimal_number_that_the_log_has() {
        for (amount, share, expected) in [
            (100, 0.145, 15),
            (5, 0.3, 2),
            (200, 0.5025, 101),
            (150, 0.35, 53),
            (7, 0.0, 0),
            (7, 1.0, 7),
            (i64::MAX, 1.0, i128::from(i64::MAX)),
            (9_007_199_254_740_993, 1.0, 9_007_199_254_740_993),
            (i64::MAX, 0.1, 922_337_203_685_477_581),
            (i64::MAX, 5e-324, 0),
            (i64::MAX, 1e-19, 1),
            (i64::MAX, 1e-20, 0),
        ] {
            assert_eq!(times(amount, share), expected, "{amount} times {share}");
        }
    }
}

#[derive(Default)]
struct Tally(BTreeMap<ProbabilityOrigin, Part>);

#[derive(Default)]
struct Part {
    count: u64,
    without_amount: u64,
    amounts: BTreeMap<Currency, (i128, Option<i128>)>,
}

impl Tally {
    fn add(&mut self, deal: &Opportunity, chance: Chance) {
        let part = self.0.entry(chance.origin()).or_default();
        part.count += 1;
        let Some(amount) = deal.amount else {
            part.without_amount += 1;
            return;
        };
        let (sum, expected) = part.amounts.entry(deal.currency()).or_default();
        *sum += i128::from(amount);
        *expected = chance.expected(amount).map(|add| add + expected.unwrap_or(0));
    }

    fn into_row(self, key: Vec<KeyPart>) -> PipelineRow {
        let open = self.0.values().map(|part| part.count).sum();
        let parts = self.0.into_iter().map(|(origin, part)| part.into_part(origin)).collect();
        PipelineRow { key, open, parts }
    }
}

impl Part {
    fn into_part(self, origin: ProbabilityOrigin) -> PipelinePart {
        let Self { count, without_amount, amounts } = self;
        let list = amounts.into_iter();
        let amount = |(currency, (amount, expected))| PipelineAmount { currency, amount, expected };
        PipelinePart { origin, count, without_amount, amounts: list.map(amount).collect() }
    }
}
