//! Everything in the file, read and compared.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;

use leadfold_core::event::{Body, Event};
use leadfold_core::machine::Kind;
use leadfold_core::{Facts, Intern, LeadIndex};
use leadfold_store::adapter::{EventRow, FACTS_MAX, Placed, damages_behind};
use leadfold_store::{Damage, Damaged, Damages};
use rusqlite::Connection;

use crate::derived::{self, Totals};
use crate::error::{Result, sqlite};
use crate::page;
use crate::read::{self, Relower};
use crate::row;
use crate::schema;
use crate::segment::{self, Run};
use crate::snapshot;

/// Events whose facts are read in one go.
const EVENTS_PER_STEP: u64 = 16_384;

/// Reads everything. An error means that nothing more could be read; what had been found by then
/// is reported with it as damage of the file.
pub(crate) fn verify(
    connection: &Connection,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Vec<Damage>> {
    let mut verifier = match Verifier::new(connection) {
        Ok(verifier) => verifier,
        Err(error) if error.is_corrupt() => {
            return Ok(vec![Damage::new(Damaged::File, 0, 0, error.to_string())]);
        }
        Err(error) => return Err(error),
    };
    if let Err(error) = verifier.run(progress) {
        let (done, head) = (verifier.done, verifier.head);
        verifier.damage(Damaged::File, done + 1, head.max(done + 1), error.to_string());
    }
    Ok(verifier.damages.into_vec())
}

struct Verifier<'c> {
    connection: &'c Connection,
    damages: Damages,
    head: u64,
    done: u64,
    /// Whether the tables are those of this version, and of its lowering: of an older file only the
    /// events are checked.
    is_current: bool,
    relower: Relower<'c>,
    /// Events and last position of every stream so far, by lead.
    streams: Vec<(u64, u64)>,
    /// The same of the events without a lead.
    loose: (u64, u64),
    /// Facts of the range of events that is being read.
    expected: Facts,
}

impl<'c> Verifier<'c> {
    fn new(connection: &'c Connection) -> Result<Self> {
        Ok(Self {
            connection,
            damages: Damages::default(),
            head: 0,
            done: 0,
            is_current: schema::is_current(connection)?,
            relower: Relower::new(connection)?,
            streams: Vec::new(),
            loose: (0, 0),
            expected: Facts::default(),
        })
    }

    fn run(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<()> {
        self.check_file()?;
        self.head = read::head(self.connection)?;
        let leads = self.pair("SELECT count(*), 0 FROM lead")?.0;
        self.streams = vec![(0, 0); usize::try_from(leads).unwrap_or(0)];
        progress(0, self.head);
        while self.done < self.head && !self.damages.is_full() {
            self.check_range()?;
            progress(self.done, self.head);
        }
        self.check_pages_behind()?;
        if !self.is_current {
            let detail = "expected the tables of this version beside the events, found those of an \
                          older one: an event is damaged, so they cannot be made; restore the file \
                          from a backup";
            self.damage(Damaged::Names, 0, 0, detail);
            return Ok(());
        }
        self.check_rows()?;
        self.check_names()?;
        self.check_streams()?;
        self.check_ids()?;
        self.check_runs()?;
        if let Some(detail) = snapshot::damage(self.connection)? {
            self.damage(Damaged::Snapshot, 0, 0, detail);
        }
        Ok(())
    }

    fn damage(&mut self, what: Damaged, first: u64, last: u64, detail: impl Into<String>) {
        self.damages.push(Damage::new(what, first, last, detail));
    }

    fn check_file(&mut self) -> Result<()> {
        // Not the quick one: that does not compare indices with their tables.
        let mut check = self.connection.prepare("PRAGMA integrity_check(100)").map_err(sqlite)?;
        let mut rows = check.query([]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let text: String = row.get(0).map_err(sqlite)?;
            if text != "ok" {
                self.damage(Damaged::File, 0, 0, format!("SQLite says: {text}"));
            }
        }
        Ok(())
    }

    /// The events of the next page, and the page.
    fn check_range(&mut self) -> Result<()> {
        let first = self.done + 1;
        let page = page::at(self.connection, first)?;
        let page = page.filter(|page| page.first == first && page.last >= first);
        let last = match &page {
            Some(page) => page.last,
            None => page::next_first(self.connection, first)?.map_or(self.head, |next| next - 1),
        };
        // A gap may be as long as the log: it is read in stretches all the same.
        let last = last.min(self.head).min(self.done + FACTS_MAX as u64);
        let is_readable = self.check_events(first, last)?;
        match page {
            // Of one that reaches beyond the head, the events are told that are lost there.
            Some(page) => {
                let is_comparable = is_readable && page.last <= self.head;
                let expected = is_comparable.then_some(&self.expected);
                if let Some(found) = page.damage(expected) {
                    self.damages.push(found);
                }
            }
            None => self.damage(
                Damaged::Facts,
                first,
                last,
                "expected a page of facts that begins here, found none",
            ),
        }
        self.done = last;
        Ok(())
    }

    fn check_pages_behind(&mut self) -> Result<()> {
        let pages = page::behind(self.connection, self.head)?;
        for found in damages_behind(self.head, &pages) {
            self.damages.push(found);
        }
        Ok(())
    }

    /// Reads events into `expected`; whether all of them are sound.
    fn check_events(&mut self, first: u64, last: u64) -> Result<bool> {
        let connection = self.connection;
        self.expected.clear();
        let mut select = connection.prepare_cached(row::SELECT_RANGE).map_err(sqlite)?;
        let mut rows = select.query((first.cast_signed(), last.cast_signed())).map_err(sqlite)?;
        let (mut next, mut is_sound) = (first, true);
        while let Some(row) = rows.next().map_err(sqlite)? {
            let position = row.get::<_, i64>(0).map_err(sqlite)?.cast_unsigned();
            if position < next {
                let detail = "expected events in the order of their positions, found others";
                self.damage(Damaged::Event, first, last, detail);
                return Ok(false);
            }
            if position > next {
                self.damage(Damaged::Event, next, position - 1, "expected events, found none");
                is_sound = false;
            }
            next = position.saturating_add(1);
            is_sound &= match row::read_unchecked(row) {
                Ok((row, true)) => self.check_event(&row)?,
                Ok((_, false)) => {
                    let detail = "expected another checksum";
                    self.damage(Damaged::Event, position, position, detail);
                    false
                }
                Err(error) => {
                    self.damage(Damaged::Event, position, position, sqlite(error).to_string());
                    false
                }
            };
        }
        if next <= last {
            self.damage(Damaged::Event, next, last, "expected events, found none");
            is_sound = false;
        }
        Ok(is_sound)
    }

    fn check_event(&mut self, row: &EventRow<&str>) -> Result<bool> {
        let position = row.placed.position;
        self.check_place(row.placed);
        let event = match row.event() {
            Ok(event) => event,
            Err(error) => {
                self.damage(Damaged::Event, position, position, error.to_string());
                return Ok(false);
            }
        };
        if !self.is_current {
            return Ok(false);
        }
        let detail = match self.relower.find(row.id) {
            Ok(found) if found == Some(position) => None,
            Ok(found) => {
                Some(format!("expected the event's id at position {position}, found {found:?}"))
            }
            Err(error) if error.is_corrupt() => Some(error.to_string()),
            Err(error) => return Err(error),
        };
        if let Some(detail) = detail {
            self.damage(Damaged::Ids, position, position, detail);
        }
        let lead = match (&event.lead, event.lead_id()) {
            (Some(key), Some(id)) => self.relower.lead(id, key),
            _ => Ok(LeadIndex::NONE),
        };
        let start = self.expected.len();
        let is_comparable = match self.stands_on_damage(row, &event) {
            // What does not read is told by the lowering.
            Err(error) if error.is_corrupt() => true,
            stands => !stands?,
        };
        let lowered = lead.and_then(|lead| {
            if is_comparable {
                self.relower.lower(row, &event, &mut self.expected)?;
            }
            Ok(lead == row.placed.lead)
        });
        match lowered {
            Ok(true) => {}
            Ok(false) => {
                let detail = "expected the lead of the event to have the event's lead index";
                self.damage(Damaged::Names, position, position, detail);
            }
            Err(error) if error.is_corrupt() => {
                self.damage(Damaged::Names, position, position, error.to_string());
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        self.check_links(start, position)?;
        Ok(is_comparable)
    }

    /// Whether the facts of an event are up to a damaged one, which is told already: one that it
    /// corrects, or that corrected it before it came.
    fn stands_on_damage(&mut self, row: &EventRow<&str>, event: &Event) -> Result<bool> {
        if !self.damages.has_events() {
            return Ok(false);
        }
        let EventRow { placed, id, .. } = row;
        let mut others = read::early_positions(self.connection, *id, placed.lead, placed.position)?;
        if let Body::Corrected(corrected) = &event.body {
            others.extend(self.relower.find(corrected.target)?);
        }
        Ok(others.into_iter().any(|position| self.damages.has_event_at(position)))
    }

    /// The event's place in its stream, and that the stream's former end is before it. Behind a
    /// damaged event, which is told already, there is nothing to compare it with. The next one is
    /// compared with this one, so one wrong place is told once.
    fn check_place(&mut self, placed: Placed) {
        let is_loose = placed.lead == LeadIndex::NONE;
        let count = self.streams.len();
        let stream = if is_loose {
            Some(&mut self.loose)
        } else {
            self.streams.get_mut(placed.lead.0 as usize)
        };
        let Some(stream) = stream else {
            let detail = format!("expected a lead index below {count}, found {}", placed.lead.0);
            return self.damage(Damaged::Names, placed.position, placed.position, detail);
        };
        let (events, last) = *stream;
        let sequence = if is_loose { 0 } else { events + 1 };
        *stream = (if is_loose { events + 1 } else { placed.sequence }, placed.position);
        let is_as_expected = (sequence, last) == (placed.sequence, placed.previous);
        if !is_as_expected && !self.damages.has_event_at(placed.previous) {
            let detail = format!(
                "expected sequence {sequence} behind position {last}, found sequence {} behind \
                 position {}",
                placed.sequence, placed.previous
            );
            self.damage(Damaged::Event, placed.position, placed.position, detail);
        }
    }

    fn check_links(&mut self, start: usize, position: u64) -> Result<()> {
        let sql = "SELECT count(*) FROM link \
            WHERE (lead, other) = (?1, ?2) OR (lead, other) = (?2, ?1)";
        for index in start..self.expected.len() {
            let fact = self.expected.row(index);
            if !matches!(fact.kind, Kind::Merged | Kind::Unmerged) {
                continue;
            }
            let mut select = self.connection.prepare_cached(sql).map_err(sqlite)?;
            let count: u32 =
                select.query_row((fact.lead.0, fact.a.0), |row| row.get(0)).map_err(sqlite)?;
            if count != if fact.lead.0 == fact.a.0 { 1 } else { 2 } {
                let detail = "expected a link between the merged leads, found none";
                self.damage(Damaged::Names, position, position, detail);
            }
        }
        Ok(())
    }

    /// The rows of the derived tables have their checksums.
    fn check_rows(&mut self) -> Result<()> {
        for (sql, check) in derived::CHECKS {
            let mut select = self.connection.prepare(sql).map_err(sqlite)?;
            let mut rows = select.query([]).map_err(sqlite)?;
            while let Some(row) = rows.next().map_err(sqlite)? {
                if let Err(error) = check(row) {
                    self.damage(Damaged::Names, 0, 0, error.to_string());
                }
            }
        }
        Ok(())
    }

    /// The numbers of strings and leads have no gaps, and their indices are as long.
    fn check_names(&mut self) -> Result<()> {
        let counts = match Totals::load(self.connection) {
            Ok(counts) => counts.unwrap_or_default(),
            Err(error) if error.is_corrupt() => {
                self.damage(Damaged::Names, 0, 0, error.to_string());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let selects = [
            (
                "strings",
                counts.strings.into(),
                "SELECT count(*), coalesce(max(code), 0) FROM string",
            ),
            ("leads", counts.leads.into(), "SELECT count(*), coalesce(max(lead) + 1, 0) FROM lead"),
            ("links", counts.links, "SELECT count(*), count(*) FROM link"),
            ("keys", counts.leads.into(), "SELECT count(*), count(*) FROM lead WHERE key >= ''"),
        ];
        for (what, expected, sql) in selects {
            let (count, end) = self.pair(sql)?;
            if [count, end] != [expected; 2] {
                let detail = format!("expected {expected} {what}, found {count} up to {end}");
                self.damage(Damaged::Names, 0, 0, detail);
            }
        }
        Ok(())
    }

    /// The ends of the streams are where the events say, and their links are there.
    fn check_streams(&mut self) -> Result<()> {
        let streams = std::mem::take(&mut self.streams);
        let loose = (LeadIndex::NONE.0, self.loose);
        let is_whole = !self.damages.has_events();
        for (lead, (events, last)) in (0..).zip(streams).chain([loose]) {
            let lead = LeadIndex(lead);
            let found = read::stream(self.connection, lead)
                .and_then(|stream| read::links(self.connection, lead).map(|_| stream));
            let detail = match found {
                Ok(found) if (found.events, found.last) == (events, last) => continue,
                // Its end, or one of those that nothing else counts, is not there to compare.
                Ok(found) if self.damages.has_event_at(found.last) => continue,
                Ok(_) if lead == LeadIndex::NONE && !is_whole => continue,
                Ok(found) => format!(
                    "expected the stream of lead index {} to have {events} events up to position \
                     {last}, found {} up to {}",
                    lead.0, found.events, found.last
                ),
                Err(error) if error.is_corrupt() => error.to_string(),
                Err(error) => return Err(error),
            };
            self.damage(Damaged::Names, last, last, detail);
        }
        Ok(())
    }

    /// Every id is in the index or waits for it, once.
    fn check_ids(&mut self) -> Result<()> {
        let sql = "SELECT (SELECT count(*) FROM event_id), \
            (SELECT coalesce(sum(length(ids)), 0) / 16 FROM recent_ids)";
        let (indexed, recent) = self.pair(sql)?;
        let events = self.pair("SELECT count(*), 0 FROM event")?.0;
        if indexed + recent != events {
            let detail = format!("expected {events} ids, found {}", indexed + recent);
            self.damage(Damaged::Ids, 0, 0, detail);
        }
        match read::for_each_recent(self.connection, None, |_, _| {}) {
            Err(error) if error.is_corrupt() => {
                self.damage(Damaged::Ids, 0, 0, error.to_string());
                Ok(())
            }
            checked => checked,
        }
    }

    /// What is kept by lead is what the pages of facts say, of the same events.
    fn check_runs(&mut self) -> Result<()> {
        let runs = match segment::runs(self.connection) {
            Ok(runs) => runs,
            Err(error) if error.is_corrupt() => {
                self.damage(Damaged::Facts, 0, 0, error.to_string());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for run in runs {
            if run.last > self.head {
                // It was told with the events that are lost.
                if self.damages.has_event_at(run.last) {
                    break;
                }
                let detail = format!(
                    "expected facts by lead up to position {} at most, found them for {} to {}; \
                     rebuild the facts from the events",
                    self.head, run.first, run.last
                );
                self.damage(Damaged::Facts, run.first, run.last, detail);
                break;
            }
            self.check_run(run)?;
        }
        Ok(())
    }

    fn check_run(&mut self, run: Run) -> Result<()> {
        let mut sums = Sums::default();
        let mut details = Vec::new();
        segment::for_each_segment(self.connection, run, LeadIndex(0), |segment| {
            match segment.and_then(|segment| segment.unpack()) {
                Ok(facts) => sums.take_out(facts.facts()),
                Err(error) => details.push(error.to_string()),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let mut after = run.first - 1;
        while after < run.last && details.is_empty() {
            let events = (run.last - after).min(EVENTS_PER_STEP);
            match read::facts(self.connection, after, events as usize) {
                Ok(facts) => sums.put_in(&facts),
                // It was told with the page.
                Err(_) => return Ok(()),
            }
            after += events;
        }
        if details.is_empty() && sums != Sums::default() {
            details.push(
                "expected the facts by lead to be those of the pages of facts, found others; \
                 rebuild the facts from the events"
                    .to_owned(),
            );
        }
        details.dedup();
        details.into_iter().for_each(|text| self.damage(Damaged::Facts, run.first, run.last, text));
        Ok(())
    }

    fn pair(&self, sql: &str) -> Result<(u64, u64)> {
        let pair = self.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        let (first, second): (i64, i64) = pair.map_err(sqlite)?;
        Ok((first.cast_unsigned(), second.cast_unsigned()))
    }
}

/// Facts of two sides, which are the same if nothing is left: no order is needed to compare them.
#[derive(Debug, Default, Eq, PartialEq)]
struct Sums {
    facts: u64,
    hashes: u64,
}

impl Sums {
    fn put_in(&mut self, facts: &Facts) {
        self.facts = self.facts.wrapping_add(facts.len() as u64);
        hashes(facts).for_each(|hash| self.hashes = self.hashes.wrapping_add(hash));
    }

    fn take_out(&mut self, facts: &Facts) {
        self.facts = self.facts.wrapping_sub(facts.len() as u64);
        hashes(facts).for_each(|hash| self.hashes = self.hashes.wrapping_sub(hash));
    }
}

/// A hash of each fact, its place in its event included.
fn hashes(facts: &Facts) -> impl Iterator<Item = u64> {
    let mut place = (0, 0_u32);
    (0..facts.len()).map(move |index| {
        let fact = facts.row(index);
        place = if place.0 == fact.position { (place.0, place.1 + 1) } else { (fact.position, 0) };
        let mut hasher = DefaultHasher::new();
        (place, fact.recorded_at, fact.at, fact.lead, fact.kind as u8).hash(&mut hasher);
        (fact.sub, fact.currency, fact.a, fact.b, fact.x).hash(&mut hasher);
        hasher.finish()
    })
}
