//! A transaction of the writer: events in, and everything that is derived from them.

use std::collections::HashMap;

use leadfold_core::event::{Body, Event};
use leadfold_core::machine::Kind;
use leadfold_core::{
    Code, EventId, Facts, Intern, LeadId, LeadIndex, LeadKey, Place, Target, Timestamp, lower,
};
use leadfold_store::{
    AppendError, Appended, Batch, Expected, Prepared, Recorded, StoreError, Verdict,
    VersionConflict,
};
use rusqlite::{Connection, OptionalExtension};

use super::names::Names;
use crate::error::{Result, corrupt, sqlite};
use crate::page;
use crate::read::{SELECT_ID, early, find_indexed, find_with, resolve};
use crate::row::{self, EventRow, Placed, lead_column};
use crate::schema::NO_LEAD;

/// Ids of the last events wait here, and in `recent_ids`, until they go into the index together:
/// random single entries would rewrite a page of the index for every event.
const RECENT_MAX: usize = 1 << 17;
/// Beyond this the ends of streams are forgotten and looked up again.
const TAILS_MAX: usize = 200_000;

const SELECT_STREAM: &str = "SELECT events, last FROM stream WHERE lead = ?1";
const REPLACE_STREAM: &str =
    "INSERT OR REPLACE INTO stream (lead, events, last) VALUES (?1, ?2, ?3)";
const INSERT_ID: &str = "INSERT INTO event_id (id, position) VALUES (?1, ?2)";
const INSERT_RECENT: &str = "INSERT INTO recent_ids (first, ids) VALUES (?1, ?2)";
const INSERT_LINK: &str = "INSERT OR IGNORE INTO link (lead, other) VALUES (?1, ?2), (?2, ?1)";
const INSERT_EARLY: &str =
    "INSERT INTO early_correction (target, position, lead) VALUES (?1, ?2, ?3)";

/// The end of a stream.
#[derive(Clone, Copy, Debug, Default)]
struct Tail {
    events: u64,
    last: u64,
    /// Not written yet.
    is_dirty: bool,
}

pub(crate) struct Log<'c> {
    connection: &'c Connection,
    /// What SQLite counts up when another connection has committed; none: nothing is loaded.
    data_version: Option<i64>,
    head: u64,
    names: Names,
    tails: HashMap<LeadIndex, Tail>,
    dirty: Vec<LeadIndex>,
    recent: HashMap<EventId, u64>,
    /// All ids are recent.
    is_unindexed: bool,
    has_early: bool,
    /// Ids of the events of this transaction, in order.
    ids: Vec<u8>,
    /// Facts of the page that is being filled.
    page: Facts,
    page_first: u64,
    /// Facts of the event that is being lowered.
    scratch: Facts,
}

impl<'c> Log<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            data_version: None,
            head: 0,
            names: Names::default(),
            tails: HashMap::new(),
            dirty: Vec::new(),
            recent: HashMap::new(),
            is_unindexed: true,
            has_early: false,
            ids: Vec::new(),
            page: Facts::default(),
            page_first: 1,
            scratch: Facts::default(),
        }
    }

    pub(crate) fn begin(&mut self) -> Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(sqlite)?;
        let version = self
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0))
            .map_err(sqlite)?;
        if self.data_version != Some(version) {
            self.load()?;
            self.data_version = Some(version);
        }
        Ok(())
    }

    fn load(&mut self) -> Result<()> {
        let connection = self.connection;
        *self = Self::new(connection);
        self.names = Names::load(connection)?;
        self.head = crate::read::head(connection)?;
        self.page_first = self.head + 1;
        let sql = "SELECT EXISTS (SELECT * FROM early_correction)";
        self.has_early = connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite)?;
        self.recent = crate::read::recent_ids(connection)?;
        self.is_unindexed = self.recent.len() as u64 == self.head;
        Ok(())
    }

    pub(crate) fn commit(&mut self) -> Result<()> {
        self.flush_page(true)?;
        self.flush_tails()?;
        self.flush_ids()?;
        self.connection.execute_batch("COMMIT").map_err(sqlite)?;
        self.names.trim();
        if self.tails.len() > TAILS_MAX {
            self.tails = HashMap::new();
        }
        Ok(())
    }

    /// Undoes the transaction and forgets what was known of it.
    pub(crate) fn roll_back(&mut self) {
        if !self.connection.is_autocommit() {
            // A failure here leaves the transaction open: then the next BEGIN fails, loudly.
            drop(self.connection.execute_batch("ROLLBACK"));
        }
        self.data_version = None;
    }

    pub(crate) fn append(&mut self, batch: &Batch) -> Result<Appended, AppendError> {
        let known = self.known(batch)?;
        let verdicts = batch.judge(|index| Ok(known.get(&index).copied()))?;
        if verdicts.contains(&Verdict::New) {
            self.check(&batch.expected)?;
        }
        let mut insert = self.connection.prepare_cached(row::INSERT).map_err(sqlite)?;
        let mut places = vec![None; batch.events.len()];
        for (index, event) in batch.events.iter().enumerate() {
            if verdicts[index] != Verdict::New {
                continue;
            }
            let placed = self.place(&event.event, event.id, event.recorded_at, event.lead)?;
            row::insert(&mut insert, placed, event.recorded_at, event.id, &event.content)?;
            places[index] = Some((placed.position, placed.sequence));
        }
        Ok(Appended { outcomes: batch.outcomes(&verdicts, &places), head: self.head })
    }

    /// What the log has under the ids of a batch.
    fn known(&self, batch: &Batch) -> Result<HashMap<usize, Recorded>> {
        let mut known = HashMap::new();
        let mut find = self.connection.prepare_cached(SELECT_ID).map_err(sqlite)?;
        // In the order of the index: neighbours share its pages.
        let mut order: Vec<_> = (0..batch.events.len()).collect();
        order.sort_unstable_by_key(|index| batch.events[*index].id);
        for index in order {
            let id = batch.events[index].id;
            let position = match self.recent.get(&id) {
                Some(position) => Some(*position),
                None if self.is_unindexed => None,
                None => find_with(&mut find, id)?,
            };
            if let Some(position) = position {
                known.insert(index, self.recorded(position, &batch.events[index])?);
            }
        }
        Ok(known)
    }

    fn recorded(&self, position: u64, event: &Prepared) -> Result<Recorded> {
        let mut select = self.connection.prepare_cached(row::SELECT).map_err(sqlite)?;
        let row = EventRow::at(&mut select, position)?.filter(|row| row.id == event.id);
        let row = row.ok_or_else(|| {
            corrupt(format!(
                "the index of event ids is damaged: expected event {} at position {position}; \
                 rebuild what is derived from the events",
                event.id
            ))
        })?;
        let is_same = row.body == event.content;
        Ok(Recorded { position, sequence: row.placed.sequence, is_same })
    }

    fn check(&mut self, expected: &[Expected]) -> Result<(), AppendError> {
        for &Expected { lead, sequence } in expected {
            let actual = match self.names.known_lead(self.connection, lead)? {
                Some(index) => self.tail(index)?.events,
                None => 0,
            };
            if actual != sequence {
                return Err(VersionConflict { lead, expected: sequence, actual }.into());
            }
        }
        Ok(())
    }

    fn tail(&mut self, lead: LeadIndex) -> Result<&mut Tail> {
        use std::collections::hash_map::Entry;
        match self.tails.entry(lead) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let mut select = self.connection.prepare_cached(SELECT_STREAM).map_err(sqlite)?;
                let tail = select.query_row([lead.0], |row| {
                    let (events, last) = (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?);
                    let (events, last) = (events.cast_unsigned(), last.cast_unsigned());
                    Ok(Tail { events, last, is_dirty: false })
                });
                let tail = tail.optional().map_err(sqlite)?;
                Ok(entry.insert(tail.unwrap_or_default()))
            }
        }
    }

    /// Gives an event the next place and derives everything from it but its row.
    pub(crate) fn place(
        &mut self,
        event: &Event,
        id: EventId,
        recorded_at: Timestamp,
        lead: Option<LeadId>,
    ) -> Result<Placed> {
        let position = self.head + 1;
        let lead = match (&event.lead, lead) {
            (Some(key), Some(id)) => self.names.lead(self.connection, id, key)?,
            _ => LeadIndex::NONE,
        };
        let tail = self.tail(lead)?;
        let before = *tail;
        *tail = Tail { events: before.events + 1, last: position, is_dirty: true };
        let sequence = if lead == LeadIndex::NONE { 0 } else { tail.events };
        if !before.is_dirty {
            self.dirty.push(lead);
        }
        let previous = before.last;
        let placed = Placed { position, lead, sequence, previous };
        self.lower(event, id, recorded_at, placed)?;
        self.link()?;
        self.turn_page(position)?;
        self.recent.insert(id, position);
        self.ids.extend_from_slice(id.0.as_bytes());
        self.head = position;
        Ok(placed)
    }

    fn lower(
        &mut self,
        event: &Event,
        id: EventId,
        recorded_at: Timestamp,
        Placed { position, lead, .. }: Placed,
    ) -> Result<()> {
        let connection = self.connection;
        let early =
            if self.has_early { early(connection, id, lead, position)? } else { Vec::new() };
        let place = Place { position, recorded_at: recorded_at.micros(), lead };
        self.scratch.clear();
        let Self { names, recent, scratch, .. } = self;
        let mut interner = Interner { connection, names, recent, lead, position };
        lower(event, place, &early, &mut interner, scratch)?;
        if let Body::Corrected(corrected) = &event.body
            && interner.target(corrected.target)?.is_none()
        {
            let mut insert = connection.prepare_cached(INSERT_EARLY).map_err(sqlite)?;
            let target = corrected.target.0.as_bytes().as_slice();
            insert.execute((target, position.cast_signed(), lead_column(lead))).map_err(sqlite)?;
            self.has_early = true;
        }
        Ok(())
    }

    /// Notes the leads that the event's facts connect.
    fn link(&self) -> Result<()> {
        for fact in (0..self.scratch.len()).map(|index| self.scratch.row(index)) {
            if matches!(fact.kind, Kind::Merged | Kind::Unmerged) {
                let mut insert = self.connection.prepare_cached(INSERT_LINK).map_err(sqlite)?;
                insert.execute((fact.lead.0, fact.a.0)).map_err(sqlite)?;
            }
        }
        Ok(())
    }

    /// Moves the event's facts to the page, and begins a new page where they do not fit.
    fn turn_page(&mut self, position: u64) -> Result<()> {
        if self.page.len() + self.scratch.len() > page::FACTS_MAX {
            self.flush_page(false)?;
            self.page_first = position;
        }
        for index in 0..self.scratch.len() {
            self.page.push(self.scratch.row(index));
        }
        Ok(())
    }

    fn flush_page(&mut self, is_end: bool) -> Result<()> {
        let Some(last) = self.page.last_position() else { return Ok(()) };
        let mut first = self.page_first;
        while let Some(before) = page::last_to_merge(self.connection, &self.page)? {
            let mut merged = Facts::default();
            before.decode(&mut merged)?;
            merged.extend_filtered(&self.page, |_| true);
            page::delete(self.connection, before.first)?;
            (first, self.page) = (before.first, merged);
        }
        page::insert(self.connection, first, last, &self.page)?;
        self.page.clear();
        if is_end {
            self.page_first = last + 1;
        }
        Ok(())
    }

    fn flush_tails(&mut self) -> Result<()> {
        let mut replace = self.connection.prepare_cached(REPLACE_STREAM).map_err(sqlite)?;
        let mut dirty = std::mem::take(&mut self.dirty);
        dirty.sort_unstable();
        for lead in dirty {
            let tail = self.tail(lead)?;
            tail.is_dirty = false;
            let Tail { events, last, .. } = *tail;
            let row = (i64::from(lead.0), events.cast_signed(), last.cast_signed());
            replace.execute(row).map_err(sqlite)?;
        }
        Ok(())
    }

    fn flush_ids(&mut self) -> Result<()> {
        if self.recent.len() >= RECENT_MAX {
            self.ids.clear();
            return self.index_ids();
        }
        if !self.ids.is_empty() {
            let first = self.head + 1 - (self.ids.len() / 16) as u64;
            let mut insert = self.connection.prepare_cached(INSERT_RECENT).map_err(sqlite)?;
            insert.execute((first.cast_signed(), &self.ids)).map_err(sqlite)?;
            self.ids.clear();
        }
        Ok(())
    }

    /// Moves the ids that wait into the index, in its order.
    fn index_ids(&mut self) -> Result<()> {
        let mut ids: Vec<_> = self.recent.drain().collect();
        self.is_unindexed = false;
        ids.sort_unstable();
        let mut insert = self.connection.prepare_cached(INSERT_ID).map_err(sqlite)?;
        for (id, position) in ids {
            insert.execute((id.0.as_bytes().as_slice(), position.cast_signed())).map_err(sqlite)?;
        }
        self.connection.execute_batch("DELETE FROM recent_ids").map_err(sqlite)
    }

    pub(crate) fn connection(&self) -> &'c Connection {
        self.connection
    }

    /// Begins anew with an empty log, inside the transaction.
    pub(crate) fn forget(&mut self) {
        let data_version = self.data_version;
        *self = Self { data_version, ..Self::new(self.connection) };
    }

    /// Writes out what a long transaction has gathered.
    pub(crate) fn spill(&mut self) -> Result<()> {
        self.flush_tails()?;
        self.flush_ids()?;
        self.names.trim();
        if self.tails.len() > TAILS_MAX {
            self.tails = HashMap::new();
        }
        Ok(())
    }
}

/// The numbers of the log, seen from one event: its corrections do not reach out of its lead's
/// stream, nor to events behind it.
struct Interner<'a> {
    connection: &'a Connection,
    names: &'a mut Names,
    recent: &'a HashMap<EventId, u64>,
    lead: LeadIndex,
    position: u64,
}

impl Intern for Interner<'_> {
    type Error = StoreError;

    fn string(&mut self, text: &str) -> Result<Code> {
        self.names.string(self.connection, text)
    }

    fn lead(&mut self, id: LeadId, key: &LeadKey) -> Result<LeadIndex> {
        self.names.lead(self.connection, id, key)
    }

    fn target(&mut self, id: EventId) -> Result<Option<Target>> {
        let position = match self.recent.get(&id) {
            Some(position) => Some(*position),
            None => find_indexed(self.connection, id)?,
        };
        resolve(self.connection, position, self.lead, self.position)
    }
}

const _: () = assert!(NO_LEAD == LeadIndex::NONE.0 as i64);
