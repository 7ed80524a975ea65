//! Rows whose facts are in memory.

use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Instant;

use leadfold::core::event::{EventLine, NewEvent};
use leadfold::core::{
    Bounds, Facts, Fold, LeadFacts, LeadIndex, Playbook, Shard, Tables, fold_leads, fold_pages,
};

use crate::answer::answer_on;
use crate::held_back::HeldBack;
use crate::numbers::Numbers;
use crate::pages::pages_of;
use crate::report::{Report, Room};
use crate::{Result, facts, flat, naive};

/// New events of a catch-up, at most; all rounds together at most a third of the log.
const NEW_EVENTS: u64 = 10_000;
/// Events that come late, at most.
const LATE_EVENTS: usize = 1_000;

/// The oracle on the flat log: for its answer, its speed says nothing.
pub(crate) fn naive(dir: &Path, rounds: usize) -> Result<Report> {
    let rows = flat::read(&dir.join("events.csv"))?;
    let report = Report::rounds(rounds, || Ok(()), |()| Ok(naive::answer(&rows)))?;
    Ok(Report { events: rows.len() as u64, ..report })
}

/// Facts in memory, in the order of the log.
pub(crate) fn log_order(dir: &Path, rounds: usize) -> Result<Report> {
    let pages: Vec<Facts> = facts::pages(dir)?.collect::<Result<_>>()?;
    let mut room = Room::default();
    let work = |()| Ok(room.answer(&fold_pages(&pages, &Playbook::default(), Bounds::default())));
    let report = Report::rounds(rounds, || Ok(()), work)?;
    let events = pages.iter().map(Facts::last_position).next_back().flatten().unwrap_or(0);
    Ok(Report { events, ..report }.of_facts(&pages).of_tables(room))
}

/// Facts in memory, by lead.
pub(crate) fn by_lead(dir: &Path, threads: usize, rounds: usize) -> Result<Report> {
    let parts: Vec<LeadFacts> = facts::by_lead(dir)?.collect::<Result<_>>()?;
    let mut room = Room::default();
    let fold = || match threads {
        1 => fold_leads(&parts, &Playbook::default(), Bounds::default()),
        _ => fold_shards(&parts, threads),
    };
    let work = |()| Ok(room.answer_on(&fold(), threads));
    let report = Report::rounds(rounds, || Ok(()), work)?;
    let events = parts.iter().map(LeadFacts::event_count).sum::<usize>() as u64;
    let report = Report { events, ..report }.of_facts(parts.iter().map(LeadFacts::facts));
    let packed = facts::packed_bytes(dir)? as f64 / events as f64;
    Ok(report.of_tables(room).figure("packed_bytes_an_event", packed))
}

/// Each thread all of it, by itself: what so many threads do here where nothing is shared out.
pub(crate) fn apart(dir: &Path, threads: usize, rounds: usize) -> Result<Report> {
    let parts: Vec<LeadFacts> = facts::by_lead(dir)?.collect::<Result<_>>()?;
    let alone = || answer_on(&fold_leads(&parts, &Playbook::default(), Bounds::default()), 1);
    let work = |()| {
        let mut answers = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(alone)).collect();
            let answers = threads.into_iter().map(|thread| thread.join());
            answers.map(|answer| answer.expect("the fold is total")).collect::<Vec<_>>()
        });
        answers.dedup();
        answers.pop().filter(|_| answers.is_empty()).ok_or_else(|| "two answers of a log".into())
    };
    let report = Report::rounds(rounds, || Ok(()), work)?;
    let events = parts.iter().map(LeadFacts::event_count).sum::<usize>() * threads;
    Ok(Report { events: events as u64, ..report }.of_facts(parts.iter().map(LeadFacts::facts)))
}

/// Each hand of parts on a thread of its own. The log has no merges: nothing is left to settle.
fn fold_shards(parts: &[LeadFacts], threads: usize) -> Tables {
    let mut fold = Fold::new(Playbook::default(), Bounds::default());
    let rebuilt = |mut shard: Shard, hand: &[LeadFacts]| {
        shard.expect(hand.iter().map(LeadFacts::event_count).sum());
        hand.iter().for_each(|part| shard.rebuild(part));
        shard
    };
    let shards: Vec<Shard> = std::thread::scope(|scope| {
        let hands = parts.chunks(parts.len().div_ceil(threads));
        let begin = |hand: &[LeadFacts]| fold.shard(hand[0].first_lead().unwrap_or(LeadIndex(0)));
        let threads: Vec<_> = hands
            .map(|hand| (begin(hand), hand))
            .map(|(s, h)| scope.spawn(move || rebuilt(s, h)))
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("the fold is total")).collect()
    });
    fold.assemble(shards);
    fold.into_tables()
}

/// The last events of the log, so many a round, onto the state of all before. The answer is not
/// measured.
pub(crate) fn catch_up(dir: &Path, rounds: usize) -> Result<Report> {
    let mut pages: Vec<Facts> = facts::pages(dir)?.collect::<Result<_>>()?;
    let head = pages.last().and_then(Facts::last_position).unwrap_or(0);
    let new = NEW_EVENTS.min(head / 3 / rounds as u64).max(1);
    let before = head - new * rounds as u64;
    let mut fold = Fold::new(Playbook::default(), Bounds::default());
    let mut rest = Vec::new();
    for mut page in pages.drain(..) {
        rest.extend(page.rows().filter(|fact| fact.position > before));
        page.keep_until(before);
        fold.apply(&page);
    }
    let mut report = Report { events: new, ..Report::default() };
    for page in pages_of(&rest, new as usize) {
        let start = Instant::now();
        fold.apply(&page);
        report.seconds.push(start.elapsed().as_secs_f64());
    }
    assert!(fold.is_settled(), "an orderly log has nothing to settle");
    Ok(report.answered(fold.tables()))
}

/// Events that were held back, one a lead and so many a round, onto the state of all others: each
/// belongs before the last of its lead, whose history is at hand.
pub(crate) fn late(dir: &Path, rounds: usize) -> Result<Report> {
    let parts: Vec<LeadFacts> = facts::by_lead(dir)?.collect::<Result<_>>()?;
    let head = parts.iter().map(LeadFacts::event_count).sum::<usize>();
    let HeldBack { on_time, late, events } = HeldBack::of(&parts, LATE_EVENTS * rounds);
    drop(parts);
    let a_round = (events / rounds).max(1);
    let mut fold = Fold::new(Playbook::default(), Bounds::default());
    fold.expect(head);
    on_time.iter().for_each(|part| fold.rebuild(part));
    fold.rebuilt(head as u64);
    let mut report = Report { events: a_round as u64, ..Report::default() };
    for page in pages_of(&late, a_round) {
        let start = Instant::now();
        fold.apply(&page);
        settle(&mut fold, &on_time, &page);
        report.seconds.push(start.elapsed().as_secs_f64());
    }
    // What is left over when they are dealt out.
    report.seconds.truncate(rounds);
    Ok(report.answered(fold.tables()))
}

fn settle(fold: &mut Fold, parts: &[LeadFacts], late: &Facts) {
    let Ok(()) = fold.settle(|leads| {
        let mut history = Facts::default();
        parts.iter().for_each(|part| part.history(leads, &mut history));
        history.extend_filtered(late, |lead| leads.binary_search(&lead).is_ok());
        Ok::<_, Infallible>(history)
    });
}

/// Lines to facts: read, parsed, given numbers and lowered. Each page has to be that of the log.
pub(crate) fn lines(dir: &Path) -> Result<Report> {
    let mut lines = BufReader::new(std::fs::File::open(dir.join("log.ndjson"))?);
    let (mut numbers, mut line) = (Numbers::default(), Vec::new());
    let (mut seconds, mut events) = (0.0, 0);
    for expected in facts::pages(dir)? {
        let (expected, mut page) = (expected?, Facts::default());
        let start = Instant::now();
        for _ in 0..facts::EVENTS_A_PAGE {
            line.clear();
            if lines.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            numbers.lower(&event(line.trim_ascii_end())?, &mut page)?;
            events += 1;
        }
        seconds += start.elapsed().as_secs_f64();
        if page != expected {
            return Err(format!("the lines up to {events} have other facts than the log").into());
        }
    }
    let bytes = std::fs::metadata(dir.join("log.ndjson"))?.len() as f64;
    let bytes_an_event = bytes / events as f64;
    Ok(Report { seconds: vec![seconds], events, bytes_an_event, ..Report::default() })
}

pub(crate) fn event(line: &[u8]) -> Result<NewEvent> {
    Ok(EventLine::parse(line)?.identify(|_| 0))
}
