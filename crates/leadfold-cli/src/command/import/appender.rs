//! Batches into the store.

use leadfold_core::Timestamp;
use leadfold_store::{Append, AppendError, Appended, EventStore, Outcome, StoreFuture, block_on};

use super::pipeline::Batch;
use super::source::{Refusal, Source};
use super::summary::Summary;
use crate::error::CliError;
use crate::progress::Progress;
use crate::store::Store;
use crate::text::counted;

/// Appends the batches of one source and counts what became of them.
///
/// One append is under way while the next is made, so that the store never waits for us. Both
/// are handed over in order, and answered in order.
pub(crate) struct Appender<'a> {
    store: &'a Store,
    named: Option<String>,
    summary: &'a mut Summary,
    now: fn() -> Timestamp,
    bar: Progress,
    under_way: Option<UnderWay<'a>>,
}

struct UnderWay<'a> {
    batch: Batch,
    appended: StoreFuture<'a, Appended, AppendError>,
}

impl<'a> Appender<'a> {
    /// For a source.
    pub(crate) fn new(
        store: &'a Store,
        source: &Source<'_>,
        named: Option<String>,
        summary: &'a mut Summary,
        now: fn() -> Timestamp,
    ) -> Self {
        let bar = Progress::of_bytes(source.bytes_total);
        Self { store, named, summary, now, bar, under_way: None }
    }

    /// Begins to append a batch, and waits for the one before.
    pub(crate) fn append(&mut self, mut batch: Batch) -> Result<(), CliError> {
        for (line, refusal) in std::mem::take(&mut batch.refused) {
            self.refuse(line, refusal);
        }
        let next = self.begin(batch);
        match self.under_way.replace(next) {
            Some(before) => self.wait(before),
            None => Ok(()),
        }
    }

    /// Waits for what is under way, and takes the progress bar away.
    pub(crate) fn finish(mut self) -> Result<(), CliError> {
        let last = self.under_way.take();
        last.map_or(Ok(()), |last| self.wait(last))?;
        self.bar.clear();
        Ok(())
    }

    fn begin(&self, batch: Batch) -> UnderWay<'a> {
        let append = Append::new(batch.events.clone(), (self.now)()).refusing_singly();
        UnderWay { batch, appended: self.store.append(append) }
    }

    fn wait(&mut self, mut begun: UnderWay<'a>) -> Result<(), CliError> {
        loop {
            let UnderWay { mut batch, appended } = begun;
            match block_on(appended) {
                Ok(appended) => {
                    let outcomes = batch.lines.iter().zip(appended.outcomes);
                    outcomes.for_each(|(line, outcome)| self.count(*line, outcome));
                    let done = self.summary.appended + self.summary.duplicates;
                    self.bar.bytes(batch.bytes_read, counted(done, "event", "events"));
                    return Ok(());
                }
                // One event that cannot be kept; the others can.
                Err(AppendError::Invalid(invalid)) if invalid.index < batch.events.len() => {
                    batch.events.remove(invalid.index);
                    let line = batch.lines.remove(invalid.index);
                    let code = "invalid_event";
                    self.refuse(line, Refusal { code, message: invalid.to_string() });
                    begun = self.begin(batch);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn count(&mut self, line: u64, outcome: Outcome) {
        self.summary.read += 1;
        match outcome {
            Outcome::Appended { .. } => self.summary.appended += 1,
            Outcome::Duplicate { .. } => self.summary.duplicates += 1,
            Outcome::Refused(conflict) => {
                let code = "idempotency_conflict";
                let at =
                    conflict.position.map_or_else(String::new, |at| format!(" at position {at}"));
                let message = format!(
                    "expected a new id or the same content, found that id {} belongs to another \
                     event{at}: give this event an id of its own",
                    conflict.id
                );
                self.summary.refuse(self.named.as_deref(), line, Refusal { code, message });
            }
        }
    }

    fn refuse(&mut self, line: u64, refusal: Refusal) {
        self.summary.read += 1;
        self.summary.refuse(self.named.as_deref(), line, refusal);
    }
}
