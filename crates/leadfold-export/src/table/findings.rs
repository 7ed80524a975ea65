//! `findings`: what is wrong with the histories, in the order of the log.

use leadfold_core::machine::Kind;
use leadfold_core::metrics::{Anomaly, anomalies};
use leadfold_core::{Reason, State, Tables};
use leadfold_store::EventStore;

use crate::cell::Cell;
use crate::error::ExportError;
use crate::part::Part;
use crate::schema::{Column, Table};

pub(crate) const TABLE: Table = Table {
    name: "findings",
    columns: &[
        Column::int("lead_index").or_null(),
        Column::text("lead").or_null(),
        Column::int("position"),
        Column::time("at"),
        Column::text("code"),
        Column::text("reason").or_null(),
        Column::text("kind").or_null(),
        Column::text("state_before").or_null(),
        Column::int("double_of").or_null(),
    ],
};

pub(crate) fn write<S: EventStore>(
    part: &mut Part<'_, S>,
    tables: &Tables,
) -> Result<(), ExportError> {
    anomalies(tables).iter().try_for_each(|anomaly| part.push(row(anomaly)))
}

fn row(Anomaly { lead, finding, double_of }: &Anomaly) -> [Cell; 9] {
    [
        lead.map(Cell::index).into(),
        lead.map(Cell::Key).into(),
        Cell::count(finding.position),
        finding.at.into(),
        finding.code.name().into(),
        finding.reason.map(Reason::name).into(),
        Some(finding.kind).filter(|kind| *kind != Kind::Other).map(Kind::name).into(),
        finding.from.map(State::name).into(),
        double_of.map(Cell::count).into(),
    ]
}
