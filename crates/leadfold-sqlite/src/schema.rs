//! The file: its marks, its tables, and how a connection is set up.

use std::path::Path;

use leadfold_store::{StoreError, StoreErrorKind};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::{Result, sqlite};
use crate::{Durability, Options};

/// "lfld": what `file` and SQLite's tools see of us.
pub(crate) const APPLICATION_ID: i32 = 0x6c66_6c64;
/// The layout of tables that this version writes. Older files are brought to it.
pub(crate) const SCHEMA_VERSION: i32 = 4;

const PAGE_BYTES: u32 = 4_096;
/// Pages in the write-ahead log before they are copied to the file: 64 MiB.
const CHECKPOINT_PAGES: u32 = 16_384;

const TABLES: &str = "
CREATE TABLE event (
    position INTEGER PRIMARY KEY,
    lead INTEGER,
    sequence INTEGER NOT NULL,
    previous INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    id BLOB NOT NULL,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE event_id (
    id BLOB PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE recent_ids (
    first INTEGER PRIMARY KEY,
    ids BLOB NOT NULL
) STRICT;
CREATE TABLE lead (
    lead INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    key TEXT NOT NULL
) STRICT;
CREATE INDEX lead_key ON lead (key);
CREATE TABLE stream (
    lead INTEGER PRIMARY KEY,
    events INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;
CREATE TABLE string (
    code INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE fact_page (
    first INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    count INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    facts BLOB NOT NULL
) STRICT;
CREATE TABLE link (
    lead INTEGER NOT NULL,
    other INTEGER NOT NULL,
    PRIMARY KEY (lead, other)
) STRICT, WITHOUT ROWID;
CREATE TABLE early_correction (
    target BLOB NOT NULL,
    position INTEGER NOT NULL,
    lead INTEGER,
    PRIMARY KEY (target, position)
) STRICT, WITHOUT ROWID;
";

/// What version 1 did not have, beside [`RUNS`].
pub(crate) const UPGRADE_1: &str = "CREATE INDEX lead_key ON lead (key)";

/// Facts by lead: what version 2 did not have. Those of version 3 are packed in another layout.
pub(crate) const RUNS: &str = "
CREATE TABLE IF NOT EXISTS run (
    run INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    level INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS segment (
    segment INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    first_lead INTEGER NOT NULL,
    last_lead INTEGER NOT NULL,
    facts INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    packed BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS segment_run ON segment (run, last_lead, facts);
";

/// Empties everything that is derived from the table `event`.
pub(crate) const CLEAR_DERIVED: &str = "
DELETE FROM event_id;
DELETE FROM recent_ids;
DELETE FROM lead;
DELETE FROM stream;
DELETE FROM string;
DELETE FROM fact_page;
DELETE FROM run;
DELETE FROM segment;
DELETE FROM link;
DELETE FROM early_correction;
";

/// Opens a file for the writer, and makes it a store if it is new.
pub(crate) fn open_writer(path: &Path, options: &Options) -> Result<Connection> {
    let mut connection = connect(path, options, options.cache_bytes)?;
    let marks = marks(&connection)?;
    if marks.is_new() {
        create(&mut connection)?;
    } else {
        marks.check()?;
    }
    let mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(sqlite)?;
    if mode != "wal" {
        return Err(StoreError::new(
            StoreErrorKind::Io,
            format!("expected the journal mode wal, found {mode}: put the file on a local disk"),
        ));
    }
    let synchronous = match options.durability {
        Durability::Full => "FULL",
        Durability::UnsafeFasterMayLoseAcknowledgedEvents => "NORMAL",
    };
    set(&connection, "synchronous", synchronous)?;
    set(&connection, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    set(&connection, "journal_size_limit", CHECKPOINT_PAGES * PAGE_BYTES)?;
    if let Some(bytes) = options.bytes_max {
        let pages = u32::try_from(bytes / u64::from(PAGE_BYTES)).unwrap_or(u32::MAX - 1);
        set(&connection, "max_page_count", pages.max(1))?;
    }
    Ok(connection)
}

/// Opens a file that [`open_writer`] has checked, for reading.
pub(crate) fn open_reader(path: &Path, options: &Options) -> Result<Connection> {
    let connection = connect(path, options, options.cache_bytes / 8)?;
    set(&connection, "query_only", "ON")?;
    Ok(connection)
}

fn connect(path: &Path, options: &Options, cache_bytes: u64) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    connection.busy_timeout(options.busy_timeout).map_err(sqlite)?;
    // Negative: kibibytes.
    let kibibytes = i64::try_from(cache_bytes / 1_024).unwrap_or(i64::MAX);
    set(&connection, "cache_size", -kibibytes)?;
    set(&connection, "temp_store", "MEMORY")?;
    Ok(connection)
}

fn set(connection: &Connection, name: &str, value: impl rusqlite::ToSql) -> Result<()> {
    connection.pragma_update(None, name, value).map_err(sqlite)
}

struct Marks {
    application_id: i32,
    version: i32,
    tables: u32,
}

fn marks(connection: &Connection) -> Result<Marks> {
    let number = |name: &str| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map_err(sqlite)
    };
    let tables = "SELECT count(*) FROM sqlite_schema";
    Ok(Marks {
        application_id: number("application_id")?,
        version: number("user_version")?,
        tables: connection.query_row(tables, [], |row| row.get(0)).map_err(sqlite)?,
    })
}

impl Marks {
    fn is_new(&self) -> bool {
        self.application_id == 0 && self.version == 0 && self.tables == 0
    }

    fn check(&self) -> Result<()> {
        let Self { application_id, version, .. } = *self;
        if application_id != APPLICATION_ID {
            return Err(StoreError::new(
                StoreErrorKind::Foreign,
                format!(
                    "expected a leadfold store (application id {APPLICATION_ID}), found a SQLite \
                     file of another program (application id {application_id}): give another path"
                ),
            ));
        }
        if version > SCHEMA_VERSION {
            return Err(StoreError::new(
                StoreErrorKind::Newer,
                format!(
                    "expected a store of version {SCHEMA_VERSION} or older, found version \
                     {version}: open it with a newer leadfold"
                ),
            ));
        }
        if version < 1 {
            return Err(crate::error::corrupt(format!(
                "expected a store of version 1 to {SCHEMA_VERSION}, found version {version}: \
                 restore the file from a backup"
            )));
        }
        Ok(())
    }
}

/// The version of a file's layout.
pub(crate) fn version(connection: &Connection) -> Result<i32> {
    Ok(marks(connection)?.version)
}

/// Marks a file as one of this version.
pub(crate) fn mark_as_current(connection: &Connection) -> Result<()> {
    set(connection, "user_version", SCHEMA_VERSION)
}

fn create(connection: &mut Connection) -> Result<()> {
    set(connection, "page_size", PAGE_BYTES)?;
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
    // Another process may have been faster.
    let marks = marks(&transaction)?;
    if !marks.is_new() {
        return marks.check();
    }
    transaction.execute_batch(TABLES).map_err(sqlite)?;
    transaction.execute_batch(RUNS).map_err(sqlite)?;
    set(&transaction, "application_id", APPLICATION_ID)?;
    mark_as_current(&transaction)?;
    transaction.commit().map_err(sqlite)
}
