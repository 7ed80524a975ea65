//! What a lead paid and got back, as one list.

use crate::metrics::RevenueBasis;
use crate::tables::{Opportunity, Outcome, Revenue};
use crate::{Currency, Lead, Timestamp};

/// Money from a customer; below 0, back to one.
pub(super) struct Receipt {
    pub(super) at: Timestamp,
    pub(super) currency: Currency,
    pub(super) amount: i128,
    pub(super) margin: Option<i128>,
}

/// What counts of a lead's money.
pub(super) fn receipts(lead: &Lead<'_>, basis: RevenueBasis) -> Vec<Receipt> {
    let recorded = lead.revenue();
    let is_recorded = match basis {
        RevenueBasis::RecordedElseWon => !recorded.is_empty(),
        RevenueBasis::Recorded => true,
        RevenueBasis::Won => false,
    };
    if is_recorded {
        return recorded.iter().map(Receipt::of_payment).collect();
    }
    lead.opportunities().iter().filter_map(Receipt::of_win).collect()
}

impl Receipt {
    fn of_payment(row: &Revenue) -> Self {
        let sign = if row.is_refund { -1 } else { 1 };
        Self {
            at: row.at,
            currency: row.currency,
            amount: sign * i128::from(row.amount),
            margin: row.margin.map(|margin| sign * i128::from(margin)),
        }
    }

    fn of_win(deal: &Opportunity) -> Option<Self> {
        let won_at = deal.closed_at().filter(|_| deal.outcome == Outcome::Won)?;
        let amount = i128::from(deal.amount?);
        Some(Self { at: won_at, currency: deal.currency(), amount, margin: None })
    }
}
