//! How fast does a file take in events, durable and idempotent, and what does it cost on disk?
//!
//! `cargo run --release -p leadfold-sqlite --example import_rate -- 1000000 100000 4096 [FILE]`

use std::collections::VecDeque;
use std::io::Error;
use std::time::Instant;

use leadfold_core::event::{EventLine, NewEvent};
use leadfold_core::{EventId, LeadIndex, Timestamp};
use leadfold_sqlite::SqliteStore;
use leadfold_store::{Append, Blocking, EventStore, block_on};
use uuid::Uuid;

/// Appends on their way to the writer while the next one is prepared: of 4,096 events each, as many
/// as one transaction takes.
const IN_FLIGHT_MAX: usize = 16;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| match arguments.next() {
        Some(text) => text.parse(),
        None => Ok(default),
    };
    let (n_events, n_leads, batch) = (number(20_000)?, number(2_000)?, number(4_096)?);
    let directory = tempfile::tempdir()?;
    let path = match arguments.next() {
        Some(path) => path.into(),
        None => directory.path().join("rate.db"),
    };
    let store = SqliteStore::open(&path)?;

    let mut random = Random(7);
    let (mut json, mut seconds, mut prepared) = (0, 0.0, 0.0);
    let mut in_flight = VecDeque::new();
    let mut next = 0;
    while next < n_events {
        let end = (next + batch).min(n_events);
        let mut events = Vec::new();
        for ordinal in next..end {
            let line = line(ordinal, n_leads, &mut random);
            json += line.len();
            let EventLine { event, .. } = EventLine::parse(line.as_bytes())?;
            let id = EventId(Uuid::from_u64_pair(random.next(), random.next()));
            events.push(NewEvent { id, recorded_at: None, event });
        }
        next = end;
        let start = Instant::now();
        in_flight.push_back(store.append(Append::new(events, Timestamp::from_micros(1))));
        prepared += start.elapsed().as_secs_f64();
        if in_flight.len() > IN_FLIGHT_MAX
            && let Some(append) = in_flight.pop_front()
        {
            block_on(append)?;
        }
        seconds += start.elapsed().as_secs_f64();
    }
    let start = Instant::now();
    for append in in_flight {
        block_on(append)?;
    }
    seconds += start.elapsed().as_secs_f64();
    println!("{n_events} events, {:.0} bytes of JSON each", json as f64 / n_events as f64);
    println!("appended at {:.0} events/s (without making the events)", n_events as f64 / seconds);
    println!("of that, prepared at {:.0} events/s", n_events as f64 / prepared);
    println!("memory: {}; processor seconds so far: {}", memory()?, processor_seconds()?);
    let store = Blocking(store);
    read(&store, n_events)?;
    drop(store);
    let bytes = std::fs::metadata(&path)?.len();
    println!("{:.0} bytes an event on disk", bytes as f64 / n_events as f64);
    Ok(())
}

fn read(store: &Blocking<SqliteStore>, n_events: u64) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let (mut after, mut facts, mut sum) = (0, 0, 0_u64);
    while after < n_events {
        let page = store.facts(after, 65_536)?;
        facts += page.len();
        sum = sum.wrapping_add((page.row(page.len() - 1).at).cast_unsigned());
        after = page.last_position().ok_or("an empty page before the head")?;
    }
    let rate = n_events as f64 / start.elapsed().as_secs_f64();
    println!("read {facts} facts at {rate:.0} events/s, digest {sum:016x}");

    let entries = store.leads(LeadIndex(0), 2_000)?;
    let start = Instant::now();
    for entry in &entries {
        let found = store.lead(entry.id)?.ok_or("a lead got lost")?;
        let history = store.history(&[found.index])?;
        assert!(history.len() as u64 >= found.sequence, "every event has a fact");
    }
    let micros = start.elapsed().as_secs_f64() * 1e6 / entries.len() as f64;
    println!("lookup and history of a lead: {micros:.0} us");

    let start = Instant::now();
    assert!(store.verify(&mut |_, _| {})?.is_empty(), "nothing is damaged");
    println!("verified at {:.0} events/s", n_events as f64 / start.elapsed().as_secs_f64());
    println!("memory: {}", memory()?);
    Ok(())
}

fn memory() -> Result<String, Error> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("unknown");
    Ok(peak.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// By thread, where the system tells: on a loaded machine the better measure.
fn processor_seconds() -> Result<String, Error> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let mut out = Vec::new();
    for task in std::fs::read_dir("/proc/self/task")? {
        let stat = std::fs::read_to_string(task?.path().join("stat"))?;
        let (name, numbers) = stat.rsplit_once(") ").unwrap_or_default();
        let name = name.rsplit_once('(').unwrap_or_default().1;
        let ticks = |index| numbers.split(' ').nth(index).and_then(|n| n.parse::<f64>().ok());
        let user_and_system =
            [ticks(11), ticks(12)].map(|ticks| ticks.unwrap_or(0.0) / TICKS_PER_SECOND);
        out.push(format!("{name} {:.2}+{:.2}", user_and_system[0], user_and_system[1]));
    }
    Ok(out.join(", "))
}

/// Splitmix64: enough for varied events, the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

fn line(ordinal: u64, n_leads: u64, random: &mut Random) -> String {
    let lead = random.below(n_leads);
    let (day, second) = (1 + ordinal % 28, random.below(86_400));
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let rep = random.below(200);
    let data = match random.below(8) {
        0 => format!(
            "\"type\":\"captured\",\"data\":{{\"source\":\"source-{}\",\"medium\":\"cpc\",\"campaign\":\"campaign-{}\",\"attributes\":{{\"industry\":\"i{}\"}}}}",
            random.below(12), random.below(300), random.below(20)
        ),
        1 | 2 => format!(
            "\"type\":\"touched\",\"data\":{{\"side\":\"sales\",\"direction\":\"out\",\"channel\":\"phone\",\"result\":\"attempt\",\"by\":\"rep-{rep}\"}}"
        ),
        3 => format!(
            "\"type\":\"scored\",\"data\":{{\"model\":\"fit\",\"model_version\":\"3\",\"fit\":{}.5,\"total\":{}.25,\"band\":\"b\"}}",
            random.below(50), random.below(100)
        ),
        4 => "\"type\":\"qualified\",\"data\":{\"level\":\"mql\",\"definition\":\"ideal customer v2\"}".to_owned(),
        5 => format!("\"type\":\"handed_off\",\"data\":{{\"to\":\"rep-{rep}\",\"decision_due\":\"2024-03-01T10:00:00Z\"}}"),
        6 => format!("\"type\":\"accepted\",\"data\":{{\"by\":\"rep-{rep}\"}}"),
        _ => format!(
            "\"type\":\"opportunity_opened\",\"data\":{{\"opportunity\":\"opp-{ordinal}\",\"stage\":\"proposal\",\"amount\":{},\"currency\":\"EUR\"}}",
            random.below(1_000_000)
        ),
    };
    format!(
        "{{\"lead\":\"L{lead}\",{data},\"occurred_at\":\"2024-02-{day:02}T{hour:02}:{minute:02}:{second:02}Z\",\"origin\":{{\"system\":\"amocrm\"}},\"actor\":{{\"kind\":\"user\",\"id\":\"rep-{rep}\"}}}}"
    )
}
