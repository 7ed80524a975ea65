//! To read the parts of an event where they stand, and apart, is the same.

use proptest::prelude::*;

use super::*;

fn read_at_once(text: &str) -> Option<EventLine> {
    Envelope::read(text, Pass::AtOnce).ok()
}

/// What an event's fields may be, right and wrong; some more often.
const FIELDS: [&str; 33] = [
    r#""id":"018d6390-f5a0-7000-8000-000000000001""#,
    r#""id":7"#,
    r#""lead":"L1""#,
    r#""lead":"L1""#,
    r#""lead":"L1""#,
    r#""lead":"""#,
    r#""type":"won""#,
    r#""type":"won""#,
    r#""type":"captured""#,
    r#""type":"captured""#,
    r#""type":"danced""#,
    r#""type":null"#,
    r#""v":1"#,
    r#""v":0"#,
    r#""v":2"#,
    r#""v":null"#,
    r#""occurred_at":"2024-02-01T09:00:00Z""#,
    r#""occurred_at":"2024-02-01T09:00:00Z""#,
    r#""occurred_at":"2024-02-01T09:00:00Z""#,
    r#""recorded_at":"2024-02-01""#,
    r#""actor":{"kind":"user","id":"ann","x":1}"#,
    r#""actor":null"#,
    r#""actor":["user","ann"]"#,
    r#""origin":{"system":"crm","y":[1, 2],"y":3}"#,
    r#""data":{"amount":100,"currency":"EUR","z":{"a": 1}}"#,
    r#""data":{"source":"ads","attributes":{"a":1.5,"b":"x"},"pii":{"p":[1]},"amount":true}"#,
    r#""data":{"amount":-1,"source":"ads"}"#,
    r#""data":{"amount":1e400,"source":"\ud800"}"#,
    r#""data":{"sour\u0063e":"a\tb","amount":1,"amount":2}"#,
    r#""data":["D1",1,"EUR","flat"]"#,
    r#""data":null"#,
    r#""data":7"#,
    r#""note":"n""#,
];

/// A few fields in any order, with a few bytes of it changed.
fn any_line() -> impl Strategy<Value = String> {
    let fields = prop::collection::vec(prop::sample::select(FIELDS.to_vec()), 0..8);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any_piece()), 0..3);
    (fields, changes).prop_map(|(fields, changes)| {
        let mut line = format!("{{{}}}", fields.join(","));
        for (at, piece) in changes {
            // All of it is ASCII.
            let at = at.index(line.len());
            line.replace_range(at..=at, piece);
        }
        line
    })
}

fn any_piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "", "\"", "{", "}", "[", "]", ",", ":", "\\", "0", " ", "null", "\u{1}",
    ])
}

/// What a reading at once says is what the other says. Where it says nothing, the other is asked.
fn agrees(at_once: Option<&EventLine>, line: &str) -> Result<(), TestCaseError> {
    if let Some(read) = at_once {
        let apart = Envelope::read(line, Pass::Apart);
        prop_assert_eq!(Some(read), apart.as_ref().ok());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn an_event_is_the_same_at_once_and_apart(line in any_line()) {
        agrees(read_at_once(&line).as_ref(), &line)?;
        let apart = Envelope::read(&line, Pass::Apart);
        prop_assert_eq!(EventLine::parse(line.as_bytes()).ok(), apart.ok());
    }
}

#[test]
fn a_reading_that_ignores_a_late_version_would_be_noticed() {
    let late = r#"{"lead":"L1","type":"won","occurred_at":"2024-02-01T09:00:00Z","data":{},"v":2}"#;
    let early = late.replace(r#","v":2"#, "");
    let ignored = read_at_once(&early);
    assert!(ignored.is_some() && agrees(ignored.as_ref(), &early).is_ok());
    assert!(agrees(ignored.as_ref(), late).is_err(), "version 2 of `won` is not known");
    assert!(read_at_once(late).is_none());
}

/// The law above would hold for a reader that reads nothing at once.
#[test]
fn what_is_written_in_the_usual_order_is_read_at_once() {
    for line in [
        r#"{"lead":"L1","type":"won","v":1,"occurred_at":"2024-02-01T09:00:00Z","data":{"x":1}}"#,
        r#"{"lead":"L1","type":"danced","occurred_at":"2024-02-01T09:00:00Z","data":[1]}"#,
        r#"{"data":{},"lead":"L1","type":"won","occurred_at":"2024-02-01T09:00:00Z"}"#,
        r#"{"actor":{"x":1},"origin":null,"type":"cost_recorded","occurred_at":"2024-02-01T09:00:00Z","data":{"amount":1,"currency":"EUR","scope":{},"from":"2024-01-01","to":"2024-01-31"}}"#,
    ] {
        assert!(read_at_once(line).is_some(), "{line}");
    }
}
