//! The customers of a log, as the models of buying see them.

use std::collections::BTreeSet;

use leadfold_clv::{Counts, Day, History, Patterns, Purchases, Spend, Spends};
use leadfold_core::{Currency, LeadIndex, SECOND, State, Timestamp};

use crate::error::CliError;
use crate::reading::Reading;

/// Models count in weeks.
pub(super) const WEEK: f64 = 7.0;

/// Customers with recorded payments in one currency, at the end of the as-of's day.
pub(super) struct Customers {
    pub(super) currency: Currency,
    pub(super) purchases: Purchases,
    pub(super) end: Day,
    pub(super) histories: Vec<(LeadIndex, History)>,
}

impl Customers {
    pub(super) fn of(reading: &Reading, currency: Option<Currency>) -> Result<Self, CliError> {
        let zone = reading.zone.zone();
        let ahead = |at: Timestamp| i64::from(zone.offset_seconds(at)) * SECOND;
        let currency = currency_of(reading, currency)?;
        let leads = || reading.tables.leads().filter(|lead| lead.state() != State::Merged);
        let mut purchases = Purchases::default();
        purchases.add_leads(leads(), currency, ahead);
        let instant = reading.instant();
        let end = Day::of(instant, ahead(instant));
        let histories = purchases.histories(end);
        let histories = histories.map(|(lead, history)| (LeadIndex(lead as u32), history));
        let histories = histories.collect();
        Ok(Self { currency, purchases, end, histories })
    }

    /// What the models see at the end of a day.
    pub(super) fn patterns(&self, end: Day) -> Result<Patterns, CliError> {
        let counts: Counts = self.purchases.histories(end).map(|(_, history)| history).collect();
        counts.patterns(end, WEEK).map_err(|bad| CliError::Nothing(bad.to_string()))
    }

    /// What those spent who bought again and paid for it, in minor units.
    pub(super) fn spends(&self) -> Result<Spends, CliError> {
        let paid = self.histories.iter().filter(|(_, h)| h.x > 0 && h.spend > 0);
        let paid = paid.map(|(_, h)| Spend { x: h.x, total: h.spend as f64, customers: 1 });
        Spends::new(paid).map_err(|bad| CliError::Nothing(bad.to_string()))
    }

    pub(super) fn repeaters(&self) -> u64 {
        self.histories.iter().filter(|(_, history)| history.x > 0).count() as u64
    }
}

/// The currency that is to be counted, by default that of all payments: money of several is not
/// added up.
fn currency_of(reading: &Reading, given: Option<Currency>) -> Result<Currency, CliError> {
    let revenue = reading.tables.leads().flat_map(|lead| lead.revenue());
    let found: BTreeSet<Currency> = revenue.map(|row| row.currency).collect();
    let names: Vec<String> = found.iter().map(Currency::to_string).collect();
    let names = names.join(", ");
    match (given, found.first()) {
        (_, None) => Err(CliError::Nothing(
            "no payment is recorded: expected `revenue_recorded` events, found none; \
             --model historic also counts the amounts of won opportunities"
                .into(),
        )),
        (Some(given), _) if found.contains(&given) => Ok(given),
        (Some(given), _) => Err(CliError::Nothing(format!(
            "expected payments in {given}, found only {names}: choose one of these with --currency"
        ))),
        (None, Some(only)) if found.len() == 1 => Ok(*only),
        (None, _) => Err(CliError::Usage(format!(
            "expected payments in one currency, found {names}: choose one with --currency"
        ))),
    }
}
