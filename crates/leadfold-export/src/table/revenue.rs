//! `revenue`: money from leads, and back to them.

use leadfold_core::{LeadIndex, Revenue, Tables};
use leadfold_store::EventStore;

use crate::cell::{Cell, word};
use crate::error::ExportError;
use crate::part::Part;
use crate::schema::{Column, Table};

pub(crate) const TABLE: Table = Table {
    name: "revenue",
    columns: &[
        Column::int("lead_index"),
        Column::text("lead"),
        Column::time("at"),
        Column::flag("is_refund"),
        Column::int("amount_minor"),
        Column::int("margin_minor").or_null(),
        Column::text("currency"),
        Column::text("kind").or_null(),
        Column::text("product").or_null(),
    ],
};

pub(crate) fn write<S: EventStore>(
    part: &mut Part<'_, S>,
    tables: &Tables,
) -> Result<(), ExportError> {
    tables.leads().try_for_each(|lead| {
        lead.revenue().iter().try_for_each(|revenue| part.push(row(lead.index(), revenue)))
    })
}

fn row(lead: LeadIndex, revenue: &Revenue) -> [Cell; 9] {
    [
        Cell::index(lead),
        Cell::Key(lead),
        revenue.at.into(),
        revenue.is_refund.into(),
        revenue.amount.into(),
        revenue.margin.into(),
        revenue.currency.to_string().into(),
        word(revenue.kind),
        revenue.product.into(),
    ]
}
