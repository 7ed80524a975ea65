//! A user's own fold in memory: caught up, resumed, followed.

use std::thread;

use leadfold_core::Facts;
use leadfold_core::event::{EventLine, NewEvent, RecordedEvent};
use leadfold_engine::{Reduce, Reduction, ResumeError, Stop};
use leadfold_store::{Append, Blocking, Checkpoint, MemoryStore};

fn event(n: u64) -> NewEvent {
    let line = format!(
        "{{\"lead\":\"L{}\",\"occurred_at\":\"2024-02-01T09:00:00Z\",\"type\":\"lost\",\
         \"data\":{{\"reason\":\"{n}\"}}}}",
        n % 3
    );
    EventLine::parse(line.as_bytes()).expect("a sound line").identify(|_| n)
}

fn append(log: &MemoryStore, numbers: std::ops::RangeInclusive<u64>) {
    let events = numbers.map(event).collect();
    let append = Append::new(events, leadfold_core::Timestamp::from_micros(1));
    Blocking(log).append(append).expect("it goes in");
}

/// Every position that it was given, of whatever page.
#[derive(Clone, Debug, Default)]
struct OfFacts(Vec<u64>);

impl Reduce for OfFacts {
    type Page = Facts;
    fn apply(&mut self, page: &Facts) {
        self.0.extend((0..page.len()).map(|index| page.row(index).position));
    }
}

#[derive(Clone, Debug, Default)]
struct OfEvents(Vec<u64>);

impl Reduce for OfEvents {
    type Page = Vec<RecordedEvent>;
    fn apply(&mut self, page: &Vec<RecordedEvent>) {
        self.0.extend(page.iter().map(|event| event.position));
    }
}

#[test]
fn fold_takes_in_every_event_once() {
    let log = MemoryStore::new();
    let (mut facts, mut events) =
        (Reduction::new(&log, OfFacts::default()), Reduction::new(&log, OfEvents::default()));
    let mut head = 0;
    for more in [0, 1, 5, 20_000] {
        if more > 0 {
            append(&log, head + 1..=head + more);
        }
        head += more;
        assert_eq!(facts.catch_up(&Stop::new()).expect("it reads"), head);
        assert_eq!(events.catch_up(&Stop::new()).expect("it reads"), head);
        assert!(facts.get().0.iter().copied().eq(1..=head));
        assert!(events.get().0.iter().copied().eq(1..=head));
    }
}

#[test]
fn fold_goes_on_from_its_checkpoint_and_from_no_other() {
    let log = MemoryStore::new();
    append(&log, 1..=7);
    let mut fold = Reduction::new(&log, OfEvents::default());
    fold.catch_up(&Stop::new()).expect("it reads");
    let (checkpoint, kept) = (fold.checkpoint(), fold.into_inner());
    append(&log, 8..=9);
    let mut fold = Reduction::resume(&log, kept.clone(), checkpoint).expect("it is of this log");
    fold.catch_up(&Stop::new()).expect("it reads");
    assert_eq!(fold.get().0, (1..=9).collect::<Vec<_>>());
    let other = MemoryStore::new();
    append(&other, 101..=120);
    for (log, position) in [(&other, 7), (&MemoryStore::new(), 7), (&log, 10)] {
        let checkpoint = Checkpoint { position, ..checkpoint };
        let error = Reduction::resume(log, kept.clone(), checkpoint).expect_err("it is of another");
        assert!(matches!(error, ResumeError::OtherLog(found) if found.position == position));
    }
}

#[test]
fn fold_follows_until_it_is_stopped() {
    let (log, stop) = (MemoryStore::new(), Stop::new());
    append(&log, 1..=3);
    thread::scope(|scope| {
        let (log, asked) = (&log, stop.clone());
        let follower = scope.spawn(move || {
            let mut fold = Reduction::new(log, OfFacts::default());
            let seen = |fold: &OfFacts| {
                if fold.0.len() >= 10 {
                    asked.request()
                }
            };
            fold.follow(&asked.clone(), seen).expect("it reads");
            fold.into_inner().0
        });
        for n in 4..=10 {
            append(log, n..=n);
        }
        assert_eq!(follower.join().expect("it ends"), (1..=10).collect::<Vec<_>>());
    });
    let mut late = Reduction::new(&log, OfFacts::default());
    assert_eq!(late.catch_up(&stop).expect("it reads"), 0, "it was asked to stop before");
}
