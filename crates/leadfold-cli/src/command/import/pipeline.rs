//! Reading, parsing, naming and appending at the same time, each with at most a chunk in hand.
//!
//! One thread reads lines, a few parse them, one gives events without an id their own, and the
//! caller's appends. Chunks go round the parsers in turn and come back in the same turn, so the
//! order of the file is kept. When the caller stops, all stop.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, ScopedJoinHandle};

use leadfold_core::event::{EventLine, NewEvent};
use leadfold_import::{Census, LeftOut};

use super::census::{self, SpillingCensus};
use super::row;
use super::source::{Chunk, Maker, Place, Refusal, Source};
use crate::error::CliError;

/// Events appended at once: the cost of making them durable is shared,
const EVENTS_MAX: usize = 4_096;
/// unless they are long.
const LINE_BYTES_MAX: usize = 2 << 20;
/// More do not help: a store has one writer.
const PARSERS_MAX: usize = 3;

/// Events to be appended together, and what is refused already.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) events: Vec<NewEvent>,
    /// The line of each event.
    pub(crate) lines: Vec<Place>,
    pub(crate) refused: Vec<(Place, Refusal)>,
    pub(crate) bytes_read: u64,
    line_bytes: usize,
}

#[derive(Debug, Default)]
struct Parsed {
    lines: Vec<(Place, usize, Result<EventLine, Refusal>)>,
    bytes_read: u64,
}

/// Runs a source through; `append` takes the batches in order. What the source left out comes back.
pub(crate) fn run(
    source: Source<'_>,
    mut append: impl FnMut(Batch) -> Result<(), CliError>,
) -> Result<LeftOut, CliError> {
    let maker = source.maker();
    thread::scope(|scope| {
        let parsers = thread::available_parallelism().map_or(1, |n| n.get().min(PARSERS_MAX));
        let (mut to_parsers, mut from_parsers) = (Vec::new(), Vec::new());
        for _ in 0..parsers {
            let (to_parser, chunks) = sync_channel(1);
            let (to_namer, parsed) = sync_channel(1);
            scope.spawn(move || parse_all(&chunks, maker, &to_namer));
            to_parsers.push(to_parser);
            from_parsers.push(parsed);
        }
        let reader = scope.spawn(move || read_all(source, &to_parsers));
        let (to_append, batches) = sync_channel(1);
        let namer = scope.spawn(move || name_all(&from_parsers, &to_append));
        let appended = batches.iter().try_for_each(&mut append);
        // Whoever still sends learns that nobody listens.
        drop(batches);
        let named = join(namer).map_err(|error| census::failed(&error));
        let read = join(reader);
        appended.and(named).and(read)
    })
}

fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn read_all(source: Source<'_>, parsers: &[SyncSender<Chunk>]) -> Result<LeftOut, CliError> {
    let mut turn = 0;
    source.read(|chunk| {
        let is_taken = parsers[turn % parsers.len()].send(chunk).is_ok();
        turn += 1;
        is_taken
    })
}

fn parse_all(chunks: &Receiver<Chunk>, maker: Maker, to_namer: &SyncSender<Parsed>) {
    for chunk in chunks {
        let mut parsed = Parsed { bytes_read: chunk.bytes_read, ..Parsed::default() };
        for (place, line) in chunk.lines() {
            let (bytes, line) = match line {
                Ok(line) => (line.len(), parse(line, maker, || chunk.path(place))),
                Err(refusal) => (0, Err(refusal)),
            };
            parsed.push(place, bytes, line);
        }
        if to_namer.send(parsed).is_err() {
            return;
        }
    }
}

fn parse(line: &[u8], maker: Maker, path: impl FnOnce() -> String) -> Result<EventLine, Refusal> {
    EventLine::parse(line).map_err(|error| {
        if maker == Maker::Nobody {
            return error.into();
        }
        let Refusal { code, message } = row::refusal(line, &error, maker);
        Refusal { code, message: format!("{}{message}", path()) }
    })
}

impl Parsed {
    /// Events of one row have one place, and are whole or not at all: the first refusal stands in
    /// the place of them all.
    fn push(&mut self, place: Place, bytes: usize, line: Result<EventLine, Refusal>) {
        let siblings = self.lines.iter().rev().take_while(|(before, ..)| *before == place);
        let row = self.lines.len() - siblings.count();
        if self.lines[row..].iter().any(|(.., before)| before.is_err()) {
            return;
        }
        if line.is_err() {
            self.lines.truncate(row);
        }
        self.lines.push((place, bytes, line));
    }
}

/// Gives every event its identity, in the order of the file.
fn name_all(parsers: &[Receiver<Parsed>], to_append: &SyncSender<Batch>) -> io::Result<()> {
    let mut census = SpillingCensus::default();
    let mut batch = Batch::default();
    for parser in parsers.iter().cycle() {
        let Ok(parsed) = parser.recv() else { break };
        batch.bytes_read = parsed.bytes_read;
        for (place, bytes, line) in parsed.lines {
            match line {
                Ok(line) => batch.push(place, bytes, identify(line, &mut census)?),
                Err(refusal) => batch.refused.push((place, refusal)),
            }
            if batch.is_full() && to_append.send(std::mem::take(&mut batch)).is_err() {
                return Ok(());
            }
        }
    }
    // The caller may have stopped; then it knows why.
    let _ = to_append.send(batch);
    Ok(())
}

fn identify(line: EventLine, census: &mut SpillingCensus) -> io::Result<NewEvent> {
    let mut counted = Ok(0);
    let new = line.identify(|content| {
        counted = census.count(content.as_bytes());
        *counted.as_ref().unwrap_or(&0)
    });
    counted.map(|_| new)
}

impl Batch {
    fn push(&mut self, place: Place, bytes: usize, event: NewEvent) {
        self.events.push(event);
        self.lines.push(place);
        self.line_bytes += bytes;
    }

    fn is_full(&self) -> bool {
        self.events.len() + self.refused.len() >= EVENTS_MAX || self.line_bytes >= LINE_BYTES_MAX
    }
}
