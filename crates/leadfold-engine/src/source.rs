//! What a rebuild reads: the runs of a store side by side, and its newest events as one more.

use std::ops::RangeInclusive;

use leadfold_core::{Apart, LeadFacts, LeadIndex, LeadPage, LeadRuns};
use leadfold_store::{EventStore, StoreError, StoreErrorKind, StoreFuture};

use crate::FACTS_EVENTS_MAX;

/// Events that a run gives at once, rounded up to what its store packs together. All runs lie side by
/// side, so it is less than [`FACTS_EVENTS_MAX`].
const RUN_EVENTS_MAX: usize = 4_096;
/// Events that are put in order in memory where the store has not done so yet. Twice what stores
/// seal at once: behind more of them a rebuild goes on in the order of the log.
pub(crate) const TAIL_EVENTS_MAX: u64 = 131_072;

/// The events of a log up to a position, by lead.
#[derive(Debug)]
pub(crate) struct Source {
    runs: Vec<RangeInclusive<u64>>,
    tail: LeadFacts,
    linked: Vec<LeadIndex>,
    until: u64,
}

impl Source {
    /// Up to a head of the log, or less if the store keeps too little by lead; none if that is
    /// nothing.
    pub(crate) async fn of<S: EventStore>(
        store: &S,
        head: u64,
    ) -> Result<Option<Self>, StoreError> {
        let mut runs = store.runs().await?;
        runs.retain(|run| *run.end() <= head);
        let sealed = runs.last().map_or(0, |run| *run.end());
        let until = if head - sealed > TAIL_EVENTS_MAX { sealed } else { head };
        let tail = tail(store, sealed, until).await?;
        let linked = store.linked().await?;
        Ok((until > 0).then_some(Self { runs, tail, linked, until }))
    }

    /// The position of its last event.
    pub(crate) fn until(&self) -> u64 {
        self.until
    }

    /// How many runs there are side by side.
    pub(crate) fn count(&self) -> usize {
        self.runs.len() + 1
    }

    /// What is to be folded last.
    pub(crate) fn apart(&self) -> Apart {
        Apart::of(&self.linked)
    }

    /// Gives every run the page that it wants, and asks for the page behind it.
    pub(crate) async fn feed<'s, S: EventStore>(
        &self,
        store: &'s S,
        runs: &mut LeadRuns,
        ahead: &mut Ahead<'s>,
    ) -> Result<(), StoreError> {
        ahead.0.resize_with(self.runs.len(), || None);
        let pages = self
            .runs
            .iter()
            .map(|run| move |from| store.lead_facts(from, run.clone(), RUN_EVENTS_MAX));
        let pages: Vec<_> = pages.collect();
        while let Some((number, from)) = runs.wanted() {
            let Some(page) = pages.get(number) else {
                runs.feed(number, LeadPage::Facts(self.tail.of_leads(from, runs.last())))?;
                continue;
            };
            let asked = ahead.0[number].take().unwrap_or_else(|| page(from));
            runs.feed(number, asked.await?)?;
            ahead.0[number] = runs.next_from(number).map(page);
        }
        Ok(())
    }
}

/// Of each run, the page that has been asked for before it is wanted: a store with threads of its
/// own reads the file while leads are folded.
#[derive(Default)]
pub(crate) struct Ahead<'s>(Vec<Option<StoreFuture<'s, LeadPage>>>);

/// The events behind a position up to another one, by lead.
async fn tail<S: EventStore>(store: &S, after: u64, until: u64) -> Result<LeadFacts, StoreError> {
    let (mut pages, mut position) = (Vec::new(), after);
    while position < until {
        let events = (until - position).min(FACTS_EVENTS_MAX as u64);
        let page = store.facts(position, events as usize).await?;
        position = page.last_position().ok_or_else(|| nothing_after(position))?;
        pages.push(page);
    }
    Ok(LeadFacts::of(&pages.iter().collect::<Vec<_>>()))
}

/// A page before the head of a log is not empty. To take it for the end would leave events out and
/// say nothing.
pub(crate) fn nothing_after(position: u64) -> StoreError {
    let expected = format!("expected events after position {position}, found none");
    StoreError::new(StoreErrorKind::Corrupt, format!("{expected}: verify the store"))
}

/// How many leads a log has: the first number that none has.
pub(crate) async fn lead_count<S: EventStore>(store: &S) -> Result<u32, StoreError> {
    let (mut low, mut high) = (0, u32::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        if store.leads(LeadIndex(middle), 1).await?.is_empty() {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}
