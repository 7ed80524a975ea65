//! What does a snapshot save a start, and what does it cost?
//!
//! `cargo run --release -p leadfold-sqlite --example snapshot_start -- 100000 DIR`: the logs are made in
//! DIR, and measured again where they are there already.
//!
//! A simulated company of so many leads; then ten times as many events of the same leads, once
//! touches, which leave no rows, and once moves, of which each leaves one; and nothing but the
//! captures, one event a lead. Each is opened, and
//! caught up to its tables, from its facts and from a snapshot, in turn; medians of five, and the
//! least and the most. The tables are compared.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use leadfold_core::event::{Event, EventLine, NewEvent};
use leadfold_core::{Bounds, EventId, LeadIndex, Playbook, Tables, Timestamp};
use leadfold_engine::{Restored, Sample, View};
use leadfold_sqlite::{SqliteStore, rusqlite};
use leadfold_store::{Append, Blocking, block_on};
use leadfold_testkit::simulate::Simulation;
use uuid::Uuid;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const TURNS: usize = 5;
/// Events in an append.
const APPENDED: usize = 10_000;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let leads = arguments.next().map_or(Ok(2_000), |text| text.parse())?;
    let temporary = tempfile::tempdir()?;
    let directory = arguments.next().map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let files = files(&directory, leads)?;
    files.iter().try_for_each(|(name, path)| measure(path, name))
}

/// The four logs; one that is there already is not made again.
fn files(directory: &Path, leads: u32) -> Result<[(&'static str, PathBuf); 4]> {
    let names = ["simulated", "touches", "moves", "captures"];
    let files = names.map(|name| (name, directory.join(format!("{name}.db"))));
    let kinds = [["touched"; 2], ["recycled", "reactivated"]];
    if !files[0].1.exists() {
        let store = Blocking(SqliteStore::open(&files[0].1)?);
        append(&store, Simulation::new(1, leads).events())?;
    }
    if !files[3].1.exists() {
        let store = Blocking(SqliteStore::open(&files[3].1)?);
        append(&store, Simulation::new(1, leads).events().filter(is_capture))?;
    }
    for ((_, path), kinds) in files[1..3].iter().zip(kinds).filter(|((_, path), _)| !path.exists())
    {
        let from = rusqlite::Connection::open(&files[0].1)?;
        from.execute("VACUUM INTO ?1", [path.display().to_string()])?;
        let store = Blocking(SqliteStore::open(path)?);
        let events = store.head()?;
        append(&store, more(&store, events, kinds)?)?;
    }
    Ok(files)
}

fn is_capture(new: &NewEvent) -> bool {
    new.event.body.type_name() == "captured"
}

fn append(store: &Blocking<SqliteStore>, events: impl IntoIterator<Item = NewEvent>) -> Result<()> {
    let mut events = events.into_iter().peekable();
    while events.peek().is_some() {
        let some = events.by_ref().take(APPENDED).collect();
        store.append(Append::new(some, Timestamp::from_micros(0)))?;
    }
    Ok(())
}

/// Nine times as many events of the same leads, later than what they have.
fn more(
    store: &Blocking<SqliteStore>,
    events: u64,
    kinds: [&'static str; 2],
) -> Result<impl Iterator<Item = NewEvent>> {
    let leads = store.leads(LeadIndex(0), usize::MAX)?;
    let keys: Vec<_> = leads.into_iter().map(|lead| lead.key).collect();
    let event = move |number: u64| {
        let key = keys[number as usize % keys.len()].clone();
        let round = number as usize / keys.len();
        let data = if round.is_multiple_of(2) { kinds[0] } else { kinds[1] };
        let (minute, second) = (number / 60 % 60, number % 60);
        let day = 1 + round % 28;
        let at = format!("2031-01-{day:02}T09:{minute:02}:{second:02}Z");
        let side = if data == "touched" { r#","data":{"side":"sales"}"# } else { "" };
        let line = format!(r#"{{"lead":"x","type":"{data}","occurred_at":"{at}"{side}}}"#);
        let event = EventLine::parse(line.as_bytes()).expect("the line is sound").event;
        let event = Event { lead: Some(key), ..event };
        NewEvent { id: EventId(Uuid::from_u64_pair(7, number)), recorded_at: None, event }
    };
    Ok((0..9 * events).map(event))
}

/// Keeps a snapshot, and gives the tables of which it is.
fn keep(path: &Path, name: &str) -> Result<Vec<u8>> {
    let store = Blocking(SqliteStore::open(path)?);
    let (events, leads) = (store.head()?, store.leads(LeadIndex(0), usize::MAX)?.len());
    println!("{name}: {events} events of {leads} leads");
    let mut view = View::new(&store.0, Playbook::default(), Bounds::default());
    block_on(view.catch_up(|_, _| {}))?;
    let begin = Instant::now();
    assert!(block_on(view.keep_snapshot())?, "the store keeps snapshots");
    let seconds = begin.elapsed().as_secs_f64();
    let kept = store.snapshot()?.expect("it is kept");
    let len = |part| store.snapshot_part(kept.number, part).map(|part| part.len());
    let bytes: usize = (0..kept.parts).map(len).sum::<Result<_, _>>()?;
    println!(
        "  kept in {:.0} ms: {:.1} MB, {:.0} bytes a lead",
        seconds * 1e3,
        bytes as f64 / 1e6,
        bytes as f64 / leads as f64
    );
    Ok(view.tables().ok_or("it has caught up")?.encode())
}

fn measure(path: &Path, name: &str) -> Result<()> {
    let expected = keep(path, name)?;
    let starts: [(&str, Start); 4] = [
        ("from facts, one thread", |store| from_facts(store, 1)),
        ("from facts, two threads", |store| from_facts(store, 2)),
        ("from the snapshot, no sample", |store| from_snapshot(store, Sample::NONE)),
        ("from the snapshot", |store| from_snapshot(store, Sample::default())),
    ];
    let mut times = vec![Vec::new(); starts.len()];
    for _ in 0..TURNS {
        for ((_, start), times) in starts.iter().zip(&mut times) {
            let begin = Instant::now();
            let store = SqliteStore::open(path)?;
            let tables = start(&store)?;
            times.push(begin.elapsed().as_secs_f64());
            assert!(tables.encode() == expected, "other tables");
        }
    }
    for ((what, _), mut times) in starts.iter().zip(times) {
        times.sort_by(f64::total_cmp);
        let [least, median, most] = [0, TURNS / 2, TURNS - 1].map(|at| times[at] * 1e3);
        println!("  {what}: {median:.1} ms ({least:.1} to {most:.1})");
    }
    Ok(())
}

type Start = fn(&SqliteStore) -> Result<Tables>;

fn from_facts(store: &SqliteStore, threads: usize) -> Result<Tables> {
    let mut view = View::new(store, Playbook::default(), Bounds::default());
    let threads = NonZeroUsize::new(threads).expect("some threads");
    let _ = view.catch_up_on(threads, &|_, _| ControlFlow::Continue(()))?;
    Ok(view.into_parts().ok_or("it has caught up")?.0)
}

fn from_snapshot(store: &SqliteStore, sample: Sample) -> Result<Tables> {
    let mut view = View::new(store, Playbook::default(), Bounds::default());
    let restored = block_on(view.restore(sample))?;
    assert!(matches!(restored, Restored::From { .. }), "{restored:?}");
    block_on(view.catch_up(|_, _| {}))?;
    Ok(view.into_parts().ok_or("it has caught up")?.0)
}
