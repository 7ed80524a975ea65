//! cqrs-es: `replay_all` of a log in memory into a view of each lead, then the answer from the
//! views. It is as the crate would have it, and otherwise as fast as it can be made: dense leads,
//! typed views in a vector without JSON of their own, one lock for all.
//!
//! `rival-cqrs-es DIR ROUNDS`

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{
    PersistedEventRepository, PersistenceError, QueryReplay, ReplayStream, SerializedEvent,
    SerializedSnapshot,
};
use cqrs_es::{Aggregate, DomainEvent, EventEnvelope, Query};
use serde::{Deserialize, Serialize};

mod view;

use view::{View, answer};

/// Events between the log and the view.
const QUEUE_MAX: usize = 4_096;
const NO_LEAD: i64 = -1;

/// What the flat log says of an event.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Event {
    micros: i64,
    target: i8,
    source: u32,
    side: u8,
    amount: i64,
    currency: u16,
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        "event".into()
    }
    fn event_version(&self) -> String {
        "1".into()
    }
}

/// A replay asks nothing of an aggregate.
#[derive(Default, Deserialize, Serialize)]
pub struct Lead;

impl Aggregate for Lead {
    const TYPE: &'static str = "lead";
    type Command = ();
    type Event = Event;
    type Error = Infallible;
    type Services = ();

    async fn handle(&mut self, (): (), (): &(), _: &EventSink<Self>) -> Result<(), Infallible> {
        Ok(())
    }
    fn apply(&mut self, _: Event) {}
}

/// The log as the crate keeps it: serialized events.
struct Log(Arc<Vec<SerializedEvent>>);

impl PersistedEventRepository for Log {
    async fn get_events<A: Aggregate>(
        &self,
        _: &str,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        Ok(Vec::new())
    }
    async fn get_last_events<A: Aggregate>(
        &self,
        _: &str,
        _: usize,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        Ok(Vec::new())
    }
    async fn get_snapshot<A: Aggregate>(
        &self,
        _: &str,
    ) -> Result<Option<SerializedSnapshot>, PersistenceError> {
        Ok(None)
    }
    async fn persist<A: Aggregate>(
        &self,
        _: &[SerializedEvent],
        _: Option<(String, serde_json::Value, usize)>,
    ) -> Result<(), PersistenceError> {
        Ok(())
    }
    async fn stream_events<A: Aggregate>(&self, _: &str) -> Result<ReplayStream, PersistenceError> {
        self.stream_all_events::<A>().await
    }
    async fn stream_all_events<A: Aggregate>(&self) -> Result<ReplayStream, PersistenceError> {
        let (mut feed, stream) = ReplayStream::new(QUEUE_MAX);
        let log = Arc::clone(&self.0);
        tokio::spawn(async move {
            for event in log.iter() {
                if feed.push(Ok(event.clone())).await.is_err() {
                    return;
                }
            }
        });
        Ok(stream)
    }
}

/// The views of all leads, by dense number; costs stand behind the last.
struct Views(Arc<Mutex<HashMap<i64, View>>>);

#[async_trait::async_trait]
impl Query<Lead> for Views {
    async fn dispatch(&self, lead: &str, events: &[EventEnvelope<Lead>]) {
        let mut views = self.0.lock().expect("nobody panics with the lock");
        let view = views.entry(lead.parse().unwrap_or(NO_LEAD)).or_default();
        events.iter().for_each(|event| view.update(&event.payload));
    }
}

fn log(path: &str) -> Vec<SerializedEvent> {
    let text = std::fs::read_to_string(path).expect("the runner has written the flat log");
    let mut sequences: HashMap<String, usize> = HashMap::new();
    text.lines().skip(1).map(|line| serialized(line, &mut sequences)).collect()
}

fn serialized(line: &str, sequences: &mut HashMap<String, usize>) -> SerializedEvent {
    let fields: Vec<&str> = line.split(',').collect();
    let number = |index: usize| fields[index].parse::<i64>().expect("the log is of numbers");
    let sequence = sequences.entry(fields[1].into()).or_default();
    *sequence += 1;
    let event = Event {
        micros: number(2),
        target: number(3) as i8,
        source: number(4) as u32,
        side: number(5) as u8,
        amount: number(6),
        currency: number(7) as u16,
    };
    let payload = serde_json::to_value(event).expect("numbers are JSON");
    let (kind, version) = ("event".into(), "1".into());
    let (lead, metadata) = (fields[1].into(), serde_json::json!({}));
    SerializedEvent::new(lead, *sequence, Lead::TYPE.into(), kind, version, payload, metadata)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let rounds: usize = arguments[2].parse().expect("a number of rounds");
    let events = Arc::new(log(&format!("{}/events.csv", arguments[1])));
    let (mut seconds, mut lines) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let start = Instant::now();
        let views = Arc::new(Mutex::new(HashMap::new()));
        let replay = QueryReplay::<_, _, Lead>::new(Log(Arc::clone(&events)), Views(views.clone()));
        replay.replay_all().await.expect("memory does not fail");
        let mut views = views.lock().expect("nobody panics with the lock");
        lines = answer(&mut views);
        seconds.push(format!("{:.6}", start.elapsed().as_secs_f64()));
    }
    lines.sort_unstable();
    println!("seconds {}\nevents {}\nbytes_an_event 0.0", seconds.join(" "), events.len());
    println!("peak_kib {}\n\n{}", peak_kib(), lines.join("\n"));
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
