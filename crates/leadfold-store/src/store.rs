//! The contract.

use std::future::ready;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Code, EventId, Facts, LeadId, LeadIndex, LeadKey, LeadPage};

use crate::{
    Append, AppendError, Appended, Capabilities, Damage, KeptSnapshot, LeadEntry, Matches, Query,
    Snapshot, StoreError, StoreErrorKind,
};

/// What every operation of a store returns.
pub type StoreFuture<'a, T, E = StoreError> =
    Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// One log of events.
///
/// **Order.** Positions count from 1 without gaps, sequences count from 1 without gaps in each
/// lead; events without a lead have sequence 0. What has a position keeps it for ever. A reader
/// that has seen position `p` has seen, or can read, every event up to `p`.
///
/// **Durability.** An append that succeeded survives whatever the store says it survives. An
/// append that failed with [`AppendError::Store`] may be repeated unchanged: ids make it safe.
///
/// **Futures.** They may do their work when they are made or when they are polled. Dropping the
/// future of an append does not take the append back. They need no particular runtime.
///
/// **States.** Every call reads one consistent state of the log. Two calls may read two, the
/// second never an older one.
///
/// ```
/// use leadfold_core::event::EventLine;
/// use leadfold_store::{Append, Blocking, MemoryStore};
///
/// let line = br#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}"#;
/// let event = EventLine::parse(line)?.identify(|_| 0);
/// let store = Blocking(MemoryStore::new()); // Without it the same calls are awaited.
/// store.append(Append::new(vec![event], "2024-02-01".parse()?))?;
/// let events = store.events(0, 100)?;
/// assert_eq!((store.head()?, events[0].position, events[0].sequence), (1, 1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait EventStore: Send + Sync {
    /// Appends events: durable, in order, all or nothing.
    ///
    /// - An event whose id and [content](leadfold_core::event::Event::content) are in the log is
    ///   a [duplicate](crate::Outcome::Duplicate) and is left out. `recorded_at` does not matter.
    /// - An event whose id belongs to other content is refused: the whole append in
    ///   [`Mode::AllOrNothing`](crate::Mode::AllOrNothing), only this event in
    ///   [`Mode::RefuseSingly`](crate::Mode::RefuseSingly). Both also hold between the events of
    ///   one append, in their order.
    /// - An event that does not read back from its own JSON as itself is refused likewise.
    /// - Expectations, of leads, of a family and of what must not have happened, guard what is
    ///   written: they are checked in the turn in which it is written, if at least one event is new, and then refuse the whole append in either mode. So a retry of an
    ///   append that went through succeeds although its expectations are stale.
    ///
    /// # Errors
    /// [`AppendError`]; nothing has changed then, unless the store failed: then it may have; repeat
    /// it unchanged.
    fn append(&self, append: Append) -> StoreFuture<'_, Appended, AppendError>;

    /// What it can do beyond what all can.
    fn capabilities(&self) -> Capabilities;

    /// Position of the last event, 0 in an empty log.
    ///
    /// # Errors
    /// When the store fails.
    fn head(&self) -> StoreFuture<'_, u64>;

    /// The facts of the next events after a position, in order: whole events, at most
    /// `events_max`. Empty only at the head, or where `events_max` is 0.
    ///
    /// # Errors
    /// When the store fails.
    fn facts(&self, after: u64, events_max: usize) -> StoreFuture<'_, Facts>;

    /// How far the log can be read by lead: a position, 0 where the store keeps no such order.
    ///
    /// # Errors
    /// When the store fails.
    fn sealed(&self) -> StoreFuture<'_, u64> {
        Box::pin(ready(Ok(0)))
    }

    /// In which runs the log is kept by lead: positions from 1 up to what is
    /// [sealed](Self::sealed), each run's behind those of the run before. A rebuild reads them
    /// side by side by [`lead_facts`](Self::lead_facts), and the rest by [`facts`](Self::facts).
    ///
    /// # Errors
    /// When the store fails.
    fn runs(&self) -> StoreFuture<'_, Vec<RangeInclusive<u64>>> {
        let sealed = self.sealed();
        Box::pin(async {
            let sealed = sealed.await?;
            Ok((sealed > 0).then_some(1..=sealed).into_iter().collect())
        })
    }

    /// The facts of some positions, none behind what was sealed once, of the next leads from one
    /// on: whole leads and at least one of them, about `events_max` events, those without a lead
    /// last. Empty only behind the last lead. Positions that [`runs`](Self::runs) has given are
    /// read fastest.
    ///
    /// # Errors
    /// When the store fails.
    fn lead_facts(
        &self,
        from: LeadIndex,
        positions: RangeInclusive<u64>,
        events_max: usize,
    ) -> StoreFuture<'_, LeadPage> {
        let _ = (from, positions, events_max);
        Box::pin(ready(Ok(LeadPage::default())))
    }

    /// The leads that any merge or its undoing has ever connected with others, sorted: those
    /// whose [`family`](Self::family) is more than themselves. A rebuild keeps their facts while
    /// it passes them; of leads that are not told it asks for the [`history`](Self::history)
    /// afterwards, so a store need not know.
    ///
    /// # Errors
    /// When the store fails.
    fn linked(&self) -> StoreFuture<'_, Vec<LeadIndex>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    /// The next events after a position, in order, at most `events_max`. Empty only at the head,
    /// or where `events_max` is 0.
    ///
    /// # Errors
    /// When the store fails.
    fn events(&self, after: u64, events_max: usize) -> StoreFuture<'_, Vec<RecordedEvent>>;

    /// The next events behind a position that match a query, of at most `scan_max` events that are
    /// looked through for them. [`through`](Matches::through) is where to read on; it is `after`
    /// only at the head, or where `scan_max` is 0.
    ///
    /// # Errors
    /// When the store fails.
    fn matching<'a>(
        &'a self,
        query: &'a Query,
        after: u64,
        scan_max: usize,
    ) -> StoreFuture<'a, Matches> {
        Box::pin(async move {
            let mut events = self.events(after, scan_max).await?;
            let through = events.last().map_or(after, |event| event.position);
            events.retain(|event| query.matches(&event.event));
            Ok(Matches { events, through })
        })
    }

    /// Waits until the log has a position, and gives the position of the last event then. What was
    /// appended through this store is noticed at once; what others append to the same log, as
    /// soon as the store says it notices that.
    ///
    /// It has no end of its own: drop it, or use
    /// [`Blocking::wait_for`](crate::Blocking::wait_for), or the timer of your runtime.
    ///
    /// # Errors
    /// When the store fails or is closed.
    fn wait_for(&self, position: u64) -> StoreFuture<'_, u64>;

    /// A lead by its identity; none if no event has named it.
    ///
    /// # Errors
    /// When the store fails.
    fn lead(&self, id: LeadId) -> StoreFuture<'_, Option<LeadEntry>>;

    /// The leads from an index on, in the order of their indices, at most `leads_max`.
    /// Indices count from 0 without gaps, in the order in which the log first names the leads.
    ///
    /// # Errors
    /// When the store fails.
    fn leads(&self, from: LeadIndex, leads_max: usize) -> StoreFuture<'_, Vec<LeadEntry>>;

    /// The leads that were first written with a key, of whatever tenants and origins, in the
    /// order of their indices. It costs no more the more leads the log has.
    ///
    /// # Errors
    /// When the store fails.
    fn leads_by_key<'a>(&'a self, key: &'a LeadKey) -> StoreFuture<'a, Vec<LeadEntry>>;

    /// All events of a lead in the order of their sequences; of [`LeadIndex::NONE`] the events
    /// without a lead. Empty for an index that the log does not have.
    ///
    /// # Errors
    /// When the store fails.
    fn lead_events(&self, lead: LeadIndex) -> StoreFuture<'_, Vec<RecordedEvent>>;

    /// All facts of some leads (of [`LeadIndex::NONE`]: of the events without a lead), in the
    /// order of the log: what [`facts`](Self::facts) has of them.
    ///
    /// # Errors
    /// When the store fails.
    fn history<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Facts>;

    /// These leads and all that any merge or its undoing ever connected with them, however far,
    /// sorted. Corrected and void merges connect too, so a family may be larger than it looks.
    ///
    /// # Errors
    /// When the store fails.
    fn family<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Vec<LeadIndex>>;

    /// The strings behind codes, in the order asked; an empty one for [`Code::NONE`].
    ///
    /// # Errors
    /// [`NotFound`](crate::StoreErrorKind::NotFound) for a code that the log does not have.
    fn strings<'a>(&'a self, codes: &'a [Code]) -> StoreFuture<'a, Vec<String>>;

    /// How many strings the log has: their codes are 1 to this number.
    ///
    /// # Errors
    /// When the store fails.
    fn string_count(&self) -> StoreFuture<'_, u32>;

    /// The code of a string, if the log has it.
    ///
    /// # Errors
    /// When the store fails.
    fn code<'a>(&'a self, text: &'a str) -> StoreFuture<'a, Option<Code>>;

    /// The ids of the events at some positions, in the order asked.
    ///
    /// # Errors
    /// [`NotFound`](crate::StoreErrorKind::NotFound) for a position that the log does not have.
    fn event_ids<'a>(&'a self, positions: &'a [u64]) -> StoreFuture<'a, Vec<EventId>>;

    /// The snapshot that is kept; none if there is none.
    ///
    /// # Errors
    /// When the store fails; `Corrupt` for one that is not as it was written.
    fn snapshot(&self) -> StoreFuture<'_, Option<KeptSnapshot>> {
        Box::pin(ready(Ok(None)))
    }

    /// A part, from 0, of the snapshot with a number.
    ///
    /// # Errors
    /// [`NotFound`](crate::StoreErrorKind::NotFound) where there is none: another snapshot may have
    /// taken its place. `Corrupt` for one that is not as it was written.
    fn snapshot_part(&self, number: u64, part: u32) -> StoreFuture<'_, Vec<u8>> {
        let found = format!("expected part {part} of snapshot {number}, found none: read the log");
        Box::pin(ready(Err(StoreError::new(StoreErrorKind::NotFound, found))))
    }

    /// Keeps a snapshot in the place of the one that is there, whole or not at all. `false`, and
    /// nothing is done, if the store keeps none: [`Capabilities::keeps_snapshots`] says so.
    ///
    /// # Errors
    /// When the store fails; what was there is there then.
    fn keep_snapshot(&self, snapshot: Snapshot) -> StoreFuture<'_, bool> {
        drop(snapshot);
        Box::pin(ready(Ok(false)))
    }

    /// Drops the snapshot; whether there was one, damaged or not.
    ///
    /// # Errors
    /// When the store fails; it is there then.
    fn drop_snapshot(&self) -> StoreFuture<'_, bool> {
        Box::pin(ready(Ok(false)))
    }

    /// Reads everything there is and compares it: places, checksums, content, facts, names.
    /// `progress` hears how many events of how many are done.
    ///
    /// # Errors
    /// When nothing can be read at all. What can be named is in the list instead.
    fn verify<'a>(
        &'a self,
        progress: &'a mut (dyn FnMut(u64, u64) + Send),
    ) -> StoreFuture<'a, Vec<Damage>>;
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: EventStore + ?Sized> EventStore for $pointer {
            fn append(&self, append: Append) -> StoreFuture<'_, Appended, AppendError> {
                (**self).append(append)
            }
            fn capabilities(&self) -> Capabilities {
                (**self).capabilities()
            }
            fn head(&self) -> StoreFuture<'_, u64> {
                (**self).head()
            }
            fn facts(&self, after: u64, events_max: usize) -> StoreFuture<'_, Facts> {
                (**self).facts(after, events_max)
            }
            fn sealed(&self) -> StoreFuture<'_, u64> {
                (**self).sealed()
            }
            fn runs(&self) -> StoreFuture<'_, Vec<RangeInclusive<u64>>> {
                (**self).runs()
            }
            fn lead_facts(
                &self,
                from: LeadIndex,
                positions: RangeInclusive<u64>,
                events_max: usize,
            ) -> StoreFuture<'_, LeadPage> {
                (**self).lead_facts(from, positions, events_max)
            }
            fn linked(&self) -> StoreFuture<'_, Vec<LeadIndex>> {
                (**self).linked()
            }
            fn events(
                &self,
                after: u64,
                events_max: usize,
            ) -> StoreFuture<'_, Vec<RecordedEvent>> {
                (**self).events(after, events_max)
            }
            fn matching<'a>(
                &'a self,
                query: &'a Query,
                after: u64,
                scan_max: usize,
            ) -> StoreFuture<'a, Matches> {
                (**self).matching(query, after, scan_max)
            }
            fn wait_for(&self, position: u64) -> StoreFuture<'_, u64> {
                (**self).wait_for(position)
            }
            fn lead(&self, id: LeadId) -> StoreFuture<'_, Option<LeadEntry>> {
                (**self).lead(id)
            }
            fn leads(&self, from: LeadIndex, leads_max: usize) -> StoreFuture<'_, Vec<LeadEntry>> {
                (**self).leads(from, leads_max)
            }
            fn leads_by_key<'a>(&'a self, key: &'a LeadKey) -> StoreFuture<'a, Vec<LeadEntry>> {
                (**self).leads_by_key(key)
            }
            fn lead_events(&self, lead: LeadIndex) -> StoreFuture<'_, Vec<RecordedEvent>> {
                (**self).lead_events(lead)
            }
            fn history<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Facts> {
                (**self).history(leads)
            }
            fn family<'a>(&'a self, leads: &'a [LeadIndex]) -> StoreFuture<'a, Vec<LeadIndex>> {
                (**self).family(leads)
            }
            fn strings<'a>(&'a self, codes: &'a [Code]) -> StoreFuture<'a, Vec<String>> {
                (**self).strings(codes)
            }
            fn string_count(&self) -> StoreFuture<'_, u32> {
                (**self).string_count()
            }
            fn code<'a>(&'a self, text: &'a str) -> StoreFuture<'a, Option<Code>> {
                (**self).code(text)
            }
            fn event_ids<'a>(&'a self, positions: &'a [u64]) -> StoreFuture<'a, Vec<EventId>> {
                (**self).event_ids(positions)
            }
            fn snapshot(&self) -> StoreFuture<'_, Option<KeptSnapshot>> {
                (**self).snapshot()
            }
            fn snapshot_part(&self, number: u64, part: u32) -> StoreFuture<'_, Vec<u8>> {
                (**self).snapshot_part(number, part)
            }
            fn keep_snapshot(&self, snapshot: Snapshot) -> StoreFuture<'_, bool> {
                (**self).keep_snapshot(snapshot)
            }
            fn drop_snapshot(&self) -> StoreFuture<'_, bool> {
                (**self).drop_snapshot()
            }
            fn verify<'a>(
                &'a self,
                progress: &'a mut (dyn FnMut(u64, u64) + Send),
            ) -> StoreFuture<'a, Vec<Damage>> {
                (**self).verify(progress)
            }
        }
    )*};
}

forward!(&S, Arc<S>, Box<S>);
