//! A transaction of the writer: events in, and everything that is derived from them.
//!
//! What it needs to know of the log is fetched for all its appends together, and what it writes is
//! written together: a look-up is a journey to the server. In between it works in memory.

use std::sync::Arc;

use leadfold_core::event::{Body, Corrected, Event};
use leadfold_core::machine::Kind;
use leadfold_core::{EarlyCorrection, EventId, Fact, Facts, LeadId, LeadIndex, Place, Target};
use leadfold_store::adapter::{Draft, Lowerer, Map, Numbers, Placed, parse};
use leadfold_store::{
    AppendError, Appended, Expected, ExpectedFamily, Prepared, Recorded, Unless, Verdict,
    VersionConflict,
};
use uuid::Uuid;

use super::links::Links;
use super::names::{Named, Names};
use super::pages::{End, Pages};
use super::pending::{NewEvent, Pending};
use super::streams::Streams;
use crate::connection::{Connection, column, number};
use crate::error::Result;
use crate::read::{self, Early, early_of, target_of};
use crate::row::{self, columns};
use crate::schema;

/// What other writers may have changed since the last turn. The last pages are those that new
/// facts may be merged with: their numbers of facts double from one to the next.
const SELECT_STATE: &str = "SELECT version, rebuilds, \
    (SELECT coalesce(max(position), 0) FROM event), \
    (SELECT coalesce(max(code), 0) FROM string), \
    (SELECT coalesce(max(lead) + 1, 0) FROM lead), \
    EXISTS (SELECT FROM early_correction), \
    ARRAY(SELECT first FROM fact_page ORDER BY first DESC LIMIT 16), \
    ARRAY(SELECT last FROM fact_page ORDER BY first DESC LIMIT 16), \
    ARRAY(SELECT count FROM fact_page ORDER BY first DESC LIMIT 16), lowering, \
    (SELECT id FROM event WHERE position = $1), \
    (SELECT id FROM event ORDER BY position DESC LIMIT 1) FROM leadfold";

/// So many events are read at a time to see whether one matches a condition.
const UNLESS_EVENTS: usize = 4_096;

/// An event of the log.
struct Known {
    placed: Placed,
    body: Arc<str>,
}

/// The log as the writer sees it. What it remembers from one turn to the next is true as long as
/// nobody else has written.
#[derive(Default)]
pub(crate) struct Log {
    head: u64,
    /// The event at the head: an older copy that was put in the log's place has another there, or
    /// none.
    last: Option<Uuid>,
    rebuilds: i64,
    /// In which version of the lowering its facts were derived.
    lowering: u32,
    names: Names,
    streams: Streams,
    /// Of this transaction: links, and the events that its appends and corrections name.
    links: Links,
    known: Map<EventId, Known>,
    early: Early,
    has_early: bool,
    pages: Pages,
    pending: Pending,
}

impl Log {
    /// Position of the last event.
    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    /// Begins a turn: sees what others have written since the last one.
    pub(crate) fn begin(&mut self, connection: &mut Connection) -> Result<()> {
        let row = connection.query_one(SELECT_STATE, &[&self.head.cast_signed()])?;
        schema::check(usize::try_from(column::<i32>(&row, 0)?).unwrap_or(0))?;
        let lowering = column::<i32>(&row, 9)?.cast_unsigned();
        schema::check_lowering(lowering)?;
        let (rebuilds, head) = (column(&row, 1)?, number(&row, 2)?);
        if rebuilds != self.rebuilds || column::<Option<Uuid>>(&row, 10)? != self.last {
            *self = Self { rebuilds, ..Self::default() };
        }
        (self.last, self.lowering) = (column(&row, 11)?, lowering);
        // What has a number keeps it; streams grow.
        if head != self.head {
            (self.streams, self.head) = (Streams::default(), head);
        }
        self.names.begin(number(&row, 3)?, number(&row, 4)?)?;
        self.has_early = column(&row, 5)?;
        let [firsts, lasts, counts]: [Vec<i64>; 3] =
            [column(&row, 6)?, column(&row, 7)?, column(&row, 8)?];
        let tail = firsts.into_iter().zip(lasts).zip(counts).rev();
        let tail = tail.map(|((first, last), count)| {
            let [first, last, count] = [first, last, count].map(i64::cast_unsigned);
            End { first, last, count }
        });
        self.pages = Pages::behind(tail.collect(), head + 1);
        self.forget_transaction();
        Ok(())
    }

    fn forget_transaction(&mut self) {
        self.links = Links::default();
        self.known = Map::default();
        self.early = Early::default();
    }

    /// Begins anew with an empty log, inside the transaction.
    pub(super) fn forget(&mut self) {
        *self = Self { pages: Pages::behind(Vec::new(), 1), ..Self::default() };
    }

    /// Fetches what the log knows of all that some appends name, if it takes appends.
    pub(crate) fn prefetch(
        &mut self,
        connection: &mut Connection,
        drafts: &[&Draft],
    ) -> Result<()> {
        schema::check_appends(self.lowering)?;
        let events = || drafts.iter().flat_map(|draft| &draft.batch.events);
        let named = drafts.iter().flat_map(|draft| &draft.targets);
        let ids = events().map(|event| event.id.0).chain(named.map(|id| id.0));
        self.fetch_known(connection, &ids.collect::<Vec<_>>())?;
        self.fetch_early(connection, &events().map(|event| event.id.0).collect::<Vec<_>>())?;
        let families = || drafts.iter().filter_map(|draft| draft.batch.family.as_ref());
        let asked = (drafts.iter().flat_map(|draft| &draft.batch.expected))
            .map(|expected| expected.lead)
            .chain(families().flat_map(|family| family.of.iter().copied()));
        self.fetch_names(connection, drafts, asked.collect())?;
        let roots = families().flat_map(|family| &family.of);
        let roots = self.names.known_leads(connection, roots)?;
        let members = self.links.family(connection, &roots)?;
        self.streams.fetch(connection, &members)
    }

    /// What the names of some drafts, and some leads beside them, are in the log.
    pub(super) fn fetch_names(
        &mut self,
        connection: &mut Connection,
        drafts: &[&Draft],
        mut leads: Vec<LeadId>,
    ) -> Result<()> {
        let texts = drafts.iter().flat_map(|draft| &draft.names.texts);
        self.names.fetch_strings(connection, texts)?;
        leads.extend(drafts.iter().flat_map(|draft| &draft.names.leads).map(|(id, _)| *id));
        self.names.fetch_leads(connection, &leads)?;
        let mut known = self.names.known_leads(connection, &leads)?;
        known.push(LeadIndex::NONE);
        self.streams.fetch(connection, &known)
    }

    pub(super) fn fetch_known(&mut self, connection: &mut Connection, ids: &[Uuid]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        for row in connection.query(columns!("event WHERE id = ANY($1)"), &[&ids])? {
            let row = row::read(&row)?;
            let known = Known { placed: row.placed, body: row.body.into() };
            self.known.insert(row.id, known);
        }
        Ok(())
    }

    /// Notes that an event has another place, if a correction names it.
    pub(super) fn move_known(&mut self, id: EventId, placed: Placed) {
        if let Some(known) = self.known.get_mut(&id) {
            known.placed = placed;
        }
    }

    pub(super) fn fetch_early(&mut self, connection: &mut Connection, ids: &[Uuid]) -> Result<()> {
        self.early = if self.has_early { read::early(connection, ids)? } else { Early::default() };
        Ok(())
    }

    /// Appends one draft of those that were prefetched.
    pub(crate) fn append(
        &mut self,
        connection: &mut Connection,
        draft: &Draft,
    ) -> Result<Appended, AppendError> {
        let batch = &draft.batch;
        let verdicts = batch.judge(|index| Ok(self.recorded(&batch.events[index])))?;
        if verdicts.contains(&Verdict::New) {
            self.check(connection, &batch.expected)?;
            self.check_family(connection, batch.family.as_ref())?;
            for unless in &batch.unless {
                self.check_unless(connection, unless)?;
            }
        }
        let mut numbers = Numbers::new(&draft.names);
        let mut places = vec![None; batch.events.len()];
        for (index, event) in batch.events.iter().enumerate() {
            if verdicts[index] == Verdict::New {
                let placed = self.place(connection, draft, index, &mut numbers)?;
                self.keep(placed, event);
                places[index] = Some((placed.position, placed.sequence));
                if self.pending.is_large() {
                    self.spill(connection)?;
                }
            }
        }
        Ok(Appended { outcomes: batch.outcomes(&verdicts, &places), head: self.head })
    }

    fn recorded(&self, event: &Prepared) -> Option<Recorded> {
        let Known { placed, body } = self.known.get(&event.id)?;
        let is_same = **body == *event.content;
        Some(Recorded { position: placed.position, sequence: placed.sequence, is_same })
    }

    /// Remembers a new event, to be written.
    fn keep(&mut self, placed: Placed, event: &Prepared) {
        let body: Arc<str> = event.content.as_str().into();
        self.known.insert(event.id, Known { placed, body: Arc::clone(&body) });
        let Prepared { id, recorded_at, .. } = *event;
        self.pending.add_event(NewEvent { placed, recorded_at, id, body });
    }

    fn check(
        &mut self,
        connection: &mut Connection,
        expected: &[Expected],
    ) -> Result<(), AppendError> {
        for &Expected { lead, sequence } in expected {
            let actual = match self.names.known_lead(connection, lead)? {
                Some(index) => self.streams.events(connection, index)?,
                None => 0,
            };
            if actual != sequence {
                return Err(VersionConflict { lead, expected: sequence, actual }.into());
            }
        }
        Ok(())
    }

    fn check_family(
        &mut self,
        connection: &mut Connection,
        expected: Option<&ExpectedFamily>,
    ) -> Result<(), AppendError> {
        let Some(expected) = expected else { return Ok(()) };
        let known = self.names.known_leads(connection, &expected.of)?;
        let family = self.links.family(connection, &known)?;
        let mut events = 0;
        for lead in &family {
            events += self.streams.events(connection, *lead)?;
        }
        Ok(expected.check(family.len() as u64, events)?)
    }

    /// Looks at what has been written, a page at a time, because the tail may be the whole log; and
    /// at what waits to be written in this turn.
    fn check_unless(
        &self,
        connection: &mut Connection,
        unless: &Unless,
    ) -> Result<(), AppendError> {
        let mut after = unless.after;
        while after < self.head {
            let page = read::events(connection, after, UNLESS_EVENTS)?;
            unless.check(self.head, page.iter().map(|event| Ok((event.position, &event.event))))?;
            match page.last() {
                Some(last) if page.len() == UNLESS_EVENTS => after = last.position,
                _ => break,
            }
        }
        let pending = self.pending.events().iter();
        let pending = pending.filter(|event| event.placed.position > unless.after).map(|event| {
            let position = event.placed.position;
            Ok((position, parse(&event.body, position)?))
        });
        unless.check(self.head, pending)
    }

    /// Gives an event of a draft the next place and derives everything from it but its row.
    pub(super) fn place(
        &mut self,
        connection: &mut Connection,
        draft: &Draft,
        index: usize,
        numbers: &mut Numbers<'_>,
    ) -> Result<Placed> {
        let prepared = &draft.batch.events[index];
        self.last = Some(prepared.id.0);
        let range = draft.facts_of(index);
        if range.is_empty() || self.early.contains_key(&prepared.id) {
            let event = parse(&prepared.content, self.head + 1)?;
            return self.place_with_log(connection, &event, prepared);
        }
        let facts: Vec<Fact> = draft.facts(range).collect();
        let (lead, is_new) = numbers.lead(&mut self.named(connection), facts[0].lead)?;
        let placed = self.next_place(connection, lead, is_new)?;
        self.take(connection, placed, &facts, numbers)?;
        Ok(placed)
    }

    /// The same for an event that corrects another, or that was corrected before it came.
    fn place_with_log(
        &mut self,
        connection: &mut Connection,
        event: &Event,
        prepared: &Prepared,
    ) -> Result<Placed> {
        let mut lowerer = Lowerer::default();
        // Its own lead is the first name of the event.
        let own = lowerer.lead_of(event, prepared.lead);
        let (lead, is_new) = Numbers::new(&lowerer.names).lead(&mut self.named(connection), own)?;
        let placed = self.next_place(connection, lead, is_new)?;
        let early = early_of(&self.early, prepared.id, lead, placed.position);
        let target = match &event.body {
            Body::Corrected(corrected) => self.target(corrected, placed)?,
            _ => None,
        };
        let place = Place {
            position: placed.position,
            recorded_at: prepared.recorded_at.micros(),
            lead: own,
        };
        let mut facts = Facts::default();
        lowerer.lower(event, place, &early, target, &mut facts);
        let facts: Vec<Fact> = facts.rows().collect();
        self.take(connection, placed, &facts, &mut Numbers::new(&lowerer.names))?;
        Ok(placed)
    }

    /// What a correction at a place names, if it came before it in the same stream. If not, the
    /// correction waits for it.
    fn target(&mut self, corrected: &Corrected, at: Placed) -> Result<Option<Target>> {
        let known = self.known.get(&corrected.target);
        let is_before =
            |known: &&Known| known.placed.lead == at.lead && known.placed.position < at.position;
        if let Some(Known { placed, body }) = known.filter(is_before) {
            return target_of(body, placed.position).map(Some);
        }
        let correction = EarlyCorrection { position: at.position, corrected: corrected.clone() };
        self.early.entry(corrected.target).or_default().push((at.lead, correction));
        self.pending.early.push((corrected.target, at.position, at.lead));
        self.has_early = true;
        Ok(None)
    }

    fn named<'a>(&'a mut self, connection: &'a mut Connection) -> Named<'a> {
        Named { connection, names: &mut self.names, pending: &mut self.pending }
    }

    fn next_place(
        &mut self,
        connection: &mut Connection,
        lead: LeadIndex,
        is_new: bool,
    ) -> Result<Placed> {
        if is_new {
            self.streams.begin(lead);
        }
        let position = self.head + 1;
        let (sequence, previous) = self.streams.push(connection, lead, position)?;
        Ok(Placed { position, lead, sequence, previous })
    }

    /// Takes the facts of an event at its place, in the log's numbers.
    fn take(
        &mut self,
        connection: &mut Connection,
        placed: Placed,
        facts: &[Fact],
        numbers: &mut Numbers<'_>,
    ) -> Result<()> {
        self.pages.make_room(connection, &mut self.pending, facts.len(), placed.position)?;
        for fact in facts {
            let fact = Fact { position: placed.position, lead: placed.lead, ..*fact };
            let fact = numbers.exchange(&mut self.named(connection), fact)?;
            if matches!(fact.kind, Kind::Merged | Kind::Unmerged) {
                let other = LeadIndex(fact.a.0);
                self.links.add(fact.lead, other);
                self.pending.links.extend([(fact.lead, other), (other, fact.lead)]);
            }
            self.pages.push(fact);
        }
        self.head = placed.position;
        Ok(())
    }

    /// Writes out what the transaction has gathered, but the page that is being filled.
    pub(super) fn spill(&mut self, connection: &mut Connection) -> Result<()> {
        self.pending.write(connection, &self.streams.take_dirty())?;
        self.names.trim();
        self.streams.trim();
        Ok(())
    }

    /// Writes out everything: the transaction can be committed.
    pub(crate) fn finish(&mut self, connection: &mut Connection) -> Result<()> {
        self.pages.flush(connection, &mut self.pending)?;
        self.spill(connection)
    }

    /// Ends a step of a rebuild.
    pub(super) fn end_step(&mut self, connection: &mut Connection) -> Result<()> {
        self.spill(connection)?;
        self.forget_transaction();
        Ok(())
    }
}
