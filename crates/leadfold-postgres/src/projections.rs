//! Projections in a schema of a PostgreSQL database.

use std::error::Error;
use std::fmt;
use std::iter::successors;
use std::sync::Arc;

use leadfold_core::EventId;
use leadfold_store::{
    Advance, Checkpoint, ProjectionId, ProjectionState, ProjectionStore, Skipped, Step, StoreError,
    StoreErrorKind, Swap, check_tables,
};
use postgres::error::{DbError, SqlState};
use postgres::tls::{MakeTlsConnect, TlsConnect};
use postgres::{Client, Config, GenericClient, NoTls, Row, Socket, Transaction};

use crate::connection::{column, number, patient};
use crate::error::{Result, of_server, pg, unknown_step};
use crate::schema::{self, Names};

/// The version of our tables; beside them there may be a product's own.
const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS leadfold_projections (version bigint NOT NULL);
INSERT INTO leadfold_projections SELECT 1
    WHERE NOT EXISTS (SELECT FROM leadfold_projections);
CREATE TABLE IF NOT EXISTS leadfold_projection (
    name text NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL,
    event uuid,
    is_live boolean NOT NULL,
    PRIMARY KEY (name, version)
);
CREATE TABLE IF NOT EXISTS leadfold_projection_table (
    name text NOT NULL,
    version bigint NOT NULL,
    tbl text NOT NULL,
    PRIMARY KEY (name, version, tbl)
);
CREATE TABLE IF NOT EXISTS leadfold_projection_skipped (
    name text NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (name, version, position)
);
";

/// Projections in a schema of a PostgreSQL database, beside a product's own tables or alone; the
/// log may be in another database, or none of PostgreSQL at all.
///
/// Its client waits on a runtime of its own, so calls of this store belong on a thread where no
/// other runtime runs, such as one of `spawn_blocking`.
pub struct PostgresProjections {
    connect: Arc<dyn Fn() -> Result<Client> + Send + Sync>,
    /// Made anew when it was cut.
    client: Client,
    /// The server has said so. The client itself finds out when it has read on.
    is_cut: bool,
}

impl fmt::Debug for PostgresProjections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The configuration may hold a password.
        f.debug_struct("PostgresProjections").finish_non_exhaustive()
    }
}

/// A transaction, as a projection writes to it.
pub struct PostgresBatch<'t> {
    transaction: Transaction<'t>,
    id: &'t ProjectionId,
}

impl fmt::Debug for PostgresBatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresBatch").field("id", self.id).finish_non_exhaustive()
    }
}

impl<'t> PostgresBatch<'t> {
    /// What statements are run with. The transaction is the store's to end: one that `COMMIT` or
    /// `ROLLBACK` has ended is an error.
    pub fn sql(&mut self) -> &mut Transaction<'t> {
        &mut self.transaction
    }

    /// The name of a table of this version of the projection, quoted for SQL.
    pub fn table(&self, table: &str) -> String {
        self.id.table(table)
    }
}

impl PostgresProjections {
    /// Opens a schema, or makes it, and our tables in it, without TLS. `url` is a connection
    /// string of libpq.
    ///
    /// # Errors
    /// `Foreign` for a name that no schema can have, `Newer` for tables of a newer version, and
    /// what the server fails with.
    pub fn open(url: &str, schema: &str) -> Result<Self> {
        let config = url.parse().map_err(|error: postgres::Error| {
            // Not the text itself: it may hold a password.
            let message = format!(
                "expected a connection string as postgres://user@host/database, found another \
                 text: {error}"
            );
            StoreError::new(StoreErrorKind::Foreign, message)
        })?;
        Self::connect_with(config, schema, NoTls)
    }

    /// The same with a connection of the caller's making.
    ///
    /// # Errors
    /// As [`PostgresProjections::open`].
    pub fn connect_with<T>(config: Config, schema: &str, tls: T) -> Result<Self>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::TlsConnect: Send,
        T::Stream: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let (names, config) = (Names::new(schema)?, patient(config));
        let quoted = names.quoted();
        // At a higher level a runner would see the checkpoint as it was before it had its turn.
        let settings = format!(
            "SET client_min_messages TO warning; SET search_path TO {quoted}; \
             SET default_transaction_isolation TO 'read committed'; \
             SET lock_timeout TO '10s'; SET idle_in_transaction_session_timeout TO '1min'"
        );
        let connect = Arc::new(move || {
            let mut client = config.connect(tls.clone()).map_err(pg)?;
            client.batch_execute(&settings).map_err(pg)?;
            Ok(client)
        });
        let mut projections = Self { client: connect()?, connect, is_cut: false };
        projections.change(|transaction| {
            // Those who come together make it one after the other.
            transaction.batch_execute(&names.lock()).map_err(pg)?;
            if !schema::exists(transaction, &names)? {
                transaction.batch_execute(&format!("CREATE SCHEMA {quoted}")).map_err(pg)?;
            }
            transaction.batch_execute(TABLES).map_err(pg)?;
            check_version(transaction)
        })?;
        Ok(projections)
    }

    /// A client, for reading what projections have written.
    ///
    /// # Errors
    /// Where the connection was cut and no other can be made.
    pub fn sql(&mut self) -> Result<&mut Client> {
        if self.is_cut || self.client.is_closed() {
            self.client = (self.connect)()?;
            self.is_cut = false;
        }
        Ok(&mut self.client)
    }

    /// Asks something outside of a transaction; what one is answered, its end hears, too.
    fn ask<'a, T>(&'a mut self, ask: impl FnOnce(&'a mut Client) -> Result<T>) -> Result<T> {
        self.sql()?;
        let Self { client, is_cut, .. } = self;
        ask(client).inspect_err(|error| *is_cut = error.kind() == StoreErrorKind::Unreachable)
    }

    fn begin(&mut self) -> Result<Transaction<'_>> {
        self.ask(|client| client.transaction().map_err(pg))
    }

    /// One transaction for changes that are not the projection's own.
    fn change<T>(&mut self, change: impl FnOnce(&mut Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut transaction = self.begin()?;
        let changed = change(&mut transaction)?;
        commit(transaction)?;
        Ok(changed)
    }
}

impl ProjectionStore for PostgresProjections {
    type Batch<'t> = PostgresBatch<'t>;

    fn states(&mut self, name: &str) -> Result<Vec<ProjectionState>> {
        self.ask(|client| states(client, name, SELECT_STATES))
    }

    fn create<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut PostgresBatch<'_>) -> Result<(), E>,
    ) -> Result<Checkpoint, E> {
        let mut transaction = self.begin()?;
        // Two that make it at the same time do so one after the other.
        let sql = "LOCK TABLE leadfold_projection IN SHARE ROW EXCLUSIVE MODE";
        transaction.batch_execute(sql).map_err(pg)?;
        let states = states(&mut transaction, id.name(), SELECT_STATES)?;
        if let Some(state) = states.iter().find(|state| state.id == *id) {
            return Ok(state.checkpoint);
        }
        let is_live = states.is_empty();
        let sql = "INSERT INTO leadfold_projection VALUES ($1, $2, 0, NULL, $3)";
        run(&mut transaction, sql, &[&id.name(), &version(id), &is_live])?;
        let mut transaction = make_tables(transaction, id, tables, make)?;
        if is_live {
            make_views(&mut transaction, id)?;
        }
        commit(transaction)?;
        Ok(Checkpoint::default())
    }

    fn advance<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        from: Checkpoint,
        work: impl FnOnce(&mut PostgresBatch<'_>) -> Result<Step, E>,
    ) -> Result<Advance, E> {
        let mut transaction = self.begin()?;
        // Runners of one version take turns: the row is locked until the end.
        let sql = "SELECT position, event FROM leadfold_projection \
            WHERE name = $1 AND version = $2 FOR NO KEY UPDATE";
        let row = transaction.query_opt(sql, &[&id.name(), &version(id)]).map_err(pg)?;
        let row = row.ok_or_else(|| id.unknown())?;
        let found = read_checkpoint(&row, 0)?;
        if found != from {
            return Ok(Advance::Moved(found));
        }
        let (mut transaction, Step { to, skipped }) = hand_out(transaction, id, work)?;
        if let Some(Skipped { position, reason }) = skipped {
            let sql = "INSERT INTO leadfold_projection_skipped VALUES ($1, $2, $3, $4) \
                ON CONFLICT (name, version, position) DO UPDATE SET reason = excluded.reason";
            let (position, reason) = (position.cast_signed(), storable(&reason));
            run(&mut transaction, sql, &[&id.name(), &version(id), &position, &reason])?;
        }
        set_checkpoint(&mut transaction, id, to)?;
        commit(transaction)?;
        Ok(Advance::Done)
    }

    fn reset<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut PostgresBatch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut transaction = self.begin()?;
        let states = states(&mut transaction, id.name(), LOCK_STATES)?;
        let state = states.iter().find(|state| state.id == *id).ok_or_else(|| id.unknown())?;
        let mut rights = Vec::new();
        if state.is_live {
            for table in self::tables(&mut transaction, id)? {
                let of_view = drop_view(&mut transaction, &id.view(&table))?;
                // One that is no longer listed has no view again.
                if tables.contains(&table.as_str()) {
                    rights.extend(of_view);
                }
            }
        }
        drop_tables(&mut transaction, id)?;
        set_checkpoint(&mut transaction, id, Checkpoint::default())?;
        let mut transaction = make_tables(transaction, id, tables, make)?;
        if state.is_live {
            make_views(&mut transaction, id)?;
            grant(&mut transaction, &rights)?;
        }
        Ok(commit(transaction)?)
    }

    fn promote(&mut self, id: &ProjectionId) -> Result<Swap> {
        self.change(|transaction| {
            let states = states(transaction, id.name(), LOCK_STATES)?;
            let state = states.iter().find(|state| state.id == *id).ok_or_else(|| id.unknown())?;
            let live = states.iter().find(|state| state.is_live);
            let live = live.map_or(0, |live| live.checkpoint.position);
            if state.checkpoint.position < live {
                return Ok(Swap::Behind { position: state.checkpoint.position, live });
            }
            show(transaction, id, &states)?;
            Ok(Swap::Done)
        })
    }

    fn roll_back(&mut self, id: &ProjectionId) -> Result<Checkpoint> {
        self.change(|transaction| {
            let states = states(transaction, id.name(), LOCK_STATES)?;
            let state = states.iter().find(|state| state.id == *id).ok_or_else(|| id.unknown())?;
            show(transaction, id, &states)?;
            Ok(state.checkpoint)
        })
    }

    fn remove(&mut self, id: &ProjectionId) -> Result<()> {
        self.change(|transaction| {
            let states = states(transaction, id.name(), LOCK_STATES)?;
            let state = states.iter().find(|state| state.id == *id).ok_or_else(|| id.unknown())?;
            if state.is_live {
                return Err(id.in_use());
            }
            drop_tables(transaction, id)?;
            let sql = "DELETE FROM leadfold_projection WHERE name = $1 AND version = $2";
            run(transaction, sql, &[&id.name(), &version(id)])
        })
    }

    fn skipped(&mut self, id: &ProjectionId) -> Result<Vec<Skipped>> {
        let sql = "SELECT position, reason FROM leadfold_projection_skipped \
            WHERE name = $1 AND version = $2 ORDER BY position";
        let params: crate::connection::Params<'_> = &[&id.name(), &version(id)];
        let rows = self.ask(|client| client.query(sql, params).map_err(pg))?;
        let skipped =
            |row: &Row| Ok(Skipped { position: number(row, 0)?, reason: column(row, 1)? });
        rows.iter().map(skipped).collect()
    }

    fn own_failure(&self, error: &(dyn Error + 'static)) -> Option<StoreError> {
        let mut sources = successors(Some(error), |error| (**error).source());
        of_server(sources.find_map(|error| error.downcast_ref::<DbError>())?)
    }
}

const SELECT_STATES: &str = "SELECT version, position, event, is_live FROM leadfold_projection \
    WHERE name = $1 ORDER BY version";
/// Runners of whatever version wait until the end.
const LOCK_STATES: &str = "SELECT version, position, event, is_live FROM leadfold_projection \
    WHERE name = $1 ORDER BY version FOR UPDATE";

/// So many characters of a reason are kept.
const REASON_CHARS_MAX: usize = 4_096;

/// A reason as a column can hold it: the server takes no NUL.
fn storable(reason: &str) -> String {
    reason.chars().take(REASON_CHARS_MAX).collect::<String>().replace('\0', "\u{fffd}")
}

fn version(id: &ProjectionId) -> i64 {
    i64::from(id.version())
}

fn check_version(client: &mut impl GenericClient) -> Result<()> {
    let row = client.query_one("SELECT version FROM leadfold_projections", &[]).map_err(pg)?;
    let version: i64 = column(&row, 0)?;
    if version <= VERSION {
        return Ok(());
    }
    let message = format!(
        "expected projections of version {VERSION} or older, found version {version}: \
         open them with a newer leadfold"
    );
    Err(StoreError::new(StoreErrorKind::Newer, message))
}

fn run(
    client: &mut impl GenericClient,
    sql: &str,
    params: crate::connection::Params<'_>,
) -> Result<()> {
    client.execute(sql, params).map(drop).map_err(pg)
}

fn commit(transaction: Transaction<'_>) -> Result<()> {
    transaction.commit().map_err(|error| {
        let error = pg(error);
        if error.kind() == StoreErrorKind::Unreachable { unknown_step(&error) } else { error }
    })
}

fn states(
    client: &mut impl GenericClient,
    name: &str,
    select: &str,
) -> Result<Vec<ProjectionState>> {
    let rows = client.query(select, &[&name]).map_err(pg)?;
    let state = |row: &Row| {
        let version = u32::try_from(column::<i64>(row, 0)?).unwrap_or(u32::MAX);
        let id = ProjectionId::new(name, version)?;
        let checkpoint = read_checkpoint(row, 1)?;
        Ok(ProjectionState { id, checkpoint, is_live: column(row, 3)? })
    };
    rows.iter().map(state).collect()
}

fn read_checkpoint(row: &Row, first: usize) -> Result<Checkpoint> {
    let event = column::<Option<uuid::Uuid>>(row, first + 1)?.map(EventId);
    Ok(Checkpoint { position: number(row, first)?, event })
}

fn set_checkpoint(
    transaction: &mut Transaction<'_>,
    id: &ProjectionId,
    to: Checkpoint,
) -> Result<()> {
    let sql = "UPDATE leadfold_projection SET position = $3, event = $4 \
        WHERE name = $1 AND version = $2";
    let (position, event) = (to.position.cast_signed(), to.event.map(|event| event.0));
    run(transaction, sql, &[&id.name(), &version(id), &position, &event])
}

/// Has a projection write, and sees that the transaction is still the same afterwards, also where
/// the projection fails. If it has ended it, what it wrote is there without a checkpoint, and it
/// has to hear of it; if the connection was cut, that is not the event's fault.
fn hand_out<'t, T, E: From<StoreError>>(
    mut transaction: Transaction<'t>,
    id: &'t ProjectionId,
    work: impl FnOnce(&mut PostgresBatch<'_>) -> Result<T, E>,
) -> Result<(Transaction<'t>, T), E> {
    transaction.batch_execute("SAVEPOINT leadfold_step").map_err(pg)?;
    let mut batch = PostgresBatch { transaction, id };
    let done = work(&mut batch);
    let mut transaction = batch.transaction;
    // A transaction in which a statement has failed can only go back.
    let end = if done.is_ok() { "RELEASE" } else { "ROLLBACK TO" };
    transaction.batch_execute(&format!("{end} leadfold_step")).map_err(not_lasted)?;
    Ok((transaction, done?))
}

fn not_lasted(error: postgres::Error) -> StoreError {
    let ended = [SqlState::NO_ACTIVE_SQL_TRANSACTION, SqlState::S_E_INVALID_SPECIFICATION];
    let message = match error.code() {
        Some(state) if ended.contains(state) => {
            "expected a transaction that the store ends, found that the projection has ended it: \
             take COMMIT and ROLLBACK out of its statements, and reset it"
        }
        Some(state) if *state == SqlState::IN_FAILED_SQL_TRANSACTION => {
            "expected that all statements of the projection went, found one that failed, of which \
             it says nothing: hand the statement's error on, or go back to a savepoint"
        }
        _ => return pg(error),
    };
    StoreError::new(StoreErrorKind::Other, message)
}

fn make_tables<'t, E: From<StoreError>>(
    mut transaction: Transaction<'t>,
    id: &'t ProjectionId,
    tables: &[&str],
    make: impl FnOnce(&mut PostgresBatch<'_>) -> Result<(), E>,
) -> Result<Transaction<'t>, E> {
    check_tables(tables)?;
    for table in tables {
        let sql = "INSERT INTO leadfold_projection_table VALUES ($1, $2, $3)";
        run(&mut transaction, sql, &[&id.name(), &version(id), table])?;
    }
    hand_out(transaction, id, make).map(|(transaction, ())| transaction)
}

fn tables(client: &mut impl GenericClient, id: &ProjectionId) -> Result<Vec<String>> {
    let sql = "SELECT tbl FROM leadfold_projection_table WHERE name = $1 AND version = $2";
    let rows = client.query(sql, &[&id.name(), &version(id)]).map_err(pg)?;
    rows.iter().map(|row| column(row, 0)).collect()
}

fn drop_tables(client: &mut impl GenericClient, id: &ProjectionId) -> Result<()> {
    for table in tables(client, id)? {
        let sql = format!("DROP TABLE IF EXISTS {}", id.table(&table));
        client.batch_execute(&sql).map_err(in_the_way)?;
    }
    for of in ["table", "skipped"] {
        let sql = format!("DELETE FROM leadfold_projection_{of} WHERE name = $1 AND version = $2");
        run(client, &sql, &[&id.name(), &version(id)])?;
    }
    Ok(())
}

/// Has the names without a version stand for this one. Views stay the same views where they can:
/// others have rights on them, and views of their own.
fn show(
    client: &mut impl GenericClient,
    id: &ProjectionId,
    states: &[ProjectionState],
) -> Result<()> {
    let tables = tables(client, id)?;
    let mut shown = Vec::new();
    for state in states.iter().filter(|state| state.is_live) {
        shown.extend(self::tables(client, &state.id)?);
    }
    let sql = "UPDATE leadfold_projection SET is_live = (version = $2) WHERE name = $1";
    run(client, sql, &[&id.name(), &version(id)])?;
    for table in shown.iter().filter(|table| !tables.contains(table)) {
        drop_view(client, &id.view(table))?;
    }
    for table in &tables {
        if shown.contains(table) {
            replace_view(client, id, table)?;
        } else {
            make_view(client, id, table)?;
        }
    }
    Ok(())
}

fn make_views(client: &mut impl GenericClient, id: &ProjectionId) -> Result<()> {
    tables(client, id)?.iter().try_for_each(|table| make_view(client, id, table))
}

/// A name that somebody else's table or view has is an error.
fn make_view(client: &mut impl GenericClient, id: &ProjectionId, table: &str) -> Result<()> {
    let made = client.batch_execute(&format!("CREATE {}", view_of(id, table)));
    made.map_err(|error| match error.code() {
        Some(&SqlState::DUPLICATE_TABLE) => id.taken(table).because(error),
        _ => pg(error),
    })
}

/// Has a view of ours stand for another table; one with other columns is made anew.
fn replace_view(client: &mut impl GenericClient, id: &ProjectionId, table: &str) -> Result<()> {
    let mut attempt = client.transaction().map_err(pg)?;
    match attempt.batch_execute(&format!("CREATE OR REPLACE {}", view_of(id, table))) {
        Ok(()) => attempt.commit().map_err(pg),
        Err(error) if error.code() == Some(&SqlState::INVALID_TABLE_DEFINITION) => {
            attempt.rollback().map_err(pg)?;
            let rights = drop_view(client, &id.view(table))?;
            make_view(client, id, table)?;
            grant(client, &rights)
        }
        Err(error) => Err(pg(error)),
    }
}

fn view_of(id: &ProjectionId, table: &str) -> String {
    format!("VIEW {} AS SELECT * FROM {}", id.view(table), id.table(table))
}

/// The statements that give back the rights on the view as a whole.
fn drop_view(client: &mut impl GenericClient, view: &str) -> Result<Vec<String>> {
    let sql = "SELECT format('GRANT %s ON %s TO %s%s', privilege_type, $1::text, \
            CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, \
            CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) \
        FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = to_regclass($1)";
    let rows = client.query(sql, &[&view]).map_err(pg)?;
    client.batch_execute(&format!("DROP VIEW IF EXISTS {view}")).map_err(in_the_way)?;
    rows.iter().map(|row| column(row, 0)).collect()
}

fn grant(client: &mut impl GenericClient, rights: &[String]) -> Result<()> {
    rights.iter().try_for_each(|right| client.batch_execute(right).map_err(pg))
}

/// What somebody else has made of a view or table stands in the way of its end. The server's
/// details name that, and no values.
fn in_the_way(error: postgres::Error) -> StoreError {
    let Some(reported) = error.as_db_error() else { return pg(error) };
    if *reported.code() != SqlState::DEPENDENT_OBJECTS_STILL_EXIST {
        return pg(error);
    }
    let message = format!(
        "expected nothing that stands on the projection's views and tables and does not fit the \
         new ones, found some ({}): drop it first, and make it again afterwards",
        reported.detail().unwrap_or_else(|| reported.message()),
    );
    StoreError::new(StoreErrorKind::Other, message)
}
