//! The rows that names, streams, links and runs are derived as. Each has a checksum over all of
//! its columns, its key included, and is checked wherever it is read.

use leadfold_core::{Code, EventId, LeadId, LeadIndex};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use crate::error::{Result, corrupt, sqlite};
use crate::read;
use crate::row::lead_column;

type Check = fn(&Row<'_>) -> Result<()>;

/// All rows of each table, and what checks one of them.
pub(crate) const CHECKS: [(&str, Check); 6] = [
    ("SELECT lead, id, key, crc FROM lead", |row| Lead::read(row).map(drop)),
    ("SELECT lead, events, last, links, crc FROM stream", |row| Stream::read(row, 0).map(drop)),
    ("SELECT code, text, crc FROM string", |row| Text::read(row).map(drop)),
    ("SELECT lead, other, crc FROM link", |row| Link::read(row).map(drop)),
    ("SELECT target, position, lead, crc FROM early_correction", |row| Early::read(row).map(drop)),
    ("SELECT leads, strings, links, crc FROM total", |row| Totals::read(row).map(drop)),
];

/// A row of `lead`: a lead's number, its id, and its key as first written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lead<'r> {
    pub(crate) index: LeadIndex,
    pub(crate) id: LeadId,
    pub(crate) key: &'r str,
}

impl<'r> Lead<'r> {
    pub(crate) fn crc(&self) -> u32 {
        checksum("lead", &[&self.index.0.to_le_bytes(), self.id.0.as_bytes(), self.key.as_bytes()])
    }

    /// From the columns `lead`, `id`, `key`, `crc`.
    pub(crate) fn read(row: &'r Row<'_>) -> Result<Self> {
        let index = LeadIndex(row.get(0).map_err(sqlite)?);
        let id = LeadId(Uuid::from_bytes(row.get(1).map_err(sqlite)?));
        let key = text(row, 2)?;
        let read = Self { index, id, key };
        check(row, 3, read.crc(), || format!("the lead with index {}", index.0))?;
        Ok(read)
    }
}

/// A row of `stream`: how many events a lead has, the position of the last, and how many leads
/// merges have linked it with. Every lead has one, and so have the events without a lead.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Stream {
    pub(crate) lead: LeadIndex,
    pub(crate) events: u64,
    pub(crate) last: u64,
    pub(crate) links: u64,
}

impl Stream {
    /// Nothing yet.
    pub(crate) const fn empty(lead: LeadIndex) -> Self {
        Self { lead, events: 0, last: 0, links: 0 }
    }

    pub(crate) fn crc(&self) -> u32 {
        let Self { lead, events, last, links } = self;
        let numbers = [events.to_le_bytes(), last.to_le_bytes(), links.to_le_bytes()];
        checksum("stream", &[&lead.0.to_le_bytes(), numbers.as_flattened()])
    }

    /// From the columns `lead`, `events`, `last`, `links`, `crc`, of which the first is at `at`.
    pub(crate) fn read(row: &Row<'_>, at: usize) -> Result<Self> {
        let lead = LeadIndex(row.get(at).map_err(sqlite)?);
        let [events, last, links] = [at + 1, at + 2, at + 3].map(|at| number(row, at));
        let read = Self { lead, events: events?, last: last?, links: links? };
        check(row, at + 4, read.crc(), || format!("the stream of lead index {}", lead.0))?;
        Ok(read)
    }
}

/// A row of `string`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'r> {
    pub(crate) code: Code,
    pub(crate) text: &'r str,
}

impl<'r> Text<'r> {
    pub(crate) fn crc(&self) -> u32 {
        checksum("string", &[&self.code.0.to_le_bytes(), self.text.as_bytes()])
    }

    /// From the columns `code`, `text`, `crc`.
    pub(crate) fn read(row: &'r Row<'_>) -> Result<Self> {
        let read = Self { code: Code(row.get(0).map_err(sqlite)?), text: text(row, 1)? };
        check(row, 2, read.crc(), || format!("the string with code {}", read.code.0))?;
        Ok(read)
    }
}

/// A row of `link`: one direction of a merge or its undoing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) lead: LeadIndex,
    pub(crate) other: LeadIndex,
}

impl Link {
    pub(crate) fn crc(self) -> u32 {
        checksum("link", &[&self.lead.0.to_le_bytes(), &self.other.0.to_le_bytes()])
    }

    /// From the columns `lead`, `other`, `crc`.
    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        let [lead, other] = [0, 1].map(|at| row.get(at).map(LeadIndex).map_err(sqlite));
        let read = Self { lead: lead?, other: other? };
        check(row, 2, read.crc(), || format!("a link of lead index {}", read.lead.0))?;
        Ok(read)
    }
}

/// A row of `early_correction`: a correction that came before the event that it names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Early {
    pub(crate) target: EventId,
    pub(crate) position: u64,
    pub(crate) lead: LeadIndex,
}

impl Early {
    pub(crate) fn crc(self) -> u32 {
        let Self { target, position, lead } = self;
        let parts: [&[u8]; 3] =
            [target.0.as_bytes(), &position.to_le_bytes(), &lead.0.to_le_bytes()];
        checksum("early_correction", &parts)
    }

    /// From the columns `target`, `position`, `lead`, `crc`.
    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        let target = EventId(Uuid::from_bytes(row.get(0).map_err(sqlite)?));
        let lead = row.get::<_, Option<u32>>(2).map_err(sqlite)?;
        let lead = lead.map_or(LeadIndex::NONE, LeadIndex);
        let read = Self { target, position: number(row, 1)?, lead };
        check(row, 3, read.crc(), || format!("the early correction at {}", read.position))?;
        Ok(read)
    }

    pub(crate) fn insert(self, connection: &Connection) -> Result<()> {
        let sql = "INSERT INTO early_correction (target, position, lead, crc) \
            VALUES (?1, ?2, ?3, ?4)";
        let mut insert = connection.prepare_cached(sql).map_err(sqlite)?;
        let Self { target, position, lead } = self;
        let target = target.0.as_bytes().as_slice();
        let row = (target, position.cast_signed(), lead_column(lead), self.crc());
        insert.execute(row).map(drop).map_err(sqlite)
    }
}

/// The row of `total`: how many leads and strings have numbers, and how many rows `link` has.
/// Whether a number that is not found has been given can only be told by this.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Totals {
    pub(crate) leads: u32,
    pub(crate) strings: u32,
    pub(crate) links: u64,
}

impl Totals {
    fn crc(self) -> u32 {
        let names = [self.leads.to_le_bytes(), self.strings.to_le_bytes()];
        checksum("total", &[names.as_flattened(), &self.links.to_le_bytes()])
    }

    /// From the columns `leads`, `strings`, `links`, `crc`.
    fn read(row: &Row<'_>) -> Result<Self> {
        let [leads, strings] = [0, 1].map(|at| row.get(at).map_err(sqlite));
        let read = Self { leads: leads?, strings: strings?, links: number(row, 2)? };
        check(row, 3, read.crc(), || "the totals".to_owned())?;
        Ok(read)
    }

    /// None for a log to which nothing has been written.
    pub(crate) fn load(connection: &Connection) -> Result<Option<Self>> {
        let sql = "SELECT leads, strings, links, crc FROM total WHERE log = 1";
        let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
        let read = select.query_row([], |row| Ok(Self::read(row))).optional();
        let read = read.map_err(sqlite)?.transpose()?;
        if read.is_none() && read::head(connection)? > 0 {
            return Err(missing("the totals"));
        }
        Ok(read)
    }

    pub(crate) fn store(self, connection: &Connection) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO total (log, leads, strings, links, crc) \
            VALUES (1, ?1, ?2, ?3, ?4)";
        let mut replace = connection.prepare_cached(sql).map_err(sqlite)?;
        let row = (self.leads, self.strings, self.links.cast_signed(), self.crc());
        replace.execute(row).map(drop).map_err(sqlite)
    }
}

/// Of bytes of a table's row: all parts but the last are of one length in all of its rows.
pub(crate) fn checksum(table: &str, parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(table.as_bytes());
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize()
}

/// Compares the checksum in a column with what it should be.
pub(crate) fn check(
    row: &Row<'_>,
    at: usize,
    crc: u32,
    what: impl FnOnce() -> String,
) -> Result<()> {
    if row.get::<_, i64>(at).map_err(sqlite)? == i64::from(crc) {
        return Ok(());
    }
    Err(corrupt(format!(
        "the row of {} is damaged: expected another checksum; \
         rebuild what is derived from the events",
        what()
    )))
}

/// A row that has to be there is not.
pub(crate) fn missing(what: &str) -> leadfold_store::StoreError {
    corrupt(format!("expected {what}, found none: rebuild what is derived from the events"))
}

fn number(row: &Row<'_>, at: usize) -> Result<u64> {
    row.get(at).map(i64::cast_unsigned).map_err(sqlite)
}

fn text<'r>(row: &'r Row<'_>, at: usize) -> Result<&'r str> {
    row.get_ref(at).and_then(|text| Ok(text.as_str()?)).map_err(sqlite)
}
