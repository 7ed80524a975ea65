//! The tables `run` and `segment`: facts by lead, which is the order in which rebuilds read.
//!
//! A run covers events of consecutive positions, and its segments have their facts lead by lead.
//! Runs are made of so many new events; eight of a level are merged into one of the next, up to a
//! last level, so that a log of any size has few runs and no fact is written more often than
//! there are levels. Segments of small runs are small: a rebuild reads all runs side by side, and
//! what it reads of each should cover about as many leads.

use leadfold_core::{LeadFacts, LeadIndex};
use rusqlite::{Connection, Row};

use crate::derived;
use crate::error::{Result, corrupt, sqlite};
use crate::read;

/// Runs of one level that are merged into one of the next.
const FAN_OUT: usize = 8;
/// Runs of this level are not merged any more.
const LEVEL_MAX: u32 = 2;
/// Facts of a segment at level 0; four times as many at each next level.
const FACTS: usize = 2_048;

/// Events of consecutive positions whose facts are kept by lead.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Run {
    number: i64,
    pub(crate) first: u64,
    pub(crate) last: u64,
    level: u32,
}

impl Run {
    fn crc(self) -> u32 {
        let numbers =
            [self.number.to_le_bytes(), self.first.to_le_bytes(), self.last.to_le_bytes()];
        derived::checksum("run", &[numbers.as_flattened(), &self.level.to_le_bytes()])
    }
}

/// All runs, in the order of the log.
pub(crate) fn runs(connection: &Connection) -> Result<Vec<Run>> {
    let sql = "SELECT run, first, last, level, crc FROM run ORDER BY first";
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
    Ok(runs)
}

fn read_run(row: &Row<'_>) -> Result<Run> {
    let number = |at| row.get::<_, i64>(at).map_err(sqlite);
    let (first, last) = (number(1)?.cast_unsigned(), number(2)?.cast_unsigned());
    let run = Run { number: number(0)?, first, last, level: row.get(3).map_err(sqlite)? };
    derived::check(row, 4, run.crc(), || format!("the facts by lead from {first} to {last}"))?;
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
    let run = begin(connection, after + 1, after + events, 0)?;
    insert(connection, run, &LeadFacts::of(&[&facts]))?;
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
    let run = begin(connection, first, last, parts[0].level + 1)?;
    let mut from = Some(LeadIndex(0));
    while let Some(lead) = from {
        let page = lead_facts(connection, parts, lead, facts_of(parts[0].level))?;
        insert(connection, run, &page)?;
        from = page.last_lead().and_then(next);
    }
    parts.iter().try_for_each(|part| delete(connection, *part))
}

fn begin(connection: &Connection, first: u64, last: u64, level: u32) -> Result<Run> {
    let sql = "SELECT coalesce(max(run), 0) + 1 FROM run";
    let number = connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite)?;
    let run = Run { number, first, last, level };
    let sql = "INSERT INTO run (run, first, last, level, crc) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert = connection.prepare_cached(sql).map_err(sqlite)?;
    let row = (number, first.cast_signed(), last.cast_signed(), level, run.crc());
    insert.execute(row).map_err(sqlite)?;
    Ok(run)
}

fn delete(connection: &Connection, run: Run) -> Result<()> {
    for sql in ["DELETE FROM segment WHERE run = ?1", "DELETE FROM run WHERE run = ?1"] {
        let mut delete = connection.prepare_cached(sql).map_err(sqlite)?;
        delete.execute([run.number]).map_err(sqlite)?;
    }
    Ok(())
}

fn insert(connection: &Connection, run: Run, facts: &LeadFacts) -> Result<()> {
    let sql = "INSERT INTO segment (run, first_lead, last_lead, facts, crc, packed) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = connection.prepare_cached(sql).map_err(sqlite)?;
    for part in facts.split(facts_of(run.level)) {
        let (Some(first), Some(last)) = (part.first_lead(), part.last_lead()) else { continue };
        let packed = part.encode();
        let crc = checksum(run.number, first.0, last.0, &packed);
        let row = (run.number, first.0, last.0, part.facts().len() as i64, crc, packed);
        insert.execute(row).map_err(sqlite)?;
    }
    Ok(())
}

const fn facts_of(level: u32) -> usize {
    FACTS << (2 * level)
}

fn next(lead: LeadIndex) -> Option<LeadIndex> {
    lead.0.checked_add(1).map(LeadIndex)
}

/// The facts up to a position of the next leads from one on.
pub(crate) fn lead_facts_until(
    connection: &Connection,
    from: LeadIndex,
    until: u64,
    facts_max: usize,
) -> Result<LeadFacts> {
    let mut runs = runs(connection)?;
    runs.retain(|run| run.first <= until);
    let mut from = Some(from);
    while let Some(lead) = from {
        let mut page = lead_facts(connection, &runs, lead, facts_max)?;
        from = page.last_lead().and_then(next);
        page.keep_until(until);
        if !page.facts().is_empty() {
            return Ok(page);
        }
    }
    Ok(LeadFacts::default())
}

/// What some runs have of the next leads from one on, about so many facts of the largest.
fn lead_facts(
    connection: &Connection,
    runs: &[Run],
    from: LeadIndex,
    facts_max: usize,
) -> Result<LeadFacts> {
    let mut last = LeadIndex::NONE;
    for run in runs {
        last = last.min(end_of_page(connection, *run, from, facts_max)?);
    }
    let mut pages = Vec::new();
    for run in runs {
        read_segments(connection, *run, from, last, &mut pages)?;
    }
    for page in &mut pages {
        page.keep_leads(from, last);
    }
    if let [_] = pages.as_slice() {
        return Ok(pages.remove(0));
    }
    Ok(LeadFacts::of(&pages.iter().map(LeadFacts::facts).collect::<Vec<_>>()))
}

/// The lead with which a run has so many facts from a lead on.
fn end_of_page(
    connection: &Connection,
    run: Run,
    from: LeadIndex,
    facts_max: usize,
) -> Result<LeadIndex> {
    let sql = "SELECT last_lead, facts FROM segment \
        WHERE run = ?1 AND last_lead >= ?2 ORDER BY last_lead";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = select.query((run.number, from.0)).map_err(sqlite)?;
    let mut facts = 0;
    while let Some(row) = rows.next().map_err(sqlite)? {
        facts += row.get::<_, i64>(1).map_err(sqlite)?;
        if facts >= facts_max as i64 {
            return row.get(0).map(LeadIndex).map_err(sqlite);
        }
    }
    Ok(LeadIndex::NONE)
}

fn read_segments(
    connection: &Connection,
    run: Run,
    from: LeadIndex,
    to: LeadIndex,
    pages: &mut Vec<LeadFacts>,
) -> Result<()> {
    let sql = "SELECT first_lead, last_lead, crc, packed FROM segment \
        WHERE run = ?1 AND last_lead >= ?2 ORDER BY last_lead";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = select.query((run.number, from.0)).map_err(sqlite)?;
    while let Some(row) = rows.next().map_err(sqlite)? {
        if row.get::<_, u32>(0).map_err(sqlite)? > to.0 {
            break;
        }
        pages.push(read_segment(run, row)?);
    }
    Ok(())
}

fn read_segment(run: Run, row: &Row<'_>) -> Result<LeadFacts> {
    let (first, last): (u32, u32) = (row.get(0).map_err(sqlite)?, row.get(1).map_err(sqlite)?);
    let packed = row.get_ref(3).and_then(|packed| Ok(packed.as_blob()?)).map_err(sqlite)?;
    let crc = i64::from(checksum(run.number, first, last, packed));
    if row.get::<_, i64>(2).map_err(sqlite)? != crc {
        return Err(corrupt(format!(
            "the facts of the leads number {first} to {last} are damaged: expected another \
             checksum; rebuild the facts from the events"
        )));
    }
    LeadFacts::decode(packed).map_err(|error| corrupt(error.to_string()).because(error))
}

fn checksum(run: i64, first_lead: u32, last_lead: u32, packed: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&run.to_le_bytes());
    hasher.update(&first_lead.to_le_bytes());
    hasher.update(&last_lead.to_le_bytes());
    hasher.update(packed);
    hasher.finalize()
}

/// Calls for each segment of a run, in the order of the leads, whatever is in it.
pub(crate) fn for_each_segment(
    connection: &Connection,
    run: Run,
    mut call: impl FnMut(Result<LeadFacts>),
) -> Result<()> {
    let sql = "SELECT first_lead, last_lead, crc, packed FROM segment \
        WHERE run = ?1 ORDER BY last_lead";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = select.query([run.number]).map_err(sqlite)?;
    while let Some(row) = rows.next().map_err(sqlite)? {
        call(read_segment(run, row));
    }
    Ok(())
}
