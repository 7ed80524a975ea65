//! A log replayed on several threads: each reads and folds leads of its own.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use leadfold_core::{LeadIndex, Shard, Sharded};
use leadfold_store::{EventStore, StoreError, block_on};

use crate::View;
use crate::projection::checkpoint_behind;
use crate::source::{Ahead, Source, lead_count};

/// A progress and a wish: called with events folded and events in all, from any thread; `Break`
/// ends the replay.
pub type Watch<'a> = dyn Fn(u64, u64) -> ControlFlow<()> + Sync + 'a;

/// Leads of one thread.
struct Part<O> {
    shard: Shard<O>,
    last: u32,
}

impl<S: EventStore, O: Sharded + Send> View<S, O> {
    /// Folds what has been appended since the last call, as [`View::catch_up`] does, and blocks
    /// this thread until it is done. What a store keeps by lead is folded on so many threads if
    /// nothing is folded yet; the rest is on this one. The tables are the same to the byte.
    ///
    /// `Break` if `watch` wanted that: then the view stands where it stood before, or somewhere
    /// behind it, and catches up with the next call.
    ///
    /// # Errors
    /// When the store fails; the same holds then.
    pub fn catch_up_on(
        &mut self,
        threads: NonZeroUsize,
        watch: &Watch<'_>,
    ) -> Result<ControlFlow<()>, StoreError> {
        if threads.get() > 1 && self.is_new() && self.rebuild_on(threads, watch)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let mut flow = ControlFlow::Continue(());
        block_on(self.catch_up_while(|done, all| {
            flow = watch(done, all);
            flow
        }))?;
        Ok(flow)
    }

    fn rebuild_on(
        &mut self,
        threads: NonZeroUsize,
        watch: &Watch<'_>,
    ) -> Result<ControlFlow<()>, StoreError> {
        let head = block_on(self.store().head())?;
        self.at = block_on(checkpoint_behind(self.store(), head))?;
        let Some(source) = block_on(Source::of(self.store(), head))? else {
            return Ok(ControlFlow::Continue(()));
        };
        block_on(self.learn())?;
        let parts = self.parts(threads, source.until())?;
        let done = AtomicU64::new(0);
        let store = self.store();
        let progress =
            |events: u64| watch(done.fetch_add(events, Ordering::Relaxed) + events, head);
        let folded: Vec<Result<Option<Shard<O>>, StoreError>> = std::thread::scope(|scope| {
            let fold = |part| scope.spawn(|| fold_part(store, &source, part, &progress));
            let threads: Vec<_> = parts.into_iter().map(fold).collect();
            threads.into_iter().map(|thread| thread.join().expect("the fold is total")).collect()
        });
        let shards: Option<Vec<Shard<O>>> = folded.into_iter().collect::<Result<_, _>>()?;
        let Some(shards) = shards else { return Ok(ControlFlow::Break(())) };
        let apart = self.fold.assemble(shards);
        block_on(self.rebuilt(source.until(), &apart))?;
        Ok(ControlFlow::Continue(()))
    }

    /// The leads in parts of the same number; they have so many events in all.
    fn parts(&self, threads: NonZeroUsize, events: u64) -> Result<Vec<Part<O>>, StoreError> {
        let leads = u64::from(block_on(lead_count(self.store()))?);
        let count = (threads.get() as u64).min(leads.max(1));
        let first = |part: u64| (leads * part / count) as u32;
        let part = |index| {
            let last = if index + 1 == count { u32::MAX } else { first(index + 1) - 1 };
            let mut shard = self.fold.shard(LeadIndex(first(index)));
            shard.expect(usize::try_from(events / count).unwrap_or(usize::MAX));
            Part { shard, last }
        };
        Ok((0..count).map(part).collect())
    }
}

/// None if it was broken off.
fn fold_part<S: EventStore, O: Sharded>(
    store: &S,
    source: &Source,
    part: Part<O>,
    progress: &(impl Fn(u64) -> ControlFlow<()> + Sync),
) -> Result<Option<Shard<O>>, StoreError> {
    let mut shard = part.shard.apart_from(source.apart());
    let mut runs = shard.runs(source.count(), LeadIndex(part.last));
    let mut ahead = Ahead::default();
    while !runs.is_done() {
        block_on(source.feed(store, &mut runs, &mut ahead))?;
        if progress(shard.rebuild_runs(&mut runs)).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(shard))
}
