//! What somebody should have seen to.

use leadfold_core::Timestamp;
use maud::{Markup, html};

use super::section;
use crate::cell::{at, counted, span};
use crate::report::Report;
use crate::split::{Shown, name};
use crate::table::Table;

/// What is overdue.
#[derive(Clone, Debug, Default)]
pub struct Duties {
    /// How many things.
    pub overdue: u64,
    /// The first of them, what has waited longest before the others.
    pub rows: Vec<Duty>,
}

/// One thing that is overdue.
#[derive(Clone, Debug)]
pub struct Duty {
    /// Since when.
    pub due: Timestamp,
    /// For how long, seconds.
    pub overdue_s: Option<f64>,
    /// What is to be done.
    pub task: &'static str,
    /// The lead's key.
    pub lead: Option<String>,
    /// Who has to see to it.
    pub owner: Option<String>,
}

pub(crate) fn draw(report: &Report) -> Markup {
    let Duties { overdue, rows } = &report.due;
    let body = html! {
        @if *overdue == 0 {
            p { "Nothing is overdue." }
        } @else {
            p { (counted(*overdue, "thing is", "things are")) " overdue." }
            (duties(*overdue, rows, report.rows_max))
        }
    };
    section("due", "What is overdue", body)
}

fn duties(overdue: u64, rows: &[Duty], rows_max: usize) -> Markup {
    let headings = ["Lead", "Owner", "What", "Due (UTC)", "Overdue for"];
    let mut table = Table::new("duties", "What is overdue, the oldest first", &headings, 4);
    let shown = Shown::first(rows.iter().collect(), overdue as usize, rows_max);
    for duty in &shown.rows {
        table.row([
            name(duty.lead.as_deref()),
            name(duty.owner.as_deref()),
            html! { (task(duty.task)) },
            at(duty.due),
            span(duty.overdue_s),
        ]);
    }
    html! { (table) (shown.left_out("oldest", "leadfold due")) }
}

fn task(name: &str) -> &str {
    match name {
        "decide" => "accept or reject the hand-off",
        "attempt" => "try to reach the prospect",
        "follow_up" => "follow up",
        "resume" => "come back to the lead",
        "renew_consent" => "renew the consent",
        other => other,
    }
}
