//! Only what had happened, and what was known, is in the table of events; and memory is bounded.

use leadfold_core::event::{Body, EventLine, NewEvent};
use leadfold_core::{Bounds, Timestamp};
use leadfold_testkit::strategies::adversarial_log;
use parquet::file::reader::FileReader;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::rows::difference;
use crate::support::{Log, Value, cases, reader};

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn bounds_bound_events_and_tables(
        events in adversarial_log(60),
        as_of in any::<Option<Index>>(),
        known_at in any::<Option<Index>>(),
    ) {
        prop_assume!(!events.is_empty());
        let bounds = Bounds {
            as_of: as_of.map(|index| index.get(&events).event.occurred_at.at),
            known_at: known_at.and_then(|index| index.get(&events).recorded_at),
        };
        let log = Log::within(events, bounds);
        let found = log.exported();
        prop_assert_eq!(difference(&log, &found), None);
        let positions: Vec<Value> =
            found["events"].iter().map(|row| row["position"].clone()).collect();
        prop_assert_eq!(positions, expected(&log));
    }
}

/// Corrections are bounded by known-at alone.
fn expected(log: &Log) -> Vec<Value> {
    let last = Timestamp::from_micros(i64::MAX);
    let (as_of, known_at) = (log.bounds.as_of.unwrap_or(last), log.bounds.known_at.unwrap_or(last));
    let mut positions = Vec::new();
    for event in log.store.events(0, usize::MAX).expect("memory does not fail") {
        let at = match event.event.body {
            Body::Corrected(_) => Timestamp::from_micros(i64::MIN),
            _ => event.event.occurred_at.at,
        };
        if at <= as_of && event.recorded_at <= known_at {
            positions.push(Value::Int(event.position.cast_signed()));
        }
    }
    positions
}

#[test]
fn events_behind_the_tables_are_left_out() {
    let simulation = leadfold_testkit::simulate::Simulation::new(2, 10);
    let log = Log { position: 7, ..Log::of(simulation.events()) };
    assert_eq!(log.exported()["events"].len(), 7);
}

#[test]
fn long_events_make_small_row_groups() {
    let long = "x".repeat(900_000);
    let log = Log::of((0..40).map(|n| event(n, &long)));
    let dir = tempfile::tempdir().expect("a temporary directory");
    log.write(dir.path());
    let metadata = reader(dir.path(), "events").metadata().clone();
    let rows: Vec<i64> = metadata.row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(rows, [38, 2], "32 MiB are 37.3 times 900,000 bytes");
}

fn event(n: u32, activity: &str) -> NewEvent {
    let line = format!(
        r#"{{"lead":"a","type":"touched","occurred_at":"2024-01-01T00:00:{n:02}Z",
            "data":{{"side":"sales","activity":"{activity}"}}}}"#
    );
    EventLine::parse(line.as_bytes()).expect("a valid line").identify(|_| 0)
}
