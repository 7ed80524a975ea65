//! What gives a projection its pages.

use leadfold_store::{
    Advance, Blocking, Checkpoint, EventStore, ProjectionId, ProjectionStore, Skipped, Step,
    StoreError, Swap, block_on,
};

use super::{
    Cause, Decision, Failure, OtherLog, Projection, RunError, checkpoint_at, is_of, page_after,
};
use crate::{FACTS_EVENTS_MAX, Stop};

/// How often an event is tried, and a version is brought up to the live one.
const ATTEMPTS_MAX: u32 = 16;

/// Gives a projection the events of a log, each exactly once.
///
/// There may be several runners of one projection, in several processes: they take turns, and an
/// event is taken in by one of them. Calls block; a runner has a thread of its own.
#[derive(Debug)]
pub struct Runner<L, S, P> {
    log: L,
    store: S,
    projection: P,
    id: ProjectionId,
    /// Where the projection is as far as we know; none after a failure that may have been one
    /// behind a commit.
    checkpoint: Option<Checkpoint>,
    page_events_max: usize,
    /// Fewer while the event is looked for that cannot be taken in.
    page_events: usize,
    /// How often the event behind the checkpoint was tried.
    attempt: u32,
}

/// What a transaction can fail with.
enum Broken<E> {
    Store(StoreError),
    Refused(E),
}

impl<E> From<StoreError> for Broken<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<L, S, P> Runner<L, S, P>
where
    L: EventStore,
    S: ProjectionStore,
    P: Projection<S>,
{
    /// A runner of a projection. Its tables are made if they are not there; readers see them at
    /// once if no other version of it is there.
    ///
    /// # Errors
    /// [`RunError::Create`], [`RunError::OtherLog`], and when a store fails.
    pub fn open(log: L, mut store: S, projection: P) -> Result<Self, RunError<P::Error>> {
        let id = ProjectionId::new(P::NAME, P::VERSION)?;
        let made =
            store.create(&id, P::TABLES, |batch| projection.create(batch).map_err(Broken::Refused));
        let checkpoint = made.map_err(|error| cannot_create(&id, error))?;
        check_log(&log, &id, checkpoint)?;
        Ok(Self {
            log,
            store,
            projection,
            id,
            checkpoint: Some(checkpoint),
            page_events_max: FACTS_EVENTS_MAX,
            page_events: FACTS_EVENTS_MAX,
            attempt: 0,
        })
    }

    /// With pages of so many events at the most, instead of 16,384: a transaction for each.
    #[must_use]
    pub fn with_page_events(mut self, events_max: usize) -> Self {
        self.page_events_max = events_max.max(1);
        self.page_events = self.page_events_max;
        self
    }

    /// Takes in what the log has now, and says how far the projection has come.
    ///
    /// # Errors
    /// [`RunError`]; [`OtherLog`](RunError::OtherLog) where the log has been set back under the
    /// runner. What was committed stays; the next call goes on from there.
    pub fn catch_up(&mut self, stop: &Stop) -> Result<u64, RunError<P::Error>> {
        let head = Blocking(&self.log).head()?;
        loop {
            let from = self.checkpoint()?;
            // Before each page, and behind the last: a log may be set back under a runner, and
            // another runner may have come here with another log.
            check_log(&self.log, &self.id, from)?;
            if from.position >= head || stop.is_requested() {
                return Ok(from.position);
            }
            self.turn(from)?;
        }
    }

    /// Takes in what the log has, and then what is appended, until somebody asks to stop. Says how
    /// far the projection has come.
    ///
    /// # Errors
    /// [`RunError`]. What was committed stays; the next call goes on from there.
    pub fn follow(&mut self, stop: &Stop) -> Result<u64, RunError<P::Error>> {
        loop {
            let position = self.catch_up(stop)?;
            match block_on(stop.or(self.log.wait_for(position + 1))) {
                Some(head) => head?,
                None => return Ok(position),
            };
        }
    }

    /// Deletes what the projection has written and takes everything in again. Readers of a live
    /// version see empty tables, and then how they fill: a new version beside the old one does not
    /// do that.
    ///
    /// # Errors
    /// As [`Runner::open`] and [`Runner::catch_up`].
    pub fn replay(&mut self, stop: &Stop) -> Result<u64, RunError<P::Error>> {
        self.checkpoint = None;
        let Self { store, projection, id, .. } = self;
        let made =
            store.reset(id, P::TABLES, |batch| projection.create(batch).map_err(Broken::Refused));
        made.map_err(|error| cannot_create(id, error))?;
        self.catch_up(stop)
    }

    /// Takes in what the log has, and lets readers see this version from then on, all tables at
    /// once. The other versions stay as they are.
    ///
    /// A stop keeps it from taking in more, and not from showing what is as far as the live version.
    ///
    /// # Errors
    /// [`RunError::Behind`] when the live version was always ahead, or was when somebody asked to
    /// stop, and as [`Runner::catch_up`].
    pub fn promote(&mut self, stop: &Stop) -> Result<(), RunError<P::Error>> {
        let mut tries = 0;
        loop {
            self.catch_up(stop)?;
            tries += 1;
            match self.store.promote(&self.id)? {
                Swap::Done => return Ok(()),
                Swap::Behind { position, live } if tries == ATTEMPTS_MAX || stop.is_requested() => {
                    return Err(RunError::Behind { id: self.id.clone(), position, live });
                }
                Swap::Behind { .. } => {}
            }
        }
    }

    /// Which projection it is.
    pub fn id(&self) -> &ProjectionId {
        &self.id
    }

    /// The store of the tables.
    pub fn store(&mut self) -> &mut S {
        &mut self.store
    }

    /// Where the projection is.
    fn checkpoint(&mut self) -> Result<Checkpoint, StoreError> {
        if let Some(checkpoint) = self.checkpoint {
            return Ok(checkpoint);
        }
        let states = self.store.states(self.id.name())?;
        let state = states.into_iter().find(|state| state.id == self.id);
        let checkpoint = state.ok_or_else(|| self.id.unknown())?.checkpoint;
        self.checkpoint = Some(checkpoint);
        Ok(checkpoint)
    }

    /// One page, or one step nearer to the event that cannot be taken in.
    fn turn(&mut self, from: Checkpoint) -> Result<(), RunError<P::Error>> {
        let log: &dyn EventStore = &self.log;
        let (page, through) = match page_after(log, from.position, self.page_events) {
            Ok(read) => read,
            Err(error) if error.is_corrupt() => return self.unreadable(error),
            Err(error) => return Err(error.into()),
        };
        let to = checkpoint_at(log, through)?;
        // Both are of the log that we come from, also if it has been set back while they were read.
        check_log(log, &self.id, from)?;
        let Self { store, projection, id, .. } = self;
        let done = store.advance(id, from, |batch| {
            projection.apply(&page, Blocking(log), batch).map_err(Broken::Refused)?;
            Ok(Step { to, skipped: None })
        });
        match done {
            Ok(advance) => self.went(to, advance),
            Err(Broken::Refused(error)) => {
                match failure_of_log(&error).or_else(|| self.store.own_failure(&error)) {
                    Some(failure) => return Err(self.broken(failure)),
                    None => return self.failed(Cause::Refused(error)),
                }
            }
            Err(Broken::Store(error)) => return Err(self.broken(error)),
        }
        Ok(())
    }

    /// The tables' database has failed: where the projection is now, only it knows.
    fn broken(&mut self, error: StoreError) -> RunError<P::Error> {
        self.checkpoint = None;
        error.into()
    }

    fn went(&mut self, to: Checkpoint, advance: Advance) {
        self.checkpoint = Some(match advance {
            Advance::Done => to,
            Advance::Moved(elsewhere) => elsewhere,
        });
        self.attempt = 0;
        self.page_events = self.page_events.saturating_mul(2).min(self.page_events_max);
    }

    /// A page does not read. It is the event's matter if that does not read alone: facts are derived
    /// from events, and where only they are damaged no event is to be left out for it.
    fn unreadable(&mut self, error: StoreError) -> Result<(), RunError<P::Error>> {
        if self.page_events == 1 {
            let before = self.checkpoint()?.position;
            match Blocking(&self.log).events(before, 1) {
                Ok(_) => return Err(error.into()),
                Err(other) if !other.is_corrupt() => return Err(other.into()),
                Err(_) => {}
            }
        }
        self.failed(Cause::Unreadable(error))
    }

    /// A page cannot be taken in: half of it is tried, until it is one event.
    fn failed(&mut self, cause: Cause<P::Error>) -> Result<(), RunError<P::Error>> {
        if self.page_events > 1 {
            self.page_events /= 2;
            return Ok(());
        }
        self.attempt += 1;
        let position = self.checkpoint()?.position + 1;
        let failure = Failure { position, attempt: self.attempt, cause };
        match self.projection.decide(&failure) {
            Decision::Skip => self.skip(&failure),
            Decision::Retry if self.attempt < ATTEMPTS_MAX => Ok(()),
            Decision::Retry | Decision::Stop => {
                self.attempt = 0;
                let Failure { position, cause, .. } = failure;
                Err(RunError::Stopped { id: self.id.clone(), position, cause })
            }
        }
    }

    fn skip(&mut self, failure: &Failure<P::Error>) -> Result<(), RunError<P::Error>> {
        let from = self.checkpoint()?;
        let position = failure.position;
        let to = checkpoint_at(&self.log, position)?;
        check_log(&self.log, &self.id, from)?;
        let skipped = Skipped { position, reason: failure.cause.to_string() };
        self.checkpoint = None;
        let step = Step { to, skipped: Some(skipped) };
        let advance = self.store.advance(&self.id, from, |_| Ok::<_, StoreError>(step))?;
        self.went(to, advance);
        Ok(())
    }
}

fn check_log<E>(
    log: &dyn EventStore,
    id: &ProjectionId,
    checkpoint: Checkpoint,
) -> Result<(), RunError<E>> {
    if is_of(log, checkpoint)? {
        return Ok(());
    }
    let source = OtherLog { position: checkpoint.position };
    Err(RunError::OtherLog { id: id.clone(), source })
}

fn cannot_create<E>(id: &ProjectionId, error: Broken<E>) -> RunError<E> {
    match error {
        Broken::Store(error) => error.into(),
        Broken::Refused(source) => RunError::Create { id: id.clone(), source },
    }
}

/// The failure of the log, if that is what kept a projection from taking a page in: it is no
/// event's fault.
fn failure_of_log(error: &(dyn std::error::Error + 'static)) -> Option<StoreError> {
    let mut chain = std::iter::successors(Some(error), |error| error.source());
    chain.find_map(|error| error.downcast_ref::<StoreError>()).cloned()
}

#[cfg(test)]
mod tests {
    use leadfold_store::{StoreError, StoreErrorKind};

    use super::failure_of_log;

    #[derive(Debug, thiserror::Error)]
    enum Own {
        #[error("the log does not answer")]
        Log(#[source] StoreError),
        #[error("no such customer")]
        Customer,
    }

    #[test]
    fn failure_of_the_log_is_told_from_a_bad_event() {
        let failure = || StoreError::new(StoreErrorKind::Busy, "expected a turn, found none");
        let kind =
            |error: &(dyn std::error::Error + 'static)| failure_of_log(error).map(|e| e.kind());
        assert_eq!(kind(&Own::Log(failure())), Some(StoreErrorKind::Busy));
        assert_eq!(kind(&failure()), Some(StoreErrorKind::Busy));
        assert_eq!(kind(&Own::Customer), None);
    }
}
