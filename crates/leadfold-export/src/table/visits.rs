//! `visits`: each stay of a lead in a state, the open one last.

use leadfold_core::{LeadIndex, Tables, Visit};
use leadfold_store::EventStore;

use crate::cell::Cell;
use crate::error::ExportError;
use crate::part::Part;
use crate::schema::{Column, Table};

pub(crate) const TABLE: Table = Table {
    name: "visits",
    columns: &[
        Column::int("lead_index"),
        Column::text("lead"),
        Column::text("state"),
        Column::time("valid_from"),
        Column::time("valid_to").or_null(),
        Column::int("cycle"),
        Column::flag("is_implied"),
        Column::flag("is_unknown"),
    ],
};

pub(crate) fn write<S: EventStore>(
    part: &mut Part<'_, S>,
    tables: &Tables,
) -> Result<(), ExportError> {
    tables.leads().try_for_each(|lead| {
        lead.visits().iter().try_for_each(|visit| part.push(row(lead.index(), visit)))
    })
}

fn row(lead: LeadIndex, visit: &Visit) -> [Cell; 8] {
    [
        Cell::index(lead),
        Cell::Key(lead),
        visit.state.name().into(),
        visit.entered_at.into(),
        visit.left_at.into(),
        visit.cycle.into(),
        visit.is_implied.into(),
        visit.is_unknown.into(),
    ]
}
