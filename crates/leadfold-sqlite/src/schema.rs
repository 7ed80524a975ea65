//! The file: its marks, its tables, and how a connection is set up.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use leadfold_core::LOWERING;
use leadfold_store::{StoreError, StoreErrorKind};
use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::error::{Result, sqlite};
use crate::{Durability, Options, wal};

/// "lfld": what `file` and SQLite's tools see of us.
pub(crate) const APPLICATION_ID: i32 = 0x6c66_6c64;
/// The layout of tables that this version writes. Older files are brought to it.
pub(crate) const SCHEMA_VERSION: i32 = 7;

pub(crate) const PAGE_BYTES: i32 = 4_096;
/// SQLite counts milliseconds in 31 bits; more is a bug to rusqlite.
const BUSY_TIMEOUT_MAX: Duration = Duration::from_millis(i32::MAX as u64);
/// Pages in the write-ahead log before they are copied to the file: 64 MiB.
const CHECKPOINT_PAGES: i32 = 16_384;

const EVENTS: &str = "
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
";

/// Everything that is derived from the table `event`.
const DERIVED: &str = "
CREATE TABLE event_id (
    id BLOB PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE recent_ids (
    first INTEGER PRIMARY KEY,
    ids BLOB NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE lead (
    lead INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    key TEXT NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE INDEX lead_key ON lead (key);
CREATE TABLE stream (
    lead INTEGER PRIMARY KEY,
    events INTEGER NOT NULL,
    last INTEGER NOT NULL,
    links INTEGER NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE string (
    code INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE total (
    log INTEGER PRIMARY KEY,
    leads INTEGER NOT NULL,
    strings INTEGER NOT NULL,
    links INTEGER NOT NULL,
    crc INTEGER NOT NULL
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
    crc INTEGER NOT NULL,
    PRIMARY KEY (lead, other)
) STRICT, WITHOUT ROWID;
CREATE TABLE early_correction (
    target BLOB NOT NULL,
    position INTEGER NOT NULL,
    lead INTEGER,
    crc INTEGER NOT NULL,
    PRIMARY KEY (target, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE run (
    run INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    level INTEGER NOT NULL,
    leads_end INTEGER NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE segment (
    segment INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    first_lead INTEGER NOT NULL,
    last_lead INTEGER NOT NULL,
    facts INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    packed BLOB NOT NULL
) STRICT;
CREATE INDEX segment_run ON segment (run, last_lead, facts);
CREATE TABLE lowering (
    version INTEGER NOT NULL
) STRICT;
-- Derived by the engine, and only kept here.
CREATE TABLE snapshot (
    number INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    position INTEGER NOT NULL,
    event BLOB,
    parts INTEGER NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE snapshot_part (
    snapshot INTEGER NOT NULL,
    part INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (snapshot, part)
) STRICT;
";

/// Drops it. Files of older versions do not have all of it; `name_count` was one of version 4.
const DROP_DERIVED: &str = "
DROP TABLE IF EXISTS event_id;
DROP TABLE IF EXISTS recent_ids;
DROP TABLE IF EXISTS lead;
DROP TABLE IF EXISTS stream;
DROP TABLE IF EXISTS string;
DROP TABLE IF EXISTS fact_page;
DROP TABLE IF EXISTS run;
DROP TABLE IF EXISTS segment;
DROP TABLE IF EXISTS link;
DROP TABLE IF EXISTS early_correction;
DROP TABLE IF EXISTS total;
DROP TABLE IF EXISTS lowering;
DROP TABLE IF EXISTS name_count;
DROP TABLE IF EXISTS snapshot;
DROP TABLE IF EXISTS snapshot_part;
";

/// Opens a file for the writer, and makes it a store if it is new. The flag tells after a commit
/// whether the medium has failed behind it.
pub(crate) fn open_writer(path: &Path, options: &Options) -> Result<(Connection, Arc<AtomicBool>)> {
    if options.durability == Durability::Full {
        wal::check(path)?;
    }
    let may_make = OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(path, may_make, options, options.cache_bytes)?;
    let marks = marks(&connection)?;
    if marks.is_new() {
        create(&mut connection)?;
    } else {
        marks.check()?;
    }
    switch_to_wal(&connection)?;
    let synchronous = match options.durability {
        Durability::Full => "FULL",
        Durability::UnsafeFasterMayLoseAcknowledgedEvents => "NORMAL",
    };
    set(&connection, "synchronous", synchronous)?;
    let has_failed = checkpoint_when_due(&mut connection)?;
    set(&connection, "journal_size_limit", CHECKPOINT_PAGES * PAGE_BYTES)?;
    if let Some(bytes) = options.bytes_max {
        let pages = u32::try_from(bytes / PAGE_BYTES as u64).unwrap_or(u32::MAX - 1);
        set(&connection, "max_page_count", pages.max(1))?;
    }
    Ok((connection, has_failed))
}

fn switch_to_wal(connection: &Connection) -> Result<()> {
    // The new mode is told before it is written down: only the end of the statement says whether
    // that went well.
    let mut switch = connection.prepare("PRAGMA journal_mode = WAL").map_err(sqlite)?;
    let mut rows = switch.query([]).map_err(sqlite)?;
    while rows.next().map_err(sqlite)?.is_some() {}
    let mode: String =
        connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(sqlite)?;
    if mode == "wal" {
        return Ok(());
    }
    Err(StoreError::new(
        StoreErrorKind::Io,
        format!("expected the journal mode wal, found {mode}: put the file on a local disk"),
    ))
}

/// Copies the write-ahead log to the file whenever it has grown long, and notes whether the medium
/// has failed under that: SQLite's own way of doing this keeps it to itself. What has no room now,
/// or is being read, is copied later.
fn checkpoint_when_due(connection: &mut Connection) -> Result<Arc<AtomicBool>> {
    let has_failed = Arc::new(AtomicBool::new(false));
    let note = Arc::clone(&has_failed);
    let hook = move |wal: &mut Wal, pages: i32| {
        if pages < CHECKPOINT_PAGES {
            return Ok(());
        }
        let done = wal.checkpoint_v2(CheckpointMode::PASSIVE);
        let code = done.err().and_then(|error| error.sqlite_error_code());
        note.fetch_or(code == Some(ErrorCode::SystemIoFailure), Ordering::Relaxed);
        // The commit that came upon it has gone through, whatever became of this.
        Ok(())
    };
    connection.wal_hook(Some(hook)).map_err(sqlite)?;
    Ok(has_failed)
}

/// A path from the root on: the process may change its directory before a file is opened again, and
/// SQLite would take one that begins with `file:` for a URI, which could mean another file than the
/// one that is looked at before.
pub(crate) fn whole(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| {
        let text = format!("expected the path of a file, found {}: {error}", path.display());
        StoreError::new(StoreErrorKind::Io, text).because(error)
    })
}

/// Opens a file that [`open_writer`] has checked, for reading. It is there: one that has gone is
/// not made anew.
pub(crate) fn open_reader(path: &Path, options: &Options) -> Result<Connection> {
    let connection = connect(path, OpenFlags::empty(), options, options.cache_bytes / 8)?;
    set(&connection, "query_only", "ON")?;
    Ok(connection)
}

fn connect(
    path: &Path,
    flags: OpenFlags,
    options: &Options,
    cache_bytes: u64,
) -> Result<Connection> {
    let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    connection.busy_timeout(options.busy_timeout.min(BUSY_TIMEOUT_MAX)).map_err(sqlite)?;
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
    lowering: u32,
    tables: u32,
}

/// All of one state of the file, in a transaction of its own where there is none: another process
/// may be making the file meanwhile.
fn marks(connection: &Connection) -> Result<Marks> {
    let transaction = connection.is_autocommit().then(|| connection.unchecked_transaction());
    let _transaction = transaction.transpose().map_err(sqlite)?;
    let number = |name: &str| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map_err(sqlite)
    };
    let tables = "SELECT count(*) FROM sqlite_schema";
    let (application_id, version) = (number("application_id")?, number("user_version")?);
    // Another layout or another program has no such table.
    let is_ours = application_id == APPLICATION_ID && version == SCHEMA_VERSION;
    Ok(Marks {
        application_id,
        version,
        lowering: if is_ours { lowering(connection)? } else { 0 },
        tables: connection.query_row(tables, [], |row| row.get(0)).map_err(sqlite)?,
    })
}

impl Marks {
    fn is_new(&self) -> bool {
        self.application_id == 0 && self.version == 0 && self.tables == 0
    }

    fn check(&self) -> Result<()> {
        let Self { application_id, version, lowering, .. } = *self;
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
        if lowering > LOWERING {
            return Err(StoreError::new(
                StoreErrorKind::Newer,
                format!(
                    "expected facts of version {LOWERING} or older, found version {lowering}: \
                     open the file with a newer leadfold"
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

/// In which version of the lowering the facts were derived; 0 if a file does not say.
pub(crate) fn lowering(connection: &Connection) -> Result<u32> {
    let sql = "SELECT coalesce(max(version), 0) FROM lowering";
    connection.query_row(sql, [], |row| row.get(0)).map_err(sqlite)
}

/// Whether all that is derived is in the layout of this leadfold, and derived as it derives it.
pub(crate) fn is_current(connection: &Connection) -> Result<bool> {
    let Marks { version, lowering, .. } = marks(connection)?;
    Ok((version, lowering) == (SCHEMA_VERSION, LOWERING))
}

/// Whether an older leadfold has derived the facts, perhaps in another way.
pub(crate) fn is_of_older_lowering(connection: &Connection) -> Result<bool> {
    Ok(marks(connection)?.lowering < LOWERING)
}

/// Whether the tables are in the layout of this leadfold. Asked with every page of facts by lead, so
/// nothing else is read.
pub(crate) fn is_of_this_version(connection: &Connection) -> Result<bool> {
    let mut select = connection.prepare_cached("PRAGMA user_version").map_err(sqlite)?;
    let version: i32 = select.query_row([], |row| row.get(0)).map_err(sqlite)?;
    Ok(version == SCHEMA_VERSION)
}

/// Makes the tables of all that is derived anew, and empty, whatever they were, and marks the file
/// as one of this version.
pub(crate) fn renew_derived(connection: &Connection) -> Result<()> {
    connection.execute_batch(DROP_DERIVED).map_err(sqlite)?;
    connection.execute_batch(DERIVED).map_err(sqlite)?;
    mark_as_current(connection)
}

/// Marks a file as one of this version.
fn mark_as_current(connection: &Connection) -> Result<()> {
    set(connection, "user_version", SCHEMA_VERSION)
}

/// Marks the facts of a file as derived by this leadfold.
pub(crate) fn mark_lowering(connection: &Connection) -> Result<()> {
    connection.execute("DELETE FROM lowering", []).map_err(sqlite)?;
    let sql = "INSERT INTO lowering (version) VALUES (?1)";
    connection.execute(sql, [LOWERING]).map(drop).map_err(sqlite)
}

/// Whether this leadfold may still write: a newer one may have opened the file since.
pub(crate) fn check(connection: &Connection) -> Result<()> {
    marks(connection)?.check()
}

/// Whether this leadfold may add to what is derived: also not if an older one has derived it, in
/// another layout or other facts.
pub(crate) fn check_derived(connection: &Connection) -> Result<()> {
    let marks = marks(connection)?;
    marks.check()?;
    if marks.lowering == LOWERING {
        return Ok(());
    }
    let Marks { version, lowering, .. } = marks;
    Err(crate::error::corrupt(format!(
        "expected a store of version {SCHEMA_VERSION} with facts of version {LOWERING}, found \
         version {version} with facts of version {lowering}: open the store again, which derives \
         them anew; if it stays so an event is damaged: verify the store, then restore the file \
         from a backup"
    )))
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
    transaction.execute_batch(EVENTS).map_err(sqlite)?;
    transaction.execute_batch(DERIVED).map_err(sqlite)?;
    mark_lowering(&transaction)?;
    set(&transaction, "application_id", APPLICATION_ID)?;
    mark_as_current(&transaction)?;
    transaction.commit().map_err(sqlite)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

    use super::*;

    /// Nothing that is given as a path is a URI to SQLite, nor a database that is no file.
    #[test]
    fn a_path_is_a_path() {
        let directory = tempfile::tempdir().expect("a directory");
        for name in ["file:leads.db", "file:leads.db?mode=memory", ":memory:"] {
            let path = whole(&directory.path().join(name)).expect("it is one");
            let here = std::env::current_dir().expect("there is one");
            assert_eq!(whole(Path::new(name)).expect("it is one"), here.join(name));
            let (connection, _) = open_writer(&path, &Options::default()).expect("it opens");
            assert_eq!(connection.path(), path.to_str());
            assert!(path.is_file(), "{name}");
        }
        assert_eq!(whole(Path::new("")).expect_err("no path").kind(), StoreErrorKind::Io);
    }

    #[test]
    fn a_file_that_has_gone_is_not_made_by_who_reads() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("leads.db");
        let error = open_reader(&path, &Options::default()).expect_err("there is none");
        assert_eq!(error.kind(), StoreErrorKind::Io);
        assert!(!path.exists());
    }

    /// Another process makes the file between any two reads of the marks: they are those of no file,
    /// or those of the made one.
    #[test]
    fn marks_of_a_file_that_is_being_made_are_of_one_state() {
        for read in ["application_id", "user_version", "sqlite_master"] {
            let directory = tempfile::tempdir().expect("a directory");
            let path = directory.path().join("log.db");
            let options = Options { busy_timeout: Duration::ZERO, ..Options::default() };
            let mut connection =
                connect(&path, OpenFlags::SQLITE_OPEN_CREATE, &options, 0).expect("it opens");
            let make = making(path, options, read);
            connection.authorizer(Some(make)).expect("it is set");
            let marks = marks(&connection).expect("reads");
            assert!(marks.is_new() || marks.check().is_ok(), "before {read}");
            assert_eq!(marks.is_new(), marks.tables == 0, "before {read}");
        }
    }

    /// Makes the file, if it can, just before something of it is read.
    fn making(
        path: PathBuf,
        options: Options,
        before: &'static str,
    ) -> impl FnMut(AuthContext<'_>) -> Authorization + Send + 'static {
        move |context| {
            let is_now = match context.action {
                AuthAction::Pragma { pragma_name, .. } => pragma_name == before,
                AuthAction::Read { table_name, .. } => table_name.contains(before),
                _ => false,
            };
            if is_now {
                let made = connect(&path, OpenFlags::SQLITE_OPEN_CREATE, &options, 0)
                    .and_then(|mut other| create(&mut other));
                let is_busy = |error: StoreError| error.kind() == StoreErrorKind::Busy;
                assert!(made.is_ok() || made.is_err_and(is_busy));
            }
            Authorization::Allow
        }
    }
}
