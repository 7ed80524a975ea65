//! Deals for people.

use std::fmt;

use leadfold_core::Money;

use super::{Deals, DealsReport, Loss, LostAt};
use crate::money::amounts;
use crate::table::Table;
use crate::text::{as_of, count, counted, duration, percent};

/// Stages that one line names; JSON has all.
const STAGES_MAX: usize = 3;

impl fmt::Display for DealsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(total) = self.rows.all.first().map(|row| &row.values) else { return Ok(()) };
        let closed = counted(total.won.den, "opportunity", "opportunities");
        writeln!(f, "{closed} closed, {} open{}", count(total.open), as_of(self.scope.as_of))?;
        writeln!(f)?;
        let mut headings = vec!["won", "lost", "win rate", "open", "median to won"];
        headings.extend(["median to lost", "capture to won", "hand-off to won", "won amount"]);
        headings.push("expected of open");
        write!(f, "{}", self.rows.table(&self.rows.all, &headings, cells))?;
        if !total.pipeline.is_empty() {
            write!(f, "\n{}", total.pipeline)?;
        }
        if total.losses.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        write!(f, "{}", reasons(&total.losses))
    }
}

fn cells(deals: &Deals) -> Vec<String> {
    let won = deals.amounts.iter().filter(|amount| amount.won > 0);
    let won = won.map(|amount| Money { currency: amount.currency, amount: amount.won });
    vec![
        count(deals.won.num),
        count(deals.won.den - deals.won.num),
        percent(deals.won),
        count(deals.open),
        duration(deals.won_after.p50_s),
        duration(deals.lost_after.p50_s),
        duration(deals.lead_to_won.p50_s),
        duration(deals.handoff_to_won.p50_s),
        amounts(&won.collect::<Vec<_>>()),
        deals.pipeline.expected(),
    ]
}

fn reasons(losses: &[Loss]) -> Table {
    let headings = ["lost because", "at stage", "lost", "median open", "amount"];
    let mut table = Table::new(&headings, 2);
    for loss in losses {
        table.row([
            loss.reason.clone().unwrap_or_else(|| "(none)".to_owned()),
            stages(&loss.stages),
            count(loss.count),
            duration(loss.open_for.p50_s),
            amounts(&loss.amounts),
        ]);
    }
    table
}

/// The stages with most losses: `offer 3, renewals / offer 1`.
fn stages(stages: &[LostAt]) -> String {
    let mut shown: Vec<String> = stages.iter().take(STAGES_MAX).map(stage).collect();
    let more: u64 = stages.iter().skip(STAGES_MAX).map(|at| at.count).sum();
    shown.extend((more > 0).then(|| format!("elsewhere {}", count(more))));
    shown.join(", ")
}

fn stage(at: &LostAt) -> String {
    let stage = at.stage.as_deref().unwrap_or("(none)");
    let pipeline = at.pipeline.as_ref().map_or_else(String::new, |name| format!("{name} / "));
    format!("{pipeline}{stage} {}", count(at.count))
}
