//! Everything but the events, made anew from the events.

use leadfold_core::LOWERING;
use leadfold_store::adapter::{Draft, EventRow, Numbers};
use leadfold_store::{Batch, Mode, Prepared, Progress};

use super::log::Log;
use crate::connection::Connection;
use crate::error::Result;
use crate::row::{self, columns};
use crate::schema;

/// Memory is given back after this many events.
const EVENTS_PER_STEP: i64 = 4_096;

const CLEAR_DERIVED: &str = "DELETE FROM lead; DELETE FROM stream; DELETE FROM string; \
    DELETE FROM fact_page; DELETE FROM link; DELETE FROM early_correction; \
    UPDATE leadfold SET rebuilds = rebuilds + 1";

impl Log {
    /// Derives anew what an older leadfold has derived in another way.
    pub(crate) fn renew(&mut self, connection: &mut Connection, progress: &Progress) -> Result<()> {
        // Another process may have been faster.
        if schema::lowering(connection)? == LOWERING {
            return Ok(());
        }
        self.rebuild(connection, progress)
    }

    /// Deletes all derived tables and derives them again. Numbers of leads and strings come out
    /// as they were, because they are given in the order of the log; unless an older lowering named
    /// leads that ours does not, or the other way round.
    pub(crate) fn rebuild(
        &mut self,
        connection: &mut Connection,
        progress: &Progress,
    ) -> Result<()> {
        let of = self.head();
        let may_renumber = schema::lowering(connection)? < LOWERING;
        connection.execute_batch(&format!("{CLEAR_DERIVED}, lowering = {LOWERING}"))?;
        self.forget();
        let sql = columns!("event WHERE position > $1 ORDER BY position LIMIT $2");
        loop {
            let after = self.head().cast_signed();
            let rows = connection.query(sql, &[&after, &EVENTS_PER_STEP])?;
            if rows.is_empty() {
                return Ok(());
            }
            let rows: Vec<EventRow> = rows.iter().map(row::read).collect::<Result<_>>()?;
            self.derive(connection, rows, may_renumber)?;
            self.end_step(connection)?;
            progress.tell(self.head(), of);
        }
    }

    fn derive(
        &mut self,
        connection: &mut Connection,
        rows: Vec<EventRow>,
        may_renumber: bool,
    ) -> Result<()> {
        let places: Vec<_> = rows.iter().map(|row| row.placed).collect();
        let draft = draft(rows)?;
        let ids: Vec<_> = draft.batch.events.iter().map(|event| event.id.0).collect();
        self.fetch_early(connection, &ids)?;
        let targets: Vec<_> = draft.targets.iter().map(|id| id.0).collect();
        self.fetch_known(connection, &targets)?;
        self.fetch_names(connection, &[&draft], Vec::new())?;
        let mut numbers = Numbers::new(&draft.names);
        let mut renumbered = Vec::new();
        for (index, was) in places.into_iter().enumerate() {
            let placed = self.place(connection, &draft, index, &mut numbers)?;
            if placed != was {
                placed.check_same(was, may_renumber)?;
                let event = &draft.batch.events[index];
                self.move_known(event.id, placed);
                renumbered.push((placed, event));
            }
        }
        row::renumber(connection, &renumbered)
    }
}

/// Stored events, lowered as those of an append are.
fn draft(rows: Vec<EventRow>) -> Result<Draft> {
    let events: Vec<_> = rows.iter().map(EventRow::event).collect::<Result<_>>()?;
    let prepared = |(row, event): (EventRow, &leadfold_core::event::Event)| Prepared {
        id: row.id,
        recorded_at: row.recorded_at,
        lead: event.lead_id(),
        content: row.body,
        twin: None,
        invalid: None,
    };
    let prepared = rows.into_iter().zip(&events).map(prepared).collect();
    let (expected, family, unless) = (Vec::new(), None, Vec::new());
    let mode = Mode::AllOrNothing;
    Ok(Draft::new(Batch { events: prepared, expected, family, unless, mode }, &events))
}
