//! What amoCRM tells, as events: bodies of webhooks, and pages of `/api/v4/events` and
//! `/api/v4/leads`.
//!
//! A webhook and the page of events tell the same change, so both become the same event, with the
//! same id: named after the lead, the second and the values, not after the row. What amoCRM calls
//! a lead is a deal here, and also the lead that has it.
//!
//! ```
//! use leadfold_import::{CrmFile, CrmSystem, StatusMap, amocrm};
//!
//! let body = "leads[status][0][id]=31&leads[status][0][status_id]=142\
//!             &leads[status][0][old_status_id]=7&leads[status][0][pipeline_id]=1\
//!             &leads[status][0][last_modified]=1456820780";
//! let file = CrmFile::Text { name: "hooks.txt".into(), text: body.into() };
//! let mut events = Vec::new();
//! let map = StatusMap::of(CrmSystem::Amocrm);
//! amocrm::read(&[file], &map, &mut |row| {
//!     events.extend(row.outcome.expect("a sound row"));
//!     true
//! })?;
//! assert_eq!((&events[0]["lead"], &events[0]["type"]), (&"31".into(), &"won".into()));
//! # Ok::<(), leadfold_import::OpenError>(())
//! ```

mod body;
mod change;
mod hook;
mod line;
mod page;
mod said;

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead, BufReader},
};

use self::{
    change::{Change, Seen},
    line::BodyLines,
};
use crate::{
    CrmFile, CrmRow, LeftOut, OpenError, StatusMap,
    crm::{
        error::CrmFault,
        sink::{Place, Sink},
    },
};

/// Reads what an account has told, and hands its rows to `take` until it says no.
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
    let mut pages = Pages::default();
    let mut hooks = Vec::new();
    for (n, file) in files.iter().enumerate() {
        if is_json(file)? {
            page::read(n, file, map, &mut pages, &mut sink)?;
        } else {
            hooks.push((n, file));
        }
    }
    pages.events(map, &mut sink);
    for (n, file) in hooks {
        hooks_of(n, file, map, &mut sink)?;
    }
    Ok(sink.left_out)
}

/// The rows of all pages, until they can be put in order: pages begin with what is newest.
#[derive(Debug, Default)]
struct Pages {
    records: Vec<(Place, Change)>,
    changes: Vec<(Place, Change)>,
}

impl Pages {
    /// Takes a change in.
    fn push(&mut self, place: Place, change: Change) -> Result<(), CrmFault> {
        if self.records.len() + self.changes.len() >= CHANGES_MAX {
            return Err(CrmFault::TooManyMoves { limit: CHANGES_MAX });
        }
        let list = if change.is_record() { &mut self.records } else { &mut self.changes };
        list.push((place, change));
        Ok(())
    }

    /// Makes the events: of records first, so that a lead begins before it moves.
    fn events(mut self, map: &StatusMap, sink: &mut Sink<'_>) {
        self.changes.sort_by(|(_, one), (_, other)| one.order().cmp(&other.order()));
        let moved: HashSet<u64> =
            self.changes.iter().filter_map(|(_, it)| it.moved_lead()).collect();
        let seen: HashMap<u64, Seen> =
            self.records.iter().filter_map(|(_, it)| it.seen()).collect();
        for (place, record) in self.records {
            // Both say that it came; the page of leads says more.
            if seen.contains_key(&record.lead) && record.seen().is_none() {
                continue;
            }
            let has_history = moved.contains(&record.lead);
            let events = record.events(map, has_history, &mut sink.left_out);
            sink.row(place, Ok(events));
        }
        for (place, mut change) in self.changes {
            if let Some(seen) = seen.get(&change.lead) {
                change.complete(seen);
            }
            let events = change.events(map, true, &mut sink.left_out);
            sink.row(place, Ok(events));
        }
    }
}

/// Whether a file is JSON, by its first letter.
fn is_json(file: &CrmFile) -> Result<bool, OpenError> {
    let mut input = BufReader::new(file.open()?);
    loop {
        let chunk = input.fill_buf().map_err(|source| file.unreadable(source))?;
        let known = |byte: &u8| !byte.is_ascii_whitespace() && !BOM.contains(byte);
        match (chunk.iter().find(|byte| known(byte)), chunk.len()) {
            (Some(byte), _) => return Ok(b"{[".contains(byte)),
            (None, 0) => return Ok(false),
            (None, n) => input.consume(n),
        }
    }
}

/// Bodies of webhooks, one a line.
fn hooks_of(
    n: usize,
    file: &CrmFile,
    map: &StatusMap,
    sink: &mut Sink<'_>,
) -> Result<(), OpenError> {
    let mut lines = BodyLines::new(BufReader::with_capacity(READ_BYTES, file.open()?));
    while sink.is_open() {
        let next = lines.next_line().map_err(|source| file.unreadable(source))?;
        let Some((number, line)) = next else { return Ok(()) };
        let place = Place { file: n, line: number, path: String::new() };
        match line {
            Ok(text) => hook::rows(text, &place, map, sink),
            Err(fault) => sink.row(place, Err(fault)),
        }
    }
    Ok(())
}

/// Changes of pages that are held in memory, with some 300 bytes each.
const CHANGES_MAX: usize = 2_000_000;
const READ_BYTES: usize = 1 << 16;
/// The bytes of a byte order mark.
const BOM: &[u8] = b"\xef\xbb\xbf";
