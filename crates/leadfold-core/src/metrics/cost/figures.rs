//! The figures of one currency: what a lead of each stage cost, and whether it paid.

use serde::Serialize;

use super::{CostForm, CostRow};
use crate::Currency;

/// Money of one currency in whole minor units.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Sums {
    pub(super) cost: Option<i128>,
    pub(super) revenue: i128,
    pub(super) margin: Option<i128>,
}

/// What was spent and earned in one currency, minor units. What has nothing to be divided by is
/// absent, and so is all that needs a cost where none is recorded in this currency.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CostFigures {
    /// The currency.
    pub currency: Currency,
    /// What was spent; none where no cost is recorded.
    pub cost: Option<i128>,
    /// What was earned, less refunds.
    pub revenue: i128,
    /// The margin of the payments that give one, less that of the refunds that give one; none
    /// where none does.
    pub margin: Option<i128>,
    /// Cost a lead captured.
    pub cost_per_inquiry: Option<f64>,
    /// Cost a lead that reached mql.
    pub cost_per_mql: Option<f64>,
    /// Cost a lead that reached accepted.
    pub cost_per_sal: Option<f64>,
    /// Cost a lead that reached sql.
    pub cost_per_sql: Option<f64>,
    /// Cost a lead won.
    pub cost_per_won: Option<f64>,
    /// Cost a new customer: what acquiring one costs. Recorded costs only: fully loaded if those
    /// are.
    pub cac: Option<f64>,
    /// Programme cost share: cost over revenue.
    pub cost_share: Option<f64>,
    /// What came back, by revenue.
    pub by_revenue: Returns,
    /// What came back, by margin; none where no payment gives one.
    pub by_margin: Option<Returns>,
}

/// Whether the costs paid, by one measure of what came back (revenue or margin).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Returns {
    /// Return on investment: (back - cost) / cost.
    pub roi: Option<f64>,
    /// What a customer brought so far, over what acquiring one cost. Cohort form only: in a period
    /// those who pay are not those who were acquired.
    pub clv_to_cac: Option<f64>,
    /// Months until a new customer has brought back what acquiring one cost: cost a new customer,
    /// over what a customer brings a month. That is the mean of the customers' months so far
    /// ([`CostRow::customer_time`], months of 30.436875 days); it supposes that they go on so.
    ///
    /// Months to recover CAC = CAC / (revenue a customer and month x gross margin): Skok, SaaS
    /// Metrics 2.0 (2013); here margin or revenue is counted, not estimated.
    pub payback_months: Option<f64>,
}

impl CostFigures {
    pub(super) fn of(row: &CostRow, form: CostForm, currency: Currency, sums: Sums) -> Self {
        let Sums { cost, revenue, margin } = sums;
        let per = |leads: u64| over(cost, i128::from(leads));
        Self {
            currency,
            cost,
            revenue,
            margin,
            cost_per_inquiry: per(row.inquiries),
            cost_per_mql: per(row.mql),
            cost_per_sal: per(row.sal),
            cost_per_sql: per(row.sql),
            cost_per_won: per(row.won),
            cac: per(row.new_customers),
            cost_share: over(cost, revenue),
            by_revenue: Returns::of(row, form, cost, revenue),
            by_margin: margin.map(|margin| Returns::of(row, form, cost, margin)),
        }
    }
}

impl Returns {
    fn of(row: &CostRow, form: CostForm, cost: Option<i128>, back: i128) -> Self {
        let Some(cost) = cost else { return Self::default() };
        let cac = over(Some(cost), i128::from(row.new_customers));
        let value = over(Some(back), i128::from(row.new_customers));
        let months = row.customer_months();
        let monthly = (months > 0.0 && back > 0).then(|| back as f64 / months);
        let is_cohort = form == CostForm::Cohort;
        Self {
            roi: over(Some(back - cost), cost),
            clv_to_cac: value
                .zip(cac)
                .filter(|(_, cac)| is_cohort && *cac > 0.0)
                .map(|(v, c)| v / c),
            payback_months: cac.zip(monthly).map(|(cac, monthly)| cac / monthly),
        }
    }
}

/// A quotient; none of what is absent, or over what is not above 0.
fn over(num: Option<i128>, den: i128) -> Option<f64> {
    num.filter(|_| den > 0).map(|num| num as f64 / den as f64)
}
