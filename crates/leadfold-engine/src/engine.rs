//! Commands: decided on a lead's events, appended on the condition that they still hold.

use leadfold_core::event::{Event, NewEvent};
use leadfold_core::{Bounds, Case, EventId, Playbook, Refusal, Timestamp, decide};
use leadfold_store::{
    Append, AppendError, EventStore, ExpectedFamily, IdempotencyConflict, InvalidEvent, Outcome,
    StoreError, Unless, UnlessConflict,
};

use crate::view::{LoadedCase, load_case_for};

/// How often a command is decided anew because somebody else was faster.
const ATTEMPTS_MAX: u32 = 16;

/// Runs commands against a store under a playbook.
///
/// ```
/// # use leadfold_core::{EventId, Playbook, Reason, event::*};
/// # use leadfold_engine::{Attempt, Engine, HandleError, Handled};
/// # use leadfold_store::{MemoryStore, block_on};
/// let engine = Engine::new(MemoryStore::new(), Playbook::default());
/// let at = "2024-02-01T09:00:00Z".parse()?;
/// let attempt = |n, body: Body| Ok::<_, leadfold_core::KeyError>(Attempt {
///     id: EventId(uuid::Uuid::from_u128(n)),
///     event: Event::new("L1".parse()?, at, body),
///     recorded_at: at,
/// });
/// let handle = |attempt| block_on(engine.handle(attempt));
///
/// let accept = attempt(1, Accepted { by: None, handoff: None }.into())?;
/// assert!(matches!(handle(accept), Err(HandleError::Refused(r)) if r.reason == Reason::NotCaptured));
///
/// let capture = Captured { source: None, medium: None, campaign: None, channel: None,
///     origin: None, attributes: None, pii: None };
/// let capture = attempt(2, capture.into())?;
/// assert!(matches!(handle(capture.clone())?, Handled::Executed { position: 1, .. }));
/// assert!(matches!(handle(capture)?, Handled::AlreadyApplied { position: 1 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Engine<S> {
    store: S,
    playbook: Playbook,
}

/// A command as it is tried: the event that it becomes, with the id that makes a retry safe.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The idempotency key: the same for every retry of one command.
    pub id: EventId,
    /// What is to be recorded; `Event::new(lead, at, command.into_body())`.
    pub event: Event,
    /// When it becomes known: the caller's clock.
    pub recorded_at: Timestamp,
}

/// What came of a command.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Handled {
    /// It was recorded.
    Executed {
        /// Where in the log.
        position: u64,
        /// Where in the lead's stream.
        sequence: u64,
    },
    /// This very command was recorded before.
    AlreadyApplied {
        /// Where in the log.
        position: u64,
    },
    /// It is already so; there was nothing to record.
    AlreadySo,
}

impl<S: EventStore> Engine<S> {
    /// An engine over a store.
    pub fn new(store: S, playbook: Playbook) -> Self {
        Self { store, playbook }
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Decides a command on the events of its lead's family and appends the result, on the
    /// condition that nobody else has appended to the family meanwhile, nor merged another lead
    /// into it; else it is decided anew. A refusal is of one moment, too.
    ///
    /// # Errors
    /// [`HandleError`]; nothing was recorded then, unless the store failed: then it may have been;
    /// repeat it unchanged.
    pub async fn handle(&self, attempt: Attempt) -> Result<Handled, HandleError> {
        self.handle_unless(attempt, &[]).await
    }

    /// The same for a rule that spans leads, such as an owner's capacity: the caller has read what
    /// the rule depends on, and the command is recorded unless that has changed since.
    ///
    /// # Errors
    /// [`HandleError`]; nothing was recorded then, unless the store failed: then it may have been;
    /// repeat it unchanged. After [`UnlessConflict`](HandleError::UnlessConflict) it is the caller
    /// who has to read and decide anew.
    pub async fn handle_unless(
        &self,
        attempt: Attempt,
        unless: &[Unless],
    ) -> Result<Handled, HandleError> {
        for _ in 0..ATTEMPTS_MAX {
            if let Some(handled) = self.try_once(&attempt, unless).await? {
                return Ok(handled);
            }
        }
        Err(HandleError::Contended { attempts: ATTEMPTS_MAX })
    }

    /// Nothing where somebody else has moved the lead or its family meanwhile: to be tried again.
    async fn try_once(
        &self,
        attempt: &Attempt,
        unless: &[Unless],
    ) -> Result<Option<Handled>, HandleError> {
        let event = &attempt.event;
        let Some(lead) = event.lead_id() else {
            decide(&Case::open(self.playbook.clone(), Bounds::default(), []), event.clone())?;
            return self.append(attempt, None, unless).await;
        };
        let playbook = self.playbook.clone();
        let loaded = load_case_for(&self.store, lead, event, playbook, Bounds::default()).await?;
        if let Some(applied) = applied_before(&loaded, attempt) {
            return applied.map(Some);
        }
        let decided = decide(&loaded.case, event.clone());
        // The whole family was decided on: nobody may have appended to it, nor joined it.
        let (leads, events) = (loaded.family.len() as u64, loaded.events.len() as u64);
        let family = ExpectedFamily { of: loaded.of, leads, events };
        if let Ok(Some(_)) = decided {
            return self.append(attempt, Some(family), unless).await;
        }
        if !self.is_still(&family).await? {
            return Ok(None);
        }
        decided?;
        Ok(Some(Handled::AlreadySo))
    }

    /// What an append would check where there is nothing to append. The family was read in pieces: if
    /// it is as large as that now, all of them were of one moment, the one when the last was read.
    async fn is_still(&self, expected: &ExpectedFamily) -> Result<bool, StoreError> {
        let mut leads = Vec::new();
        for id in &expected.of {
            leads.extend(self.store.lead(*id).await?.map(|entry| entry.index));
        }
        let family = if leads.is_empty() { leads } else { self.store.family(&leads).await? };
        let mut events = 0;
        for member in &family {
            let entry = self.store.leads(*member, 1).await?;
            events += entry.first().map_or(0, |entry| entry.sequence);
        }
        Ok(expected.check(family.len() as u64, events).is_ok())
    }

    async fn append(
        &self,
        attempt: &Attempt,
        family: Option<ExpectedFamily>,
        unless: &[Unless],
    ) -> Result<Option<Handled>, HandleError> {
        let new = NewEvent { id: attempt.id, recorded_at: None, event: attempt.event.clone() };
        let append = Append::new(vec![new], attempt.recorded_at);
        let append = Append { family, unless: unless.to_vec(), ..append };
        let appended = match self.store.append(append).await {
            Ok(appended) => appended,
            Err(error) => return error_of(error).map_or(Ok(None), Err),
        };
        let handled = match appended.outcomes.into_iter().next() {
            Some(Outcome::Appended { position, sequence }) => {
                Handled::Executed { position, sequence }
            }
            Some(Outcome::Duplicate { position, .. }) => Handled::AlreadyApplied { position },
            Some(Outcome::Refused(conflict)) => {
                return Err(HandleError::IdempotencyConflict(conflict));
            }
            Some(Outcome::Invalid(invalid)) => return Err(HandleError::Invalid(invalid)),
            None => unreachable!("an append answers for each of its events"),
        };
        Ok(Some(handled))
    }
}

/// Why an append failed, if not because somebody else was faster.
fn error_of(error: AppendError) -> Option<HandleError> {
    Some(match error {
        AppendError::VersionConflict(_) | AppendError::FamilyConflict(_) => return None,
        AppendError::UnlessConflict(conflict) => HandleError::UnlessConflict(conflict),
        AppendError::IdempotencyConflict(conflict) => HandleError::IdempotencyConflict(conflict),
        AppendError::Invalid(invalid) => HandleError::Invalid(invalid),
        AppendError::Store(error) => HandleError::Store(error),
    })
}

/// What came of an earlier try of the same command, or of another that took its id.
fn applied_before(loaded: &LoadedCase, attempt: &Attempt) -> Option<Result<Handled, HandleError>> {
    let same_id = loaded.events.iter().find(|event| event.id == attempt.id)?;
    let position = same_id.position;
    if same_id.event.content() == attempt.event.content() {
        return Some(Ok(Handled::AlreadyApplied { position }));
    }
    let conflict = IdempotencyConflict { index: 0, id: attempt.id, position: Some(position) };
    Some(Err(HandleError::IdempotencyConflict(conflict)))
}

/// Why a command was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// The business says no.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// Something has happened that the caller's decision depends on.
    #[error(transparent)]
    UnlessConflict(UnlessConflict),
    /// It was retried too often.
    #[error(
        "the lead is contended: expected to append within {attempts} attempts, found another \
         writer each time; try again"
    )]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// The id belongs to another event.
    #[error(transparent)]
    IdempotencyConflict(IdempotencyConflict),
    /// The event is none.
    #[error(transparent)]
    Invalid(InvalidEvent),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Refusal> for HandleError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}
