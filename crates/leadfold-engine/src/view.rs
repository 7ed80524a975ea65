//! A log as tables, and one lead of it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use leadfold_core::event::{Body, Event, RecordedEvent};
use leadfold_core::{
    Apart, Bounds, Case, Code, Facts, Fold, LeadId, LeadIndex, LeadRuns, Observer, Playbook,
    Tables, Target,
};
use leadfold_store::{Checkpoint, EventStore, LeadEntry, StoreError};

use crate::projection::{check_log, checkpoint_behind};
use crate::source::{Ahead, Source, nothing_after};

/// Events in a page that a view reads at once.
pub const FACTS_EVENTS_MAX: usize = 16_384;

/// Tables of a store's log that catch up with it.
///
/// An [`Observer`] may watch the fold: the hand-off audit's ledger, or a product's own projection.
#[derive(Debug)]
pub struct View<S, O = ()> {
    store: S,
    playbook: Playbook,
    bounds: Bounds,
    pub(crate) fold: Fold<O>,
    /// An event that the log had when it was folded, at the end of what is folded or behind it: a
    /// log may be set back under a view.
    pub(crate) at: Checkpoint,
    /// How far a rebuild has come that is not done.
    rebuild: Option<Rebuild>,
}

/// A rebuild lead by lead.
#[derive(Debug)]
struct Rebuild {
    source: Source,
    runs: LeadRuns,
    apart: Apart,
    events: u64,
}

impl Rebuild {
    fn of(source: Source) -> Self {
        let (runs, apart) = (LeadRuns::new(source.count()), source.apart());
        Self { source, runs, apart, events: 0 }
    }
}

impl<S: EventStore> View<S> {
    /// An empty view of the part of a log that the bounds let through.
    pub fn new(store: S, playbook: Playbook, bounds: Bounds) -> Self {
        Self::watched(store, playbook, bounds, ())
    }
}

impl<S: EventStore, O: Observer> View<S, O> {
    /// An empty view that an observer watches.
    pub fn watched(store: S, playbook: Playbook, bounds: Bounds, observer: O) -> Self {
        let fold = Fold::watched(playbook.clone(), bounds, observer);
        Self { store, playbook, bounds, fold, at: Checkpoint::default(), rebuild: None }
    }

    /// Folds what has been appended since the last call. `progress` hears how many events of how
    /// many are folded.
    ///
    /// # Errors
    /// When the store fails. The view is as far as it came, and catches up with the next call; until
    /// then it may have no tables.
    /// `NotFound` where the log has been set back under the view, and does not have what is folded:
    /// then it takes another one.
    pub async fn catch_up(
        &mut self,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<&Tables, StoreError> {
        self.catch_up_while(|done, all| {
            progress(done, all);
            ControlFlow::Continue(())
        })
        .await?;
        Ok(self.fold.tables())
    }

    /// The same, until `watch` breaks it off. The tables are those of the log's beginning then; there
    /// are none while a rebuild is not done.
    pub(crate) async fn catch_up_while(
        &mut self,
        mut watch: impl FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let head = self.store.head().await?;
        if self.rebuild(head, &mut watch).await?.is_break() {
            return Ok(());
        }
        while self.fold.position() < head {
            let page = self.store.facts(self.fold.position(), FACTS_EVENTS_MAX).await?;
            let through =
                page.last_position().ok_or_else(|| nothing_after(self.fold.position()))?;
            let at = checkpoint_behind(&self.store, through).await?;
            self.learn().await?;
            // All that was read is of the log that is folded, if it has that event still.
            self.check_log().await?;
            self.fold.apply(&page);
            self.at = at;
            if watch(self.fold.position(), head.max(self.fold.position())).is_break() {
                break;
            }
        }
        self.settle().await?;
        self.check_log().await
    }

    /// That the log has all that is folded.
    pub(crate) async fn check_log(&self) -> Result<(), StoreError> {
        check_log(&self.store, self.at).await
    }

    /// Whether nothing is folded yet.
    pub(crate) fn is_new(&self) -> bool {
        self.fold.position() == 0 && self.rebuild.is_none()
    }

    /// Whether a rebuild has begun that is not done.
    pub(crate) fn is_rebuilding(&self) -> bool {
        self.rebuild.is_some()
    }

    /// Whether it is of a whole log.
    pub(crate) fn is_whole(&self) -> bool {
        self.bounds == Bounds::default()
    }

    pub(crate) fn playbook(&self) -> &Playbook {
        &self.playbook
    }

    /// Folds all there is lead by lead, where nothing is folded yet.
    async fn rebuild(
        &mut self,
        head: u64,
        watch: &mut impl FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, StoreError> {
        if self.is_new() {
            // Before it begins: one that has begun does not learn again.
            self.learn().await?;
            self.at = checkpoint_behind(&self.store, head).await?;
            self.rebuild = Source::of(&self.store, head).await?.map(Rebuild::of);
            self.fold.expect(usize::try_from(head).unwrap_or(usize::MAX));
        }
        let mut flow = ControlFlow::Continue(());
        let mut ahead = Ahead::default();
        while let Some(rebuild) = self.rebuild.as_mut().filter(|rebuild| !rebuild.runs.is_done()) {
            rebuild.source.feed(&self.store, &mut rebuild.runs, &mut ahead).await?;
            rebuild.events += self.fold.rebuild_runs(&mut rebuild.runs, &mut rebuild.apart);
            flow = watch(rebuild.events, head.max(rebuild.events));
            if flow.is_break() {
                break;
            }
        }
        drop(ahead);
        if let Some(done) = self.rebuild.take_if(|rebuild| rebuild.runs.is_done()) {
            self.fold.rebuild_apart(&done.apart);
            self.rebuilt(done.source.until(), &done.apart).await?;
        }
        Ok(flow)
    }

    /// Ends a rebuild up to a position: what it put apart has the history of merged leads.
    pub(crate) async fn rebuilt(&mut self, until: u64, apart: &Apart) -> Result<(), StoreError> {
        self.fold.rebuilt(until);
        match apart.history(&self.fold.unsettled()) {
            Some(history) => self.settle_with(history),
            None => self.settle().await?,
        }
        Ok(())
    }

    /// Folds the marked leads anew from their histories, but no further than the view has come.
    async fn settle(&mut self) -> Result<(), StoreError> {
        if self.fold.is_settled() {
            return Ok(());
        }
        let mut history = self.store.history(&self.fold.unsettled()).await?;
        history.keep_until(self.fold.position());
        self.settle_with(history);
        Ok(())
    }

    fn settle_with(&mut self, history: Facts) {
        let Ok(()) = self.fold.settle(|_| Ok::<_, std::convert::Infallible>(history));
    }

    pub(crate) async fn learn(&mut self) -> Result<(), StoreError> {
        let codes = self.codes().await?;
        learn_from(&mut self.fold, &codes);
        Ok(())
    }

    /// Teaches another fold under the same playbook.
    pub(crate) async fn teach(&self, fold: &mut Fold) -> Result<(), StoreError> {
        learn_from(fold, &self.codes().await?);
        Ok(())
    }

    /// The log's codes for the words of the playbook.
    async fn codes(&self) -> Result<Codes, StoreError> {
        let mut codes = BTreeMap::new();
        for word in self.playbook.words() {
            codes.insert(word.to_owned(), self.store.code(word).await?);
        }
        Ok(codes)
    }

    /// Position of the last event in the tables.
    pub fn position(&self) -> u64 {
        self.fold.position()
    }

    /// Whether all that has been folded is in the tables. Not behind a catch-up that failed in the
    /// middle or was dropped there: leads may wait to be folded anew, or are not there yet.
    pub fn is_current(&self) -> bool {
        self.rebuild.is_none() && self.fold.is_settled()
    }

    /// The tables as of the last catch-up; none while the view [is not current](Self::is_current).
    pub fn tables(&self) -> Option<&Tables> {
        self.is_current().then(|| self.fold.tables())
    }

    /// Who watched, as of the last catch-up; none while the view is not current.
    pub fn observer(&self) -> Option<&O> {
        self.is_current().then(|| self.fold.observer())
    }

    /// The tables and who watched, for good; none if the view is not current.
    pub fn into_parts(self) -> Option<(Tables, O)> {
        self.is_current().then(|| self.fold.into_parts())
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }
}

type Codes = BTreeMap<String, Option<Code>>;

fn learn_from<O: Observer>(fold: &mut Fold<O>, codes: &Codes) {
    let find = |word: &str| codes.get(word).copied().flatten();
    let Ok(()) = fold.learn(|word| Ok::<_, std::convert::Infallible>(find(word)));
}

/// The tables of a whole log at some bounds.
///
/// # Errors
/// When the store fails.
pub async fn replay<S: EventStore>(
    store: S,
    playbook: Playbook,
    bounds: Bounds,
    progress: impl FnMut(u64, u64),
) -> Result<Tables, StoreError> {
    let mut view = View::new(store, playbook, bounds);
    view.catch_up(progress).await?;
    Ok(view.fold.into_tables())
}

/// A lead with its family, and the events from which they were folded.
#[derive(Debug)]
pub struct LoadedCase {
    /// The lead in the store; none if no event has named it.
    pub entry: Option<LeadEntry>,
    /// The leads of the family, sorted. It is of the time before the events were read.
    pub family: Vec<LeadIndex>,
    /// The family, folded.
    pub case: Case,
    /// The events of the family in the order of the log.
    pub events: Vec<RecordedEvent>,
    /// The leads that were asked for: the family is all that merges connect with them.
    pub of: Vec<LeadId>,
}

/// Loads a lead, and the `others` that a command names ([`load_case_for`] finds them), with all
/// that merges connect them to: at the cost of their events, whatever the size of the log.
///
/// # Errors
/// When the store fails.
pub async fn load_case<S: EventStore>(
    store: &S,
    lead: LeadId,
    others: &[LeadId],
    playbook: Playbook,
    bounds: Bounds,
) -> Result<LoadedCase, StoreError> {
    let entry = store.lead(lead).await?;
    let mut leads: Vec<LeadIndex> = entry.iter().map(|entry| entry.index).collect();
    for other in others {
        leads.extend(store.lead(*other).await?.map(|entry| entry.index));
    }
    let family = if leads.is_empty() { leads } else { store.family(&leads).await? };
    let mut events = Vec::new();
    for member in &family {
        events.extend(store.lead_events(*member).await?);
    }
    events.sort_unstable_by_key(|event| event.position);
    let case = Case::open(playbook, bounds, &events);
    let of = std::iter::once(lead).chain(others.iter().copied()).collect();
    Ok(LoadedCase { entry, family, case, events, of })
}

/// Loads what an event of a lead is to be decided on: the lead, and the one that it is merged with
/// or taken out of by the event, or by what the event puts in the place of another.
///
/// # Errors
/// When the store fails.
pub async fn load_case_for<S: EventStore>(
    store: &S,
    lead: LeadId,
    event: &Event,
    playbook: Playbook,
    bounds: Bounds,
) -> Result<LoadedCase, StoreError> {
    let other: Vec<_> = other_lead(event, &event.body).into_iter().collect();
    let loaded = load_case(store, lead, &other, playbook.clone(), bounds).await?;
    // What a correction names stands in the lead's own stream, so it is among the events now.
    let other = replacement(event, &loaded).and_then(|(target, body)| other_lead(target, &body));
    match other {
        Some(other) => load_case(store, lead, &[other], playbook, bounds).await,
        None => Ok(loaded),
    }
}

/// The other lead of a merge or of its undoing, as an event would name it.
fn other_lead(event: &Event, body: &Body) -> Option<LeadId> {
    match body {
        Body::Merged(merged) => Some(event.lead_id_of(&merged.into)),
        Body::Unmerged(unmerged) => Some(event.lead_id_of(&unmerged.from)),
        _ => None,
    }
}

/// An event of the lead that a correction replaces, and by what: that names leads as the event does
/// which it is put in the place of.
fn replacement<'a>(event: &Event, loaded: &'a LoadedCase) -> Option<(&'a Event, Body)> {
    let Body::Corrected(corrected) = &event.body else { return None };
    let is_target = |other: &&RecordedEvent| {
        other.id == corrected.target && other.event.lead_id() == event.lead_id()
    };
    let target = loaded.events.iter().find(is_target)?;
    let body = Target::new(target.position, &target.event).replacement(corrected)?;
    Some((&target.event, body))
}
