//! `opportunities`: each deal of a lead, as it stands.

use leadfold_core::{LeadIndex, Opportunity, State, Tables};
use leadfold_store::EventStore;

use crate::cell::Cell;
use crate::error::ExportError;
use crate::part::Part;
use crate::schema::{Column, Table};

pub(crate) const TABLE: Table = Table {
    name: "opportunities",
    columns: &[
        Column::int("lead_index"),
        Column::text("lead"),
        Column::int("number"),
        Column::text("opportunity").or_null(),
        Column::int("cycle"),
        Column::text("outcome"),
        Column::time("opened_at"),
        Column::time("closed_at").or_null(),
        Column::int("amount_minor").or_null(),
        Column::text("currency"),
        Column::text("pipeline").or_null(),
        Column::text("stage").or_null(),
        Column::text("product").or_null(),
        Column::text("owner").or_null(),
        Column::text("reason").or_null(),
        Column::text("competitor").or_null(),
        Column::text("state_at_loss").or_null(),
        Column::int("amount_at_loss_minor").or_null(),
        Column::text("currency_at_loss").or_null(),
        Column::int("n_reopened"),
        Column::flag("is_implied"),
    ],
};

pub(crate) fn write<S: EventStore>(
    part: &mut Part<'_, S>,
    tables: &Tables,
) -> Result<(), ExportError> {
    tables.leads().try_for_each(|lead| {
        lead.opportunities().iter().try_for_each(|deal| part.push(row(lead.index(), deal)))
    })
}

fn row(lead: LeadIndex, deal: &Opportunity) -> [Cell; 21] {
    let currency_at_loss = deal.amount_at_loss().map(|_| deal.currency_at_loss().to_string());
    [
        Cell::index(lead),
        Cell::Key(lead),
        Cell::Int(i64::from(deal.ordinal) + 1),
        deal.key.into(),
        deal.cycle.into(),
        deal.outcome.name().into(),
        deal.opened_at.into(),
        deal.closed_at().into(),
        deal.amount.into(),
        deal.currency().to_string().into(),
        deal.pipeline.into(),
        deal.stage.into(),
        deal.product.into(),
        deal.owner.into(),
        deal.reason.into(),
        deal.competitor.into(),
        deal.stage_at_loss.map(State::name).into(),
        deal.amount_at_loss().into(),
        currency_at_loss.into(),
        deal.reopened.into(),
        deal.is_implied.into(),
    ]
}
