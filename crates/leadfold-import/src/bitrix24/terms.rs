//! Amount, expected close and probability of a deal, as its records have them now.

use leadfold_core::Currency;
use serde_json::{Map, Value};

use super::{record::Latest, row::Row};
use crate::{
    StatusMap,
    crm::{at::At, error::CrmFault},
};

/// The terms of a deal, each as the record that was modified last has it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Terms {
    amount: Option<Latest<Amount>>,
    close: Option<Latest<At>>,
    percent: Option<Latest<u8>>,
}

/// Minor units, and of what.
type Amount = (i64, Option<Currency>);

impl Terms {
    pub(super) fn of(row: &Row, map: &StatusMap) -> Result<Self, CrmFault> {
        let modified = row.time("DATE_MODIFY")?;
        let currency = row.currency(map.currency)?;
        let amount = row.amount(currency)?;
        let percent = row.code("PROBABILITY")?.and_then(|text| text.parse().ok());
        Ok(Self {
            amount: amount.map(|amount| (modified, (amount, currency))),
            close: row.time("CLOSEDATE")?.map(|close| (modified, close)),
            percent: percent.filter(|percent| *percent <= 100).map(|percent| (modified, percent)),
        })
    }

    /// Takes in what another record of the deal says.
    pub(super) fn merge(&mut self, other: &Self) {
        self.amount = self.amount.max(other.amount);
        self.close = self.close.max(other.close);
        self.percent = self.percent.max(other.percent);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.amount.is_none() && self.close.is_none() && self.percent.is_none()
    }

    /// Tells them from what another page says, and from the same terms at another time.
    pub(super) fn name(&self) -> String {
        let mut name = String::from("terms");
        let times = [
            self.amount.and_then(|(at, _)| at),
            self.close.and_then(|(at, _)| at),
            self.percent.and_then(|(at, _)| at),
        ];
        if let Some(modified) = times.into_iter().flatten().max() {
            name.push_str(&format!(":{}", modified.seconds()));
        }
        if let Some((_, (amount, currency))) = self.amount {
            let currency = currency.map_or_else(String::new, |currency| currency.to_string());
            name.push_str(&format!(":{amount}{currency}"));
        }
        if let Some((_, close)) = self.close {
            name.push_str(&format!(":{}", close.seconds()));
        }
        if let Some((_, percent)) = self.percent {
            name.push_str(&format!(":{percent}%"));
        }
        name
    }

    /// What `opportunity_amended` says of a deal.
    pub(super) fn data(&self, id: u64) -> Value {
        let mut data = Map::new();
        if let Some((_, (amount, currency))) = self.amount {
            data.insert("amount".into(), amount.into());
            if let Some(currency) = currency {
                data.insert("currency".into(), currency.to_string().into());
            }
        }
        if let Some((_, close)) = self.close {
            data.insert("expected_close".into(), close.text().into());
        }
        if let Some((_, percent)) = self.percent {
            data.insert("probability".into(), (f64::from(percent) / 100.0).into());
        }
        data.insert("opportunity".into(), id.to_string().into());
        data.into()
    }
}
