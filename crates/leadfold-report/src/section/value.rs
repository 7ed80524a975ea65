//! What customers paid, got back and cost.

use leadfold_core::metrics::ValueRow;
use maud::{Markup, html};

use super::section;
use crate::cell::{amounts, count, counted, mean_amount, none};
use crate::report::Report;
use crate::split::{Split, label};
use crate::table::Table;

pub(crate) fn draw(report: &Report) -> Markup {
    let total = &report.value.total;
    let body = html! {
        @if total.customers == 0 {
            p { "There are no customers yet." }
        } @else {
            p {
                (counted(total.customers, "customer", "customers")) " with "
                (counted(total.purchases, "purchase", "purchases"))
                ", up to the as-of. Amounts of different currencies are never added up."
            }
        }
        @if total.customers > 0 || !total.revenue.is_empty() || !total.cost.is_empty() {
            (by(&report.value, report.rows_max))
        }
    };
    section("value", "Customer value", body)
}

fn by(value: &Split<ValueRow>, rows_max: usize) -> Markup {
    let dimension = value.heading();
    let headings = [
        dimension.as_str(),
        "Customers",
        "Purchases",
        "Revenue before refunds",
        "Refunds",
        "Margin",
        "Cost",
        "Mean value",
    ];
    let caption = format!("Customer value by {dimension}");
    let mut table = Table::new("value-by", &caption, &headings, 1);
    let shown = value.largest(rows_max, |row| row.customers);
    for (key, row) in &shown.rows {
        table.row(cells(label(key), row));
    }
    table.total(cells(html! { "all" }, &value.total));
    let command = format!("leadfold clv --by {}", value.by.join(","));
    html! { (table) (shown.left_out("with most customers", &command)) }
}

fn cells(key: Markup, row: &ValueRow) -> [Markup; 8] {
    let means = row.mean_value();
    [
        key,
        count(row.customers),
        count(row.purchases),
        amounts(row.revenue.iter().copied()),
        amounts(row.refunds.iter().copied()),
        amounts(row.margin.iter().copied()),
        amounts(row.cost.iter().copied()),
        html! {
            @if means.is_empty() { (none()) }
            @for (index, (currency, mean)) in means.iter().enumerate() {
                @if index > 0 { br; }
                (mean_amount(*currency, Some(*mean)))
            }
        },
    ]
}
