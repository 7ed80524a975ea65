//! A view that begins where a snapshot stands, and the snapshot that a view leaves.

use std::collections::BTreeSet;

use leadfold_core::{Fold, LeadIndex, Restore, RestoreError, snapshot_key};
use leadfold_store::{
    Checkpoint, EventStore, KeptSnapshot, Snapshot, StoreError, StoreErrorKind, StoreFuture,
};

use crate::View;
use crate::source::{TAIL_EVENTS_MAX, lead_count};

/// How many leads of a snapshot are folded once more, and compared, before it is gone on with.
///
/// A snapshot that its store has read without complaint may still be wrong: made by a fold with a
/// fault, or by a hand that made the checksums fit. If `n` of `all` leads are wrong, a sample of
/// `leads` of them meets one of those with a probability of about `1 - (1 - n / all)^leads`: the
/// default one nearly always (97 %) where a tenth of the leads is wrong, now and then (28 %) where one
/// in a hundred is, and hardly ever where it is a single one of many. A sample of all leads
/// is sure of every row, and costs far more than a rebuild: leads' events are looked up one by one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sample {
    /// How many are drawn, each with its family. The events without a lead count as one. All of
    /// them if there are not more.
    pub leads: usize,
    /// What decides which; where none is given, the position of the log's last event, so that other
    /// leads are drawn as the log grows.
    pub seed: Option<u64>,
}

impl Sample {
    /// All leads.
    pub const ALL: Self = Self { leads: usize::MAX, seed: None };
    /// None: the snapshot is believed.
    pub const NONE: Self = Self { leads: 0, seed: None };
}

impl Default for Sample {
    fn default() -> Self {
        Self { leads: 32, seed: None }
    }
}

/// What became of the wish to begin with a snapshot.
#[derive(Clone, Debug)]
#[must_use = "a snapshot that was refused is worth telling of"]
pub enum Restored {
    /// The view has it: it stands where the snapshot was taken.
    From {
        /// The position of the last event that it has seen.
        position: u64,
    },
    /// The store has none, or one so far behind that a rebuild is done sooner, or this is no view for
    /// one: it has bounds or has begun.
    Absent,
    /// The store's does not match, or is damaged, or lies. The view is as empty as it was; keep
    /// another snapshot once it has caught up.
    Refused(Distrust),
}

/// Why a snapshot is not gone on with.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Distrust {
    /// Another playbook, or another version of leadfold's fold or lowering.
    #[error(
        "the snapshot was taken under another playbook or by another version of leadfold: \
         take it anew"
    )]
    OtherRules,
    /// The log does not have the snapshot's last event at its place.
    #[error(
        "the snapshot is of another log: expected the event behind which it was taken at position \
         {position}, found another or none; take it anew"
    )]
    OtherLog {
        /// Where the event should be.
        position: u64,
    },
    /// Another snapshot took its place while it was read.
    #[error("the snapshot was replaced while it was read: try again")]
    Replaced,
    /// The store says that it is damaged, or what it is to be compared with.
    #[error("the snapshot cannot be read or compared with the log; take it anew ({0})")]
    Damaged(StoreError),
    /// Its bytes are no snapshot.
    #[error(transparent)]
    Unreadable(#[from] RestoreError),
    /// A lead's history says something else.
    #[error(
        "the snapshot is wrong about {}: expected what its history makes of it, found something \
         else; take it anew, and report this",
        name(*lead)
    )]
    Lies {
        /// The lead, or [`LeadIndex::NONE`] for the rows without one.
        lead: LeadIndex,
    },
}

fn name(lead: LeadIndex) -> String {
    match lead {
        LeadIndex::NONE => "what belongs to no lead".to_owned(),
        LeadIndex(number) => format!("lead number {number}"),
    }
}

/// A snapshot that cannot be used, or a store that fails.
enum Failed {
    Distrusted(Distrust),
    Store(StoreError),
}

/// Damage is no failure: without the snapshot there may be nothing to read where it is.
impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        match error.kind() {
            StoreErrorKind::Corrupt => Self::Distrusted(Distrust::Damaged(error)),
            StoreErrorKind::NotFound => Self::Distrusted(Distrust::Replaced),
            _ => Self::Store(error),
        }
    }
}

impl From<Distrust> for Failed {
    fn from(distrust: Distrust) -> Self {
        Self::Distrusted(distrust)
    }
}

impl<S: EventStore> View<S> {
    /// Begins with the store's snapshot, if it has one of this playbook and this fold, of this log,
    /// whole, and if a sample of its leads says what their histories say. The next
    /// [`catch_up`](View::catch_up) folds the events behind it, instead of all: at the cost of the
    /// leads and of what is new. Nothing is written.
    ///
    /// ```
    /// # use leadfold_core::{Bounds, Playbook};
    /// # use leadfold_engine::{Restored, Sample, View};
    /// # use leadfold_store::{MemoryStore, block_on};
    /// let view = |store| View::new(store, Playbook::default(), Bounds::default());
    /// let store = MemoryStore::new();
    /// let mut yesterday = view(&store);
    /// block_on(yesterday.catch_up(|_, _| {}))?;
    /// assert!(block_on(yesterday.keep_snapshot())?);
    ///
    /// let mut today = view(&store);
    /// let restored = block_on(today.restore(Sample::default()))?;
    /// assert!(matches!(restored, Restored::From { position: 0 }));
    /// block_on(today.catch_up(|_, _| {}))?;
    /// # Ok::<(), leadfold_store::StoreError>(())
    /// ```
    ///
    /// # Errors
    /// When the store fails otherwise than by a damaged snapshot; the view is as it was.
    pub async fn restore(&mut self, sample: Sample) -> Result<Restored, StoreError> {
        if !self.is_new() || !self.is_whole() {
            return Ok(Restored::Absent);
        }
        let fold = match self.store().snapshot().await {
            Ok(Some(kept)) if self.is_far_behind(kept.at.position).await? => {
                return Ok(Restored::Absent);
            }
            Ok(Some(kept)) => {
                let at = kept.at;
                self.check(kept, sample).await.map(|fold| (fold, at))
            }
            Ok(None) => return Ok(Restored::Absent),
            Err(error) => Err(error.into()),
        };
        match fold {
            Ok((fold, at)) => {
                let position = fold.position();
                (self.fold, self.at) = (fold, at);
                Ok(Restored::From { position })
            }
            Err(Failed::Distrusted(why)) => Ok(Restored::Refused(why)),
            Err(Failed::Store(error)) => Err(error),
        }
    }

    /// Whether more has come since than there was, and more than is put in order in memory: what is
    /// behind a snapshot is folded in the order of the log, and a rebuild takes half the time.
    async fn is_far_behind(&self, position: u64) -> Result<bool, StoreError> {
        let behind = self.store().head().await?.saturating_sub(position);
        Ok(behind > position.max(TAIL_EVENTS_MAX))
    }

    /// The fold of a snapshot, if it can be gone on with.
    async fn check(&self, kept: KeptSnapshot, sample: Sample) -> Result<Fold, Failed> {
        if kept.key != snapshot_key(self.playbook()) {
            return Err(Distrust::OtherRules.into());
        }
        let Checkpoint { position, .. } = kept.at;
        if self.checkpoint_at(position).await? != Some(kept.at) {
            return Err(Distrust::OtherLog { position }.into());
        }
        let mut fold = self.read(&kept).await?;
        if fold.position() != position {
            return Err(Distrust::Unreadable(RestoreError::FirstPart).into());
        }
        self.teach(&mut fold).await?;
        match self.first_lie(&fold, sample).await? {
            Some(lead) => Err(Distrust::Lies { lead }.into()),
            None => Ok(fold),
        }
    }

    /// Reads part by part; each is asked for while the one before it is taken in.
    async fn read(&self, kept: &KeptSnapshot) -> Result<Fold, Failed> {
        let store = self.store();
        let part = |part: u32| -> Option<StoreFuture<'_, Vec<u8>>> {
            (part < kept.parts).then(|| store.snapshot_part(kept.number, part))
        };
        let mut restore = Restore::new(self.playbook().clone(), kept.parts as usize);
        let (mut next, mut asked) = (0, part(0));
        while let Some(bytes) = asked {
            let bytes = bytes.await?;
            next += 1;
            asked = part(next);
            restore.feed(&bytes).map_err(Distrust::from)?;
        }
        Ok(restore.end().map_err(Distrust::from)?)
    }

    /// The first lead of a sample of which the fold says something else than its history.
    async fn first_lie(
        &self,
        fold: &Fold,
        sample: Sample,
    ) -> Result<Option<LeadIndex>, StoreError> {
        let store = self.store();
        let seed = match sample.seed {
            Some(seed) => seed,
            None => store.head().await?,
        };
        // Also leads that the snapshot does not have: it may have left them out.
        let leads = lead_count(store).await?.max(fold.tables().lead_count() as u32);
        for drawn in draw(sample.leads, leads, seed).chunks(LEADS_A_TURN) {
            let (leads, none) = drawn.split_at(drawn.partition_point(|one| *one < LeadIndex::NONE));
            let family = [&store.family(leads).await?, none].concat();
            let mut history = store.history(&family).await?;
            history.keep_until(fold.position());
            let lie = fold.first_lie(&family, &history);
            if lie.is_some() {
                return Ok(lie);
            }
        }
        Ok(None)
    }

    /// Where a fold is that has seen the log up to a position; none if the log does not have that.
    async fn checkpoint_at(&self, position: u64) -> Result<Option<Checkpoint>, StoreError> {
        if position == 0 {
            return Ok(Some(Checkpoint::default()));
        }
        match self.store().event_ids(&[position]).await {
            Ok(ids) => Ok(Some(Checkpoint { position, event: ids.first().copied() })),
            Err(error) if error.kind() == StoreErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps the tables as they are in the store, in the place of the snapshot that it has. `false`,
    /// and nothing is done, if the store keeps none or this is no view of a whole log.
    ///
    /// A view that was broken off, or whose store failed, is caught up first. It takes memory for the bytes of the
    /// snapshot, some 190 a simulated lead, beside the tables.
    ///
    /// # Errors
    /// When the store fails; it keeps what it had.
    pub async fn keep_snapshot(&mut self) -> Result<bool, StoreError> {
        if !self.is_whole() || !self.store().capabilities().keeps_snapshots {
            return Ok(false);
        }
        if self.is_rebuilding() || !self.fold.is_settled() {
            self.catch_up(|_, _| {}).await?;
        }
        let position = self.fold.position();
        let at = self.checkpoint_at(position).await?;
        self.check_log().await?;
        let Some(at) = at else {
            let expected = format!("expected an event at position {position}, found none");
            let message = format!("{expected}: verify the store");
            return Err(StoreError::new(StoreErrorKind::Corrupt, message));
        };
        let (key, parts) = (snapshot_key(self.playbook()), self.fold.snapshot().collect());
        self.store().keep_snapshot(Snapshot { key, at, parts }).await
    }
}

/// Leads whose histories are in memory at once.
const LEADS_A_TURN: usize = 4_096;

/// So many different ones of the leads and of what has none, sorted.
fn draw(count: usize, leads: u32, seed: u64) -> Vec<LeadIndex> {
    let all = u64::from(leads) + 1;
    let name = |number: u64| {
        if number == u64::from(leads) { LeadIndex::NONE } else { LeadIndex(number as u32) }
    };
    if count as u64 >= all {
        return (0..all).map(name).collect();
    }
    let (mut drawn, mut state) = (BTreeSet::new(), seed);
    while drawn.len() < count {
        drawn.insert(next(&mut state) % all);
    }
    drawn.into_iter().map(name).collect()
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_of_different_leads_and_follow_the_seed() {
        let sample = draw(64, 1_000_000, 7);
        assert_eq!(sample.len(), 64);
        assert!(sample.is_sorted_by(|one, next| one < next));
        assert_eq!(sample, draw(64, 1_000_000, 7));
        assert_ne!(sample, draw(64, 1_000_000, 8));
    }

    #[test]
    fn small_logs_are_drawn_whole() {
        let all = [LeadIndex(0), LeadIndex(1), LeadIndex::NONE];
        assert_eq!(draw(3, 2, 0), all);
        assert_eq!(draw(usize::MAX, 2, 0), all);
        assert_eq!(draw(64, 0, 0), [LeadIndex::NONE]);
        let pairs: BTreeSet<_> = (0..40).map(|seed| draw(2, 2, seed)).collect();
        assert_eq!(pairs.len(), 3, "each pair comes up");
    }
}
