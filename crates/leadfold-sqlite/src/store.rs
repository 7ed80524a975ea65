//! The store: one thread that writes, a few that read.

use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Code, EventId, Facts, LeadId, LeadIndex, LeadKey, LeadPage};
use leadfold_store::adapter::{Draft, answered, spawn, ticket};
use leadfold_store::{
    Append, AppendError, Appended, Batch, Capabilities, Damage, EventStore, KeptSnapshot,
    LeadEntry, Notices, Snapshot, StoreFuture, Survives,
};
use rusqlite::Connection;

use crate::error::Result;
use crate::listener::Listener;
use crate::pool::Pool;
use crate::segment::Run;
use crate::writer::Order;
use crate::{Durability, Options, read, schema, segment, snapshot, verify, writer};

/// A log in one SQLite file. Dropping it waits for the appends that have begun.
///
/// ```
/// # use leadfold_core::event::{Event, NewEvent, Reactivated};
/// # use leadfold_core::{EventId, Timestamp};
/// # use leadfold_sqlite::SqliteStore;
/// # use leadfold_store::{Append, Blocking};
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("leads.db");
/// # let now = Timestamp::from_micros(0);
/// # let event = Event::new("L1".parse()?, now, Reactivated { reason: None });
/// # let id = EventId(uuid::Uuid::from_u128(1));
/// let store = Blocking(SqliteStore::open(&path)?);
/// store.append(Append::new(vec![NewEvent { id, recorded_at: None, event }], now))?;
/// drop(store);
///
/// assert_eq!(Blocking(SqliteStore::open(&path)?).head()?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteStore {
    // Readers close before the writer: the last connection tidies the write-ahead log away.
    readers: Pool,
    listener: Listener,
    writer: Writer,
    durability: Durability,
}

#[derive(Debug)]
struct Writer {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl SqliteStore {
    /// Opens a file, or makes it, with the default [`Options`].
    ///
    /// # Errors
    /// `Corrupt` for a file that is damaged so badly that SQLite does not know it as its own,
    /// `Foreign` for one of SQLite that is no store of leadfold, `Newer` for one that a newer
    /// version wrote, `Io` and `Busy` for what they say.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, &Options::default())
    }

    /// Opens a file, or makes it. If it is of an older layout, or its events become other facts than
    /// when they were appended, all that is derived is derived anew, in one transaction, which takes
    /// about as long as importing it; [`Options::progress`] is told.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_with(path: impl AsRef<Path>, options: &Options) -> Result<Self> {
        let path = &schema::whole(path.as_ref())?;
        let (connection, has_failed) = schema::open_writer(path, options)?;
        let seal_events = options.seal_events.max(1);
        let progress = options.progress.clone();
        writer::upgrade(&connection, seal_events, &progress)?;
        let readers = Pool::open(path, options)?;
        let listener = Listener::new(path, options);
        let (orders, waiting) = channel();
        let bell = Arc::clone(listener.bell());
        let thread = spawn("leadfold-writer", move || {
            writer::run(&connection, seal_events, &progress, &has_failed, &waiting, &bell);
        })?;
        let writer = Writer { orders: Some(orders), thread: Some(thread) };
        Ok(Self { readers, listener, writer, durability: options.durability })
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

    fn shelve(&self, kept: Option<Box<Snapshot>>) -> StoreFuture<'_, bool> {
        let (reply, ticket) = ticket();
        self.writer.order(Order::Shelve(kept, reply));
        Box::pin(async { answered(ticket.await) })
    }

    fn read<'a, T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> StoreFuture<'a, T> {
        let ticket = self.readers.read(move |connection, _| read(connection));
        Box::pin(async { answered(ticket.await) })
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

impl EventStore for SqliteStore {
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

    fn capabilities(&self) -> Capabilities {
        let survives = match self.durability {
            Durability::Full => Survives::Power,
            Durability::UnsafeFasterMayLoseAcknowledgedEvents => Survives::Process,
        };
        let all = Capabilities::of_memory().keeping_snapshots();
        all.surviving(survives).noticing(Notices::Looks)
    }

    fn head(&self) -> StoreFuture<'_, u64> {
        self.read(read::head)
    }

    fn facts(&self, after: u64, events_max: usize) -> StoreFuture<'_, Facts> {
        self.read(move |connection| read::facts(connection, after, events_max))
    }

    fn sealed(&self) -> StoreFuture<'_, u64> {
        self.read(segment::sealed)
    }

    fn runs(&self) -> StoreFuture<'_, Vec<RangeInclusive<u64>>> {
        self.read(|connection| {
            Ok(segment::runs(connection)?.into_iter().map(Run::positions).collect())
        })
    }

    fn lead_facts(
        &self,
        from: LeadIndex,
        positions: RangeInclusive<u64>,
        events_max: usize,
    ) -> StoreFuture<'_, LeadPage> {
        self.read(move |connection| {
            let facts_max = events_max.saturating_mul(read::FACTS_AN_EVENT);
            segment::lead_facts(connection, from, &positions, facts_max)
        })
    }

    fn linked(&self) -> StoreFuture<'_, Vec<LeadIndex>> {
        self.read(read::linked)
    }

    fn events(&self, after: u64, events_max: usize) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.read(move |connection| read::events(connection, after, events_max))
    }

    /// A commit of this store wakes those who wait; for those of others, one thread looks every
    /// [`Options::poll_interval`] while somebody waits.
    fn wait_for(&self, position: u64) -> StoreFuture<'_, u64> {
        let bell = self.listener.bell();
        let (ticket, head) = (bell.wait(position), self.head());
        Box::pin(async move {
            let head = head.await?;
            bell.ring(head);
            if head < position {
                self.listener.listen()?;
            }
            answered(ticket.await)
        })
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
        self.read(move |connection| read::lead_events(connection, lead))
    }

    fn history<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Facts> {
        let leads = leads.to_vec();
        self.read(move |connection| read::history(connection, &leads))
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

    fn snapshot(&self) -> StoreFuture<'_, Option<KeptSnapshot>> {
        self.read(snapshot::kept)
    }

    fn snapshot_part(&self, number: u64, part: u32) -> StoreFuture<'_, Vec<u8>> {
        self.read(move |connection| snapshot::part(connection, number, part))
    }

    /// One transaction: appends wait until it is written.
    fn keep_snapshot(&self, snapshot: Snapshot) -> StoreFuture<'_, bool> {
        self.shelve(Some(Box::new(snapshot)))
    }

    fn drop_snapshot(&self) -> StoreFuture<'_, bool> {
        self.shelve(None)
    }

    fn verify<'a>(
        &'a self,
        progress: &'a mut (dyn FnMut(u64, u64) + Send),
    ) -> StoreFuture<'a, Vec<Damage>> {
        let ticket = self.readers.read(|connection, reply| {
            verify::verify(connection, &mut |done, total| reply.progress(done, total))
        });
        Box::pin(async { answered(ticket.watch(progress).await) })
    }
}
