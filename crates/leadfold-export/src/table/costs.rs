//! `costs`: what was spent, those of a lead first.

use leadfold_core::{Cost, LeadIndex, Tables};
use leadfold_store::EventStore;

use crate::cell::Cell;
use crate::error::ExportError;
use crate::part::Part;
use crate::schema::{Column, Table};

pub(crate) const TABLE: Table = Table {
    name: "costs",
    columns: &[
        Column::int("lead_index").or_null(),
        Column::text("lead").or_null(),
        Column::time("at"),
        Column::time("valid_from"),
        Column::time("valid_to"),
        Column::int("amount_minor"),
        Column::text("currency"),
        Column::text("source").or_null(),
        Column::text("campaign").or_null(),
        Column::text("channel").or_null(),
        Column::text("programme").or_null(),
        Column::text("kind").or_null(),
    ],
};

pub(crate) fn write<S: EventStore>(
    part: &mut Part<'_, S>,
    tables: &Tables,
) -> Result<(), ExportError> {
    tables.costs_by_lead().try_for_each(|(lead, cost)| part.push(row(lead, &cost)))
}

fn row(lead: Option<LeadIndex>, cost: &Cost) -> [Cell; 12] {
    [
        lead.map(Cell::index).into(),
        lead.map(Cell::Key).into(),
        cost.at.into(),
        cost.from.into(),
        cost.to.into(),
        cost.amount.into(),
        cost.currency.to_string().into(),
        cost.source.into(),
        cost.campaign.into(),
        cost.channel.into(),
        cost.programme.into(),
        cost.kind.into(),
    ]
}
