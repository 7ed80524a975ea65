//! A log in memory: the contract, executable and without I/O.
//!
//! It is meant to be read. What it does, every other store does; how, is theirs.

mod log;
mod names;
mod shelf;

use std::future::ready;
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Code, EventId, Facts, LeadId, LeadIndex, LeadKey, LeadPage};

use self::log::Log;
use self::shelf::Shelf;
use crate::adapter::{Bell, answered};
use crate::{
    Append, AppendError, Appended, Batch, Capabilities, Damage, EventStore, KeptSnapshot,
    LeadEntry, Snapshot, StoreError, StoreFuture,
};

/// A store that forgets everything when it is dropped.
///
/// ```
/// # use leadfold_core::event::{Event, NewEvent, Reactivated};
/// # use leadfold_core::{EventId, Timestamp};
/// # use leadfold_store::{Append, Blocking, MemoryStore, Outcome};
/// let store = Blocking(MemoryStore::new());
/// let now = Timestamp::from_micros(0);
/// let event = NewEvent {
///     id: EventId(uuid::Uuid::from_u128(1)),
///     recorded_at: None,
///     event: Event::new("L1".parse()?, now, Reactivated { reason: None }),
/// };
///
/// let appended = store.append(Append::new(vec![event.clone()], now))?;
/// assert_eq!(appended.outcomes, [Outcome::Appended { position: 1, sequence: 1 }]);
///
/// let again = store.append(Append::new(vec![event], now))?;
/// assert_eq!(again.outcomes, [Outcome::Duplicate { position: 1, sequence: 1 }]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryStore {
    log: Mutex<Log>,
    shelf: Mutex<Shelf>,
    bell: Bell,
}

impl MemoryStore {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // Every change of the log is made after everything that can fail.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<'a, T: Send + 'a>(
        &self,
        read: impl FnOnce(&Log) -> Result<T, StoreError>,
    ) -> StoreFuture<'a, T> {
        Box::pin(ready(read(&self.log())))
    }
}

impl EventStore for MemoryStore {
    fn append(&self, append: Append) -> StoreFuture<'_, Appended, AppendError> {
        let appended = Batch::prepare(append).and_then(|batch| self.log().append(batch));
        if let Ok(appended) = &appended {
            self.bell.ring(appended.head);
        }
        Box::pin(ready(appended))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::of_memory().keeping_snapshots()
    }

    fn head(&self) -> StoreFuture<'_, u64> {
        self.read(|log| Ok(log.head()))
    }

    fn facts(&self, after: u64, events_max: usize) -> StoreFuture<'_, Facts> {
        self.read(|log| Ok(log.facts(after, events_max)))
    }

    fn sealed(&self) -> StoreFuture<'_, u64> {
        self.head()
    }

    fn lead_facts(
        &self,
        from: LeadIndex,
        positions: RangeInclusive<u64>,
        events_max: usize,
    ) -> StoreFuture<'_, LeadPage> {
        self.read(|log| Ok(LeadPage::Facts(log.lead_facts(from, &positions, events_max))))
    }

    fn linked(&self) -> StoreFuture<'_, Vec<LeadIndex>> {
        self.read(|log| Ok(log.linked()))
    }

    fn events(&self, after: u64, events_max: usize) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.read(|log| Ok(log.events(after, events_max).to_vec()))
    }

    fn wait_for(&self, position: u64) -> StoreFuture<'_, u64> {
        let ticket = self.bell.wait(position);
        self.bell.ring(self.log().head());
        Box::pin(async { answered(ticket.await) })
    }

    fn lead(&self, id: LeadId) -> StoreFuture<'_, Option<LeadEntry>> {
        self.read(|log| Ok(log.lead(id)))
    }

    fn leads(&self, from: LeadIndex, leads_max: usize) -> StoreFuture<'_, Vec<LeadEntry>> {
        self.read(|log| Ok(log.leads(from, leads_max)))
    }

    fn leads_by_key<'a>(&'a self, key: &'a LeadKey) -> StoreFuture<'a, Vec<LeadEntry>> {
        self.read(|log| Ok(log.leads_by_key(key)))
    }

    fn lead_events(&self, lead: LeadIndex) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.read(|log| Ok(log.lead_events(lead)))
    }

    fn history<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Facts> {
        self.read(|log| Ok(log.history(leads)))
    }

    fn family<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Vec<LeadIndex>> {
        self.read(|log| Ok(log.family(leads)))
    }

    fn strings<'a>(&'a self, codes: &'a [Code]) -> StoreFuture<'a, Vec<String>> {
        self.read(|log| codes.iter().map(|code| log.names.text(*code)).collect())
    }

    fn string_count(&self) -> StoreFuture<'_, u32> {
        self.read(|log| Ok(log.names.string_count()))
    }

    fn code<'a>(&'a self, text: &'a str) -> StoreFuture<'a, Option<Code>> {
        self.read(|log| Ok(log.names.code(text)))
    }

    fn event_ids<'a>(&'a self, positions: &'a [u64]) -> StoreFuture<'a, Vec<EventId>> {
        self.read(|log| positions.iter().map(|position| log.event_id(*position)).collect())
    }

    fn snapshot(&self) -> StoreFuture<'_, Option<KeptSnapshot>> {
        Box::pin(ready(Ok(self.shelf().kept())))
    }

    fn snapshot_part(&self, number: u64, part: u32) -> StoreFuture<'_, Vec<u8>> {
        Box::pin(ready(self.shelf().part(number, part)))
    }

    fn keep_snapshot(&self, snapshot: Snapshot) -> StoreFuture<'_, bool> {
        self.shelf().keep(snapshot);
        Box::pin(ready(Ok(true)))
    }

    fn drop_snapshot(&self) -> StoreFuture<'_, bool> {
        Box::pin(ready(Ok(self.shelf().drop_it())))
    }

    /// Memory does not rot: there is nothing to find.
    fn verify<'a>(
        &'a self,
        progress: &'a mut (dyn FnMut(u64, u64) + Send),
    ) -> StoreFuture<'a, Vec<Damage>> {
        let head = self.log().head();
        progress(head, head);
        Box::pin(ready(Ok(Vec::new())))
    }
}
