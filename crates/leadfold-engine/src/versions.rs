//! Which playbook a log is read under: the one that is given, else the published one.

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Bounds, LeadIndex, Playbook, Publication, Published, Timestamp, Versions};
use leadfold_store::{EventStore, StoreError, StoreErrorKind};

use crate::view::FACTS_EVENTS_MAX;

/// The playbook of a reading, and the publication from which it is, if it is from one.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The rules.
    pub playbook: Playbook,
    /// Where the log has them; none for a given playbook and for the default one.
    pub publication: Option<Publication>,
}

impl From<Playbook> for Resolved {
    fn from(playbook: Playbook) -> Self {
        Self { playbook, publication: None }
    }
}

impl From<Published> for Resolved {
    fn from(Published { publication, playbook }: Published) -> Self {
        Self { playbook, publication: Some(publication) }
    }
}

/// The playbook under which to read a log within bounds: the given one; else the version in
/// force at the as-of, as known at the known-at; else the default one.
///
/// A published playbook has been read but not checked: what a program may do with it is the same
/// as with a playbook that it made itself. `leadfold_playbook::check` says whether it is sound.
///
/// ```
/// # use leadfold_core::event::{Event, NewEvent, PlaybookPublished};
/// # use leadfold_core::{Bounds, EventId, Playbook};
/// # use leadfold_engine::resolve;
/// # use leadfold_store::{Append, EventStore, MemoryStore, block_on};
/// let store = MemoryStore::new();
/// let (from, now) = ("2024-03-01T00:00:00Z".parse()?, "2024-02-20T09:00:00Z".parse()?);
/// let strict = Playbook { version: "2".into(), ..Playbook::default() };
/// let event = Event::without_lead(from, PlaybookPublished { playbook: strict.into() });
/// let new = NewEvent { id: EventId(uuid::Uuid::from_u128(1)), recorded_at: None, event };
/// block_on(store.append(Append::new(vec![new], now)))?;
///
/// let at = |as_of| block_on(resolve(&store, None, Bounds { as_of: Some(as_of), known_at: None }));
/// assert_eq!(at(now)?.playbook, Playbook::default());
/// assert_eq!(at(from)?.playbook.version, "2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the store fails.
pub async fn resolve<S: EventStore>(
    store: &S,
    given: Option<Playbook>,
    bounds: Bounds,
) -> Result<Resolved, StoreError> {
    if let Some(playbook) = given {
        return Ok(playbook.into());
    }
    let published = in_force(store, bounds).await?;
    Ok(published.map_or_else(|| Playbook::default().into(), Resolved::from))
}

/// The published version in force at the as-of; without one, at the log's last event.
///
/// It costs what [`versions`] costs and, without an as-of, reading facts from the end of the log
/// to an event that happened when the newest version was in force: mostly one page.
///
/// # Errors
/// When the store fails.
pub async fn in_force<S: EventStore>(
    store: &S,
    bounds: Bounds,
) -> Result<Option<Published>, StoreError> {
    let versions = versions(store, bounds.known_at).await?;
    let Some(newest) = versions.all().last().map(|version| version.publication.from) else {
        return Ok(None);
    };
    let at = match bounds.as_of {
        Some(as_of) => as_of,
        None => last_at(store, bounds.known_at, newest).await?.unwrap_or(newest),
    };
    Ok(versions.in_force(at).cloned())
}

/// The published versions of a log that were known by then.
///
/// It costs the facts of the events without a lead, and one event a version, two where it was
/// corrected.
///
/// # Errors
/// When the store fails.
pub async fn versions<S: EventStore>(
    store: &S,
    known_at: Option<Timestamp>,
) -> Result<Versions, StoreError> {
    let facts = store.history(&[LeadIndex::NONE]).await?;
    let mut published = Vec::new();
    for publication in Publication::of(&facts, known_at) {
        published.push(read(store, publication).await?);
    }
    Ok(Versions::new(published))
}

async fn read<S: EventStore>(store: &S, publication: Publication) -> Result<Published, StoreError> {
    let Publication { position, text_at, .. } = publication;
    let published = event_at(store, position).await?;
    let read = if text_at == position {
        published.as_ref().and_then(|event| publication.read(event, event))
    } else {
        let text = event_at(store, text_at).await?;
        published.zip(text).and_then(|(event, text)| publication.read(&event, &text))
    };
    read.ok_or_else(|| {
        let expected = format!("expected a playbook at position {text_at}, found another event");
        StoreError::new(StoreErrorKind::Corrupt, format!("{expected}: verify the store"))
    })
}

async fn event_at<S: EventStore>(
    store: &S,
    position: u64,
) -> Result<Option<RecordedEvent>, StoreError> {
    Ok(store.events(position.saturating_sub(1), 1).await?.pop())
}

/// When the last event of the log happened, publications aside. It reads the log from its end,
/// and no further than to an event at or after `enough`.
async fn last_at<S: EventStore>(
    store: &S,
    known_at: Option<Timestamp>,
    enough: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let (mut end, mut latest) = (store.head().await?, None);
    while end > 0 && latest < Some(enough) {
        let start = end.saturating_sub(FACTS_EVENTS_MAX as u64);
        let events = usize::try_from(end - start).unwrap_or(FACTS_EVENTS_MAX);
        latest = latest.max(store.facts(start, events).await?.last_at(known_at));
        end = start;
    }
    Ok(latest)
}
