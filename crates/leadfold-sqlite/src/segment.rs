//! The tables `run` and `segment`: facts by lead, which is the order in which rebuilds read.
//!
//! A run covers events of consecutive positions, and its segments have their facts lead by lead.
//! Runs are made of so many new events; eight of a level are merged into one of the next, up to a
//! last level, so that a log of any size has few runs and no fact is written more often than
//! there are levels. A rebuild reads all runs side by side, a few segments of each at a time.

use std::ops::{ControlFlow, RangeInclusive};

use leadfold_core::{Facts, LeadFacts, LeadIndex, LeadPage, LeadRuns};
use rusqlite::{Connection, Row};

use crate::error::{Result, corrupt, sqlite};
use crate::read;
use crate::{derived, schema};

/// Runs of one level that are merged into one of the next.
const FAN_OUT: usize = 8;
/// Runs of this level are not merged any more.
const LEVEL_MAX: u32 = 2;
/// Facts of a segment: about 16,000 events.
const FACTS: usize = 32_768;

/// Segments that are put together before they are written.
const MERGED: usize = 2;

/// Events of consecutive positions whose facts are kept by lead.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Run {
    number: i64,
    pub(crate) first: u64,
    pub(crate) last: u64,
    level: u32,
    /// The number behind that of its last lead.
    leads_end: u64,
}

impl Run {
    fn crc(self) -> u32 {
        let numbers = [self.number.cast_unsigned(), self.first, self.last, self.leads_end]
            .map(u64::to_le_bytes);
        derived::checksum("run", &[numbers.as_flattened(), &self.level.to_le_bytes()])
    }

    pub(crate) fn positions(self) -> RangeInclusive<u64> {
        self.first..=self.last
    }
}

/// All runs, in the order of the log. A file of another version has none that can be read: an older
/// one stays so where an event of it is damaged, and a newer leadfold may have been here.
pub(crate) fn runs(connection: &Connection) -> Result<Vec<Run>> {
    if !schema::is_of_this_version(connection)? {
        return Ok(Vec::new());
    }
    let sql = "SELECT run, first, last, level, leads_end, crc FROM run ORDER BY first";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = select.query([]).map_err(sqlite)?;
    let (mut runs, mut next) = (Vec::new(), 1);
    while let Some(row) = rows.next().map_err(sqlite)? {
        let run = read_run(row)?;
        if run.first != next {
            return Err(corrupt(format!(
                "expected facts by lead from position {next} on, found them from {} on; \
                 rebuild the facts from the events",
                run.first
            )));
        }
        next = run.last + 1;
        runs.push(run);
    }
    check_end(connection, &runs)?;
    Ok(runs)
}

/// The last run has the highest number, and nothing but its segments would miss it.
fn check_end(connection: &Connection, runs: &[Run]) -> Result<()> {
    let sql = "SELECT coalesce(max(run), 0) FROM segment";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let found: i64 = select.query_row([], |row| row.get(0)).map_err(sqlite)?;
    if runs.last().map_or(0, |run| run.number) < found {
        return Err(corrupt(format!(
            "expected run {found} of the facts by lead, of which there are segments, found none; \
             rebuild the facts from the events"
        )));
    }
    Ok(())
}

fn read_run(row: &Row<'_>) -> Result<Run> {
    let number = |at| row.get::<_, i64>(at).map_err(sqlite);
    let (first, last) = (number(1)?.cast_unsigned(), number(2)?.cast_unsigned());
    let (level, leads_end) = (row.get(3).map_err(sqlite)?, number(4)?.cast_unsigned());
    let run = Run { number: number(0)?, first, last, level, leads_end };
    derived::check(row, 5, run.crc(), || format!("the facts by lead from {first} to {last}"))?;
    Ok(run)
}

/// The position up to which facts are kept by lead.
pub(crate) fn sealed(connection: &Connection) -> Result<u64> {
    Ok(runs(connection)?.last().map_or(0, |run| run.last))
}

/// Keeps the facts of so many events behind the last run by lead.
pub(crate) fn seal(connection: &Connection, events: u64) -> Result<()> {
    let after = sealed(connection)?;
    let facts = read::facts(connection, after, usize::try_from(events).unwrap_or(usize::MAX))?;
    let mut run = begin(connection, after + 1, after + events, 0)?;
    insert(connection, &mut run, &LeadFacts::of(&[&facts]))?;
    end(connection, run)?;
    while let Some(parts) = parts_to_merge(&runs(connection)?) {
        merge(connection, parts)?;
    }
    Ok(())
}

/// The last runs, if they are enough of one level.
fn parts_to_merge(runs: &[Run]) -> Option<&[Run]> {
    let parts = &runs[runs.len().checked_sub(FAN_OUT)?..];
    let level = parts[0].level;
    (level < LEVEL_MAX && parts.iter().all(|run| run.level == level)).then_some(parts)
}

fn merge(connection: &Connection, parts: &[Run]) -> Result<()> {
    let (first, last) = (parts[0].first, parts[FAN_OUT - 1].last);
    let mut run = begin(connection, first, last, parts[0].level + 1)?;
    let (mut merged, mut side_by_side) = (LeadFacts::default(), LeadRuns::new(FAN_OUT));
    while !side_by_side.is_done() {
        feed(connection, (parts, &LeadFacts::default()), &mut side_by_side, FACTS)?;
        while let Some((page, events)) = side_by_side.next() {
            merged.append_events(page, events);
            if merged.facts().len() >= MERGED * FACTS {
                insert(connection, &mut run, &merged)?;
                merged = LeadFacts::default();
            }
        }
    }
    insert(connection, &mut run, &merged)?;
    end(connection, run)?;
    parts.iter().try_for_each(|part| delete(connection, *part))
}

/// A run that has no leads yet.
fn begin(connection: &Connection, first: u64, last: u64, level: u32) -> Result<Run> {
    let sql = "SELECT coalesce(max(run), 0) + 1 FROM run";
    let number = connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite)?;
    Ok(Run { number, first, last, level, leads_end: 0 })
}

/// Stores a run whose segments are there.
fn end(connection: &Connection, run: Run) -> Result<()> {
    let sql = "INSERT INTO run (run, first, last, level, leads_end, crc) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = connection.prepare_cached(sql).map_err(sqlite)?;
    let [first, last, leads_end] = [run.first, run.last, run.leads_end].map(u64::cast_signed);
    let row = (run.number, first, last, run.level, leads_end, run.crc());
    insert.execute(row).map(drop).map_err(sqlite)
}

fn delete(connection: &Connection, run: Run) -> Result<()> {
    for sql in ["DELETE FROM segment WHERE run = ?1", "DELETE FROM run WHERE run = ?1"] {
        let mut delete = connection.prepare_cached(sql).map_err(sqlite)?;
        delete.execute([run.number]).map_err(sqlite)?;
    }
    Ok(())
}

/// Appends segments to a run: each begins with the lead behind the one before it, so that none can
/// be missing without a gap.
fn insert(connection: &Connection, run: &mut Run, facts: &LeadFacts) -> Result<()> {
    let sql = "INSERT INTO segment (run, first_lead, last_lead, facts, crc, packed) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = connection.prepare_cached(sql).map_err(sqlite)?;
    // All of a size: a small one costs a rebuild as much time as a large one.
    let parts = (facts.facts().len() + FACTS / 2) / FACTS;
    for part in facts.in_parts(parts) {
        let Some(last) = part.last_lead() else { continue };
        let (first, packed) = (run.leads_end as u32, part.encode());
        let crc = checksum(run.number, first, last.0, &packed);
        let row = (run.number, first, last.0, part.facts().len() as i64, crc, packed);
        insert.execute(row).map_err(sqlite)?;
        run.leads_end = u64::from(last.0) + 1;
    }
    Ok(())
}

/// The facts at some positions of the next leads from one on.
pub(crate) fn lead_facts(
    connection: &Connection,
    from: LeadIndex,
    positions: &RangeInclusive<u64>,
    facts_max: usize,
) -> Result<LeadPage> {
    let mut runs = runs(connection)?;
    runs.retain(|run| run.first <= *positions.end() && run.last >= *positions.start());
    match runs.as_slice() {
        [run] if *positions == run.positions() => {
            packed(connection, *run, from, facts_max).map(LeadPage::Packed)
        }
        _ => {
            let rest = rest(connection, &runs, positions)?;
            unpacked(connection, (&runs, &rest), from, positions, facts_max).map(LeadPage::Facts)
        }
    }
}

/// What of the positions is in no run: all that is derived may have been rebuilt with other runs
/// since they were given.
fn rest(
    connection: &Connection,
    runs: &[Run],
    positions: &RangeInclusive<u64>,
) -> Result<LeadFacts> {
    let before = positions.start().saturating_sub(1);
    let after = runs.last().map_or(before, |run| run.last.max(before));
    let events = positions.end().saturating_sub(after);
    let facts = read::facts(connection, after, usize::try_from(events).unwrap_or(usize::MAX))?;
    Ok(LeadFacts::of(&[&facts]))
}

/// The next segments of a run, about so many facts.
fn packed(
    connection: &Connection,
    run: Run,
    from: LeadIndex,
    facts_max: usize,
) -> Result<Vec<Vec<u8>>> {
    let (mut parts, mut facts) = (Vec::new(), 0_usize);
    for_each_segment(connection, run, from, |segment| {
        let segment = segment?;
        // Of few sizes, as the room of what is unpacked (`Facts::decode` makes its own so).
        let mut part = Vec::with_capacity(segment.packed.len().next_power_of_two());
        part.extend_from_slice(segment.packed);
        parts.push(part);
        facts = facts.saturating_add(segment.facts);
        Ok(if facts < facts_max { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(parts)
}

/// The same of several runs, and of a rest that is in none.
fn unpacked(
    connection: &Connection,
    (runs, rest): (&[Run], &LeadFacts),
    from: LeadIndex,
    positions: &RangeInclusive<u64>,
    facts_max: usize,
) -> Result<LeadFacts> {
    let mut found = LeadFacts::default();
    let mut side_by_side = LeadRuns::within(runs.len() + 1, from, LeadIndex::NONE);
    while found.facts().len() < facts_max.max(1) && !side_by_side.is_done() {
        feed(connection, (runs, rest), &mut side_by_side, facts_max)?;
        while let Some((page, events)) = side_by_side.next() {
            found.append_events(page, events);
        }
        found.keep_positions(positions);
    }
    Ok(found)
}

/// Gives each run the page that it wants.
fn feed(
    connection: &Connection,
    (runs, rest): (&[Run], &LeadFacts),
    side_by_side: &mut LeadRuns,
    facts_max: usize,
) -> Result<()> {
    while let Some((number, from)) = side_by_side.wanted() {
        let page = match runs.get(number) {
            Some(run) => LeadPage::Packed(packed(connection, *run, from, facts_max)?),
            None => LeadPage::Facts(rest.of_leads(from, LeadIndex::NONE)),
        };
        side_by_side.feed(number, page)?;
    }
    Ok(())
}

/// Facts of some leads, as they are stored.
pub(crate) struct Segment<'r> {
    /// About so many; no checksum says so.
    facts: usize,
    packed: &'r [u8],
}

impl Segment<'_> {
    /// The facts.
    pub(crate) fn unpack(&self) -> Result<LeadFacts> {
        Ok(LeadFacts::decode(self.packed)?)
    }
}

fn read_segment<'r>(run: Run, row: &'r Row<'_>) -> Result<Segment<'r>> {
    let (first, last): (u32, u32) = (row.get(0).map_err(sqlite)?, row.get(1).map_err(sqlite)?);
    let packed = row.get_ref(3).and_then(|packed| Ok(packed.as_blob()?)).map_err(sqlite)?;
    let crc = i64::from(checksum(run.number, first, last, packed));
    if row.get::<_, i64>(2).map_err(sqlite)? != crc {
        return Err(corrupt(format!(
            "the facts of the leads number {first} to {last} are damaged: expected another \
             checksum; rebuild the facts from the events"
        )));
    }
    let facts = row.get::<_, i64>(4).map_err(sqlite)?;
    let facts = usize::try_from(facts).unwrap_or(usize::MAX);
    // Packed they take less than unpacked: a count that is too low makes no read one of all segments.
    Ok(Segment { facts: facts.max(packed.len() / Facts::FACT_BYTES), packed })
}

fn checksum(run: i64, first_lead: u32, last_lead: u32, packed: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&run.to_le_bytes());
    hasher.update(&first_lead.to_le_bytes());
    hasher.update(&last_lead.to_le_bytes());
    hasher.update(packed);
    hasher.finalize()
}

/// Calls for each segment of a run from a lead on, in the order of the leads, whatever is in it, and
/// with an error where one is missing.
pub(crate) fn for_each_segment(
    connection: &Connection,
    run: Run,
    from: LeadIndex,
    mut call: impl FnMut(Result<Segment<'_>>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let sql = "SELECT first_lead, last_lead, crc, packed, facts FROM segment \
        WHERE run = ?1 AND last_lead >= ?2 ORDER BY last_lead";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = select.query((run.number, from.0)).map_err(sqlite)?;
    let mut next = None;
    while let Some(row) = rows.next().map_err(sqlite)? {
        let [first, last] = [0, 1].map(|at| row.get::<_, u32>(at).map_err(sqlite));
        let is_next = match (first?, next) {
            (first, Some(next)) => u64::from(first) == next,
            (first, None) => first <= from.0,
        };
        next = Some(u64::from(last?) + 1);
        let segment = if is_next { read_segment(run, row) } else { Err(gap(run)) };
        if call(segment)?.is_break() {
            return Ok(());
        }
    }
    if next.unwrap_or_else(|| u64::from(from.0)) < run.leads_end {
        return call(Err(gap(run))).map(drop);
    }
    Ok(())
}

fn gap(run: Run) -> leadfold_store::StoreError {
    corrupt(format!(
        "expected the facts by lead of positions {} to {} for all leads, found some missing; \
         rebuild the facts from the events",
        run.first, run.last
    ))
}
