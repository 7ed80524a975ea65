//! A log with an event that does not read.

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Code, EventId, Facts, LeadId, LeadIndex, LeadKey};
use leadfold_store::{
    Append, AppendError, Appended, Capabilities, Damage, EventStore, LeadEntry, MemoryStore,
    StoreError, StoreErrorKind, StoreFuture,
};

pub(super) struct Spoiled<'l> {
    pub(super) log: &'l MemoryStore,
    pub(super) position: u64,
}

impl Spoiled<'_> {
    fn read<'a, T: Send + 'a>(
        &self,
        after: u64,
        events_max: usize,
        sound: StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        if !(after..after.saturating_add(events_max as u64)).contains(&(self.position - 1)) {
            return sound;
        }
        let error = StoreError::new(StoreErrorKind::Corrupt, "an event is damaged");
        Box::pin(std::future::ready(Err(error)))
    }
}

/// Passes calls on.
macro_rules! pass {
    ($($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {$(
        fn $name<'a>(&'a self $(, $argument: $type)*) -> StoreFuture<'a, $answer> {
            self.log.$name($($argument),*)
        }
    )*};
}

impl EventStore for Spoiled<'_> {
    fn append(&self, append: Append) -> StoreFuture<'_, Appended, AppendError> {
        self.log.append(append)
    }

    fn facts(&self, after: u64, events_max: usize) -> StoreFuture<'_, Facts> {
        self.read(after, events_max, self.log.facts(after, events_max))
    }

    fn events(&self, after: u64, events_max: usize) -> StoreFuture<'_, Vec<RecordedEvent>> {
        self.read(after, events_max, self.log.events(after, events_max))
    }

    fn capabilities(&self) -> Capabilities {
        self.log.capabilities()
    }

    pass! {
        head() -> u64;
        wait_for(position: u64) -> u64;
        lead(id: LeadId) -> Option<LeadEntry>;
        leads(from: LeadIndex, leads_max: usize) -> Vec<LeadEntry>;
        leads_by_key(key: &'a LeadKey) -> Vec<LeadEntry>;
        lead_events(lead: LeadIndex) -> Vec<RecordedEvent>;
        history(leads: &'a [LeadIndex]) -> Facts;
        family(leads: &'a [LeadIndex]) -> Vec<LeadIndex>;
        strings(codes: &'a [Code]) -> Vec<String>;
        string_count() -> u32;
        code(text: &'a str) -> Option<Code>;
        event_ids(positions: &'a [u64]) -> Vec<EventId>;
        verify(progress: &'a mut (dyn FnMut(u64, u64) + Send)) -> Vec<Damage>;
    }
}
