//! Opportunities: won and lost, why, and what is to be expected of the open ones.

use leadfold_core::Money;
use leadfold_core::metrics::{CycleRow, LossRow, PipelineRow, ProbabilityOrigin, WinRateRow};
use maud::{Markup, html};

use super::section;
use crate::cell::{amounts, bar, count, rate, span};
use crate::report::Report;
use crate::split::{Shown, Split, label, name};
use crate::table::Table;

/// Closed and open opportunities.
#[derive(Clone, Debug, Default)]
pub struct Deals {
    /// In figures.
    pub rows: Split<DealRow>,
    /// The lost ones by reason.
    pub losses: Vec<Loss>,
}

/// The opportunities of one key.
#[derive(Clone, Debug, Default)]
pub struct DealRow {
    /// Won and lost.
    pub rate: WinRateRow,
    /// How long it took; none where nothing was won.
    pub cycle: Option<CycleRow>,
    /// What the open ones are to be expected to bring.
    pub pipeline: PipelineRow,
}

/// The opportunities that were lost for one reason.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Why; none where nobody said.
    pub reason: Option<String>,
    /// How many, and what they were worth.
    pub row: LossRow,
}

pub(crate) fn draw(report: &Report) -> Markup {
    let Deals { rows, losses } = &report.deals;
    let total = &rows.total;
    let body = html! {
        @if total.rate.rate.den == 0 && total.rate.open == 0 {
            p {
                "No opportunity was closed "
                @if report.scope.has_period() { (report.scope.period()) } @else { "by then" }
                ", and none is open."
            }
        } @else {
            p {
                "Opportunities closed " (report.scope.period()) ": " (count(total.rate.rate.num))
                " won of " (count(total.rate.rate.den)) ". Open now: " (count(total.rate.open)) "."
            }
            (by(rows, report.rows_max))
            (pipeline(&total.pipeline))
            (reasons(losses, report.rows_max))
        }
    };
    section("deals", "Deals", body)
}

fn by(rows: &Split<DealRow>, rows_max: usize) -> Markup {
    let dimension = rows.heading();
    let headings = [
        dimension.as_str(),
        "Won of closed",
        "Won amount",
        "Median to win",
        "Median to loss",
        "Capture to win",
        "Hand-off to win",
        "Open",
        "Open amount",
        "Expected",
    ];
    let caption = format!("Deals by {dimension}");
    let mut table = Table::new("deals-by", &caption, &headings, 1);
    let shown = rows.largest(rows_max, |row| row.rate.rate.den + row.rate.open);
    for (key, row) in &shown.rows {
        table.row(cells(label(key), row));
    }
    table.total(cells(html! { "all" }, &rows.total));
    let command = format!("leadfold deals --by {}", rows.by.join(","));
    html! { (table) (shown.left_out("with most deals", &command)) }
}

fn cells(key: Markup, row: &DealRow) -> [Markup; 10] {
    let DealRow { rate: rates, cycle, pipeline } = row;
    let cycle = cycle.as_ref();
    let open = pipeline.amounts();
    let won = rates.amounts.iter().filter(|amount| amount.won > 0);
    [
        key,
        rate(rates.rate),
        amounts(won.map(|amount| Money { currency: amount.currency, amount: amount.won })),
        span(rates.won_after.p50_s),
        span(rates.lost_after.p50_s),
        span(cycle.and_then(|cycle| cycle.lead_to_won.p50_s)),
        span(cycle.and_then(|cycle| cycle.handoff_to_won.p50_s)),
        count(rates.open),
        amounts(open.iter().map(|sum| Money { currency: sum.currency, amount: sum.amount })),
        expected(&open),
    ]
}

/// What is expected of open opportunities, as far as their probabilities are known.
pub(crate) fn expected(open: &[leadfold_core::metrics::PipelineAmount]) -> Markup {
    amounts(open.iter().filter_map(|sum| {
        let amount = sum.expected?;
        Some(Money { currency: sum.currency, amount })
    }))
}

fn pipeline(row: &PipelineRow) -> Markup {
    if row.parts.is_empty() {
        return html! {};
    }
    let headings = ["With a probability", "Open", "Without amount", "Amount", "Expected"];
    let mut table = Table::new("pipeline", "Open opportunities", &headings, 1);
    for part in &row.parts {
        let origin = match part.origin {
            ProbabilityOrigin::Own => "of its own",
            ProbabilityOrigin::StageHistory => "of its stage's win rate",
            ProbabilityOrigin::Unknown => "of none that is known",
        };
        let money = part.amounts.iter();
        table.row([
            html! { (origin) },
            count(part.count),
            count(part.without_amount),
            amounts(money.map(|sum| Money { currency: sum.currency, amount: sum.amount })),
            expected(&part.amounts),
        ]);
    }
    html! { (table) }
}

fn reasons(losses: &[Loss], rows_max: usize) -> Markup {
    if losses.is_empty() {
        return html! {};
    }
    let headings = ["Reason", "In proportion", "Lost", "Median open", "Amount"];
    let mut table = Table::new("losses", "Why deals were lost", &headings, 2);
    let mut rows: Vec<&Loss> = losses.iter().collect();
    rows.sort_by_key(|loss| std::cmp::Reverse(loss.row.count));
    let most = rows.first().map_or(0, |loss| loss.row.count);
    let shown = Shown::first(rows, losses.len(), rows_max);
    for Loss { reason, row } in &shown.rows {
        table.row([
            name(reason.as_deref()),
            bar(row.count, most),
            count(row.count),
            span(row.open_for.p50_s),
            amounts(row.amounts.iter().copied()),
        ]);
    }
    html! { (table) (shown.left_out("most frequent", "leadfold deals --json")) }
}
