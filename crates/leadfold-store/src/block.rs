//! The contract for code without an executor.

use std::ops::RangeInclusive;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Code, EventId, Facts, LeadFacts, LeadId, LeadIndex, LeadKey};

use crate::{
    Append, AppendError, Appended, Damage, EventStore, KeptSnapshot, LeadEntry, Matches, Query,
    Snapshot, StoreError,
};

/// Waits for a future on this thread.
///
/// Inside an executor it works too, for futures of a store: none of them waits for the
/// executor's thread. That thread is blocked for the time.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let signal = Arc::new(Signal::default());
    let waker = Waker::from(Arc::clone(&signal));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => signal.wait(),
        }
    }
}

/// Waits for a future on this thread, so long at the most; nothing if it was not there by then.
pub fn block_on_for<T>(future: impl Future<Output = T>, timeout: Duration) -> Option<T> {
    // A time so long that it has no end is none.
    let until = Instant::now().checked_add(timeout);
    let signal = Arc::new(Signal::default());
    let waker = Waker::from(Arc::clone(&signal));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match (future.as_mut().poll(&mut context), until) {
            (Poll::Ready(value), _) => return Some(value),
            (Poll::Pending, None) => signal.wait(),
            (Poll::Pending, Some(until)) if signal.wait_until(until) => {}
            (Poll::Pending, Some(_)) => return None,
        }
    }
}

/// Not `thread::park`: an executor around us may wait for its own token of this thread.
#[derive(Default)]
struct Signal {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    fn wait(&self) {
        let is_set = self.is_set.lock().unwrap_or_else(PoisonError::into_inner);
        let mut is_set = self
            .changed
            .wait_while(is_set, |is_set| !*is_set)
            .unwrap_or_else(PoisonError::into_inner);
        *is_set = false;
    }

    /// Whether it was set by then.
    fn wait_until(&self, until: Instant) -> bool {
        let is_set = self.is_set.lock().unwrap_or_else(PoisonError::into_inner);
        let left = until.saturating_duration_since(Instant::now());
        let (mut is_set, _) = self
            .changed
            .wait_timeout_while(is_set, left, |is_set| !*is_set)
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *is_set)
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        *self.is_set.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }
}

/// A store whose operations wait. Each is the one of [`EventStore`] with the same name.
///
/// ```
/// # use leadfold_core::event::{Event, Reactivated, NewEvent};
/// # use leadfold_core::{EventId, Timestamp};
/// # use leadfold_store::{Append, Blocking, MemoryStore};
/// let store = Blocking(MemoryStore::new());
/// assert_eq!(store.head()?, 0);
/// # Ok::<(), leadfold_store::StoreError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Blocking<S>(
    /// The store.
    pub S,
);

#[allow(clippy::missing_errors_doc)] // Said once, in the contract.
impl<S: EventStore> Blocking<S> {
    /// Appends events.
    pub fn append(&self, append: Append) -> Result<Appended, AppendError> {
        block_on(self.0.append(append))
    }

    /// Position of the last event.
    pub fn head(&self) -> Result<u64, StoreError> {
        block_on(self.0.head())
    }

    /// The facts of the next events after a position.
    pub fn facts(&self, after: u64, events_max: usize) -> Result<Facts, StoreError> {
        block_on(self.0.facts(after, events_max))
    }

    /// How far the log can be read by lead.
    pub fn sealed(&self) -> Result<u64, StoreError> {
        block_on(self.0.sealed())
    }

    /// In which runs the log is kept by lead.
    pub fn runs(&self) -> Result<Vec<RangeInclusive<u64>>, StoreError> {
        block_on(self.0.runs())
    }

    /// The facts of the next leads from one on at some sealed positions, unpacked.
    pub fn lead_facts(
        &self,
        from: LeadIndex,
        positions: RangeInclusive<u64>,
        events_max: usize,
    ) -> Result<LeadFacts, StoreError> {
        let page = block_on(self.0.lead_facts(from, positions, events_max))?;
        Ok(page.unpack()?)
    }

    /// The leads that merges have connected with others.
    pub fn linked(&self) -> Result<Vec<LeadIndex>, StoreError> {
        block_on(self.0.linked())
    }

    /// The next events after a position.
    pub fn events(&self, after: u64, events_max: usize) -> Result<Vec<RecordedEvent>, StoreError> {
        block_on(self.0.events(after, events_max))
    }

    /// The next events behind a position that match a query.
    pub fn matching(
        &self,
        query: &Query,
        after: u64,
        scan_max: usize,
    ) -> Result<Matches, StoreError> {
        block_on(self.0.matching(query, after, scan_max))
    }

    /// Waits until the log has a position, so long at the most; nothing if it has not by then.
    pub fn wait_for(&self, position: u64, timeout: Duration) -> Result<Option<u64>, StoreError> {
        block_on_for(self.0.wait_for(position), timeout).transpose()
    }

    /// A lead by its identity.
    pub fn lead(&self, id: LeadId) -> Result<Option<LeadEntry>, StoreError> {
        block_on(self.0.lead(id))
    }

    /// The leads from an index on.
    pub fn leads(&self, from: LeadIndex, leads_max: usize) -> Result<Vec<LeadEntry>, StoreError> {
        block_on(self.0.leads(from, leads_max))
    }

    /// The leads with a key.
    pub fn leads_by_key(&self, key: &LeadKey) -> Result<Vec<LeadEntry>, StoreError> {
        block_on(self.0.leads_by_key(key))
    }

    /// All events of a lead.
    pub fn lead_events(&self, lead: LeadIndex) -> Result<Vec<RecordedEvent>, StoreError> {
        block_on(self.0.lead_events(lead))
    }

    /// All facts of some leads.
    pub fn history(&self, leads: &[LeadIndex]) -> Result<Facts, StoreError> {
        block_on(self.0.history(leads))
    }

    /// These leads and all that merges ever connected with them.
    pub fn family(&self, leads: &[LeadIndex]) -> Result<Vec<LeadIndex>, StoreError> {
        block_on(self.0.family(leads))
    }

    /// The strings behind codes.
    pub fn strings(&self, codes: &[Code]) -> Result<Vec<String>, StoreError> {
        block_on(self.0.strings(codes))
    }

    /// How many strings the log has.
    pub fn string_count(&self) -> Result<u32, StoreError> {
        block_on(self.0.string_count())
    }

    /// The code of a string.
    pub fn code(&self, text: &str) -> Result<Option<Code>, StoreError> {
        block_on(self.0.code(text))
    }

    /// The ids of the events at some positions.
    pub fn event_ids(&self, positions: &[u64]) -> Result<Vec<EventId>, StoreError> {
        block_on(self.0.event_ids(positions))
    }

    /// The snapshot that is kept.
    pub fn snapshot(&self) -> Result<Option<KeptSnapshot>, StoreError> {
        block_on(self.0.snapshot())
    }

    /// A part of a snapshot.
    pub fn snapshot_part(&self, number: u64, part: u32) -> Result<Vec<u8>, StoreError> {
        block_on(self.0.snapshot_part(number, part))
    }

    /// Keeps a snapshot.
    pub fn keep_snapshot(&self, snapshot: Snapshot) -> Result<bool, StoreError> {
        block_on(self.0.keep_snapshot(snapshot))
    }

    /// Drops the snapshot.
    pub fn drop_snapshot(&self) -> Result<bool, StoreError> {
        block_on(self.0.drop_snapshot())
    }

    /// Reads everything there is and compares it.
    pub fn verify(
        &self,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Vec<Damage>, StoreError> {
        block_on(self.0.verify(progress))
    }
}
