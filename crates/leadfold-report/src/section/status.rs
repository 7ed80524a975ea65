//! Leads as they stand: by state, and what has been standing still.

use leadfold_core::State;
use leadfold_core::metrics::AgingRow;
use maud::{Markup, html};

use super::funnel::stage_name;
use super::section;
use crate::cell::{bar, count, counted, span};
use crate::report::Report;
use crate::table::Table;

pub(crate) fn draw(report: &Report) -> Markup {
    let Report { status, aging, .. } = report;
    let body = html! {
        p {
            (counted(status.leads, "lead", "leads")) "; "
            (counted(status.pending_handoffs, "hand-off waits", "hand-offs wait"))
            " for an answer."
        }
        @if status.leads > 0 {
            (states(status.states))
            (ages(aging))
        }
    };
    section("status", "Leads as they stand", body)
}

fn states(states: [u64; 12]) -> Markup {
    let mut table = Table::new("states", "Leads by state", &["State", "In proportion", "Leads"], 2);
    let most = states.into_iter().max().unwrap_or(0);
    for (state, n) in State::ALL.iter().zip(states) {
        table.row([html! { (stage_name(*state)) }, bar(n, most), count(n)]);
    }
    html! { (table) }
}

fn ages(aging: &[AgingRow]) -> Markup {
    if aging.is_empty() {
        return html! {};
    }
    let headings = [
        "State",
        "Leads",
        "Under 1 day",
        "Under 7 days",
        "Under 30 days",
        "Under 90 days",
        "Older",
        "Median",
        "Oldest",
        "Since when is unknown",
    ];
    let mut table = Table::new("aging", "How long open leads have been there", &headings, 1);
    for row in aging {
        let [day, week, month, quarter, older] = row.buckets.map(count);
        table.row([
            html! { (stage_name(row.state)) },
            count(row.age.n),
            day,
            week,
            month,
            quarter,
            older,
            span(row.age.p50_s),
            span(row.age.max_s),
            count(row.unknown),
        ]);
    }
    html! { (table) }
}
