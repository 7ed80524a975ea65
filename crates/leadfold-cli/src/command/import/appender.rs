//! Batches into the store.

use std::collections::VecDeque;

use leadfold_core::Timestamp;
use leadfold_store::{Append, AppendError, Appended, EventStore, Outcome, StoreFuture, block_on};

use super::pipeline::Batch;
use super::source::{Place, Refusal, Source};
use super::summary::Summary;
use crate::error::CliError;
use crate::progress::Progress;
use crate::store::Store;
use crate::text::counted;

/// Appends that stay under way while the next one is begun: those that wait for a store's writer are
/// made durable together, which costs as much as one. What they hold is most of an import's memory.
const UNDER_WAY_MAX: usize = 3;

/// Appends the batches of one source and counts what became of them.
///
/// Some appends are under way while the next is made, so that the store never waits for us. They
/// are handed over in order, and answered in order.
pub(crate) struct Appender<'a> {
    store: &'a Store,
    /// What refusals call the source's files, where there are several.
    names: Vec<String>,
    /// What to do about an id that belongs to other content.
    remedy: &'static str,
    summary: &'a mut Summary,
    now: fn() -> Timestamp,
    bar: Progress,
    under_way: VecDeque<UnderWay<'a>>,
}

struct UnderWay<'a> {
    /// The line of each event.
    lines: Vec<Place>,
    /// What was refused between them, reported in its place.
    refused: Vec<(Place, Refusal)>,
    bytes_read: u64,
    appended: StoreFuture<'a, Appended, AppendError>,
}

impl<'a> Appender<'a> {
    /// For a source.
    pub(crate) fn new(
        store: &'a Store,
        source: &Source<'_>,
        names: Vec<String>,
        summary: &'a mut Summary,
        now: fn() -> Timestamp,
    ) -> Self {
        let bar = Progress::of_bytes(source.bytes_total);
        Self {
            store,
            names,
            remedy: source.remedy(),
            summary,
            now,
            bar,
            under_way: VecDeque::new(),
        }
    }

    /// Begins to append a batch, and waits for the first one if too many are under way.
    pub(crate) fn append(&mut self, batch: Batch) -> Result<(), CliError> {
        let Batch { events, lines, refused, bytes_read, .. } = batch;
        self.summary.unknown.count(&events);
        let append = Append::new(events, (self.now)()).refusing_singly();
        let appended = self.store.append(append);
        self.under_way.push_back(UnderWay { lines, refused, bytes_read, appended });
        if self.under_way.len() > UNDER_WAY_MAX { self.wait() } else { Ok(()) }
    }

    /// Waits for what is under way, and takes the progress bar away.
    pub(crate) fn finish(mut self) -> Result<(), CliError> {
        while !self.under_way.is_empty() {
            self.wait()?;
        }
        self.bar.clear();
        Ok(())
    }

    /// Waits for the first append under way.
    fn wait(&mut self) -> Result<(), CliError> {
        let Some(begun) = self.under_way.pop_front() else { return Ok(()) };
        let UnderWay { lines, refused, bytes_read, appended } = begun;
        let outcomes = block_on(appended)?.outcomes;
        let mut refused = refused.into_iter().peekable();
        for (line, outcome) in lines.into_iter().zip(outcomes) {
            while let Some((line, refusal)) = refused.next_if(|(before, _)| *before < line) {
                self.refuse(line, refusal);
            }
            self.count(line, outcome);
        }
        refused.for_each(|(line, refusal)| self.refuse(line, refusal));
        let done = self.summary.appended + self.summary.duplicates;
        self.bar.bytes(bytes_read, counted(done, "event", "events"));
        Ok(())
    }

    fn count(&mut self, line: Place, outcome: Outcome) {
        match outcome {
            Outcome::Appended { .. } => {
                self.summary.read += 1;
                self.summary.appended += 1;
            }
            Outcome::Duplicate { .. } => {
                self.summary.read += 1;
                self.summary.duplicates += 1;
            }
            Outcome::Refused(conflict) => {
                let code = "idempotency_conflict";
                let at =
                    conflict.position.map_or_else(String::new, |at| format!(" at position {at}"));
                let message = format!(
                    "expected a new id or the same content, found that id {} belongs to another \
                     event{at}: {}",
                    conflict.id, self.remedy
                );
                self.refuse(line, Refusal { code, message });
            }
            Outcome::Invalid(invalid) => {
                self.refuse(line, Refusal { code: "invalid_event", message: invalid.to_string() });
            }
        }
    }

    fn refuse(&mut self, place: Place, refusal: Refusal) {
        self.summary.read += 1;
        let name = self.names.get(place.file).map(String::as_str);
        self.summary.refuse(name, place.line, refusal);
    }
}
