//! `audit_findings`: what the hand-off audit found, with evidence, in the order of the log.

use leadfold_core::Reason;
use leadfold_core::audit::{Audit, AuditFinding, Detail};
use leadfold_store::EventStore;

use crate::cell::{Cell, list};
use crate::error::ExportError;
use crate::part::Part;
use crate::schema::{Column, Table};

pub(crate) const TABLE: Table = Table {
    name: "audit_findings",
    columns: &[
        Column::int("lead_index").or_null(),
        Column::text("lead").or_null(),
        Column::int("position"),
        Column::time("at"),
        Column::text("code"),
        Column::text("severity"),
        Column::int("handoff").or_null(),
        Column::text("owner").or_null(),
        Column::text("reason").or_null(),
        Column::time("due").or_null(),
        Column::int("overdue_us").or_null(),
        Column::text("missing").or_null(),
        Column::text("evidence"),
    ],
};

pub(crate) fn write<S: EventStore>(
    part: &mut Part<'_, S>,
    audit: &Audit<'_>,
) -> Result<(), ExportError> {
    audit.findings().iter().try_for_each(|finding| part.push(row(finding)))
}

fn row(finding: &AuditFinding) -> [Cell; 13] {
    let (mut reason, mut overdue, mut missing) = (None, None, None);
    match &finding.detail {
        Detail::Move { reason: why, .. } => reason = *why,
        Detail::Overdue { due, by, .. } => overdue = Some((*due, *by)),
        Detail::Missing { fields } => missing = Some(list(fields)),
        _ => {}
    }
    [
        finding.lead.map(Cell::index).into(),
        finding.lead.map(Cell::Key).into(),
        Cell::count(finding.position),
        finding.at.into(),
        finding.code.name().into(),
        finding.code.severity().name().into(),
        finding.handoff.map(Cell::count).into(),
        finding.owner.into(),
        reason.map(Reason::name).into(),
        overdue.map(|(due, _)| due).into(),
        overdue.map(|(_, by)| by).into(),
        missing.into(),
        list(&finding.evidence[..]),
    ]
}
