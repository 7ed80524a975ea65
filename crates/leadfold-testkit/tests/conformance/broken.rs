//! A store in memory with a fault.

use std::future::ready;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Code, EventId, Facts, LeadId, LeadIndex, LeadKey, LeadPage};
use leadfold_store::{
    Append, AppendError, Appended, Capabilities, Damage, EventStore, KeptSnapshot, LeadEntry,
    Matches, MemoryStore, Query, Snapshot, StoreError, StoreFuture,
};
use leadfold_testkit::conformance::{self, CLAUSES, Subject};

/// What a store does otherwise than the one in memory.
pub(crate) trait Fault: Send + Sync + 'static {
    fn append<'a>(
        &'a self,
        log: &'a MemoryStore,
        append: Append,
    ) -> StoreFuture<'a, Appended, AppendError> {
        log.append(append)
    }
    fn head<'a>(&'a self, log: &'a MemoryStore) -> StoreFuture<'a, u64> {
        log.head()
    }
    fn facts<'a>(&'a self, log: &'a MemoryStore, after: u64, max: usize) -> StoreFuture<'a, Facts> {
        log.facts(after, max)
    }
    fn events<'a>(
        &'a self,
        log: &'a MemoryStore,
        after: u64,
        max: usize,
    ) -> StoreFuture<'a, Vec<RecordedEvent>> {
        log.events(after, max)
    }
    fn lead_facts<'a>(
        &'a self,
        log: &'a MemoryStore,
        from: LeadIndex,
        positions: RangeInclusive<u64>,
        max: usize,
    ) -> StoreFuture<'a, LeadPage> {
        log.lead_facts(from, positions, max)
    }
    fn linked<'a>(&'a self, log: &'a MemoryStore) -> StoreFuture<'a, Vec<LeadIndex>> {
        log.linked()
    }
    fn leads_by_key<'a>(
        &'a self,
        log: &'a MemoryStore,
        key: &'a LeadKey,
    ) -> StoreFuture<'a, Vec<LeadEntry>> {
        log.leads_by_key(key)
    }
    fn code<'a>(&'a self, log: &'a MemoryStore, text: &'a str) -> StoreFuture<'a, Option<Code>> {
        log.code(text)
    }
    fn matching<'a>(
        &'a self,
        log: &'a MemoryStore,
        query: &'a Query,
        after: u64,
        max: usize,
    ) -> StoreFuture<'a, Matches> {
        log.matching(query, after, max)
    }
    fn wait_for<'a>(&'a self, log: &'a MemoryStore, position: u64) -> StoreFuture<'a, u64> {
        log.wait_for(position)
    }
    fn snapshot_part<'a>(
        &'a self,
        log: &'a MemoryStore,
        number: u64,
        part: u32,
    ) -> StoreFuture<'a, Vec<u8>> {
        log.snapshot_part(number, part)
    }
    fn keep_snapshot<'a>(
        &'a self,
        log: &'a MemoryStore,
        snapshot: Snapshot,
    ) -> StoreFuture<'a, bool> {
        log.keep_snapshot(snapshot)
    }
    fn drop_snapshot<'a>(&'a self, log: &'a MemoryStore) -> StoreFuture<'a, bool> {
        log.drop_snapshot()
    }
    fn capabilities(&self, log: &MemoryStore) -> Capabilities {
        log.capabilities()
    }
    /// What the store does when it is closed.
    fn close(&self, _log: &MemoryStore) {}
}

/// A future that is there already.
pub(crate) fn done<'a, T: Send + 'a, E: Send + 'a>(result: Result<T, E>) -> StoreFuture<'a, T, E> {
    Box::pin(ready(result))
}

pub(crate) struct Broken<F: Fault> {
    pub(crate) log: Arc<MemoryStore>,
    pub(crate) fault: F,
}

impl<F: Fault> Broken<F> {
    pub(crate) fn new(fault: F) -> Self {
        Self { log: Arc::default(), fault }
    }
}

impl<F: Fault> Drop for Broken<F> {
    fn drop(&mut self) {
        self.fault.close(&self.log);
    }
}

impl<F: Fault> EventStore for Broken<F> {
    fn append(&self, append: Append) -> StoreFuture<'_, Appended, AppendError> {
        self.fault.append(&self.log, append)
    }
    fn capabilities(&self) -> Capabilities {
        self.fault.capabilities(&self.log)
    }
    fn head(&self) -> StoreFuture<'_, u64> {
        self.fault.head(&self.log)
    }
    fn facts(&self, after: u64, events_max: usize) -> StoreFuture<'_, Facts> {
        self.fault.facts(&self.log, after, events_max)
    }
    fn sealed(&self) -> StoreFuture<'_, u64> {
        self.log.sealed()
    }
    fn lead_facts(
        &self,
        from: LeadIndex,
        positions: RangeInclusive<u64>,
        events_max: usize,
    ) -> StoreFuture<'_, LeadPage> {
        self.fault.lead_facts(&self.log, from, positions, events_max)
    }
    fn linked(&self) -> StoreFuture<'_, Vec<LeadIndex>> {
        self.fault.linked(&self.log)
    }
    fn events(&self, after: u64, events_max: usize) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.fault.events(&self.log, after, events_max)
    }
    fn matching<'a>(
        &'a self,
        query: &'a Query,
        after: u64,
        scan_max: usize,
    ) -> StoreFuture<'a, Matches> {
        self.fault.matching(&self.log, query, after, scan_max)
    }
    fn wait_for(&self, position: u64) -> StoreFuture<'_, u64> {
        self.fault.wait_for(&self.log, position)
    }
    fn lead(&self, id: LeadId) -> StoreFuture<'_, Option<LeadEntry>> {
        self.log.lead(id)
    }
    fn leads(&self, from: LeadIndex, leads_max: usize) -> StoreFuture<'_, Vec<LeadEntry>> {
        self.log.leads(from, leads_max)
    }
    fn leads_by_key<'a>(&'a self, key: &'a LeadKey) -> StoreFuture<'a, Vec<LeadEntry>> {
        self.fault.leads_by_key(&self.log, key)
    }
    fn lead_events(&self, lead: LeadIndex) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.log.lead_events(lead)
    }
    fn history<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Facts> {
        self.log.history(leads)
    }
    fn family<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Vec<LeadIndex>> {
        self.log.family(leads)
    }
    fn strings<'a>(&'a self, codes: &'a [Code]) -> StoreFuture<'a, Vec<String>> {
        self.log.strings(codes)
    }
    fn string_count(&self) -> StoreFuture<'_, u32> {
        self.log.string_count()
    }
    fn code<'a>(&'a self, text: &'a str) -> StoreFuture<'a, Option<Code>> {
        self.fault.code(&self.log, text)
    }
    fn event_ids<'a>(&'a self, positions: &'a [u64]) -> StoreFuture<'a, Vec<EventId>> {
        self.log.event_ids(positions)
    }
    fn snapshot(&self) -> StoreFuture<'_, Option<KeptSnapshot>> {
        self.log.snapshot()
    }
    fn snapshot_part(&self, number: u64, part: u32) -> StoreFuture<'_, Vec<u8>> {
        self.fault.snapshot_part(&self.log, number, part)
    }
    fn keep_snapshot(&self, snapshot: Snapshot) -> StoreFuture<'_, bool> {
        self.fault.keep_snapshot(&self.log, snapshot)
    }
    fn drop_snapshot(&self) -> StoreFuture<'_, bool> {
        self.fault.drop_snapshot(&self.log)
    }
    fn verify<'a>(
        &'a self,
        progress: &'a mut (dyn FnMut(u64, u64) + Send),
    ) -> StoreFuture<'a, Vec<Damage>> {
        self.log.verify(progress)
    }
}

/// What memory says, for faults that change it.
pub(crate) fn sound<T>(result: Result<T, StoreError>) -> T {
    result.expect("memory does not fail")
}

/// The names of the clauses that stores fail.
pub(crate) fn caught<S: Into<Subject>>(make: impl Fn() -> S) -> Vec<&'static str> {
    CLAUSES.iter().map(|clause| clause.name).filter(|name| fails(name, &make)).collect()
}

fn fails<S: Into<Subject>>(clause: &str, make: impl Fn() -> S) -> bool {
    catch_unwind(AssertUnwindSafe(|| conformance::run(clause, make))).is_err()
}

/// Whether a fault breaks a clause. For a fault that waits for what other clauses do not do.
pub(crate) fn is_caught_at<F: Fault>(clause: &str, fault: impl Fn() -> F) -> bool {
    fails(clause, || Broken::new(fault()))
}

/// The names of the clauses that a fault breaks.
pub(crate) fn caught_by<F: Fault>(fault: impl Fn() -> F) -> Vec<&'static str> {
    caught(|| Broken::new(fault()))
}

/// Asserts that a fault breaks some clauses, and perhaps others.
#[track_caller]
pub(crate) fn assert_caught<F: Fault>(fault: impl Fn() -> F, clauses: &[&str]) {
    let caught = caught_by(fault);
    for clause in clauses {
        assert!(caught.contains(clause), "expected {clause} to fail, found only {caught:?}");
    }
}
