//! What leads and new customers cost, and whether that paid.

use leadfold_core::Money;
use leadfold_core::metrics::{CostFigures, FunnelKind};
use maud::{Markup, html};

use super::section;
use crate::cell::{amount, count, counted, decimal, mean_amount, none, share};
use crate::report::Report;
use crate::split::label;
use crate::table::Table;

pub(crate) fn draw(report: &Report) -> Markup {
    let total = &report.costs.total;
    let body = html! {
        @if total.money.iter().all(|money| money.cost.is_none()) {
            p { "The log has no costs " (report.scope.period()) "." }
        } @else {
            p {
                @match report.scope.kind {
                    FunnelKind::Cohort => {
                        "Costs of the period against the leads captured in it ("
                        (report.scope.period()) ") and all that became of them: "
                    }
                    FunnelKind::Period => {
                        "Costs of the period against what happened in it ("
                        (report.scope.period()) "): "
                    }
                }
                (counted(total.inquiries, "lead", "leads")) ", " (count(total.won)) " won."
                @if total.money.iter().any(|money| money.cost.is_none()) {
                    " Of a currency without recorded costs nothing is said but the revenue."
                }
            }
            (by(report))
        }
    };
    section("costs", "Costs, and whether they paid", body)
}

fn by(report: &Report) -> Markup {
    let Report { costs, scope, rows_max, .. } = report;
    let dimension = costs.heading();
    let is_split = !costs.by.is_empty();
    let headings = [
        if is_split { dimension.as_str() } else { "Leads" },
        "Cost",
        "A lead",
        "An MQL",
        "An SQL",
        "A new customer",
        "Revenue less refunds",
        "Cost share",
        "By",
        "ROI",
        "CLV/CAC",
        "Payback, months",
    ];
    let caption =
        if is_split { format!("Costs by {dimension}") } else { "Costs of all leads".to_owned() };
    let mut table = Table::new("costs-by", &caption, &headings, 1);
    let shown = costs.largest(*rows_max, |row| row.inquiries);
    for (key, row) in &shown.rows {
        if row.money.is_empty() {
            table.row(nothing(label(key)));
        }
        for money in &row.money {
            table.row(cells(label(key), money));
        }
    }
    for money in &costs.total.money {
        table.total(cells(html! { "all" }, money));
    }
    let command = format!("leadfold cost --by {}{}", costs.by.join(","), scope.kind_option());
    html! { (table) (shown.left_out("with most leads", &command)) }
}

/// Leads that cost nothing that is recorded, and brought nothing.
fn nothing(key: Markup) -> [Markup; 12] {
    let mut cells = std::array::from_fn(|_| none());
    cells[0] = key;
    cells
}

fn cells(key: Markup, money: &CostFigures) -> [Markup; 12] {
    let currency = money.currency;
    let exact = |amount| Money { currency, amount };
    let (by, back) = money.by_margin.map_or(("revenue", money.by_revenue), |b| ("margin", b));
    [
        html! { (key) " " span.of { (currency) } },
        money.cost.map_or_else(none, |cost| amount(exact(cost))),
        mean_amount(currency, money.cost_per_inquiry),
        mean_amount(currency, money.cost_per_mql),
        mean_amount(currency, money.cost_per_sql),
        mean_amount(currency, money.cac),
        amount(exact(money.revenue)),
        share(money.cost_share),
        html! { (by) },
        share(back.roi),
        decimal(back.clv_to_cac),
        decimal(back.payback_months),
    ]
}
