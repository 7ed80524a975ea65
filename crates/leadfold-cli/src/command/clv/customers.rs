//! The customers of a log, as the models of buying see them.

use std::collections::{BTreeMap, BTreeSet};

use leadfold_clv::{Counts, Day, History, Patterns, Purchases, Spend, Spends};
use leadfold_core::{Code, Currency, Lead, LeadIndex, SECOND, State, Timestamp};
use leadfold_store::{EventStore, block_on};

use crate::dimension::attribute;
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
    /// Where several leads are one customer: whose the first of them is.
    pub(super) accounts: BTreeMap<LeadIndex, String>,
}

impl Customers {
    /// `per` is an attribute that leads of one customer share; without it, each lead is one.
    pub(super) fn of(
        reading: &Reading,
        currency: Option<Currency>,
        per: Option<&str>,
    ) -> Result<Self, CliError> {
        let zone = reading.zone.zone();
        let ahead = |at: Timestamp| i64::from(zone.offset_seconds(at)) * SECOND;
        let currency = currency_of(reading, currency)?.ok_or_else(|| {
            CliError::Nothing(
                "no payment is recorded: expected `revenue_recorded` events, found none; \
                 --model historic also counts the amounts of won opportunities"
                    .into(),
            )
        })?;
        let mut accounts = Accounts::per(reading, per)?;
        let mut purchases = Purchases::default();
        for lead in reading.tables.leads().filter(|lead| lead.state() != State::Merged) {
            let customer = u64::from(accounts.customer(&lead).0);
            purchases.add_lead(customer, &lead, currency, ahead);
        }
        let instant = reading.instant();
        let end = Day::of(instant, ahead(instant));
        let histories = purchases.histories(end);
        let histories = histories.map(|(lead, history)| (LeadIndex(lead as u32), history));
        let histories = histories.collect();
        let accounts = accounts.names(reading)?;
        Ok(Self { currency, purchases, end, histories, accounts })
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

/// The leads that stand for accounts: the first of each.
struct Accounts {
    attribute: Option<Code>,
    firsts: BTreeMap<Code, LeadIndex>,
}

impl Accounts {
    fn per(reading: &Reading, word: Option<&str>) -> Result<Self, CliError> {
        let find =
            |word: &str| attribute(reading, word, word.strip_prefix("attr:").unwrap_or(word));
        Ok(Self { attribute: word.map(find).transpose()?, firsts: BTreeMap::new() })
    }

    /// The lead that stands for a lead's account; a lead without one stands for itself.
    fn customer(&mut self, lead: &Lead<'_>) -> LeadIndex {
        let account = self.attribute.map_or(Code::NONE, |attribute| lead.attribute(attribute));
        if account.is_some() {
            *self.firsts.entry(account).or_insert_with(|| lead.index())
        } else {
            lead.index()
        }
    }

    fn names(self, reading: &Reading) -> Result<BTreeMap<LeadIndex, String>, CliError> {
        let codes: Vec<Code> = self.firsts.keys().copied().collect();
        let names = block_on(reading.store.strings(&codes))?;
        Ok(self.firsts.into_values().zip(names).collect())
    }
}

/// The currency that is to be counted, by default that of all payments: money of several is not
/// added up. None where no payment is recorded.
pub(super) fn currency_of(
    reading: &Reading,
    given: Option<Currency>,
) -> Result<Option<Currency>, CliError> {
    let revenue = reading.tables.leads().flat_map(|lead| lead.revenue());
    let found: BTreeSet<Currency> = revenue.map(|row| row.currency).collect();
    let names: Vec<String> = found.iter().map(Currency::to_string).collect();
    let names = names.join(", ");
    match (given, found.first()) {
        (_, None) => Ok(None),
        (Some(given), _) if found.contains(&given) => Ok(Some(given)),
        (Some(given), _) => Err(CliError::Nothing(format!(
            "expected payments in {given}, found only {names}: choose one of these with --currency"
        ))),
        (None, Some(only)) if found.len() == 1 => Ok(Some(*only)),
        (None, _) => Err(CliError::Usage(format!(
            "expected payments in one currency, found {names}: choose one with --currency"
        ))),
    }
}
