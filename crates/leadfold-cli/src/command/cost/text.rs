//! Costs for people.

use std::fmt;

use leadfold_core::metrics::CostFigures;
use leadfold_core::{Currency, Money};

use super::{CostReport, Costs, Kind};
use crate::money::{Amount, rounded};
use crate::reading::Row;
use crate::table::Table;
use crate::text::{as_of, count, counted, share};

impl fmt::Display for CostReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(total) = self.rows.all.first().map(|row| &row.values) else { return Ok(()) };
        let what = match self.kind {
            Kind::Cohort => "costs of the period against the leads captured in it",
            Kind::Period => "costs of the period against what happened in it",
        };
        writeln!(f, "{what}{}", as_of(self.scope.as_of))?;
        let leads = counted(total.inquiries, "lead", "leads");
        let new = counted(total.new_customers, "new customer", "new customers");
        writeln!(f, "{leads}, {} won, {new}", count(total.won))?;
        if total.money.is_empty() {
            return writeln!(f, "no costs and no revenue");
        }
        write!(f, "\n{}", self.stages())?;
        write!(f, "\n{}", self.returns())?;
        let lacks_costs = total.money.iter().any(|money| money.cost.is_none());
        if lacks_costs {
            writeln!(
                f,
                "\nnote: of a currency without recorded costs nothing is said but revenue"
            )?;
        }
        Ok(())
    }
}

impl CostReport {
    /// What a lead of each stage cost.
    fn stages(&self) -> Table {
        let headings = ["cost", "a lead", "an MQL", "an SAL", "an SQL", "a win", "a new customer"];
        self.table(&headings, |currency, money| {
            let amount = |value: Option<f64>| amount(currency, value);
            vec![
                exact(currency, money.cost),
                amount(money.cost_per_inquiry),
                amount(money.cost_per_mql),
                amount(money.cost_per_sal),
                amount(money.cost_per_sql),
                amount(money.cost_per_won),
                amount(money.cac),
            ]
        })
    }

    /// What came back: by margin where payments give one, else by revenue.
    fn returns(&self) -> Table {
        let headings =
            ["revenue", "margin", "cost share", "by", "ROI", "CLV/CAC", "payback months"];
        self.table(&headings, |currency, money| {
            let (by, back) =
                money.by_margin.map_or(("revenue", money.by_revenue), |b| ("margin", b));
            let decimal = |value: Option<f64>| value.map_or_else(dash, |v| format!("{v:.1}"));
            vec![
                exact(currency, Some(money.revenue)),
                exact(currency, money.margin),
                share(money.cost_share),
                by.to_owned(),
                share(back.roi),
                decimal(back.clv_to_cac),
                decimal(back.payback_months),
            ]
        })
    }

    fn table(
        &self,
        headings: &[&str],
        cells: impl Fn(Currency, &CostFigures) -> Vec<String>,
    ) -> Table {
        let heading = self.rows.heading();
        let headings: Vec<&str> = [heading].iter().chain(headings).copied().collect();
        let mut table = Table::new(&headings, 1);
        for row in &self.rows.all {
            for money in &row.values.money {
                let key = std::iter::once(key(row, money));
                table.cells(key.chain(cells(money.currency, money)).collect());
            }
        }
        table
    }
}

fn key(row: &Row<Costs>, money: &CostFigures) -> String {
    let key = row.key.to_string();
    if row.values.money.len() > 1 { format!("{key} ({})", money.currency) } else { key }
}

fn dash() -> String {
    "-".to_owned()
}

fn exact(currency: Currency, amount: Option<i128>) -> String {
    amount.map_or_else(dash, |amount| Amount(Money { currency, amount }).to_string())
}

fn amount(currency: Currency, value: Option<f64>) -> String {
    value.map_or_else(dash, |value| Amount(rounded(currency, value)).to_string())
}
