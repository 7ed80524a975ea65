//! A log to ask questions about: a file, a store, or what a test wrote down.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use leadfold_core::event::{EventLine, LineError, NewEvent, RecordedEvent};
use leadfold_core::{Bounds, LeadIndex, LeadKey, Playbook, Timestamp};
use leadfold_store::{
    Append, AppendError, Blocking, EventStore, LeadEntry, MemoryStore, StoreError,
};

use crate::audit::Audited;
use crate::timeline::Timeline;

/// Reads a log from a file of event lines (NDJSON). Empty lines are left out.
///
/// An event that does not say when it became known was known when it happened. One without an id
/// gets the id that an import would derive for it.
///
/// ```
/// use leadfold_core::Playbook;
///
/// # let folder = format!("leadfold-replay-doctest-{}", std::process::id());
/// # let folder = std::env::temp_dir().join(folder);
/// # std::fs::create_dir_all(&folder)?;
/// # let march = folder.join("march.ndjson");
/// # std::fs::write(&march,
/// #     r#"{"lead":"L1","type":"captured","occurred_at":"2024-03-01T17:55:00Z"}"#)?;
/// // `march` is the path of a file such as "fixtures/march.ndjson".
/// leadfold_testkit::replay(march)?.audit(&Playbook::default()).expect_clean();
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`LogError`]: when the file cannot be read, or names the first line that is no event.
pub fn replay(path: impl AsRef<Path>) -> Result<Log, LogError> {
    let file = path.as_ref().display().to_string();
    let text = std::fs::read(path);
    match text {
        Ok(text) => Log::read(&text, &file),
        Err(source) => Err(LogError::Read { file, source }),
    }
}

/// A log.
///
/// ```
/// use leadfold_core::Playbook;
/// use leadfold_testkit::{Log, story::Story};
///
/// let story = Story::new().at("2024-03-01T17:55:00Z").lead("L1").captured("webinar");
/// let log = Log::of(story)?;
/// log.audit(&Playbook::default()).expect_clean();
/// # Ok::<(), leadfold_testkit::LogError>(())
/// ```
#[derive(Debug)]
pub struct Log<S = MemoryStore> {
    pub(crate) store: Blocking<S>,
}

impl Log {
    /// A log in memory of these events: a [`Story`](crate::story::Story), a vector of them. An
    /// event that does not say when it became known was known when it happened.
    ///
    /// # Errors
    /// [`LogError::Append`] when one is no event, or two have one id and differ.
    pub fn of(events: impl IntoIterator<Item = NewEvent>) -> Result<Self, LogError> {
        let log = Self { store: Blocking(MemoryStore::new()) };
        log.append(events)?;
        Ok(log)
    }

    /// A log in memory of event lines (NDJSON); `file` is what messages call them.
    ///
    /// # Errors
    /// [`LogError`], which names the first line that is no event.
    pub fn read(text: &[u8], file: &str) -> Result<Self, LogError> {
        let mut seen = BTreeMap::new();
        let mut events = Vec::new();
        let lines = text.split(|byte| *byte == b'\n').zip(1..);
        for (line, number) in lines.filter(|(line, _)| !line.trim_ascii().is_empty()) {
            let fault = |source| LogError::Line { file: file.to_owned(), line: number, source };
            let line = EventLine::parse(line).map_err(fault)?;
            events.push(line.identify(|text| count(&mut seen, text)));
        }
        Self::of(events)
    }

    /// Appends events as they come.
    pub(crate) fn append(
        &self,
        events: impl IntoIterator<Item = NewEvent>,
    ) -> Result<(), AppendError> {
        let events = events.into_iter().map(known_at_once).collect();
        self.store.append(Append::new(events, Timestamp::default())).map(drop)
    }
}

impl<S: EventStore> Log<S> {
    /// The log of a store: what a product has written. A reference to a store is one too.
    ///
    /// ```
    /// # use leadfold_core::Playbook;
    /// # use leadfold_store::MemoryStore;
    /// # use leadfold_testkit::Log;
    /// let store = MemoryStore::new();
    /// Log::of_store(&store).audit(&Playbook::default()).expect_clean();
    /// ```
    pub fn of_store(store: S) -> Self {
        Self { store: Blocking(store) }
    }

    /// All its events, in the order of the log.
    ///
    /// # Errors
    /// When the store fails.
    pub fn events(&self) -> Result<Vec<RecordedEvent>, StoreError> {
        self.store.events(0, usize::MAX)
    }

    /// The hand-off audit of the log under a playbook, with expectations: see [`Audited`].
    pub fn audit(&self, playbook: &Playbook) -> Audited<'_, S> {
        Audited::new(self, playbook.clone())
    }

    /// What happened to the leads with a key, and what each event did to them; nothing for a lead
    /// that the log does not have.
    ///
    /// ```
    /// # use leadfold_core::Playbook;
    /// # use leadfold_testkit::{Log, story::Story};
    /// let story = Story::new().at("2024-03-01T17:55:00Z").lead("L1").captured("webinar");
    /// let timelines = Log::of(story)?.timelines("L1", &Playbook::default())?;
    /// let expected = "   1  Fri 2024-03-01 17:55  captured  source webinar  -> new\n";
    /// assert_eq!(timelines[0].to_string(), expected);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the store fails.
    pub fn timelines(&self, key: &str, playbook: &Playbook) -> Result<Vec<Timeline>, StoreError> {
        let leads = self.leads_of(key)?.into_iter();
        leads.map(|lead| Timeline::of(self, playbook, Bounds::default(), lead.index)).collect()
    }

    pub(crate) fn leads_of(&self, key: &str) -> Result<Vec<LeadEntry>, StoreError> {
        match key.parse::<LeadKey>() {
            Ok(key) => self.store.leads_by_key(&key),
            Err(_) => Ok(Vec::new()),
        }
    }

    pub(crate) fn key_of(&self, lead: LeadIndex) -> Result<Option<LeadKey>, StoreError> {
        let entry = self.store.leads(lead, 1)?.into_iter().next();
        Ok(entry.filter(|entry| entry.index == lead).map(|entry| entry.key))
    }
}

/// How often a line came before.
fn count(seen: &mut BTreeMap<String, u64>, text: &str) -> u64 {
    let count = seen.entry(text.to_owned()).or_default();
    *count += 1;
    *count - 1
}

fn known_at_once(event: NewEvent) -> NewEvent {
    let recorded_at = event.recorded_at.or(Some(event.event.occurred_at.at));
    NewEvent { recorded_at, ..event }
}

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The file cannot be read.
    #[error("cannot read {file}: expected a file of event lines, found: {source}; give its path")]
    Read {
        /// The path.
        file: String,
        /// Why not.
        source: io::Error,
    },
    /// A line is no event.
    #[error("{file}, line {line}: {source}")]
    Line {
        /// What the caller calls the file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// Why not.
        source: LineError,
    },
    /// The events do not make a log.
    #[error(transparent)]
    Append(#[from] AppendError),
}
