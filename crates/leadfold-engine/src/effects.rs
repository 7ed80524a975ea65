//! Acting on what is due, once.

use leadfold_core::due::Due;
use leadfold_core::event::{Event, NewEvent};
use leadfold_core::{EventId, Timestamp};
use leadfold_store::{Append, AppendError, EventStore, InvalidEvent, Outcome};

/// What became of the wish to act on something due.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Claim {
    /// It is recorded now, and the caller's to act on.
    Ours {
        /// Where in the log.
        position: u64,
    },
    /// Somebody has recorded it before: another, or this caller in an earlier call, be it one that
    /// ended with an error. Whether it was done, the log does not know.
    Taken {
        /// Where in the log; none if it is the same call that says another thing of it, too.
        position: Option<u64>,
    },
    /// The event cannot be kept.
    Invalid(InvalidEvent),
}

/// Records for each of some due things that somebody acts on it, by the event that `say` makes of
/// it, and tells which are the caller's to act on. Of all who try, in whatever process and however
/// often, at most one is told so.
///
/// Record first, and act on what is [`Claim::Ours`]: an effect is then never repeated, neither by a
/// replay, which only reads, nor by a second process. A process that dies between the two has not
/// acted; what it had recorded stands in the log.
///
/// # Errors
/// When the store fails; repeat it unchanged. It may have been recorded all the same, and then the
/// repetition says [`Claim::Taken`] of the caller's own: nobody is told to act. Let the event say
/// who acts, and who must know whose it was reads it at its position.
pub async fn claim<S: EventStore>(
    store: &S,
    due: &[Due],
    recorded_at: Timestamp,
    say: impl Fn(&Due) -> Event,
) -> Result<Vec<Claim>, AppendError> {
    let causes: Vec<u64> = due.iter().map(|due| due.cause).collect();
    let causes = store.event_ids(&causes).await?;
    let event = |(due, cause): (&Due, EventId)| NewEvent {
        id: due.effect_id(cause),
        recorded_at: None,
        event: say(due),
    };
    let events = due.iter().zip(causes).map(event).collect();
    let appended = store.append(Append::new(events, recorded_at).refusing_singly()).await?;
    Ok(appended.outcomes.into_iter().map(Claim::from).collect())
}

impl From<Outcome> for Claim {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Appended { position, .. } => Self::Ours { position },
            Outcome::Duplicate { position, .. } => Self::Taken { position: Some(position) },
            // The same thing, recorded at another time or by somebody else.
            Outcome::Refused(conflict) => Self::Taken { position: conflict.position },
            Outcome::Invalid(invalid) => Self::Invalid(invalid),
        }
    }
}
