//! Law 11: what leadfold does not know outlives it.

use leadfold_core::Timestamp;
use leadfold_core::event::{EventLine, NewEvent, RecordedEvent};
use leadfold_store::{Append, Blocking, MemoryStore};
use proptest::prelude::*;

use super::book::config;
use super::draw::lines;
use super::log::Log;

/// JSON that would not survive a detour through a number or a map.
const ODD: [&str; 8] = [
    "null",
    "1.10",
    "12345678901234567890123",
    "1e400",
    r#""\u0041\ud83d\ude00 \/""#,
    r#"[ 1 ,{"b":2,"a":[]} ]"#,
    r#"{"z":0,"a":{"":[null,true]}}"#,
    "\"\"",
];

/// A line with fields that nobody knows, of a type or version that may be unknown too.
fn odd_line() -> impl Strategy<Value = String> {
    let odd = || prop::sample::select(ODD.to_vec());
    let kinds = prop::sample::select(vec![
        r#""type":"from_tomorrow""#,
        r#""type":"captured""#,
        r#""type":"captured","v":2"#,
        r#""type":"won","v":9"#,
        r#""type":"corrected","v":2"#,
    ]);
    (kinds, odd(), odd(), odd(), 0_u32..60).prop_map(|(kind, a, b, c, second)| {
        format!(
            r#"{{"lead":"a",{kind},"occurred_at":"2024-01-01T01:02:{second:02}.5+02:00","of later":{a},"precision":"s","data":{{"later":{b},"last":{c}}}}}"#
        )
    })
}

fn line(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> Vec<u8> {
    let mut line = Vec::new();
    write(&mut line).expect("a vector takes all");
    line
}

fn recorded(store: &Blocking<MemoryStore>) -> Vec<RecordedEvent> {
    store.events(0, usize::MAX).expect("a memory has events")
}

/// Every event through a line and a store, twice.
fn passes(events: Vec<NewEvent>) -> Result<(), TestCaseError> {
    for event in &events {
        let written = line(|out| event.write_line(out));
        let read = EventLine::parse(&written).expect("what is written reads");
        prop_assert_eq!(read.id, Some(event.id));
        prop_assert_eq!(&read.event, &event.event);
        prop_assert_eq!(read.event.content(), event.event.content());
    }
    let first = Blocking(MemoryStore::new());
    let recorded_at = Timestamp::from_micros(0);
    let append = Append::new(events, recorded_at).refusing_singly();
    first.append(append).expect("a memory takes all");
    let exported: Vec<Vec<u8>> =
        recorded(&first).iter().map(|event| line(|out| event.write_line(out))).collect();
    let parse = |line: &Vec<u8>| EventLine::parse(line).expect("an export reads").identify(|_| 0);
    let second = Blocking(MemoryStore::new());
    let imported = Append::new(exported.iter().map(parse).collect(), Timestamp::from_micros(1));
    second.append(imported).expect("a memory takes all");
    prop_assert_eq!(recorded(&second), recorded(&first));
    let again = recorded(&second);
    let again = again.iter().map(|event| line(|out| event.write_line(out)));
    prop_assert!(again.eq(exported));
    Ok(())
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn law_11_unknown_types_versions_and_fields_survive_stores_and_exports(
        lines in prop::collection::vec(odd_line(), 0..12),
    ) {
        let parse = |line: &String| EventLine::parse(line.as_bytes()).expect("the line is valid");
        let identified = |line: &String| {
            let event = parse(line).identify(|_| 7);
            let data = &line[line.find("\"later\"").expect("it is there")..line.len() - 2];
            let top = &line[line.find("\"of later\"").expect("it is there")..];
            let top = &top[..top.find(",\"precision\"").expect("it is there")];
            assert!(event.event.content().contains(data), "{line}");
            assert!(event.event.content().contains(top), "{line}");
            event
        };
        passes(lines.iter().map(identified).collect())?;
    }

    #[test]
    fn law_11_any_log_survives_an_export(lines in lines()) {
        let log = Log::of(&lines);
        let events = recorded(&log.store).into_iter();
        passes(events.map(|e| NewEvent { id: e.id, recorded_at: Some(e.recorded_at), event: e.event }).collect())?;
    }
}
