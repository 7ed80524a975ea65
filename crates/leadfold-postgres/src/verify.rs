//! Everything in the log, read and compared.
//!
//! Indices are the server's: `amcheck` is its tool for them.

use std::collections::BTreeSet;

use leadfold_core::event::Body;
use leadfold_core::machine::Kind;
use leadfold_core::{EventId, Fact, Facts, LOWERING, LeadIndex};
use leadfold_store::adapter::{EventRow, FACTS_MAX, Map, PageRow, damages_behind};
use leadfold_store::{Damage, Damaged, Damages, StoreErrorKind};
use uuid::Uuid;

use crate::connection::{Connection, column, number};
use crate::error::Result;
use crate::page;
use crate::read::{self, Relowered};
use crate::row::{self, columns};
use crate::schema;

/// Reads everything, from a snapshot. An error means that nothing more could be read; what had
/// been found by then is reported with it as damage of the medium.
pub(crate) fn verify(
    connection: &mut Connection,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Vec<Damage>> {
    let mut verifier = Verifier::new(connection)?;
    match verifier.run(progress) {
        Err(error) if error.kind() == StoreErrorKind::Unreachable => return Err(error),
        Err(error) => {
            let (done, head) = (verifier.done, verifier.head);
            verifier.damage(Damaged::File, done + 1, head.max(done + 1), error.to_string());
        }
        Ok(()) => {}
    }
    Ok(verifier.damages.into_vec())
}

struct Verifier<'c> {
    connection: &'c mut Connection,
    damages: Damages,
    head: u64,
    done: u64,
    /// The lowering of the facts: if it is not ours, only the events are checked.
    lowering: u32,
    /// Events and last position of every stream so far, by lead.
    streams: Vec<(u64, u64)>,
    /// The same of the events without a lead.
    loose: (u64, u64),
    /// So many leads have been named.
    named: u32,
    /// Both directions of what merges connect.
    links: BTreeSet<(i64, i64)>,
    /// How many corrections came before their targets.
    early: u64,
    /// Whether the three above are of all events: not where one is damaged.
    is_whole: bool,
    /// Whether all events so far were there to be compared.
    has_all: bool,
}

impl<'c> Verifier<'c> {
    fn new(connection: &'c mut Connection) -> Result<Self> {
        let head = read::head(connection)?;
        let lowering = schema::lowering(connection)?;
        let sql = "SELECT count(*) FROM lead";
        let leads = number(&connection.query_one(sql, &[])?, 0)?;
        let streams = vec![(0, 0); usize::try_from(leads).unwrap_or(0)];
        let (damages, links) = (Damages::default(), BTreeSet::new());
        let (loose, named, early, is_whole, has_all) = ((0, 0), 0, 0, true, true);
        Ok(Self {
            connection,
            damages,
            head,
            done: 0,
            lowering,
            streams,
            loose,
            named,
            links,
            early,
            is_whole,
            has_all,
        })
    }

    fn run(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<()> {
        progress(0, self.head);
        while self.done < self.head && !self.damages.is_full() {
            self.check_range()?;
            progress(self.done, self.head);
        }
        self.check_pages_behind()?;
        if self.lowering != LOWERING {
            let detail = format!(
                "expected facts of version {LOWERING} beside the events, found version {}: an event \
                 is damaged, so they cannot be made; restore the log from a backup",
                self.lowering
            );
            self.damage(Damaged::Names, 0, 0, detail);
            return Ok(());
        }
        self.check_names()?;
        self.check_surplus()?;
        self.check_streams()
    }

    fn damage(&mut self, what: Damaged, first: u64, last: u64, detail: impl Into<String>) {
        self.damages.push(Damage::new(what, first, last, detail));
    }

    /// The events of the next page, and the page.
    fn check_range(&mut self) -> Result<()> {
        let first = self.done + 1;
        let (page, next) = self.page_from(first)?;
        let last =
            page.as_ref().map_or_else(|| next.map_or(self.head, |next| next - 1), |p| p.last);
        // A gap may be as long as the log: it is read in stretches all the same.
        let last = last.min(self.head).min(self.done + FACTS_MAX as u64);
        let expected = self.check_events(first, last)?;
        match page {
            Some(page) => {
                // Of one that reaches beyond the head, the events are told that are lost there.
                let expected = expected.filter(|_| page.last <= self.head);
                if let Some(found) = page.damage(expected.as_ref()) {
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

    /// The page that begins at a position, or where the next one begins.
    fn page_from(&mut self, first: u64) -> Result<(Option<PageRow>, Option<u64>)> {
        let sql = "SELECT first, last, crc, facts FROM fact_page WHERE first >= $1 \
            ORDER BY first LIMIT 1";
        let row = self.connection.query_opt(sql, &[&first.cast_signed()])?;
        let page = row.as_ref().map(page::read).transpose()?;
        let next = page.as_ref().map(|page| page.first);
        Ok((page.filter(|page| page.first == first && page.last >= first), next))
    }

    /// The facts of some events, if all of them are sound.
    fn check_events(&mut self, first: u64, last: u64) -> Result<Option<Facts>> {
        let sql = columns!("event WHERE position BETWEEN $1 AND $2 ORDER BY position");
        let rows = self.connection.query(sql, &[&first.cast_signed(), &last.cast_signed()])?;
        let (mut next, mut sound, mut corrections) = (first, Vec::new(), Vec::new());
        for row in rows {
            let position = number(&row, 0)?;
            if position != next {
                self.damage(Damaged::Event, next, position - 1, "expected events, found none");
            }
            next = position + 1;
            let checked = row::read_unchecked(&row).and_then(|(row, ok)| row.checked(ok));
            match checked.and_then(|row| row.event().map(|event| (row, event.body))) {
                Ok((row, body)) => {
                    self.check_place(&row);
                    if let Body::Corrected(corrected) = body {
                        corrections.push((position, corrected.target.0));
                    }
                    sound.push(row);
                }
                Err(error) => {
                    self.damage(Damaged::Event, position, position, error.to_string());
                }
            }
        }
        if next <= last {
            self.damage(Damaged::Event, next, last, "expected events, found none");
        }
        if self.lowering != LOWERING {
            return Ok(None);
        }
        let spoiled = self.spoiled(&sound, &corrections)?;
        sound.retain(|row| !spoiled.contains(&row.placed.position));
        let has_all = sound.len() as u64 == last - first + 1;
        self.has_all &= has_all;
        let facts = self.facts_of(&sound)?.filter(|_| has_all);
        self.is_whole &= facts.is_some();
        Ok(facts)
    }

    /// Those of some sound events, and of the corrections among them, whose facts are up to a damaged
    /// one, which is told itself: to one that they correct, or that corrected them before they came.
    fn spoiled(&mut self, rows: &[EventRow], corrections: &[(u64, Uuid)]) -> Result<BTreeSet<u64>> {
        let mut spoiled = self.spoiled_corrections(corrections)?;
        if !read::has_early(self.connection)? {
            return Ok(spoiled);
        }
        let ids: Vec<_> = rows.iter().map(|row| row.id.0).collect();
        let waiting = self.waiting(&ids)?;
        let positions: Vec<_> = waiting.iter().map(|(_, at)| at.cast_signed()).collect();
        let unsound = row::unsound_at(self.connection, &positions)?;
        let is_damaged = |at: u64| unsound.contains(&at) || self.damages.has_event_at(at);
        let targets = waiting.into_iter().filter(|(_, at)| is_damaged(*at));
        let targets: BTreeSet<_> = targets.map(|(target, _)| target).collect();
        let rows = rows.iter().filter(|row| targets.contains(&row.id.0));
        spoiled.extend(rows.map(|row| row.placed.position));
        Ok(spoiled)
    }

    /// Those of some corrections, with what they name, that name a damaged event; or one that is not
    /// there, does not have them waiting, and may be among those that are gone.
    fn spoiled_corrections(&mut self, corrections: &[(u64, Uuid)]) -> Result<BTreeSet<u64>> {
        if corrections.is_empty() {
            return Ok(BTreeSet::new());
        }
        let targets: Vec<_> = corrections.iter().map(|(_, target)| *target).collect();
        let rows = self.connection.query(columns!("event WHERE id = ANY($1)"), &[&targets])?;
        let mut is_sound = Map::default();
        for row in rows {
            let (row, is_as_written) = row::read_unchecked(&row)?;
            is_sound.insert(row.id.0, is_as_written);
        }
        let waiting = self.waiting(&targets)?;
        let is_spoiled = |(at, target): &&(u64, Uuid)| match is_sound.get(target) {
            Some(is_sound) => !is_sound,
            None => self.damages.has_events() && !waiting.contains(&(*target, *at)),
        };
        Ok(corrections.iter().filter(is_spoiled).map(|(at, _)| *at).collect())
    }

    /// What the log has of corrections that came before what they name, one of some events: that,
    /// and where they are.
    fn waiting(&mut self, targets: &[Uuid]) -> Result<BTreeSet<(Uuid, u64)>> {
        let sql = "SELECT target, position FROM early_correction WHERE target = ANY($1)";
        let rows = self.connection.query(sql, &[&targets])?;
        rows.iter().map(|row| Ok((column(row, 0)?, number(row, 1)?))).collect()
    }

    /// The facts of sound events, derived anew, if the log has all their names.
    fn facts_of(&mut self, rows: &[EventRow]) -> Result<Option<Facts>> {
        let mut found: Vec<(u64, String)> = Vec::new();
        let (mut facts, mut links) = (Facts::default(), Vec::new());
        let mut relowered = read::relower(self.connection, rows)?;
        let mut misnamed = self.misnamed(&relowered)?;
        let early = std::mem::take(&mut relowered.early);
        relowered.for_each(|event, fact| {
            let placed = rows[event].placed;
            let detail = match fact {
                Ok(fact) if fact.lead == placed.lead => {
                    let link = link_of(&fact);
                    links.extend(link);
                    facts.push(fact);
                    let other = link.map(|(.., other)| other);
                    let named = [Some(i64::from(fact.lead.0)), other];
                    if !named.into_iter().flatten().any(|lead| misnamed.remove(&lead)) {
                        return Ok(());
                    }
                    "expected the lead to have the key by which the event names it, found another"
                        .to_owned()
                }
                Ok(_) => "expected the lead of the event to have the event's lead index".to_owned(),
                Err(error) => error.to_string(),
            };
            if found.last().is_none_or(|(position, _)| *position != placed.position) {
                found.push((placed.position, detail));
            }
            Ok(())
        })?;
        let is_sound = found.is_empty();
        for (position, detail) in found {
            self.damage(Damaged::Names, position, position, detail);
        }
        self.check_links(&links)?;
        self.check_early(rows, &early)?;
        Ok(is_sound.then_some(facts))
    }

    /// Those leads that are named for the first time and have another key than that.
    fn misnamed(&mut self, relowered: &Relowered) -> Result<BTreeSet<i64>> {
        let (mut leads, mut expected) = (Vec::new(), Vec::new());
        for (lead, key) in relowered.keys().range(LeadIndex(self.named)..) {
            leads.push(i64::from(lead.0));
            expected.push(key.as_str());
        }
        let end = leads.iter().max().map_or(0, |lead| lead + 1);
        self.named = self.named.max(u32::try_from(end).unwrap_or(u32::MAX));
        // What is not there to be compared may have spelled it first.
        if !self.has_all {
            return Ok(BTreeSet::new());
        }
        let sql = "SELECT w.lead FROM unnest($1::bigint[], $2::text[]) AS w (lead, key) \
            JOIN lead l ON l.lead = w.lead WHERE l.key <> w.key";
        let rows = self.connection.query(sql, &[&leads, &expected])?;
        rows.iter().map(|row| column(row, 0)).collect()
    }

    /// A correction whose target had not come waits for it.
    fn check_early(&mut self, rows: &[EventRow], early: &[(usize, EventId)]) -> Result<()> {
        if early.is_empty() {
            return Ok(());
        }
        self.early += early.len() as u64;
        let place = |(index, _): &(usize, EventId)| rows[*index].placed;
        let targets: Vec<_> = early.iter().map(|(_, target)| target.0).collect();
        let positions: Vec<_> = early.iter().map(|e| place(e).position.cast_signed()).collect();
        let leads: Vec<_> = early.iter().map(|e| row::lead_column(place(e).lead)).collect();
        let sql = "SELECT w.position FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) \
            AS w (target, position, lead) WHERE NOT EXISTS (SELECT FROM early_correction e \
                WHERE (e.target, e.position) = (w.target, w.position) \
                AND e.lead IS NOT DISTINCT FROM w.lead)";
        for row in self.connection.query(sql, &[&targets, &positions, &leads])? {
            let position = number(&row, 0)?;
            let detail =
                "expected the correction to wait for what it names, found that it does not";
            self.damage(Damaged::Names, position, position, detail);
        }
        Ok(())
    }

    /// The event's place in its stream, and that the stream's former end is before it. Behind a
    /// damaged event, which is told already, there is nothing to compare it with. The next one is
    /// compared with this one, so one wrong place is told once.
    fn check_place(&mut self, row: &EventRow) {
        let placed = row.placed;
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

    /// Both directions of links, each with the position of its event.
    fn check_links(&mut self, links: &[(u64, i64, i64)]) -> Result<()> {
        let sql = "SELECT w.position FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) \
            AS w (position, a, b) WHERE NOT EXISTS \
                (SELECT FROM link WHERE (lead, other) = (w.a, w.b)) OR NOT EXISTS \
                (SELECT FROM link WHERE (lead, other) = (w.b, w.a))";
        if links.is_empty() {
            return Ok(());
        }
        let both = links.iter().flat_map(|(_, lead, other)| [(*lead, *other), (*other, *lead)]);
        self.links.extend(both);
        let positions: Vec<_> = links.iter().map(|link| link.0.cast_signed()).collect();
        let leads: Vec<_> = links.iter().map(|link| link.1).collect();
        let others: Vec<_> = links.iter().map(|link| link.2).collect();
        for row in self.connection.query(sql, &[&positions, &leads, &others])? {
            let position = number(&row, 0)?;
            let detail = "expected a link between the merged leads, found none";
            self.damage(Damaged::Names, position, position, detail);
        }
        Ok(())
    }

    fn check_pages_behind(&mut self) -> Result<()> {
        let sql = "SELECT first, last, crc, facts FROM fact_page WHERE last > $1 ORDER BY first";
        let rows = self.connection.query(sql, &[&self.head.cast_signed()])?;
        let pages: Vec<_> = rows.iter().map(page::read).collect::<Result<_>>()?;
        for found in damages_behind(self.head, &pages) {
            if found.what == Damaged::Event {
                (self.has_all, self.is_whole) = (false, false);
            }
            self.damages.push(found);
        }
        Ok(())
    }

    /// The numbers of strings and leads have no gaps, no name has two, and the index of keys has
    /// them all.
    fn check_names(&mut self) -> Result<()> {
        let counts = [
            ("strings", "SELECT count(*), coalesce(max(code), 0) FROM string"),
            ("leads", "SELECT count(*), coalesce(max(lead) + 1, 0) FROM lead"),
        ];
        for (what, sql) in counts {
            let row = self.connection.query_one(sql, &[])?;
            let (count, end) = (number(&row, 0)?, number(&row, 1)?);
            if count != end {
                let detail = format!("expected {end} {what}, found {count}");
                self.damage(Damaged::Names, 0, 0, detail);
            }
        }
        Ok(())
    }

    /// Nothing is kept that no event has said.
    fn check_surplus(&mut self) -> Result<()> {
        if !self.is_whole || self.done < self.head {
            return Ok(());
        }
        let counts = [
            ("leads", "SELECT count(*) FROM lead", u64::from(self.named)),
            ("links", "SELECT count(*) FROM link", self.links.len() as u64),
            ("early corrections", "SELECT count(*) FROM early_correction", self.early),
        ];
        for (what, sql, expected) in counts {
            let found = number(&self.connection.query_one(sql, &[])?, 0)?;
            if found > expected {
                let detail = format!("expected {expected} {what}, found {found}");
                self.damage(Damaged::Names, 0, 0, detail);
            }
        }
        Ok(())
    }

    /// The ends of the streams are where the events say, and there are no others.
    fn check_streams(&mut self) -> Result<()> {
        let streams = std::mem::take(&mut self.streams);
        let mut ends: Map<LeadIndex, (u64, u64)> = (0..).map(LeadIndex).zip(streams).collect();
        ends.insert(LeadIndex::NONE, self.loose);
        ends.retain(|_, end| *end != (0, 0));
        let rows = self.connection.query("SELECT lead, events, last FROM stream", &[])?;
        let is_whole = !self.damages.has_events();
        let mut found = Map::default();
        for row in rows {
            let lead = u32::try_from(number(&row, 0)?).unwrap_or(u32::MAX - 1);
            found.insert(LeadIndex(lead), (number(&row, 1)?, number(&row, 2)?));
        }
        let mut leads: Vec<_> = ends.keys().chain(found.keys()).copied().collect();
        leads.sort_unstable();
        leads.dedup();
        for lead in leads {
            let end = |ends: &Map<_, _>| ends.get(&lead).copied().unwrap_or_default();
            let (expected, found): ((u64, u64), (u64, u64)) = (end(&ends), end(&found));
            // Its end, or one of those that nothing else counts, may not be there to compare.
            let is_known =
                !self.damages.has_event_at(found.1) && (is_whole || lead != LeadIndex::NONE);
            if expected != found && is_known {
                let detail = format!(
                    "expected the stream of lead index {} to have {} events up to position {}, \
                     found {} up to {}",
                    lead.0, expected.0, expected.1, found.0, found.1
                );
                self.damage(Damaged::Names, expected.1, expected.1, detail);
            }
        }
        Ok(())
    }
}

/// The leads that a fact connects, with its position.
fn link_of(fact: &Fact) -> Option<(u64, i64, i64)> {
    let is_link = matches!(fact.kind, Kind::Merged | Kind::Unmerged);
    is_link.then(|| (fact.position, i64::from(fact.lead.0), i64::from(fact.a.0)))
}
