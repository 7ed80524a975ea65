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
mod lead;
mod line;
mod order;
mod page;
mod said;
mod status;

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
};

use self::{
    change::{Change, What},
    lead::Lead,
    line::BodyLines,
};
use crate::{
    CrmFile, CrmRow, LeftOut, OpenError, StatusMap,
    crm::{
        error::CrmFault,
        sink::{Events, Place, Sink},
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
    let mut changes = Changes::default();
    for (n, file) in files.iter().enumerate() {
        if is_json(file)? {
            page::read(n, file, map, &mut changes, &mut sink)?;
        } else {
            hooks_of(n, file, map, &mut changes, &mut sink)?;
        }
    }
    changes.tell(map, &mut sink);
    Ok(sink.left_out)
}

/// The changes of all rows, until they can be put in order: pages begin with what is newest.
#[derive(Debug, Default)]
struct Changes {
    changes: Vec<Change>,
}

impl Changes {
    /// Takes a change in.
    fn push(&mut self, change: Change) -> Result<(), CrmFault> {
        if self.changes.len() >= CHANGES_MAX {
            return Err(CrmFault::TooManyMoves { limit: CHANGES_MAX });
        }
        self.changes.push(change);
        Ok(())
    }

    /// Makes the events, in the order of time.
    fn tell(self, map: &StatusMap, sink: &mut Sink<'_>) {
        let Self { mut changes } = self;
        order::sort(&mut changes);
        let mut leads: HashMap<u64, Lead> = HashMap::new();
        for change in &changes {
            leads.entry(change.lead).or_default().learn(change);
        }
        for lead in leads.values_mut() {
            changes.extend(lead.shown(map));
            lead.begin(map);
        }
        order::sort(&mut changes);
        let mut changes = changes.into_iter().peekable();
        while let Some(first) = changes.next() {
            let (id, at) = (first.lead, first.at);
            let lead = leads.entry(id).or_default();
            let mut group = vec![first];
            while let Some(next) = changes.next_if(|next| (next.lead, next.at) == (id, at)) {
                group.push(next);
            }
            tell_second(order::arrange(group, lead.status, map), lead, map, sink);
        }
        for _ in 0..leads.values().map(|lead| lead.held).sum::<u64>() {
            sink.left_out.count("price_while_not_open", "leads");
        }
    }
}

/// Tells what happened to a lead in one second. What is told twice becomes the same events.
fn tell_second(changes: Vec<Change>, lead: &mut Lead, map: &StatusMap, sink: &mut Sink<'_>) {
    let mut told: HashMap<String, Events> = HashMap::new();
    for change in changes {
        let name = change.what.name(change.at);
        let known = name.as_ref().and_then(|name| told.get(name).cloned());
        let events = known.unwrap_or_else(|| {
            count_left_out(&change, lead, map, &mut sink.left_out);
            said::events(&change, lead, map)
        });
        if let Some(name) = name {
            told.entry(name).or_insert_with(|| events.clone());
        }
        sink.row(change.place, Ok(events));
    }
}

/// Counts what a row says and the log has no word for.
fn count_left_out(change: &Change, lead: &Lead, map: &StatusMap, left_out: &mut LeftOut) {
    match &change.what {
        What::Seen(_) => {
            if let Some(status) = lead.timeless_status(map) {
                left_out.count("lead_status_without_time", &status.to_string());
            }
        }
        What::Moved(moved) => {
            let before = moved.from.and_then(|from| map.outcome(from.id));
            if before.is_some() && before == map.outcome(moved.to.id) {
                left_out.count("closed_again", &moved.to.id.to_string());
            }
            count_unlisted(moved.to.id, lead, map, left_out);
        }
        What::Added { .. } => {
            if let Some(status) = lead.first_status(map) {
                count_unlisted(status.id, lead, map, left_out);
            }
        }
        _ => {}
    }
}

/// Counts a status of which nobody says what it means, and no deal is open.
fn count_unlisted(status: u64, lead: &Lead, map: &StatusMap, left_out: &mut LeftOut) {
    if map.is_unlisted(status) && map.steps_from(lead.rung, status).is_empty() {
        left_out.count("lead_status", &status.to_string());
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
    changes: &mut Changes,
    sink: &mut Sink<'_>,
) -> Result<(), OpenError> {
    let mut lines = BodyLines::new(BufReader::with_capacity(READ_BYTES, file.open()?));
    while sink.is_open() {
        let next = lines.next_line().map_err(|source| file.unreadable(source))?;
        let Some((number, line)) = next else { return Ok(()) };
        let place = Place { file: n, line: number, path: String::new() };
        match line {
            Ok(text) => hook::rows(text, &place, map, changes, sink),
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
