//! What marketing and sales promised each other, and what became of it.

use leadfold_core::Money;
use leadfold_core::audit::{Figures, SpeedToLead};
use leadfold_core::metrics::{DurationStat, Rate};
use maud::{Markup, html};

use super::section;
use crate::cell::{amounts, count, promised, rate, rate_of_any};
use crate::report::Report;
use crate::split::{Shown, name};
use crate::table::Table;

/// The hand-offs in figures.
#[derive(Clone, Debug, Default)]
pub struct Handoffs {
    /// Of all.
    pub total: Figures,
    /// Of each recipient.
    pub owners: Vec<OwnerRow>,
    /// From capture to the first attempt.
    pub speed_to_lead: SpeedToLead,
    /// P19: leads won in a later round, of those that entered one.
    pub recycled_win_rate: Rate,
}

/// The hand-offs to one owner.
#[derive(Clone, Debug, Default)]
pub struct OwnerRow {
    /// Whom they were offered to; none where the log does not say.
    pub owner: Option<String>,
    /// What became of them.
    pub figures: Figures,
    /// Leads in their hands now.
    pub open: u64,
}

pub(crate) fn draw(report: &Report) -> Markup {
    let Report { handoffs, scope, rows_max, .. } = report;
    let total = &handoffs.total;
    let is_working_time = scope.rules.calendar_zone.is_some();
    let body = html! {
        @if total.offered == 0 {
            p { "No lead was handed off by then." }
        } @else {
            @if scope.has_period() { p { "All hand-offs by the as-of, whatever the period." } }
            @if is_working_time { p { "Times are working time of the playbook's calendar." } }
            (answers(total))
            (promises(handoffs, is_working_time))
            (leaks(total))
            (owners(handoffs, *rows_max, is_working_time))
        }
    };
    section("handoffs", "Hand-offs from marketing to sales", body)
}

fn answers(total: &Figures) -> Markup {
    let headings = [
        "Hand-offs",
        "Offered",
        "Accepted",
        "Rejected",
        "Pending",
        "Closed unanswered",
        "Given back later",
        "Recycled",
    ];
    let mut table = Table::new("answers", "What became of the hand-offs", &headings, 1);
    table.row([
        html! { "all" },
        count(total.offered),
        count(total.accepted),
        count(total.rejected),
        count(total.pending),
        count(total.closed),
        count(total.returned),
        count(total.recycled),
    ]);
    html! { (table) }
}

fn promises(handoffs: &Handoffs, is_working_time: bool) -> Markup {
    let total = &handoffs.total;
    let mut table = Table::new(
        "promises",
        "What was promised, and what was kept",
        &["Promise", "Share", "Median time", "Mean time", "90% within"],
        1,
    );
    let mut row = |name: &str, kept: Option<Rate>, time: Option<DurationStat>| {
        let time = |get: fn(DurationStat) -> Option<f64>| {
            time.map_or_else(|| html! {}, |time| promised(get(time), is_working_time))
        };
        table.row([
            html! { (name) },
            kept.map_or_else(|| html! {}, rate),
            time(|time| time.p50_s),
            time(|time| time.mean_s),
            time(|time| time.p90_s),
        ]);
    };
    row("accepted, of those decided", Some(total.acceptance_of_decided), None);
    row("accepted, of all offered", Some(total.acceptance_of_offered), None);
    row("decided in time", Some(total.decision_in_time), Some(total.time_to_decision));
    row("first attempt in time", Some(total.attempt_in_time), Some(total.time_to_first_attempt));
    row("prospect reached", None, Some(total.time_to_first_contact));
    row("from capture to the first attempt", None, Some(handoffs.speed_to_lead.total));
    row("leaked: past due and never tried", Some(total.leaked), None);
    row("given back, of those decided", Some(total.given_back), None);
    row("won in a later round, of those that entered one", Some(handoffs.recycled_win_rate), None);
    html! { (table) }
}

/// What leaking costs, and who passed leads on.
fn leaks(total: &Figures) -> Markup {
    let money = total.leaked_amount.iter();
    let money = money.map(|(currency, amount)| Money { currency: *currency, amount: *amount });
    html! {
        dl.facts {
            dt { "Opportunities of leaked leads" }
            dd { (amounts(money)) }
            dt { "Came back to the owner before the last one" }
            dd { (count(total.ping_pong)) }
            dt { "Taken from an owner who had not touched them" }
            dd { (count(total.reassigned_without_touch)) }
        }
    }
}

fn owners(handoffs: &Handoffs, rows_max: usize, is_working_time: bool) -> Markup {
    let headings = [
        "Owner",
        "Offered",
        "Accepted",
        "Rejected",
        "Pending",
        "Decided in time",
        "Median to first attempt",
        "Median to contact",
        "Leaked",
        "Open now",
    ];
    let mut table = Table::new("owners", "Hand-offs by owner", &headings, 1);
    let mut rows: Vec<&OwnerRow> = handoffs.owners.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.figures.offered));
    let shown = Shown::first(rows, handoffs.owners.len(), rows_max);
    for row in &shown.rows {
        let (owner, open) = (name(row.owner.as_deref()), count(row.open));
        table.row(cells(owner, &row.figures, open, is_working_time));
    }
    table.total(cells(html! { "all" }, &handoffs.total, html! {}, is_working_time));
    html! { (table) (shown.left_out("with most hand-offs", "leadfold audit --json")) }
}

fn cells(owner: Markup, figures: &Figures, open: Markup, is_working_time: bool) -> [Markup; 10] {
    [
        owner,
        count(figures.offered),
        count(figures.accepted),
        count(figures.rejected),
        count(figures.pending),
        rate_of_any(figures.decision_in_time),
        promised(figures.time_to_first_attempt.p50_s, is_working_time),
        promised(figures.time_to_first_contact.p50_s, is_working_time),
        rate_of_any(figures.leaked),
        open,
    ]
}
