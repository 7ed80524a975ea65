//! The store: one thread that writes, a few that read, one that listens.

use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Code, EventId, Facts, LeadId, LeadIndex, LeadKey};
use leadfold_store::adapter::{Draft, answered, spawn, ticket};
use leadfold_store::{
    Append, AppendError, Appended, Batch, Capabilities, Damage, EventStore, LeadEntry, Notices,
    StoreError, StoreErrorKind, StoreFuture, Survives, block_on,
};
use postgres::tls::{MakeTlsConnect, TlsConnect};
use postgres::{Config, NoTls, Socket};

use crate::connection::{Connection, Connector};
use crate::error::Result;
use crate::pool::Pool;
use crate::schema::Names;
use crate::wait::Bell;
use crate::writer::Order;
use crate::{Options, Server, read, verify, writer};

/// A log in one schema of a PostgreSQL database. Dropping it waits for the appends that have
/// begun.
///
/// Several stores, in one process or in several, may share a log. Each takes the writers' turn for
/// one transaction at a time.
///
/// ```no_run
/// # use leadfold_postgres::PostgresStore;
/// # use leadfold_store::Blocking;
/// let store = Blocking(PostgresStore::open("postgres://localhost/crm", "leads")?);
/// println!("{} events", store.head()?);
/// # Ok::<(), leadfold_store::StoreError>(())
/// ```
#[derive(Debug)]
pub struct PostgresStore {
    readers: Pool,
    bell: Bell,
    writer: Writer,
    connector: Connector,
    server: Server,
}

#[derive(Debug)]
struct Writer {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl PostgresStore {
    /// Opens a log, or makes it, with the default [`Options`] and without TLS. `url` is a
    /// connection string of libpq, `log` the name of the schema: one schema a log, so each tenant
    /// may have its own.
    ///
    /// # Errors
    /// `Unreachable` where no server answers, `Foreign` for a schema that holds other tables, for
    /// a name that none can have, and for a database that is not in UTF-8, `Newer` for a log that
    /// a newer version wrote, `NotFound` for one that is not there and shall not be made, `Io` where the server refuses the user or does not keep what it
    /// acknowledges.
    pub fn open(url: &str, log: &str) -> Result<Self> {
        Self::open_with(url, log, &Options::default())
    }

    /// Opens a log, or makes it, without TLS. A log of an older version is brought to this one.
    ///
    /// # Errors
    /// As [`PostgresStore::open`].
    pub fn open_with(url: &str, log: &str, options: &Options) -> Result<Self> {
        let config = url.parse().map_err(|error: postgres::Error| {
            // Not the text itself: it may hold a password.
            let message = format!(
                "expected a connection string as postgres://user@host/database, found another \
                 text: {error}"
            );
            StoreError::new(StoreErrorKind::Foreign, message)
        })?;
        Self::connect_with(config, log, options, NoTls)
    }

    /// The same with a connection of the caller's making: `tls` is what a crate such as
    /// `postgres-native-tls` or `tokio-postgres-rustls` offers.
    ///
    /// # Errors
    /// As [`PostgresStore::open`].
    pub fn connect_with<T>(config: Config, log: &str, options: &Options, tls: T) -> Result<Self>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::TlsConnect: Send,
        T::Stream: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let connector = Connector::new(config, Names::new(log)?, options, tls);
        let (reply, opened) = ticket();
        let (orders, waiting) = channel();
        let theirs = connector.clone();
        // The client waits on its own runtime, so it must not run where the caller's may run.
        let thread = spawn("leadfold-writer", move || writer::run(&theirs, reply, &waiting))?;
        let writer = Writer { orders: Some(orders), thread: Some(thread) };
        let server = answered(block_on(opened))?;
        let readers = Pool::new(&connector)?;
        Ok(Self { readers, bell: Bell::default(), writer, connector, server })
    }

    /// What the server said about itself when the log was opened: among it whether it keeps what
    /// it acknowledges.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Deletes everything that is derived from the events and derives it again, in one
    /// transaction. Readers see the old state until it is done; appends wait.
    ///
    /// # Errors
    /// `Corrupt` when an event itself is damaged; nothing has changed then.
    pub async fn rebuild_facts(&self) -> Result<()> {
        let (reply, ticket) = ticket();
        self.writer.order(Order::Rebuild(reply));
        answered(ticket.await)
    }

    fn read<'a, T: Send + 'static>(
        &self,
        mut read: impl FnMut(&mut Connection) -> Result<T> + Send + 'static,
    ) -> StoreFuture<'a, T> {
        let ticket = self.readers.read(move |connection, _| read(connection));
        Box::pin(async { answered(ticket.await) })
    }

    fn read_snapshot<'a, T: Send + 'static>(
        &self,
        mut read: impl FnMut(&mut Connection) -> Result<T> + Send + 'static,
    ) -> StoreFuture<'a, T> {
        self.read(move |connection| connection.snapshot(&mut read))
    }
}

impl Writer {
    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // If nobody takes it the reply is dropped, and the ticket says so.
            drop(orders.send(order));
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has answered nobody: every ticket says so.
            drop(thread.join());
        }
    }
}

impl EventStore for PostgresStore {
    /// The events are checked, written out and lowered in the call, about 2 microseconds each; the
    /// rest happens on the writer's thread, in the order of the calls.
    fn append(&self, append: Append) -> StoreFuture<'_, Appended, AppendError> {
        let draft = match Batch::prepare(append) {
            Ok((batch, events)) => Draft::new(batch, &events),
            Err(error) => return Box::pin(std::future::ready(Err(error))),
        };
        let (reply, ticket) = ticket();
        self.writer.order(Order::Append(Box::new(draft), reply));
        Box::pin(async { answered(ticket.await) })
    }

    /// A server with `fsync = off` survives no loss of power, whatever was asked for.
    fn capabilities(&self) -> Capabilities {
        let is_durable = self.server.fsync && self.server.synchronous_commit != "off";
        let survives = if is_durable { Survives::Power } else { Survives::Process };
        let all = Capabilities::of_memory().surviving(survives).noticing(Notices::Told);
        all.in_log_order_only()
    }

    fn head(&self) -> StoreFuture<'_, u64> {
        self.read(read::head)
    }

    fn facts(&self, after: u64, events_max: usize) -> StoreFuture<'_, Facts> {
        self.read_snapshot(move |connection| read::facts(connection, after, events_max))
    }

    fn events(&self, after: u64, events_max: usize) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.read(move |connection| read::events(connection, after, events_max))
    }

    /// A notification of the writer, of whatever store, ends the wait; underneath, one thread for
    /// all who wait looks every [`Options::poll_interval`]. While the server does not answer it
    /// waits on.
    fn wait_for(&self, position: u64) -> StoreFuture<'_, u64> {
        let ticket = self.bell.wait(&self.connector, position);
        Box::pin(async { answered(ticket?.await) })
    }

    fn lead(&self, id: LeadId) -> StoreFuture<'_, Option<LeadEntry>> {
        self.read(move |connection| read::lead(connection, id))
    }

    fn leads(&self, from: LeadIndex, leads_max: usize) -> StoreFuture<'_, Vec<LeadEntry>> {
        self.read(move |connection| read::leads(connection, from, leads_max))
    }

    fn leads_by_key<'a>(&'a self, key: &'a LeadKey) -> StoreFuture<'a, Vec<LeadEntry>> {
        let key = key.clone();
        self.read(move |connection| read::leads_by_key(connection, &key))
    }

    fn lead_events(&self, lead: LeadIndex) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.read_snapshot(move |connection| read::lead_events(connection, lead))
    }

    fn history<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Facts> {
        let leads = leads.to_vec();
        self.read_snapshot(move |connection| read::history(connection, &leads))
    }

    fn family<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Vec<LeadIndex>> {
        let leads = leads.to_vec();
        self.read(move |connection| read::family(connection, &leads))
    }

    fn strings<'a>(&'a self, codes: &'a [Code]) -> StoreFuture<'a, Vec<String>> {
        let codes = codes.to_vec();
        self.read(move |connection| read::strings(connection, &codes))
    }

    fn string_count(&self) -> StoreFuture<'_, u32> {
        self.read(read::string_count)
    }

    fn code<'a>(&'a self, text: &'a str) -> StoreFuture<'a, Option<Code>> {
        let text = text.to_owned();
        self.read(move |connection| read::code(connection, &text))
    }

    fn event_ids<'a>(&'a self, positions: &'a [u64]) -> StoreFuture<'a, Vec<EventId>> {
        let positions = positions.to_vec();
        self.read(move |connection| read::event_ids(connection, &positions))
    }

    fn verify<'a>(
        &'a self,
        progress: &'a mut (dyn FnMut(u64, u64) + Send),
    ) -> StoreFuture<'a, Vec<Damage>> {
        let ticket = self.readers.read(|connection, reply| {
            let mut progress = |done, total| reply.progress(done, total);
            connection.snapshot(|connection| verify::verify(connection, &mut progress))
        });
        Box::pin(async { answered(ticket.watch(progress).await) })
    }
}
