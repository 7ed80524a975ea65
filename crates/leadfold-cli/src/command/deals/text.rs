//! Deals for people.

use std::fmt;

use leadfold_core::Money;

use super::{DealsReport, Loss, Row};
use crate::money::amounts;
use crate::table::Table;
use crate::text::{count, counted, duration, percent};

impl fmt::Display for DealsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((total, _)) = self.rows.split_first() else { return Ok(()) };
        let closed = counted(total.won.den, "opportunity", "opportunities");
        let as_of = self.as_of.map_or_else(String::new, |at| format!(" as of {at}"));
        writeln!(f, "{closed} closed, {} open{as_of}", count(total.open))?;
        writeln!(f)?;
        let heading = if self.heading.is_empty() { "" } else { &self.heading };
        let mut headings = vec![heading, "won", "lost", "win rate", "open"];
        headings.extend(["median to won", "median to lost", "capture to won", "hand-off to won"]);
        headings.push("won amount");
        let mut table = Table::new(&headings, 1);
        self.rows.iter().for_each(|row| table.cells(cells(row)));
        write!(f, "{table}")?;
        if total.losses.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        write!(f, "{}", reasons(&total.losses))
    }
}

fn cells(row: &Row) -> Vec<String> {
    let won = row.amounts.iter().filter(|amount| amount.won > 0);
    let won = won.map(|amount| Money { currency: amount.currency, amount: amount.won });
    vec![
        row.key.to_string(),
        count(row.won.num),
        count(row.won.den - row.won.num),
        percent(row.won),
        count(row.open),
        duration(row.won_after.p50_s),
        duration(row.lost_after.p50_s),
        duration(row.lead_to_won.p50_s),
        duration(row.handoff_to_won.p50_s),
        amounts(&won.collect::<Vec<_>>()),
    ]
}

fn reasons(losses: &[Loss]) -> Table {
    let mut table = Table::new(&["lost because", "lost", "median open", "amount"], 1);
    for loss in losses {
        table.row([
            loss.reason.clone().unwrap_or_else(|| "(none)".to_owned()),
            count(loss.count),
            duration(loss.open_for.p50_s),
            amounts(&loss.amounts),
        ]);
    }
    table
}
