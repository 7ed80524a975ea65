//! Projections in a SQLite file: any but that of a log.

use std::error::Error;
use std::iter::successors;
use std::path::Path;

use leadfold_core::EventId;
use leadfold_store::{
    Advance, Checkpoint, ProjectionId, ProjectionState, ProjectionStore, Skipped, Step, StoreError,
    StoreErrorKind, Swap, check_tables,
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior};
use uuid::Uuid;

use crate::error::{Result, of_file, sqlite};
use crate::schema::{APPLICATION_ID, whole};

/// The version of our tables; beside them there may be a product's own.
const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS leadfold_projections (version INTEGER NOT NULL) STRICT;
INSERT INTO leadfold_projections SELECT 1
    WHERE NOT EXISTS (SELECT * FROM leadfold_projections);
CREATE TABLE IF NOT EXISTS leadfold_projection (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    event BLOB,
    is_live INTEGER NOT NULL,
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leadfold_projection_table (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    tbl TEXT NOT NULL,
    PRIMARY KEY (name, version, tbl)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leadfold_projection_skipped (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (name, version, position)
) STRICT, WITHOUT ROWID;
";

/// Projections in a SQLite file, beside a product's own tables or alone.
///
/// A log's file is refused: a commit of somebody else makes the log's writer read anew what it
/// remembers, and both would wait for each other. What is derived lies better in a file that can be
/// deleted.
///
/// A commit survives the death of the process. A loss of power may take the last commits of a file
/// in WAL mode, each with its checkpoint, and the events are taken in again.
#[derive(Debug)]
pub struct SqliteProjections {
    connection: Connection,
}

/// A transaction, as a projection writes to it.
#[derive(Debug)]
pub struct SqliteBatch<'t> {
    transaction: &'t Transaction<'t>,
    id: &'t ProjectionId,
}

impl<'t> SqliteBatch<'t> {
    /// What statements are run with. The transaction is the store's to end: one that `COMMIT` or
    /// `ROLLBACK` has ended is an error.
    pub fn sql(&self) -> &'t Connection {
        self.transaction
    }

    /// The name of a table of this version of the projection, quoted for SQL.
    pub fn table(&self, table: &str) -> String {
        self.id.table(table)
    }
}

impl SqliteProjections {
    /// Opens a file, or makes it, and our tables in it.
    ///
    /// # Errors
    /// `Foreign` for the file of a log, `Newer` for tables of a newer version, and what SQLite
    /// fails with.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let connection = Connection::open(whole(path.as_ref())?).map_err(sqlite)?;
        Self::with(connection)
    }

    /// The same on a connection of the caller's own making.
    ///
    /// # Errors
    /// As [`SqliteProjections::open`].
    pub fn with(connection: Connection) -> Result<Self> {
        let marks = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        if marks("application_id").map_err(sqlite)? == i64::from(APPLICATION_ID) {
            return Err(StoreError::new(
                StoreErrorKind::Foreign,
                "expected a file for projections, found the file of a log: give a file of its own",
            ));
        }
        let is_new = "SELECT NOT EXISTS (SELECT * FROM sqlite_schema)";
        if connection.query_row(is_new, [], |row| row.get(0)).map_err(sqlite)? {
            let mode = |row: &Row<'_>| row.get::<_, String>(0);
            connection.query_row("PRAGMA journal_mode = WAL", [], mode).map_err(sqlite)?;
        }
        let mut projections = Self { connection };
        projections.prepare()?;
        Ok(projections)
    }

    fn prepare(&mut self) -> Result<()> {
        let connection = &self.connection;
        connection.busy_timeout(std::time::Duration::from_secs(10)).map_err(sqlite)?;
        let mode: String =
            connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(sqlite)?;
        if mode == "wal" {
            // Effect and checkpoint are lost together, or not at all.
            connection.pragma_update(None, "synchronous", "NORMAL").map_err(sqlite)?;
        }
        let transaction = self.begin()?;
        transaction.execute_batch(TABLES).map_err(sqlite)?;
        let version = "SELECT version FROM leadfold_projections";
        let version: i64 = transaction.query_row(version, [], |row| row.get(0)).map_err(sqlite)?;
        if version > VERSION {
            let message = format!(
                "expected projections of version {VERSION} or older, found version {version}: \
                 open them with a newer leadfold"
            );
            return Err(StoreError::new(StoreErrorKind::Newer, message));
        }
        transaction.commit().map_err(sqlite)
    }

    /// The connection, for reading what projections have written.
    pub fn sql(&self) -> &Connection {
        &self.connection
    }

    fn begin(&mut self) -> Result<Transaction<'_>> {
        self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)
    }

    /// One transaction for changes that are not the projection's own.
    fn change<T>(&mut self, change: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let transaction = self.begin()?;
        let changed = change(&transaction)?;
        transaction.commit().map_err(sqlite)?;
        Ok(changed)
    }
}

impl ProjectionStore for SqliteProjections {
    type Batch<'t> = SqliteBatch<'t>;

    fn states(&mut self, name: &str) -> Result<Vec<ProjectionState>> {
        states(&self.connection, name)
    }

    fn create<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut SqliteBatch<'_>) -> Result<(), E>,
    ) -> Result<Checkpoint, E> {
        let transaction = self.begin()?;
        if let Some(checkpoint) = checkpoint(&transaction, id)? {
            return Ok(checkpoint);
        }
        let is_live = states(&transaction, id.name())?.is_empty();
        let sql = "INSERT INTO leadfold_projection VALUES (?1, ?2, 0, NULL, ?3)";
        run(&transaction, sql, (id.name(), id.version(), is_live))?;
        make_tables(&transaction, id, tables, make)?;
        if is_live {
            make_views(&transaction, id)?;
        }
        commit(transaction)?;
        Ok(Checkpoint::default())
    }

    fn advance<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        from: Checkpoint,
        work: impl FnOnce(&mut SqliteBatch<'_>) -> Result<Step, E>,
    ) -> Result<Advance, E> {
        let transaction = self.begin()?;
        let found = checkpoint(&transaction, id)?.ok_or_else(|| id.unknown())?;
        if found != from {
            return Ok(Advance::Moved(found));
        }
        let Step { to, skipped } = hand_out(&transaction, id, work)?;
        if let Some(Skipped { position, reason }) = skipped {
            let sql = "INSERT OR REPLACE INTO leadfold_projection_skipped VALUES (?1, ?2, ?3, ?4)";
            let row = (id.name(), id.version(), position.cast_signed(), reason);
            run(&transaction, sql, row)?;
        }
        set_checkpoint(&transaction, id, to)?;
        commit(transaction)?;
        Ok(Advance::Done)
    }

    fn reset<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut SqliteBatch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let transaction = self.begin()?;
        let states = states(&transaction, id.name())?;
        let state = states.iter().find(|state| state.id == *id).ok_or_else(|| id.unknown())?;
        if state.is_live {
            drop_views(&transaction, id)?;
        }
        drop_tables(&transaction, id)?;
        set_checkpoint(&transaction, id, Checkpoint::default())?;
        make_tables(&transaction, id, tables, make)?;
        if state.is_live {
            make_views(&transaction, id)?;
        }
        Ok(commit(transaction)?)
    }

    fn promote(&mut self, id: &ProjectionId) -> Result<Swap> {
        self.change(|connection| {
            let position = checkpoint(connection, id)?.ok_or_else(|| id.unknown())?.position;
            let live = states(connection, id.name())?.into_iter().find(|state| state.is_live);
            let live = live.map_or(0, |live| live.checkpoint.position);
            if position < live {
                return Ok(Swap::Behind { position, live });
            }
            show(connection, id)?;
            Ok(Swap::Done)
        })
    }

    fn roll_back(&mut self, id: &ProjectionId) -> Result<Checkpoint> {
        self.change(|connection| {
            let checkpoint = checkpoint(connection, id)?.ok_or_else(|| id.unknown())?;
            show(connection, id)?;
            Ok(checkpoint)
        })
    }

    fn remove(&mut self, id: &ProjectionId) -> Result<()> {
        self.change(|connection| {
            let states = states(connection, id.name())?;
            let state = states.iter().find(|state| state.id == *id).ok_or_else(|| id.unknown())?;
            if state.is_live {
                return Err(id.in_use());
            }
            drop_tables(connection, id)?;
            let sql = "DELETE FROM leadfold_projection WHERE name = ?1 AND version = ?2";
            run(connection, sql, (id.name(), id.version()))
        })
    }

    fn skipped(&mut self, id: &ProjectionId) -> Result<Vec<Skipped>> {
        let sql = "SELECT position, reason FROM leadfold_projection_skipped \
            WHERE name = ?1 AND version = ?2 ORDER BY position";
        rows(&self.connection, sql, (id.name(), id.version()), |row| {
            let position = row.get::<_, i64>(0)?.cast_unsigned();
            Ok(Skipped { position, reason: row.get(1)? })
        })
    }

    fn own_failure(&self, error: &(dyn Error + 'static)) -> Option<StoreError> {
        let mut sources = successors(Some(error), |error| (**error).source());
        of_file(sources.find_map(|error| error.downcast_ref::<rusqlite::ffi::Error>())?)
    }
}

fn run(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<()> {
    let mut statement = connection.prepare_cached(sql).map_err(sqlite)?;
    statement.execute(params).map(drop).map_err(sqlite)
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let rows = select.query_map(params, read).map_err(sqlite)?;
    rows.collect::<rusqlite::Result<_>>().map_err(sqlite)
}

/// Has a projection write, and sees that the transaction is still the same afterwards, also where
/// the projection fails. If it has ended it, what it wrote before that is there without a
/// checkpoint, and it has to hear of it; if SQLite has, that is not the event's fault.
fn hand_out<T, E: From<StoreError>>(
    transaction: &Transaction<'_>,
    id: &ProjectionId,
    work: impl FnOnce(&mut SqliteBatch<'_>) -> Result<T, E>,
) -> Result<T, E> {
    transaction.execute_batch("SAVEPOINT leadfold_step").map_err(sqlite)?;
    let done = work(&mut SqliteBatch { transaction, id });
    transaction.execute_batch("RELEASE leadfold_step").map_err(|error| {
        StoreError::new(
            StoreErrorKind::Other,
            "expected a transaction that the store ends, found that the projection has ended it, \
             or SQLite because of the disk: see that there is room, take COMMIT and ROLLBACK out \
             of the projection's statements, and reset it",
        )
        .because(error)
    })?;
    done
}

fn commit(transaction: Transaction<'_>) -> Result<()> {
    transaction.commit().map_err(sqlite)
}

fn states(connection: &Connection, name: &str) -> Result<Vec<ProjectionState>> {
    let sql = "SELECT version, position, event, is_live FROM leadfold_projection \
        WHERE name = ?1 ORDER BY version";
    let states = rows(connection, sql, [name], |row| {
        Ok((row.get::<_, u32>(0)?, read_checkpoint(row, 1)?, row.get::<_, bool>(3)?))
    })?;
    let state = |(version, checkpoint, is_live)| {
        Ok(ProjectionState { id: ProjectionId::new(name, version)?, checkpoint, is_live })
    };
    states.into_iter().map(state).collect()
}

fn read_checkpoint(row: &Row<'_>, first: usize) -> rusqlite::Result<Checkpoint> {
    let position = row.get::<_, i64>(first)?.cast_unsigned();
    let event: Option<[u8; 16]> = row.get(first + 1)?;
    Ok(Checkpoint { position, event: event.map(|id| EventId(Uuid::from_bytes(id))) })
}

fn checkpoint(connection: &Connection, id: &ProjectionId) -> Result<Option<Checkpoint>> {
    let sql = "SELECT position, event FROM leadfold_projection WHERE name = ?1 AND version = ?2";
    let mut select = connection.prepare_cached(sql).map_err(sqlite)?;
    let found = select.query_row((id.name(), id.version()), |row| read_checkpoint(row, 0));
    found.optional().map_err(sqlite)
}

fn set_checkpoint(connection: &Connection, id: &ProjectionId, to: Checkpoint) -> Result<()> {
    let sql = "UPDATE leadfold_projection SET position = ?3, event = ?4 \
        WHERE name = ?1 AND version = ?2";
    let event = to.event.map(|event| event.0.into_bytes());
    run(connection, sql, (id.name(), id.version(), to.position.cast_signed(), event))
}

fn make_tables<E: From<StoreError>>(
    transaction: &Transaction<'_>,
    id: &ProjectionId,
    tables: &[&str],
    make: impl FnOnce(&mut SqliteBatch<'_>) -> Result<(), E>,
) -> Result<(), E> {
    check_tables(tables)?;
    for table in tables {
        let sql = "INSERT INTO leadfold_projection_table VALUES (?1, ?2, ?3)";
        run(transaction, sql, (id.name(), id.version(), table))?;
    }
    hand_out(transaction, id, make)
}

fn tables(connection: &Connection, id: &ProjectionId) -> Result<Vec<String>> {
    let sql = "SELECT tbl FROM leadfold_projection_table WHERE name = ?1 AND version = ?2";
    rows(connection, sql, (id.name(), id.version()), |row| row.get(0))
}

fn drop_tables(connection: &Connection, id: &ProjectionId) -> Result<()> {
    for table in tables(connection, id)? {
        let sql = format!("DROP TABLE IF EXISTS {}", id.table(&table));
        connection.execute_batch(&sql).map_err(sqlite)?;
    }
    for of in ["table", "skipped"] {
        let sql = format!("DELETE FROM leadfold_projection_{of} WHERE name = ?1 AND version = ?2");
        run(connection, &sql, (id.name(), id.version()))?;
    }
    Ok(())
}

/// Has the names without a version stand for this one.
fn show(connection: &Connection, id: &ProjectionId) -> Result<()> {
    for state in states(connection, id.name())?.iter().filter(|state| state.is_live) {
        drop_views(connection, &state.id)?;
    }
    let sql = "UPDATE leadfold_projection SET is_live = (version = ?2) WHERE name = ?1";
    run(connection, sql, (id.name(), id.version()))?;
    make_views(connection, id)
}

fn make_views(connection: &Connection, id: &ProjectionId) -> Result<()> {
    // A word of its own for what SQLite tells as any statement that does not fit the tables.
    let is_taken = "SELECT EXISTS (SELECT * FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE)";
    for table in tables(connection, id)? {
        let view = id.view(&table);
        let name = view.trim_matches('"');
        if connection.query_row(is_taken, [name], |row| row.get(0)).map_err(sqlite)? {
            return Err(id.taken(&table));
        }
        let table = id.table(&table);
        let sql = format!("CREATE VIEW {view} AS SELECT * FROM {table}");
        connection.execute_batch(&sql).map_err(sqlite)?;
    }
    Ok(())
}

fn drop_views(connection: &Connection, id: &ProjectionId) -> Result<()> {
    for table in tables(connection, id)? {
        let sql = format!("DROP VIEW IF EXISTS {}", id.view(&table));
        connection.execute_batch(&sql).map_err(sqlite)?;
    }
    Ok(())
}
