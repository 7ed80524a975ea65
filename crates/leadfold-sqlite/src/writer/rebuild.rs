//! Everything but the events, made anew from the events.

use leadfold_store::Progress;

use crate::error::{Result, sqlite};
use crate::row;
use crate::schema::{is_of_older_lowering, mark_lowering, renew_derived};

use super::log::Log;

/// Memory is given back after this many events.
const EVENTS_PER_STEP: u64 = 16_384;

impl Log<'_> {
    /// Drops all derived tables and derives them again, in a transaction of [`Log::begin_anew`].
    /// Numbers of leads and strings come out as they were, because they are given in the order of
    /// the log; unless an older lowering named leads that ours does not, or the other way round.
    pub(crate) fn rebuild(&mut self, progress: &Progress) -> Result<()> {
        let connection = self.connection();
        let head = crate::read::head(connection)?;
        let may_renumber = is_of_older_lowering(connection)?;
        renew_derived(connection)?;
        let mut select = connection.prepare_cached(row::SELECT_RANGE).map_err(sqlite)?;
        let mut rows = select.query((1, head.cast_signed())).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let row = row::read(row)?;
            let event = row.event()?;
            let placed = self.place(&event, row.id, row.recorded_at, event.lead_id())?;
            if placed != row.placed {
                placed.check_same(row.placed, may_renumber)?;
                row::renumber(connection, placed, &row)?;
            }
            if placed.position.is_multiple_of(EVENTS_PER_STEP) {
                self.spill()?;
                progress.tell(placed.position, head);
            }
        }
        progress.tell(head, head);
        mark_lowering(connection)
    }
}
