//! `leads`: one row for each lead that has begun.

use leadfold_core::{Lead, Tables};
use leadfold_store::EventStore;

use crate::cell::{Cell, word};
use crate::error::ExportError;
use crate::part::Part;
use crate::schema::{Column, Table};

pub(crate) const TABLE: Table = Table {
    name: "leads",
    columns: &[
        Column::int("lead_index"),
        Column::text("lead"),
        Column::text("lead_id"),
        Column::text("state"),
        Column::time("state_entered_at"),
        Column::int("reached"),
        Column::int("cycle"),
        Column::text("owner").or_null(),
        Column::time("captured_at").or_null(),
        Column::time("began_at"),
        Column::flag("is_churned"),
        Column::int("merged_into_index").or_null(),
        Column::text("merged_into").or_null(),
        Column::text("source").or_null(),
        Column::text("medium").or_null(),
        Column::text("campaign").or_null(),
        Column::text("channel").or_null(),
        Column::text("product").or_null(),
        Column::text("origin").or_null(),
        Column::text("disqualified_reason").or_null(),
        Column::text("attributes").or_null(),
    ],
};

pub(crate) fn write<S: EventStore>(
    part: &mut Part<'_, S>,
    tables: &Tables,
) -> Result<(), ExportError> {
    tables.leads().try_for_each(|lead| part.push(row(&lead)))
}

fn row(lead: &Lead<'_>) -> [Cell; 21] {
    let index = lead.index();
    [
        Cell::index(index),
        Cell::Key(index),
        Cell::Id(index),
        lead.state().name().into(),
        lead.entered_at().into(),
        u32::from(lead.reached()).into(),
        lead.cycle().into(),
        lead.owner().into(),
        lead.captured_at().into(),
        lead.began_at().into(),
        lead.is_churned().into(),
        lead.merged_into().map(Cell::index).into(),
        lead.merged_into().map(Cell::Key).into(),
        lead.source().into(),
        lead.medium().into(),
        lead.campaign().into(),
        lead.channel().into(),
        lead.product().into(),
        word(lead.origin()),
        lead.disqualified_for().into(),
        Some(lead.attributes()).filter(|all| !all.is_empty()).map(Cell::Object).into(),
    ]
}
