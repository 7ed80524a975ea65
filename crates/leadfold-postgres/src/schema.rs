//! The schema: its name, its tables, and the version of both.

use leadfold_core::LOWERING;
use leadfold_store::{StoreError, StoreErrorKind};
use postgres::GenericClient;

use crate::connection::{Connection, column, number};
use crate::error::{Result, corrupt, pg};

/// "lfld": the first key of our advisory locks.
const LOCK_CLASS: i32 = 0x6c66_6c64;

/// The way from each version to the next; the last is the version that this leadfold writes. From
/// 0, nothing, to 1, and on to 2, which says how its facts were derived.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// The names of one log on a server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Names {
    schema: String,
}

impl Names {
    /// The longest identifier of PostgreSQL.
    const BYTES_MAX: usize = 63;
    /// In a search path it stands for another schema, also in quotes.
    const USER: &str = "$user";

    pub(crate) fn new(log: &str) -> Result<Self> {
        let is_sound = !log.is_empty()
            && log.len() <= Self::BYTES_MAX
            && !log.contains(char::is_control)
            && !log.starts_with("pg_")
            && log != Self::USER;
        if is_sound {
            return Ok(Self { schema: log.to_owned() });
        }
        Err(StoreError::new(
            StoreErrorKind::Foreign,
            format!(
                "expected the name of a log, 1 to {} bytes without control characters that do not \
                 begin with pg_ and are not $user, found {log:?}: give the schema another name",
                Self::BYTES_MAX
            ),
        ))
    }

    /// The schema as SQL names it.
    pub(crate) fn quoted(&self) -> String {
        format!("\"{}\"", self.schema.replace('"', "\"\""))
    }

    /// Takes the writers' turn, until the transaction ends. Two logs that happen to share a lock
    /// only wait for each other.
    pub(crate) fn lock(&self) -> String {
        format!("SELECT pg_advisory_xact_lock({LOCK_CLASS}, {})", self.hash().cast_signed())
    }

    /// Where appends are announced. Two logs that happen to share it only wake in vain.
    pub(crate) fn channel(&self) -> String {
        format!("leadfold_{:08x}", self.hash())
    }

    fn hash(&self) -> u32 {
        crc32fast::hash(self.schema.as_bytes())
    }
}

/// Makes the schema if it is new, brings an older one to this version, and refuses others. All of
/// it is one transaction, in the writers' turn.
pub(crate) fn prepare(connection: &mut Connection, names: &Names, creates: bool) -> Result<()> {
    connection.execute_batch(&format!("BEGIN; {}", names.lock()))?;
    let done = migrate(connection, names, creates);
    connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    done
}

fn migrate(connection: &mut Connection, names: &Names, creates: bool) -> Result<()> {
    check_encoding(connection)?;
    let version = version(connection, names)?;
    check(version)?;
    if version == 0 && !creates {
        return Err(not_found(names));
    }
    if !exists(connection.client(), names)? {
        connection.execute_batch(&format!("CREATE SCHEMA {}", names.quoted()))?;
    }
    for step in &MIGRATIONS[version..] {
        connection.execute_batch(step)?;
    }
    if version < MIGRATIONS.len() {
        connection.execute("UPDATE leadfold SET version = $1", &[&(MIGRATIONS.len() as i32)])?;
    }
    Ok(())
}

/// Whether the schema is there. Who may not make schemas may all the same use one.
pub(crate) fn exists(client: &mut impl GenericClient, names: &Names) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)";
    column(&client.query_one(sql, &[&names.schema]).map_err(pg)?, 0)
}

/// In which version of the lowering the facts were derived.
pub(crate) fn lowering(connection: &mut Connection) -> Result<u32> {
    let row = connection.query_opt("SELECT lowering FROM leadfold", &[])?.ok_or_else(no_version)?;
    Ok(column::<i32>(&row, 0)?.cast_unsigned())
}

/// Whether this leadfold may add facts to those that the log has: not where a newer one has derived them.
pub(crate) fn check_lowering(lowering: u32) -> Result<()> {
    if lowering <= LOWERING {
        return Ok(());
    }
    Err(StoreError::new(
        StoreErrorKind::Newer,
        format!(
            "expected facts of version {LOWERING} or older, found version {lowering}: \
             open the log with a newer leadfold"
        ),
    ))
}

/// Whether the facts that an append adds are derived as those that the log has.
pub(crate) fn check_appends(lowering: u32) -> Result<()> {
    if lowering == LOWERING {
        return Ok(());
    }
    Err(corrupt(format!(
        "expected facts of version {LOWERING}, found version {lowering}: open the log again, which \
         derives them anew; if it stays so an event is damaged: verify the log, then restore it \
         from a backup"
    )))
}

/// Whether the version is one that this leadfold reads and writes.
pub(crate) fn check(version: usize) -> Result<()> {
    let ours = MIGRATIONS.len();
    if version <= ours {
        return Ok(());
    }
    Err(StoreError::new(
        StoreErrorKind::Newer,
        format!(
            "expected a log of version {ours} or older, found version {version}: \
             open it with a newer leadfold"
        ),
    ))
}

/// The version of a schema, 0 if it has nothing in it.
fn version(connection: &mut Connection, names: &Names) -> Result<usize> {
    let sql = "SELECT count(*), count(*) FILTER (WHERE relname = 'leadfold') \
        FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = $1";
    let row = connection.query_one(sql, &[&names.schema])?;
    match (number(&row, 0)?, number(&row, 1)?) {
        (0, _) => Ok(0),
        (_, 0) => Err(foreign(names)),
        _ => {
            let row = connection.query_opt("SELECT version FROM leadfold", &[])?;
            let row = row.ok_or_else(no_version)?;
            usize::try_from(column::<i32>(&row, 0)?)
                .ok()
                .filter(|version| *version > 0)
                .ok_or_else(no_version)
        }
    }
}

fn not_found(names: &Names) -> StoreError {
    StoreError::new(
        StoreErrorKind::NotFound,
        format!(
            "expected a log in schema {}, found none: append to it first, or check the name",
            names.quoted()
        ),
    )
}

fn foreign(names: &Names) -> StoreError {
    StoreError::new(
        StoreErrorKind::Foreign,
        format!(
            "expected a log of leadfold or an empty schema, found the tables of another program \
             in schema {}: give another name",
            names.quoted()
        ),
    )
}

fn no_version() -> StoreError {
    corrupt("expected one version in the table leadfold, found none: restore it from a backup")
}

fn check_encoding(connection: &mut Connection) -> Result<()> {
    let row = connection.query_one("SELECT current_setting('server_encoding')", &[])?;
    let encoding: String = column(&row, 0)?;
    if encoding == "UTF8" {
        return Ok(());
    }
    Err(StoreError::new(
        StoreErrorKind::Foreign,
        format!(
            "expected a database in the encoding UTF8, found {encoding}: \
             create one with ENCODING 'UTF8' TEMPLATE template0"
        ),
    ))
}
