//! `handoffs`: each offer of a lead to sales, and what became of it.

use leadfold_core::{Handoff, LeadIndex, Tables};
use leadfold_store::EventStore;

use crate::cell::Cell;
use crate::error::ExportError;
use crate::part::Part;
use crate::schema::{Column, Table};

pub(crate) const TABLE: Table = Table {
    name: "handoffs",
    columns: &[
        Column::int("lead_index"),
        Column::text("lead"),
        Column::int("number"),
        Column::text("handoff").or_null(),
        Column::int("cycle"),
        Column::text("offered_to").or_null(),
        Column::time("offered_at"),
        Column::text("decision"),
        Column::time("decided_at").or_null(),
        Column::text("decided_by").or_null(),
        Column::text("reason").or_null(),
        Column::time("decision_due").or_null(),
        Column::time("touch_due").or_null(),
        Column::flag("is_implied"),
        Column::int("position"),
    ],
};

pub(crate) fn write<S: EventStore>(
    part: &mut Part<'_, S>,
    tables: &Tables,
) -> Result<(), ExportError> {
    tables.leads().try_for_each(|lead| {
        let handoffs = lead.handoffs();
        let mut rows = handoffs.iter().zip(1..);
        rows.try_for_each(|(handoff, number)| part.push(row(lead.index(), number, handoff)))
    })
}

fn row(lead: LeadIndex, number: i64, handoff: &Handoff) -> [Cell; 15] {
    [
        Cell::index(lead),
        Cell::Key(lead),
        number.into(),
        handoff.key.into(),
        handoff.cycle.into(),
        handoff.to.into(),
        handoff.offered_at.into(),
        handoff.decision.name().into(),
        handoff.decided_at.into(),
        handoff.by.into(),
        handoff.reason.into(),
        handoff.decision_due.into(),
        handoff.touch_due.into(),
        handoff.is_implied.into(),
        Cell::count(handoff.position),
    ]
}
