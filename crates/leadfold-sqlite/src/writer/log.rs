//! A transaction of the writer: events in, and everything that is derived from them.

use leadfold_core::event::{Body, Event};
use leadfold_core::machine::Kind;
use leadfold_core::{
    Code, EventId, Facts, Intern, LeadId, LeadIndex, LeadKey, Place, Target, Timestamp, lower,
};
use leadfold_store::{
    AppendError, Appended, Batch, Expected, StoreError, Verdict, VersionConflict,
};
use rusqlite::Connection;

use super::ids::Ids;
use super::names::Names;
use super::streams::Streams;
use crate::error::{Result, sqlite};
use crate::page;
use crate::read::{early, resolve};
use crate::row::{self, Placed, lead_column};

const INSERT_LINK: &str = "INSERT OR IGNORE INTO link (lead, other) VALUES (?1, ?2), (?2, ?1)";
const INSERT_EARLY: &str =
    "INSERT INTO early_correction (target, position, lead) VALUES (?1, ?2, ?3)";

pub(crate) struct Log<'c> {
    connection: &'c Connection,
    /// What SQLite counts up when another connection has committed; none: nothing is loaded.
    data_version: Option<i64>,
    head: u64,
    names: Names,
    streams: Streams,
    ids: Ids,
    has_early: bool,
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
            streams: Streams::default(),
            ids: Ids::default(),
            has_early: false,
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
        self.ids = Ids::load(connection, self.head)?;
        Ok(())
    }

    pub(crate) fn commit(&mut self) -> Result<()> {
        self.flush_page(true)?;
        self.spill()?;
        self.connection.execute_batch("COMMIT").map_err(sqlite)
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
        let known = self.ids.known(self.connection, batch)?;
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

    fn check(&mut self, expected: &[Expected]) -> Result<(), AppendError> {
        for &Expected { lead, sequence } in expected {
            let actual = match self.names.known_lead(self.connection, lead)? {
                Some(index) => self.streams.events(self.connection, index)?,
                None => 0,
            };
            if actual != sequence {
                return Err(VersionConflict { lead, expected: sequence, actual }.into());
            }
        }
        Ok(())
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
            (Some(key), Some(id)) => {
                let (lead, is_new) = self.names.lead(self.connection, id, key)?;
                if is_new {
                    self.streams.begin(lead);
                }
                lead
            }
            _ => LeadIndex::NONE,
        };
        let (sequence, previous) = self.streams.push(self.connection, lead, position)?;
        let placed = Placed { position, lead, sequence, previous };
        self.lower(event, id, recorded_at, placed)?;
        self.link()?;
        self.turn_page(position)?;
        self.ids.push(id, position);
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
        let Self { names, ids, scratch, .. } = self;
        let mut interner = Interner { connection, names, ids, lead, position };
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

    pub(crate) fn connection(&self) -> &'c Connection {
        self.connection
    }

    /// Begins anew with an empty log, inside the transaction.
    pub(crate) fn forget(&mut self) {
        let data_version = self.data_version;
        *self = Self { data_version, ..Self::new(self.connection) };
    }

    /// Writes out what the transaction has gathered, but the page that is being filled.
    pub(crate) fn spill(&mut self) -> Result<()> {
        self.streams.flush(self.connection)?;
        self.ids.flush(self.connection, self.head)?;
        self.names.trim();
        Ok(())
    }
}

/// The numbers of the log, seen from one event: its corrections do not reach out of its lead's
/// stream, nor to events behind it.
struct Interner<'a> {
    connection: &'a Connection,
    names: &'a mut Names,
    ids: &'a Ids,
    lead: LeadIndex,
    position: u64,
}

impl Intern for Interner<'_> {
    type Error = StoreError;

    fn string(&mut self, text: &str) -> Result<Code> {
        self.names.string(self.connection, text)
    }

    fn lead(&mut self, id: LeadId, key: &LeadKey) -> Result<LeadIndex> {
        self.names.lead(self.connection, id, key).map(|(index, _)| index)
    }

    fn target(&mut self, id: EventId) -> Result<Option<Target>> {
        let position = self.ids.find(self.connection, id)?;
        resolve(self.connection, position, self.lead, self.position)
    }
}
