//! `episodes`: what the hand-off audit says of each hand-off.

use leadfold_core::Outcome;
use leadfold_core::audit::{Audit, Episode};
use leadfold_store::EventStore;

use crate::cell::{Cell, list};
use crate::error::ExportError;
use crate::part::Part;
use crate::schema::{Column, Table};

pub(crate) const TABLE: Table = Table {
    name: "episodes",
    columns: &[
        Column::int("lead_index"),
        Column::text("lead"),
        Column::int("position"),
        Column::time("offered_at"),
        Column::text("definition").or_null(),
        Column::text("fields"),
        Column::text("missing"),
        Column::time("decision_due").or_null(),
        Column::text("decision_kept"),
        Column::time("attempt_due").or_null(),
        Column::time("attempted_at").or_null(),
        Column::text("attempt_kept"),
        Column::time("contacted_at").or_null(),
        Column::text("owner").or_null(),
        Column::int("reassigned"),
        Column::time("returned_at").or_null(),
        Column::flag("is_recycled"),
        Column::flag("is_requalified"),
        Column::time("ended_at").or_null(),
        Column::text("outcome").or_null(),
    ],
};

pub(crate) fn write<S: EventStore>(
    part: &mut Part<'_, S>,
    audit: &Audit<'_>,
) -> Result<(), ExportError> {
    let mut episodes: Vec<Episode<'_>> = audit.episodes().collect();
    episodes.sort_unstable_by_key(|episode| {
        (episode.lead, episode.handoff.offered_at, episode.handoff.position)
    });
    episodes.iter().try_for_each(|episode| part.push(row(episode)))
}

fn row(episode: &Episode<'_>) -> [Cell; 20] {
    [
        Cell::index(episode.lead),
        Cell::Key(episode.lead),
        Cell::count(episode.handoff.position),
        episode.handoff.offered_at.into(),
        episode.definition.into(),
        list(&episode.fields()),
        list(&episode.missing()),
        episode.decision_due.into(),
        episode.decision().name().into(),
        episode.attempt_due.into(),
        episode.attempted_at.into(),
        episode.attempt().name().into(),
        episode.contacted_at.into(),
        episode.holder().into(),
        episode.reassigned.into(),
        episode.returned_at().into(),
        episode.was_recycled.into(),
        episode.was_requalified.into(),
        episode.ended_at.into(),
        episode.outcome().map(Outcome::name).into(),
    ]
}
