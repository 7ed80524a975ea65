//! What the REST methods of Bitrix24 answer, as events: pages in any order, in one call.
//!
//! Rows of history say where a lead or a deal went and not where it came from, and only a deal's
//! record says whose deal it is. So all files are looked through once for that, and the events are
//! made after: of leads, of their moves, of deals, of theirs, of activities, of merges. Events of
//! one instant therefore have the order in which they can have happened. The last move, which a
//! record tells of as well, is one among those of the history.
//!
//! ```
//! use leadfold_import::{CrmFile, CrmSystem, StatusMap, bitrix24};
//!
//! let page = r#"{"result": [{"ID": "17", "STATUS_ID": "NEW", "SOURCE_ID": "WEB",
//!                            "DATE_CREATE": "2024-05-23T18:18:25+03:00"}], "total": 1}"#;
//! let file = CrmFile::Text { name: "crm.lead.list.json".into(), text: page.into() };
//! let mut events = Vec::new();
//! let map = StatusMap::of(CrmSystem::Bitrix24);
//! let left_out = bitrix24::read(&[file], &map, &mut |row| {
//!     events.extend(row.outcome.expect("a sound row"));
//!     true
//! })?;
//! assert_eq!((&events[0]["lead"], &events[0]["type"]), (&"17".into(), &"captured".into()));
//! assert_eq!(left_out.iter().count(), 0);
//! # Ok::<(), leadfold_import::OpenError>(())
//! ```

mod activity;
mod deal;
mod index;
mod kind;
mod lead;
mod merge;
mod moves;
mod page;
mod record;
mod row;
mod terms;

use self::{
    index::Index,
    kind::Kind,
    moves::{Moves, Told},
    page::{Found, walk},
    record::Seen,
    row::Row,
};
use crate::{
    CrmFile, CrmRow, LeftOut, OpenError, StatusMap,
    crm::{
        error::CrmFault,
        sink::{Events, Place, Sink},
    },
};

/// Reads the answers of a portal, and hands their rows to `take` until it says no.
///
/// # Errors
///
/// When a file cannot be read. What is wrong with one is a row that became no event.
pub fn read(
    files: &[CrmFile],
    map: &StatusMap,
    take: &mut dyn FnMut(CrmRow) -> bool,
) -> Result<LeftOut, OpenError> {
    let mut sink = Sink::new(take);
    let mut index = Index::default();
    let mut moves = Moves::default();
    for (n, file) in files.iter().enumerate() {
        look_through(n, file, map, &mut index, &mut moves, &mut sink)?;
    }
    moves.without_invoices(&index, map, &mut sink.left_out);
    moves.sort();
    let mut portal = Portal { map, index, moves };
    let told = portal.records(files, Kind::Lead, &mut sink)?;
    portal.moves.complete(told);
    portal.moves.of_leads(&portal, &mut sink);
    let told = portal.records(files, Kind::Deal, &mut sink)?;
    portal.moves.complete(told);
    portal.moves.of_deals(&portal, &mut sink);
    if map.opens_late {
        portal.moves.not_opened(&portal, &mut sink.left_out);
    }
    portal.records(files, Kind::Activity, &mut sink)?;
    portal.records(files, Kind::Merge, &mut sink)?;
    Ok(sink.left_out)
}

/// What is known of a portal before events are made of it.
struct Portal<'a> {
    map: &'a StatusMap,
    index: Index,
    moves: Moves,
}

/// Takes the moves, and of records what others need; refuses what is no row at all.
fn look_through(
    n: usize,
    file: &CrmFile,
    map: &StatusMap,
    index: &mut Index,
    moves: &mut Moves,
    sink: &mut Sink<'_>,
) -> Result<(), OpenError> {
    let mut kinds = Vec::new();
    walk(n, file, |place, found| {
        let outcome = match found {
            Found::Fault(fault) => Err(fault),
            Found::Row(kind, row) => {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
                match kind {
                    Kind::Move => moves.push(&row, &place, &mut sink.left_out),
                    Kind::Directory => {
                        if !index.learn(&row) {
                            sink.left_out.count("names", "crm.status");
                        }
                        Ok(())
                    }
                    _ => {
                        index.look_at(kind, &row, map);
                        Ok(())
                    }
                }
            }
        };
        if let Err(fault) = outcome {
            sink.row(place, Err(fault));
        }
        sink.is_open()
    })?;
    index.kinds.push(kinds);
    Ok(())
}

impl Portal<'_> {
    /// Makes the events of all records of one kind, and takes the moves that they tell of. Of
    /// several records of one ID, the one that says how it came is the first: what another says of
    /// that second comes behind it, whatever the order of files.
    fn records(&self, files: &[CrmFile], of: Kind, sink: &mut Sink<'_>) -> Result<Told, OpenError> {
        let mut told = self.moves.room();
        for is_leading in [true, false] {
            let mut has_others = false;
            for (n, file) in files.iter().enumerate() {
                if !self.index.kinds[n].contains(&of) {
                    continue;
                }
                walk(n, file, |place, found| {
                    match found {
                        Found::Row(kind, row) if kind == of => {
                            if self.is_leading(of, &row) == is_leading {
                                let events = self.events(of, &row, &place, &mut told, sink);
                                sink.row(place, events);
                            } else {
                                has_others = true;
                            }
                        }
                        _ => {}
                    }
                    sink.is_open()
                })?;
            }
            if !has_others {
                break;
            }
        }
        Ok(told)
    }

    fn is_leading(&self, kind: Kind, row: &Row) -> bool {
        let seen = || Seen::of(kind, row, self.map);
        !matches!(kind, Kind::Lead | Kind::Deal)
            || seen().is_ok_and(|seen| self.index.is_leading(kind, &seen))
    }

    fn events(
        &self,
        kind: Kind,
        row: &Row,
        place: &Place,
        told: &mut Told,
        sink: &mut Sink<'_>,
    ) -> Result<Events, CrmFault> {
        match kind {
            Kind::Lead => lead::events(row, place, self, told, &mut sink.left_out),
            Kind::Deal => deal::events(row, place, self, told, &mut sink.left_out),
            Kind::Activity => activity::events(row, self, &mut sink.left_out),
            Kind::Merge => merge::events(row, self, &mut sink.left_out),
            // These have been taken in before.
            Kind::Move | Kind::Directory => Ok(Events::new()),
        }
    }
}
