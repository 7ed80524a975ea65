//! The win rate (P10) of opportunities, by count and by amount.

use std::collections::BTreeMap;

use super::split::{KeyPart, deal_key};
use super::{By, DurationStat, Period, Rate, stands_alone};
use crate::tables::{Opportunity, Outcome, Tables};
use crate::{Currency, Money, State};

/// What to count.
#[derive(Clone, Debug, Default)]
pub struct WinRateQuery {
    /// Opportunities closed in this period (or opened in it, by cohort). One that was reopened
    /// counts with its last outcome.
    pub period: Period,
    /// Count by when they were opened: a cohort's rate.
    pub by_opening: bool,
    /// The dimensions of the rows.
    pub by: Vec<By>,
}

/// One row of win rates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WinRateRow {
    /// The values of the dimensions; empty for the total.
    pub key: Vec<KeyPart>,
    /// Won, of won and lost. Open ones are left out.
    pub rate: Rate,
    /// Won amounts, of won and lost amounts, by currency.
    pub amounts: Vec<AmountRate>,
    /// Opportunities that are open now, whatever the period.
    pub open: u64,
    /// From opening to winning; implied openings are left out.
    pub won_after: DurationStat,
    /// From opening to losing.
    pub lost_after: DurationStat,
}

/// Won of closed by amount, in one currency.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AmountRate {
    /// The currency.
    pub currency: Currency,
    /// Sum of the won amounts, minor units, as they are now.
    pub won: i128,
    /// Sum of the lost amounts, as they were at the losses.
    pub lost: i128,
    /// How many were lost in this currency, or without any amount.
    pub n_lost: u64,
}

impl AmountRate {
    /// Won over closed, `None` without amounts. Where deals were lost and all of them carried 0,
    /// the rate would always be 1 and say nothing: `None` too.
    pub fn ratio(&self) -> Option<f64> {
        let closed = self.won + self.lost;
        let is_blind = self.n_lost > 0 && self.lost == 0;
        (closed > 0 && !is_blind).then(|| self.won as f64 / closed as f64)
    }

    /// The won amount as money.
    pub fn won(&self) -> Money {
        Money { currency: self.currency, amount: self.won }
    }
}

#[derive(Default)]
struct Tally {
    won: u64,
    lost: u64,
    open: u64,
    amounts: BTreeMap<Currency, (i128, i128, u64)>,
    lost_without_amount: u64,
    won_after: Vec<i64>,
    lost_after: Vec<i64>,
}

/// Win rates. The first row is the total.
///
/// ```
#[doc = include_str!("../../doc/log.rs.txt")]
/// use leadfold_core::metrics::{Rate, WinRateQuery, win_rate};
///
/// let rows = win_rate(tables, &WinRateQuery::default());
/// assert_eq!(rows[0].rate, Rate { num: 1, den: 1 });
/// assert_eq!(rows[0].won_after.p50_s, Some(10.0 * 86_400.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn win_rate(tables: &Tables, query: &WinRateQuery) -> Vec<WinRateRow> {
    let mut groups: BTreeMap<Vec<KeyPart>, Tally> = BTreeMap::new();
    groups.entry(Vec::new()).or_default();
    for (lead, deal) in tables.rows.opportunities.iter() {
        let Some(lead) = tables.lead(lead).filter(stands_alone) else { continue };
        if lead.state() == State::Erased && deal.closed_at().is_none() {
            continue;
        }
        groups.entry(Vec::new()).or_default().add(deal, query);
        if !query.by.is_empty() {
            groups.entry(deal_key(&lead, deal, &query.by)).or_default().add(deal, query);
        }
    }
    groups.into_iter().map(|(key, tally)| tally.into_row(key)).collect()
}

impl Tally {
    fn add(&mut self, deal: &Opportunity, query: &WinRateQuery) {
        let Some(closed_at) = deal.closed_at() else {
            self.open += 1;
            return;
        };
        let counted = if query.by_opening { deal.opened_at } else { closed_at };
        if !query.period.contains(counted) {
            return;
        }
        let lasted = closed_at.micros() - deal.opened_at.micros();
        let lasted = (!deal.is_implied).then_some(lasted);
        let is_won = deal.outcome == Outcome::Won;
        if is_won {
            self.won += 1;
            self.won_after.extend(lasted);
        } else {
            self.lost += 1;
            self.lost_after.extend(lasted);
        }
        self.add_amount(deal, is_won);
    }

    fn add_amount(&mut self, deal: &Opportunity, is_won: bool) {
        let (amount, currency) = if is_won {
            (deal.amount, deal.currency())
        } else {
            (deal.amount_at_loss(), deal.currency_at_loss())
        };
        let Some(amount) = amount.map(i128::from) else {
            self.lost_without_amount += u64::from(!is_won);
            return;
        };
        let (won, lost, n_lost) = self.amounts.entry(currency).or_default();
        if is_won {
            *won += amount;
        } else {
            *lost += amount;
            *n_lost += 1;
        }
    }

    fn into_row(mut self, key: Vec<KeyPart>) -> WinRateRow {
        let amounts = self.amounts.into_iter().map(|(currency, (won, lost, n_lost))| AmountRate {
            currency,
            won,
            lost,
            n_lost: n_lost + self.lost_without_amount,
        });
        WinRateRow {
            key,
            rate: Rate { num: self.won, den: self.won + self.lost },
            amounts: amounts.collect(),
            open: self.open,
            won_after: DurationStat::of(&mut self.won_after),
            lost_after: DurationStat::of(&mut self.lost_after),
        }
    }
}
