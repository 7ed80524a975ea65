//! The rows of the table: one function each.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use leadfold::core::event::{EventLine, NewEvent};
use leadfold::core::{
    Bounds, Facts, Fold, LeadFacts, LeadIndex, LeadSet, Playbook, Shard, Tables, fold_leads,
    fold_pages,
};
use leadfold::engine::{View, load_case};
use leadfold::sqlite::SqliteStore;
use leadfold::store::{Append, Blocking, EventStore, block_on};

use crate::answer::answer;
use crate::report::Report;
use crate::{Result, flat, naive};

const EVENTS_A_PAGE: usize = 16_384;
const EVENTS_AN_APPEND: usize = 4_096;
const APPENDS_IN_FLIGHT_MAX: usize = 2;
/// What a catch-up folds, at most a third of the log.
const NEW_EVENTS: u64 = 10_000;
/// How many leads are looked up, and how far apart they are.
const LOOK_UPS: u32 = 1_000;
const PARTS: usize = 64;

/// NDJSON to a durable store that knows every id.
pub(crate) fn import(dir: &Path) -> Result<Report> {
    let path = dir.join("log.db");
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(ending);
        std::fs::remove_file(name).or_else(ignore_absent)?;
    }
    let start = Instant::now();
    let store = SqliteStore::open(&path)?;
    let events = append_lines(&store, &dir.join("log.ndjson"))?;
    let seconds = vec![start.elapsed().as_secs_f64()];
    drop(store);
    let bytes_an_event = std::fs::metadata(&path)?.len() as f64 / events as f64;
    Ok(Report { seconds, events, bytes_an_event, answer: Vec::new() })
}

fn ignore_absent(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn append_lines(store: &SqliteStore, path: &Path) -> Result<u64> {
    let mut lines = BufReader::new(std::fs::File::open(path)?).split(b'\n');
    let mut in_flight = VecDeque::new();
    let mut count = 0;
    loop {
        let batch = lines.by_ref().take(EVENTS_AN_APPEND).map(|line| event(&line?));
        let batch: Vec<NewEvent> = batch.collect::<Result<_>>()?;
        if batch.is_empty() {
            break;
        }
        count += batch.len() as u64;
        in_flight.push_back(store.append(Append::new(batch, "2030-01-01".parse()?)));
        if in_flight.len() > APPENDS_IN_FLIGHT_MAX {
            in_flight.pop_front().map(block_on).transpose()?;
        }
    }
    in_flight.into_iter().try_for_each(|append| block_on(append).map(drop))?;
    Ok(count)
}

fn event(line: &[u8]) -> Result<NewEvent> {
    Ok(EventLine::parse(line)?.identify(|_| 0))
}

/// The oracle on the flat log: for its answer, its speed says nothing.
pub(crate) fn naive(dir: &Path, rounds: usize) -> Result<Report> {
    let rows = flat::read(&dir.join("events.csv"))?;
    let report = Report::rounds(rounds, || Ok(()), |()| Ok(naive::answer(&rows)))?;
    Ok(Report { events: rows.len() as u64, ..report })
}

/// Facts in memory, in the order of the log.
pub(crate) fn log_order(dir: &Path, rounds: usize) -> Result<Report> {
    let (pages, events) = pages(dir)?;
    let fold = || fold_pages(&pages, &Playbook::default(), Bounds::default());
    let report = Report::rounds(rounds, || Ok(()), |()| Ok(answer(&fold())))?;
    Ok(Report { events, bytes_an_event: bytes_an_event(&pages, events), ..report })
}

/// Facts in memory, by lead.
pub(crate) fn by_lead(dir: &Path, threads: usize, rounds: usize) -> Result<Report> {
    let (pages, events) = pages(dir)?;
    let bytes_an_event = bytes_an_event(&pages, events);
    let whole = LeadFacts::of(&pages.iter().collect::<Vec<_>>());
    drop(pages);
    let parts: Vec<LeadFacts> = whole.split(whole.facts().len() / PARTS + 1).collect();
    drop(whole);
    let report = if threads == 1 {
        let fold = || fold_leads(&parts, &Playbook::default(), Bounds::default());
        Report::rounds(rounds, || Ok(()), |()| Ok(answer(&fold())))?
    } else {
        // A shard consumes its facts: copies for each round, made beforehand.
        let deal = || Ok(parts.chunks(parts.len().div_ceil(threads)).map(<[_]>::to_vec).collect());
        Report::rounds(rounds, deal, |hands| Ok(answer(&fold_shards(hands))))?
    };
    Ok(Report { events, bytes_an_event, ..report })
}

/// Each hand of parts on a thread of its own. The log has no merges: nothing is left to settle.
fn fold_shards(hands: Vec<Vec<LeadFacts>>) -> Tables {
    let mut fold = Fold::new(Playbook::default(), Bounds::default());
    let shards: Vec<Shard> = std::thread::scope(|scope| {
        let start = |hand: Vec<LeadFacts>| {
            let first = hand[0].first_lead().unwrap_or(LeadIndex(0));
            let mut shard = fold.shard(first);
            scope.spawn(move || {
                hand.iter().for_each(|part| shard.rebuild(part));
                shard
            })
        };
        let threads: Vec<_> = hands.into_iter().map(start).collect();
        threads.into_iter().map(|thread| thread.join().expect("the fold is total")).collect()
    });
    fold.assemble(shards);
    fold.into_tables()
}

/// A file that nobody has open, to the answer.
pub(crate) fn cold(dir: &Path, threads: usize, rounds: usize) -> Result<Report> {
    let path = dir.join("log.db");
    let threads = NonZeroUsize::new(threads).ok_or("expected a thread, found 0")?;
    let go_on = |_, _| ControlFlow::Continue(());
    let work = |()| {
        let mut view = View::new(SqliteStore::open(&path)?, Playbook::default(), Bounds::default());
        let _ = view.catch_up_on(threads, &go_on)?;
        Ok(answer(view.tables()))
    };
    let report = Report::rounds(rounds, || Ok(()), work)?;
    let store = Blocking(SqliteStore::open(&path)?);
    let events = store.head()?;
    drop(store);
    let bytes_an_event = std::fs::metadata(&path)?.len() as f64 / events as f64;
    Ok(Report { events, bytes_an_event, ..report })
}

/// The last events of the log onto the state of all before. The answer is not measured.
pub(crate) fn catch_up(dir: &Path, rounds: usize) -> Result<Report> {
    let (pages, head) = pages(dir)?;
    let new = NEW_EVENTS.min(head / 3);
    let store = Blocking(SqliteStore::open(dir.join("log.db"))?);
    let earlier = store.facts(head - 2 * new, new as usize)?;
    let last = store.facts(head - new, new as usize)?;
    let mut fold = Fold::new(Playbook::default(), Bounds::default());
    let before = pages.iter().cloned().map(|mut page| {
        page.keep_until(head - 2 * new);
        page
    });
    before.for_each(|page| fold.apply(&page));
    let mut report = Report::default();
    for _ in 0..rounds {
        let mut fold = fold.clone();
        // A clone has no room to grow: the first new events would pay for moving every table.
        fold.apply(&earlier);
        let start = Instant::now();
        fold.apply(&last);
        settle(&mut fold, &pages);
        report.seconds.push(start.elapsed().as_secs_f64());
        report.answer = answer(fold.tables());
    }
    report.answer.sort_unstable();
    Ok(Report { events: new, bytes_an_event: bytes_an_event(&pages, head), ..report })
}

fn settle(fold: &mut Fold, pages: &[Facts]) {
    if fold.is_settled() {
        return;
    }
    let wanted = LeadSet::of(&fold.unsettled());
    let Ok(()) = fold.settle(|_| {
        let mut history = Facts::default();
        pages.iter().for_each(|page| history.extend_filtered(page, |lead| wanted.contains(lead)));
        Ok::<_, Infallible>(history)
    });
}

/// One lead's history and state from the store, one after the other.
pub(crate) fn status(dir: &Path, rounds: usize) -> Result<Report> {
    let store = SqliteStore::open(dir.join("log.db"))?;
    let mut leads = Vec::new();
    let all = std::fs::read_to_string(dir.join("size"))?;
    let all: u32 = all.split(' ').next().unwrap_or_default().parse()?;
    for number in (0..all).step_by((all / LOOK_UPS).max(1) as usize) {
        leads.extend(block_on(store.leads(LeadIndex(number), 1))?);
    }
    let look_up = |()| {
        for entry in &leads {
            let case = load_case(&store, entry.id, &[], Playbook::default(), Bounds::default());
            std::hint::black_box(block_on(case)?);
        }
        Ok(Vec::new())
    };
    let report = Report::rounds(rounds, || Ok(()), look_up)?;
    Ok(Report { events: leads.len() as u64, ..report })
}

/// The facts of the log in pages, and how many events they are.
fn pages(dir: &Path) -> Result<(Vec<Facts>, u64)> {
    let store = Blocking(SqliteStore::open(dir.join("log.db"))?);
    let (mut pages, mut position) = (Vec::new(), 0);
    loop {
        let page = store.facts(position, EVENTS_A_PAGE)?;
        match page.last_position() {
            None => return Ok((pages, position)),
            Some(last) => position = last,
        }
        pages.push(page);
    }
}

fn bytes_an_event(pages: &[Facts], events: u64) -> f64 {
    let facts: usize = pages.iter().map(Facts::len).sum();
    (facts * Facts::FACT_BYTES) as f64 / events as f64
}
