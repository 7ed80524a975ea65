//! A transaction of the writer: events in, and everything that is derived from them.

use leadfold_core::event::{Body, Event};
use leadfold_core::machine::Kind;
use leadfold_core::{
    Code, EventId, Fact, Facts, Intern, LeadId, LeadIndex, LeadKey, Place, Target, Timestamp, lower,
};
use leadfold_store::adapter::{Dictionary, Draft, FACTS_MAX, Numbers, Placed, parse};
use leadfold_store::{
    AppendError, Appended, Expected, ExpectedFamily, StoreError, Unless, Verdict, VersionConflict,
};
use rusqlite::Connection;

use super::ids::Ids;
use super::names::{Named, Names};
use super::streams::Streams;
use crate::derived::{Early, Link};
use crate::error::{Result, sqlite};
use crate::page;
use crate::read::{early, family, is_awaited, resolve};
use crate::row;
use crate::schema;
use crate::segment;

const INSERT_LINK: &str = "INSERT OR IGNORE INTO link (lead, other, crc) VALUES (?1, ?2, ?3)";

pub(crate) struct Log<'c> {
    connection: &'c Connection,
    /// What SQLite counts up when another connection has committed; none: nothing is loaded.
    data_version: Option<i64>,
    /// What SQLite counts up when tables are dropped and made, as a rebuild does, or a backup is put
    /// back: as of what is loaded.
    schema_version: Option<i64>,
    head: u64,
    /// The position up to which facts are kept by lead; none if that cannot go on, because facts
    /// are damaged.
    sealed: Option<u64>,
    seal_events: u64,
    /// Up to here nothing is sealed: there was no room for it.
    unsealed: u64,
    /// Whether the transaction seals.
    is_sealing: bool,
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
    pub(crate) fn new(connection: &'c Connection, seal_events: u64) -> Self {
        Self {
            connection,
            data_version: None,
            schema_version: None,
            head: 0,
            sealed: Some(0),
            seal_events,
            unsealed: 0,
            is_sealing: false,
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
        let version = self.lock()?;
        if self.data_version != Some(version) {
            self.load()?;
            self.data_version = Some(version);
        }
        Ok(())
    }

    /// Begins with an empty log, whatever the file has: what is derived may be damaged, or of an
    /// older layout. For [`Log::rebuild`].
    pub(crate) fn begin_anew(&mut self) -> Result<()> {
        let version = self.lock()?;
        schema::check(self.connection)?;
        *self = Self::new(self.connection, self.seal_events);
        self.data_version = Some(version);
        self.streams.begin(LeadIndex::NONE);
        Ok(())
    }

    fn lock(&self) -> Result<i64> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(sqlite)?;
        self.version("data_version")
    }

    fn version(&self, pragma: &str) -> Result<i64> {
        self.connection.pragma_query_value(None, pragma, |row| row.get(0)).map_err(sqlite)
    }

    fn load(&mut self) -> Result<()> {
        let connection = self.connection;
        schema::check_derived(connection)?;
        let schema_version = Some(self.version("schema_version")?);
        let goes_on = self.data_version.is_some() && self.schema_version == schema_version;
        let known = goes_on.then(|| (self.head, std::mem::take(&mut self.ids)));
        let unsealed = self.unsealed;
        *self = Self { schema_version, unsealed, ..Self::new(connection, self.seal_events) };
        self.sealed = match segment::sealed(connection) {
            Err(error) if error.is_corrupt() => None,
            sealed => Some(sealed?),
        };
        self.names = Names::load(connection)?;
        if self.names.is_new() {
            self.streams.begin(LeadIndex::NONE);
        }
        self.head = crate::read::head(connection)?;
        self.page_first = self.head + 1;
        let sql = "SELECT EXISTS (SELECT * FROM early_correction)";
        self.has_early = connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite)?;
        let ids = match known {
            Some((known, ids)) => ids.catch_up(connection, known, self.head)?,
            None => None,
        };
        self.ids = ids.map_or_else(|| Ids::load(connection, self.head), Ok)?;
        Ok(())
    }

    pub(crate) fn commit(&mut self) -> Result<()> {
        self.flush_page(true)?;
        self.seal()?;
        self.spill()?;
        self.connection.execute_batch("COMMIT").map_err(sqlite)?;
        self.is_sealing = false;
        Ok(())
    }

    /// Keeps new facts by lead once they are enough. Damaged facts do not keep events from being
    /// appended: `verify` tells of them, and rebuilding goes on from here.
    fn seal(&mut self) -> Result<()> {
        while let Some(sealed) = self.sealed
            && self.head >= self.unsealed
            && self.head.saturating_sub(sealed) >= self.seal_events
        {
            self.is_sealing = true;
            self.connection.execute_batch("SAVEPOINT seal").map_err(sqlite)?;
            let done = segment::seal(self.connection, self.seal_events);
            self.sealed = match done {
                Ok(()) => Some(sealed + self.seal_events),
                Err(error) if error.is_corrupt() => {
                    self.connection.execute_batch("ROLLBACK TO seal").map_err(sqlite)?;
                    None
                }
                Err(error) => return Err(error),
            };
            self.connection.execute_batch("RELEASE seal").map_err(sqlite)?;
        }
        Ok(())
    }

    /// After a transaction that found no room: whether it may find some without sealing. SQLite has
    /// undone more than the seal, so the events are to be appended anew; their facts stay in pages
    /// only, and sealing is tried again once there are as many more.
    pub(crate) fn put_off_seal(&mut self) -> bool {
        let has_sealed = std::mem::take(&mut self.is_sealing);
        if has_sealed {
            self.unsealed = self.head.saturating_add(self.seal_events);
        }
        has_sealed
    }

    /// Undoes the transaction and forgets what was known of it.
    pub(crate) fn roll_back(&mut self) {
        if !self.connection.is_autocommit() {
            // A failure here leaves the transaction open: then the next BEGIN fails, loudly.
            drop(self.connection.execute_batch("ROLLBACK"));
        }
        self.data_version = None;
    }

    pub(crate) fn append(&mut self, draft: &Draft) -> Result<Appended, AppendError> {
        let batch = &draft.batch;
        let known = self.ids.known(self.connection, batch)?;
        let verdicts = batch.judge(|index| Ok(known.get(&index).copied()))?;
        if verdicts.contains(&Verdict::New) {
            self.check(&batch.expected)?;
            self.check_family(batch.family.as_ref())?;
            batch.unless.iter().try_for_each(|unless| self.check_unless(unless))?;
        }
        let mut insert = self.connection.prepare_cached(row::INSERT).map_err(sqlite)?;
        let mut numbers = Numbers::new(&draft.names);
        let mut places = vec![None; batch.events.len()];
        for (index, event) in batch.events.iter().enumerate() {
            if verdicts[index] != Verdict::New {
                continue;
            }
            let placed = self.place_drafted(draft, index, &mut numbers)?;
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

    fn check_family(&mut self, expected: Option<&ExpectedFamily>) -> Result<(), AppendError> {
        let Some(expected) = expected else { return Ok(()) };
        let mut known = Vec::new();
        for id in &expected.of {
            known.extend(self.names.known_lead(self.connection, *id)?);
        }
        // Links are compared with their number in the streams.
        self.streams.flush(self.connection)?;
        let family = family(self.connection, &known)?;
        let mut events = 0;
        for lead in &family {
            events += self.streams.events(self.connection, *lead)?;
        }
        Ok(expected.check(family.len() as u64, events)?)
    }

    fn check_unless(&self, unless: &Unless) -> Result<(), AppendError> {
        let mut select = self.connection.prepare_cached(row::SELECT_RANGE).map_err(sqlite)?;
        let from = unless.after.min(self.head).cast_signed() + 1;
        let since = select.query_map((from, self.head.cast_signed()), |row| {
            Ok(row::read(row).and_then(|row| Ok((row.placed.position, row.event()?))))
        });
        unless.check(self.head, since.map_err(sqlite)?.map(|event| event.map_err(sqlite)?))
    }

    /// Gives an event of a draft the next place and derives everything from it but its row.
    fn place_drafted(
        &mut self,
        draft: &Draft,
        index: usize,
        numbers: &mut Numbers<'_>,
    ) -> Result<Placed> {
        let prepared = &draft.batch.events[index];
        let facts = draft.facts_of(index);
        if facts.is_empty() || self.is_awaited(prepared.id)? {
            let event = parse(&prepared.content, self.head + 1)?;
            return self.place(&event, prepared.id, prepared.recorded_at, prepared.lead);
        }
        let head = draft.fact(facts.start);
        let (lead, _) = numbers.lead(&mut self.named(), head.lead)?;
        let placed = self.next_place(lead)?;
        self.make_room(facts.len(), placed.position)?;
        for fact in draft.facts(facts) {
            let fact = Fact { position: placed.position, lead, ..fact };
            let fact = numbers.exchange(&mut self.named(), fact)?;
            self.link(&fact)?;
            self.page.push(fact);
        }
        self.take(placed, prepared.id);
        Ok(placed)
    }

    /// The same for any event, with the help of the log.
    pub(crate) fn place(
        &mut self,
        event: &Event,
        id: EventId,
        recorded_at: Timestamp,
        lead: Option<LeadId>,
    ) -> Result<Placed> {
        let lead = match (&event.lead, lead) {
            (Some(key), Some(id)) => self.named().lead(id, key)?.0,
            _ => LeadIndex::NONE,
        };
        let placed = self.next_place(lead)?;
        self.lower(event, id, recorded_at, placed)?;
        self.make_room(self.scratch.len(), placed.position)?;
        for index in 0..self.scratch.len() {
            let fact = self.scratch.row(index);
            self.link(&fact)?;
            self.page.push(fact);
        }
        self.take(placed, id);
        Ok(placed)
    }

    fn named(&mut self) -> Named<'_> {
        let Self { names, streams, connection, .. } = self;
        Named { names, streams, connection }
    }

    fn next_place(&mut self, lead: LeadIndex) -> Result<Placed> {
        let position = self.head + 1;
        let (sequence, previous) = self.streams.push(self.connection, lead, position)?;
        Ok(Placed { position, lead, sequence, previous })
    }

    fn take(&mut self, placed: Placed, id: EventId) {
        self.ids.push(id, placed.position);
        self.head = placed.position;
    }

    /// Whether a correction came before the event.
    fn is_awaited(&self, id: EventId) -> Result<bool> {
        if self.has_early { is_awaited(self.connection, id) } else { Ok(false) }
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
        let Self { names, streams, ids, scratch, .. } = self;
        let named = Named { names, streams, connection };
        let mut interner = Interner { named, ids, lead, position };
        lower(event, place, &early, &mut interner, scratch)?;
        if let Body::Corrected(corrected) = &event.body
            && interner.target(corrected.target)?.is_none()
        {
            Early { target: corrected.target, position, lead }.insert(connection)?;
            self.has_early = true;
        }
        Ok(())
    }

    /// Notes the leads that a fact connects.
    fn link(&mut self, fact: &Fact) -> Result<()> {
        if !matches!(fact.kind, Kind::Merged | Kind::Unmerged) {
            return Ok(());
        }
        let (lead, other) = (fact.lead, LeadIndex(fact.a.0));
        let mut insert = self.connection.prepare_cached(INSERT_LINK).map_err(sqlite)?;
        for link in [Link { lead, other }, Link { lead: other, other: lead }] {
            let row = (link.lead.0, link.other.0, link.crc());
            if insert.execute(row).map_err(sqlite)? == 1 {
                self.streams.link(self.connection, link.lead)?;
                self.names.count_link();
            }
        }
        Ok(())
    }

    /// Begins a new page where the facts of the event at a position do not fit.
    fn make_room(&mut self, facts: usize, position: u64) -> Result<()> {
        if self.page.len() + facts > FACTS_MAX {
            self.flush_page(false)?;
            self.page_first = position;
        }
        Ok(())
    }

    fn flush_page(&mut self, is_end: bool) -> Result<()> {
        let Some(last) = self.page.last_position() else { return Ok(()) };
        let mut first = self.page_first;
        while let Some((begin, mut before)) =
            page::last_to_merge(self.connection, first, &self.page)?
        {
            before.extend_filtered(&self.page, |_| true);
            page::delete(self.connection, begin)?;
            (first, self.page) = (begin, before);
        }
        page::insert(self.connection, first, last, &self.page)?;
        self.page.clear();
        if is_end {
            self.page_first = last + 1;
        }
        Ok(())
    }

    /// Position of the last event.
    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    pub(crate) fn connection(&self) -> &'c Connection {
        self.connection
    }

    /// Writes out what the transaction has gathered, but the page that is being filled.
    pub(crate) fn spill(&mut self) -> Result<()> {
        self.streams.flush(self.connection)?;
        self.ids.flush(self.connection, self.head)?;
        self.names.flush(self.connection)
    }
}

/// The numbers of the log, seen from one event: its corrections do not reach out of its lead's
/// stream, nor to events behind it.
struct Interner<'a> {
    named: Named<'a>,
    ids: &'a Ids,
    lead: LeadIndex,
    position: u64,
}

impl Intern for Interner<'_> {
    type Error = StoreError;

    fn string(&mut self, text: &str) -> Result<Code> {
        self.named.string(text)
    }

    fn lead(&mut self, id: LeadId, key: &LeadKey) -> Result<LeadIndex> {
        self.named.lead(id, key).map(|(index, _)| index)
    }

    fn target(&mut self, id: EventId) -> Result<Option<Target>> {
        let connection = self.named.connection;
        let position = self.ids.find(connection, id)?;
        resolve(connection, (id, position), self.lead, self.position)
    }
}
