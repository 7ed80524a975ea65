//! The answer in a few numbers, before all detail.

use leadfold_core::Money;
use leadfold_core::metrics::{FunnelKind, PipelineRow, ProbabilityOrigin};
use maud::{Markup, html};

use super::deals::expected;
use super::section;
use crate::cell::{amounts, count, counted, percent, span};
use crate::report::Report;

pub(crate) fn draw(report: &Report) -> Markup {
    let body = html! {
        @if report.scope.has_period() {
            p.note {
                @match report.scope.kind {
                    FunnelKind::Cohort => {
                        "Won and the time to it are of the leads captured in the period"
                    }
                    FunnelKind::Period => "Won and the time to it are of the wins in the period",
                }
                "; all else is of the whole log up to the as-of."
            }
        }
        dl.tiles { (leads(report)) (work(report)) (money(report)) }
    };
    section("glance", "At a glance", body)
}

fn tile(id: &str, name: &str, figure: &Markup, note: &Markup) -> Markup {
    html! {
        div {
            dt { (name) }
            dd.figure id=(format!("glance-{id}")) { (figure) }
            dd.of { (note) }
        }
    }
}

fn leads(report: &Report) -> Markup {
    let total = &report.funnel.total;
    let won = total.won;
    let captured = match report.scope.kind {
        FunnelKind::Cohort => html! { (count(won.num)) " of " (count(won.den)) " captured" },
        FunnelKind::Period => html! { (count(won.num)) " won, " (count(won.den)) " captured" },
    };
    html! {
        (tile("won", "Won", &percent(won), &captured))
        (tile(
            "days",
            "Median to win",
            &span(total.days_to_won.p50_s),
            &html! { "nine of ten within " (span(total.days_to_won.p90_s)) },
        ))
    }
}

fn work(report: &Report) -> Markup {
    let total = &report.handoffs.total;
    let (accepted, tried, leaked) =
        (total.acceptance_of_decided, total.attempt_in_time, total.leaked);
    let money = total.leaked_amount.iter();
    let money = money.map(|(currency, amount)| Money { currency: *currency, amount: *amount });
    html! {
        (tile(
            "accepted",
            "Hand-offs accepted",
            &percent(accepted),
            &html! { (count(accepted.num)) " of " (count(accepted.den)) " decided" },
        ))
        (tile(
            "tried",
            "First attempt in time",
            &percent(tried),
            &html! { (count(tried.num)) " of " (count(tried.den)) },
        ))
        (tile(
            "leaked",
            "Leaked",
            &percent(leaked),
            &html! {
                (count(leaked.num)) " of " (count(leaked.den))
                @if !total.leaked_amount.is_empty() { br; (amounts(money)) }
            },
        ))
        (tile(
            "findings",
            "Findings",
            &count(report.findings.count),
            &html! { (counted(report.findings.errors, "is an error", "are errors")) },
        ))
        (tile("overdue", "Overdue", &count(report.due.overdue), &html! { "things to see to" }))
    }
}

fn money(report: &Report) -> Markup {
    let pipeline = &report.deals.rows.total.pipeline;
    let value = &report.value.total;
    html! {
        (tile(
            "pipeline",
            "Open deals",
            &count(pipeline.open),
            &expectation(pipeline),
        ))
        (tile(
            "revenue",
            "Revenue before refunds",
            &amounts(value.revenue.iter().copied()),
            &html! { "of " (counted(value.customers, "customer", "customers")) },
        ))
    }
}

/// What open deals are to be expected to bring, or what is not known of them. A deal may have a
/// chance and no amount, and that is then all that nobody knows.
fn expectation(pipeline: &PipelineRow) -> Markup {
    let open = pipeline.amounts();
    let has_chance = pipeline.parts.iter().any(|part| part.origin != ProbabilityOrigin::Unknown);
    html! {
        @if open.iter().any(|sum| sum.expected.is_some()) {
            "to be expected of them" br; (expected(&open))
        } @else if has_chance {
            "no amount is known of those whose chances are"
        } @else if pipeline.open > 0 {
            "nobody knows their chances"
        }
    }
}
