//! Connections: how they are made, and what is set for each.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use leadfold_store::{StoreError, StoreErrorKind};
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::tls::{MakeTlsConnect, TlsConnect};
use postgres::types::{ToSql, Type};
use postgres::{Client, Config, Row, RowIter, Socket, Statement};

use crate::error::{Result, pg};
use crate::schema::Names;
use crate::{Durability, Options};

/// The parameters of a statement.
pub(crate) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// What a server says about itself when a log is opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Server {
    /// `server_version_num`: 150004 is 15.4.
    pub version: u32,
    /// Whether it waits for its disk at all. A server that does not loses acknowledged events, and
    /// perhaps everything, with the power.
    pub fsync: bool,
    /// `synchronous_commit` of the writer: what a commit waits for.
    pub synchronous_commit: String,
}

/// Makes connections to one log.
#[derive(Clone)]
pub(crate) struct Connector {
    connect: Arc<dyn Fn() -> Result<Client, postgres::Error> + Send + Sync>,
    pub(crate) names: Names,
    pub(crate) options: Options,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The configuration may hold a password.
        f.debug_struct("Connector").field("names", &self.names).finish_non_exhaustive()
    }
}

impl Connector {
    pub(crate) fn new<T>(mut config: Config, names: Names, options: &Options, tls: T) -> Self
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::TlsConnect: Send,
        T::Stream: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        config.connect_timeout(options.connect_timeout);
        notice_dead_servers(&mut config);
        if config.get_application_name().is_none() {
            config.application_name("leadfold");
        }
        let connect = Arc::new(move || config.connect(tls.clone()));
        Self { connect, names, options: options.clone() }
    }

    /// A connection that reads.
    pub(crate) fn reader(&self) -> Result<Connection> {
        let mut connection = self.connection()?;
        connection.execute_batch("SET default_transaction_read_only = on")?;
        Ok(connection)
    }

    /// A connection whose commits are as durable as the options say.
    pub(crate) fn writer(&self) -> Result<(Connection, Server)> {
        let mut connection = self.connection()?;
        if self.options.durability == Durability::UnsafeFasterMayLoseAcknowledgedEvents {
            connection.execute_batch("SET synchronous_commit = off")?;
        }
        let server = connection.server()?;
        server.check(self.options.durability)?;
        // What has been checked stays so: the server's own setting may be changed meanwhile.
        let pinned = format!("SET synchronous_commit = {}", server.synchronous_commit);
        connection.execute_batch(&pinned)?;
        Ok((connection, server))
    }

    /// A connection that sees the log's tables.
    fn connection(&self) -> Result<Connection> {
        let client = (self.connect)().map_err(pg)?;
        let mut connection = Connection { client, statements: HashMap::new() };
        connection.execute_batch(&self.settings())?;
        Ok(connection)
    }

    /// Every statement of ours goes by a key. Plans that depend on statistics would be made while
    /// a table is small, and kept when it is not: so they do not depend on them.
    ///
    /// A process that stands still in its turn, or is cut off in it, loses the turn after a minute.
    ///
    /// At a higher level a transaction would see the log as it was before it had the turn.
    fn settings(&self) -> String {
        let Options { lock_timeout, statement_timeout, .. } = &self.options;
        format!(
            "SET search_path TO {}; SET client_min_messages TO warning; SET lock_timeout TO {}; \
             SET default_transaction_isolation TO 'read committed'; \
             SET statement_timeout TO {}; SET enable_seqscan TO off; SET enable_hashjoin TO off; \
             SET enable_mergejoin TO off; SET jit TO off; \
             SET idle_in_transaction_session_timeout TO '1min'; SET tcp_keepalives_idle TO 30; \
             SET tcp_keepalives_interval TO 10; SET tcp_keepalives_count TO 3",
            self.names.quoted(),
            millis(*lock_timeout),
            statement_timeout.map_or(0, millis),
        )
    }
}

/// As patient with a server as a log is that nobody has given options, unless the caller has said
/// otherwise.
pub(crate) fn patient(mut config: Config) -> Config {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Options::default().connect_timeout);
    }
    notice_dead_servers(&mut config);
    config
}

/// A server that has gone without a word is noticed within a minute, not within hours, unless the
/// caller has said otherwise.
fn notice_dead_servers(config: &mut Config) {
    const MINUTE: Duration = Duration::from_secs(60);
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(MINUTE);
    }
    if config.get_keepalives_idle() > MINUTE {
        config.keepalives_idle(MINUTE / 2).keepalives_interval(MINUTE / 6).keepalives_retries(3);
    }
}

/// 0 would mean no timeout.
fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX).max(1)
}

/// A connection, with its statements prepared once.
pub(crate) struct Connection {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Connection {
    /// Whether it has been cut.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(crate) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Runs statements without parameters, in one message.
    pub(crate) fn execute_batch(&mut self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).map_err(pg)
    }

    pub(crate) fn execute(&mut self, sql: &'static str, params: Params<'_>) -> Result<()> {
        let statement = self.prepare(sql)?;
        self.client.execute(&statement, params).map(drop).map_err(pg)
    }

    pub(crate) fn query(&mut self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>> {
        let statement = self.prepare(sql)?;
        self.client.query(&statement, params).map_err(pg)
    }

    pub(crate) fn query_one(&mut self, sql: &'static str, params: Params<'_>) -> Result<Row> {
        let statement = self.prepare(sql)?;
        self.client.query_one(&statement, params).map_err(pg)
    }

    pub(crate) fn query_opt(
        &mut self,
        sql: &'static str,
        params: Params<'_>,
    ) -> Result<Option<Row>> {
        let statement = self.prepare(sql)?;
        self.client.query_opt(&statement, params).map_err(pg)
    }

    /// Rows as they come: the server waits for whoever reads them.
    pub(crate) fn stream(&mut self, sql: &'static str, params: Params<'_>) -> Result<RowIter<'_>> {
        let statement = self.prepare(sql)?;
        self.client.query_raw(&statement, params.iter().copied()).map_err(pg)
    }

    /// Runs a `COPY ... FROM STDIN (FORMAT binary)` of rows with columns of these types. One whose
    /// writer is not finished fails, and the transaction with it.
    pub(crate) fn copy_in(
        &mut self,
        sql: &'static str,
        types: &[Type],
    ) -> Result<BinaryCopyInWriter<'_>> {
        let statement = self.prepare(sql)?;
        let rows = self.client.copy_in(&statement).map_err(pg)?;
        Ok(BinaryCopyInWriter::new(rows, types))
    }

    /// Reads from one snapshot.
    pub(crate) fn snapshot<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.execute_batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        let answer = read(self);
        // Nothing was written: ending it cannot lose anything, and a connection that was cut has
        // ended it already.
        drop(self.execute_batch("ROLLBACK"));
        answer
    }

    fn prepare(&mut self, sql: &'static str) -> Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).map_err(pg)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    fn server(&mut self) -> Result<Server> {
        let sql = "SELECT current_setting('server_version_num')::int4, \
            current_setting('fsync')::bool, current_setting('synchronous_commit')";
        let row = self.query_one(sql, &[])?;
        Ok(Server {
            version: column::<i32>(&row, 0)?.cast_unsigned(),
            fsync: column(&row, 1)?,
            synchronous_commit: column(&row, 2)?,
        })
    }
}

/// A column of a row.
pub(crate) fn column<'a, T: postgres::types::FromSql<'a>>(row: &'a Row, n: usize) -> Result<T> {
    row.try_get(n).map_err(pg)
}

/// A column that never holds a negative number.
pub(crate) fn number(row: &Row, n: usize) -> Result<u64> {
    column::<i64>(row, n).map(i64::cast_unsigned)
}

impl Server {
    fn check(&self, durability: Durability) -> Result<()> {
        if durability == Durability::Full && self.synchronous_commit == "off" {
            return Err(StoreError::new(
                StoreErrorKind::Io,
                "expected synchronous_commit on, local, remote_write or remote_apply, found off: \
                 set it for the database or the user, or open the log with \
                 Durability::UnsafeFasterMayLoseAcknowledgedEvents",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeouts(url: &str) -> [Option<u64>; 3] {
        let config = patient(url.parse().expect("a connection string"));
        let idle = Some(config.get_keepalives_idle());
        [config.get_connect_timeout().copied(), config.get_tcp_user_timeout().copied(), idle]
            .map(|timeout| timeout.map(|timeout| timeout.as_secs()))
    }

    #[test]
    fn servers_are_not_waited_for_without_end() {
        assert_eq!(timeouts("host=h"), [Some(10), Some(60), Some(30)]);
        let own = "host=h connect_timeout=3 tcp_user_timeout=5 keepalives_idle=7";
        assert_eq!(timeouts(own)[0], Some(3));
        assert_eq!(timeouts(own)[2], Some(7));
        assert!(timeouts(own)[1].is_some_and(|timeout| timeout != 60), "it is the caller's");
    }
}
