//! A funnel for people: the ladder of the total, and a line for each row of the split.

use std::fmt;

use leadfold_core::State;
use leadfold_core::metrics::{Rate, StageRow};

use super::{FunnelReport, Kind, Stages};
use crate::reading::{Row, Scope, largest_first};
use crate::table::Table;
use crate::text::{count, counted, duration, percent, share};

impl fmt::Display for FunnelReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((total, rows)) = self.rows.all.split_first() else { return Ok(()) };
        let total = &total.values;
        writeln!(f, "{}", self.title())?;
        writeln!(f)?;
        write!(f, "{}", ladder(total))?;
        writeln!(f)?;
        writeln!(f, "{}", summary(total))?;
        survival(total, f)?;
        if !rows.is_empty() {
            writeln!(f)?;
            write!(f, "{}", self.split(rows))?;
        }
        Ok(())
    }
}

impl FunnelReport {
    fn title(&self) -> String {
        let Scope { as_of, known_at, from, to } = self.scope;
        let what = match self.kind {
            Kind::Cohort => "what became of the leads captured",
            Kind::Period => "what happened",
        };
        let when = match (from, to) {
            (None, None) => "at any time".to_owned(),
            (Some(from), None) => format!("from {from} on"),
            (None, Some(to)) => format!("before {to}"),
            (Some(from), Some(to)) => format!("from {from} to {to}"),
        };
        let as_of = as_of.map_or_else(String::new, |at| format!(", as of {at}"));
        let known_at = known_at.map_or_else(String::new, |at| format!(", as known at {at}"));
        format!("{what} {when}{as_of}{known_at}")
    }

    fn split(&self, rows: &[Row<Stages>]) -> Table {
        let within = rows.first().and_then(|row| row.values.within.as_ref());
        let within = within.map(|within| format!("won in {} days", within.days));
        let mut headings = vec!["captured", "mql", "sql", "won", "of captured", "lost", "open"];
        headings.push("median to won");
        headings.extend(within.as_deref());
        self.rows.table(largest_first(rows, |row| row.captured), &headings, cells)
    }
}

fn cells(row: &Stages) -> Vec<String> {
    let mut cells = vec![count(row.captured)];
    cells.extend([State::Mql, State::Sql].map(|state| count(reached(row, state))));
    cells.extend([count(row.won.num), percent(row.won)]);
    cells.extend([count(row.lost), count(row.still_open)]);
    cells.push(duration(row.days_to_won.p50_s));
    cells.extend(row.within.as_ref().map(|within| share(within.ratio)));
    cells
}

fn reached(row: &Stages, state: State) -> u64 {
    row.stages.iter().find(|stage| stage.stage == state).map_or(0, |stage| stage.reached)
}

fn ladder(total: &Stages) -> Table {
    let headings = ["stage", "entered", "reached", "of those before", "median time", "open"];
    let mut table = Table::new(&headings, 1);
    let mut before: Option<&StageRow> = None;
    for stage in &total.stages {
        let is_rung = stage.stage.rung().is_some();
        let conversion = before
            .filter(|_| is_rung)
            .map(|before| percent(Rate { num: stage.reached, den: before.reached }));
        table.row([
            stage.stage.to_string(),
            count(stage.entered),
            if is_rung { count(stage.reached) } else { "-".to_owned() },
            conversion.unwrap_or_else(|| "-".to_owned()),
            duration(stage.time.p50_s),
            count(stage.open),
        ]);
        before = Some(stage);
    }
    table
}

fn summary(total: &Stages) -> String {
    let mut text = format!(
        "{} captured: {} won ({}), {} lost or disqualified, {} open",
        counted(total.captured, "lead", "leads"),
        count(total.won.num),
        percent(total.won),
        count(total.lost),
        count(total.still_open),
    );
    if total.erased > 0 {
        text.push_str(&format!(", {} erased", count(total.erased)));
    }
    if total.days_to_won.n > 0 {
        text.push_str(&format!("; median to won {}", duration(total.days_to_won.p50_s)));
    }
    if let Some(within) = &total.within {
        let (days, num, den) = (within.days, count(within.num), count(within.den));
        let ratio = share(within.ratio);
        text.push_str(&format!("\nwon within {days} days: {num} of {den} ({ratio})"));
    }
    text
}

fn survival(total: &Stages, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(rows) = &total.survival else { return Ok(()) };
    let mut table = Table::new(&["days", "won by then", "at risk"], 0);
    for row in rows {
        table.row([count(u64::from(row.days)), share(row.converted), count(row.at_risk)]);
    }
    writeln!(f)?;
    write!(f, "{table}")
}
