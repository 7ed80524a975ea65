//! What gets into a log is what comes out of it again, whatever an event was made of by hand.
//!
//! The oracle writes the whole line and reads it; it knows nothing of the short cut by which a
//! batch tells most events without reading.

use leadfold_core::event::{Body, Event, EventLine, LINE_BYTES_MAX, NewEvent};
use leadfold_core::{EventId, RawJson, Timestamp, When, ZonedTime};
use leadfold_store::{Append, Batch};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

/// Types with all that can be wrong with a field: floats, times, amounts, raw JSON, texts that
/// must not be empty, personal data, words that are not for everybody.
const EVENTS: [&str; 13] = [
    r#""type":"captured","data":{"source":"ads","attributes":{"a":1.5,"b":"x"},"pii":{"p":[1]}}"#,
    r#""type":"touched","data":{"side":"sales","by":"ann"}"#,
    r#""type":"scored","data":{"model":"m","model_version":2,"total":1.0,"fit":0.5}"#,
    r#""type":"handed_off","data":{"to":"ann","decision_due":"2024-02-01"}"#,
    r#""type":"recycled","data":{"until":"2024-02-01T10:00:00+02:00"}"#,
    r#""type":"opportunity_opened","data":{"opportunity":"o","amount":1,"probability":0.1}"#,
    r#""type":"won","data":{"amount":1,"currency":"EUR"}"#,
    r#""type":"cost_recorded","data":{"amount":1,"currency":"EUR","scope":{},"from":"2024-01-01","to":"2024-01-31"}"#,
    r#""type":"merged","data":{"into":"L2"}"#,
    r#""type":"attribution_resolved","data":{"source":"s","evidence":{"a":[1, 2]}}"#,
    r#""type":"corrected","data":{"target":"018d6390-f5a0-7000-8000-000000000001","action":"replace","reason":"r","data":{"source":"x"}}"#,
    r#""type":"snapshot_imported","data":{"state":"new","history_known_from":"2024-01-01"}"#,
    r#""type":"danced","data":[1]"#,
];

/// One thing that a program may do to an event which the reader of lines would not.
#[derive(Clone, Debug)]
enum Twist {
    Amount(i64),
    Float(f64),
    NoLead,
    OccurredAt(ZonedTime),
    Other(String),
    Raw(RawJson),
    RecordedAt(Timestamp),
    Text(String),
    Unknown(Level, String),
    Version(u32),
    When(When),
}

/// Where an unknown field stands.
#[derive(Clone, Copy, Debug)]
enum Level {
    Actor,
    Data,
    Event,
    Origin,
}

fn zoned(micros: i64, offset_seconds: i32) -> ZonedTime {
    ZonedTime { at: Timestamp::from_micros(micros), offset_seconds }
}

fn any_time() -> impl Strategy<Value = ZonedTime> {
    // The first and the last microsecond of the years 0 and 9999, and what is near them.
    const FIRST: i64 = -62_167_219_200_000_000;
    const LAST: i64 = 253_402_300_799_999_999;
    const HOUR: i64 = 3_600_000_000;
    let near = [i64::MIN, FIRST - 1, FIRST, FIRST + HOUR, 0, LAST - HOUR, LAST, LAST + 1, i64::MAX];
    let offsets = [0, 60, -7_200, 3_600, 86_340, 86_400, 30, -1, i32::MIN];
    (prop::sample::select(near.to_vec()), prop::sample::select(offsets.to_vec()))
        .prop_map(|(micros, offset)| zoned(micros, offset))
}

fn any_text() -> impl Strategy<Value = String> {
    let texts = ["", "null", "\0\n\r\"\\", "\u{2028}é😀", "captured", "danced", "won"];
    prop::sample::select(texts.to_vec()).prop_map(str::to_owned)
}

fn any_raw() -> impl Strategy<Value = RawJson> {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let line_break = serde_json::from_str("[1,\n2]").expect("JSON, but two lines");
    let parsed = ["null", "{}", "\"\\ud800\"", "1e400", &deep(60), &deep(70)]
        .map(|text| RawJson::parse(text).expect("JSON"));
    prop::sample::select(parsed.into_iter().chain([line_break]).collect::<Vec<_>>())
}

fn any_twist() -> impl Strategy<Value = Twist> {
    let floats = [f64::NAN, f64::INFINITY, -0.0, 5e-324, f64::MAX, 0.1 + 0.2];
    let levels = vec![Level::Actor, Level::Data, Level::Event, Level::Origin];
    let names = ["id", "lead", "position", "source", "amount", "kind", "system", "x", "x", "é"];
    let name = prop::sample::select(names.to_vec()).prop_map(str::to_owned);
    prop_oneof![
        prop::sample::select(vec![-1, 0, i64::MIN, i64::MAX]).prop_map(Twist::Amount),
        prop::sample::select(floats.to_vec()).prop_map(Twist::Float),
        Just(Twist::NoLead),
        any_time().prop_map(Twist::OccurredAt),
        any_text().prop_map(Twist::Other),
        any_raw().prop_map(Twist::Raw),
        any_time().prop_map(|time| Twist::RecordedAt(time.at)),
        any_text().prop_map(Twist::Text),
        (prop::sample::select(levels), name).prop_map(|(level, name)| Twist::Unknown(level, name)),
        prop::sample::select(vec![0, 1, 2, u32::MAX]).prop_map(Twist::Version),
        any_time().prop_map(|time| Twist::When(When::Time(time))),
    ]
}

fn any_event() -> impl Strategy<Value = NewEvent> {
    let twists = prop::collection::vec(any_twist(), 0..4);
    (prop::sample::select(EVENTS.to_vec()), twists).prop_map(|(rest, twists)| {
        let line = format!(
            "{{\"lead\":\"L1\",\"occurred_at\":\"2024-02-01T09:00:00Z\",\"actor\":{{}},\
             \"origin\":{{}},{rest}}}"
        );
        let event = EventLine::parse(line.as_bytes()).expect("a sound line").event;
        let mut new = NewEvent { id: EventId(Uuid::from_u128(1)), recorded_at: None, event };
        twists.into_iter().for_each(|twist| apply(twist, &mut new));
        new
    })
}

fn apply(twist: Twist, new: &mut NewEvent) {
    let event = &mut new.event;
    match twist {
        Twist::NoLead => event.lead = None,
        Twist::OccurredAt(time) => event.occurred_at = time,
        Twist::RecordedAt(time) => new.recorded_at = Some(time),
        Twist::Unknown(level, name) => add_unknown(level, name, event),
        Twist::Version(version) => event.version = version,
        twist => apply_to_body(twist, &mut event.body),
    }
}

fn add_unknown(level: Level, name: String, event: &mut Event) {
    let fields = match level {
        Level::Actor => event.actor.as_mut().map(|actor| &mut actor.unknown),
        Level::Data => Some(&mut event.unknown_data),
        Level::Event => Some(&mut event.unknown),
        Level::Origin => event.origin.as_mut().map(|origin| &mut origin.unknown),
    };
    if let Some(fields) = fields {
        fields.push((name, RawJson::parse("1").expect("JSON")));
    }
}

/// Sets the field of that kind, where the type has one.
fn apply_to_body(twist: Twist, body: &mut Body) {
    match (body, twist) {
        (Body::Scored(b), Twist::Float(float)) => b.total = float,
        (Body::OpportunityOpened(b), Twist::Float(float)) => b.probability = Some(float),
        (Body::Won(b), Twist::Amount(amount)) => b.amount = Some(amount),
        (Body::OpportunityOpened(b), Twist::Amount(amount)) => b.amount = Some(amount),
        (Body::CostRecorded(b), Twist::Amount(amount)) => b.amount = amount,
        (Body::HandedOff(b), Twist::When(when)) => b.decision_due = Some(when),
        (Body::Recycled(b), Twist::When(when)) => b.until = Some(when),
        (Body::CostRecorded(b), Twist::When(when)) => b.to = when,
        (Body::SnapshotImported(b), Twist::When(when)) => b.history_known_from = when,
        (Body::SnapshotImported(b), Twist::NoLead) => b.state = leadfold_core::State::Merged,
        (Body::AttributionResolved(b), Twist::Raw(raw)) => b.evidence = Some(raw),
        (Body::Corrected(b), Twist::Raw(raw)) => b.data = Some(raw),
        (Body::Corrected(b), Twist::Amount(_)) => b.data = None,
        (Body::Other(b), Twist::Raw(raw)) => b.data = Some(raw),
        (Body::Other(b), Twist::Other(name)) => b.type_name = name,
        (Body::Captured(b), Twist::Text(text)) => b.source = Some(text),
        (Body::Touched(b), Twist::Text(text)) => b.by = Some(text),
        (Body::HandedOff(b), Twist::Text(text)) => b.to = text,
        (Body::OpportunityOpened(b), Twist::Text(text)) => b.opportunity = text,
        _ => {}
    }
}

/// Whether the event's line is one line that reads as the event. Written without a batch.
fn comes_out_again(new: &NewEvent) -> bool {
    let mut line = Vec::new();
    new.write_line(&mut line).expect("a vector takes all");
    let is_one = !line.contains(&b'\n') && !line.contains(&b'\r');
    let read = EventLine::parse(&line).ok().map(|line| line.identify(|_| 0));
    is_one && line.len() <= LINE_BYTES_MAX && read.as_ref() == Some(new)
}

fn is_sure(new: &NewEvent) -> bool {
    new.event.surely_reads_back(&new.event.content(), new.recorded_at.unwrap_or_default())
}

fn is_accepted(new: &NewEvent) -> bool {
    Batch::prepare(Append::new(vec![new.clone()], Timestamp::from_micros(0))).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_event_is_accepted_if_and_only_if_it_reads_back_as_itself(new in any_event()) {
        prop_assert_eq!(is_accepted(&new), comes_out_again(&new), "{}", new.event.content());
    }

    #[test]
    fn what_is_sure_to_read_back_does(new in any_event()) {
        if is_sure(&new) {
            prop_assert!(comes_out_again(&new), "{}", new.event.content());
        }
    }
}

#[test]
fn the_strategy_draws_events_of_every_kind() {
    let (mut runner, mut sure, mut unsure, mut refused) = (TestRunner::deterministic(), 0, 0, 0);
    for _ in 0..2_000 {
        let new = any_event().new_tree(&mut runner).expect("it draws").current();
        match (is_sure(&new), comes_out_again(&new)) {
            (true, _) => sure += 1,
            (false, true) => unsure += 1,
            (false, false) => refused += 1,
        }
    }
    // So a short cut that were always sure would be caught, and one that never was is seen too.
    assert!(sure > 400 && unsure > 200 && refused > 400, "{sure}, {unsure}, {refused}");
}

#[test]
fn plain_lines_are_sure_to_read_back() {
    for rest in EVENTS.iter().filter(|rest| !rest.contains("danced")) {
        let line =
            format!("{{\"lead\":\"L1\",\"occurred_at\":\"2024-02-01T09:00:00.5+02:00\",{rest}}}");
        let new = EventLine::parse(line.as_bytes()).expect("a sound line").identify(|_| 0);
        assert!(is_sure(&new), "{rest}");
    }
}

/// The last second of the year 9999 may be a leap second, which is the first of the year 10000.
#[test]
fn a_line_that_reads_is_still_refused_if_it_cannot_be_written() {
    let line = br#"{"lead":"L1","type":"reopened","occurred_at":"9999-12-31T23:59:60Z"}"#;
    if let Ok(line) = EventLine::parse(line) {
        assert!(!is_accepted(&line.identify(|_| 0)));
    }
}

#[test]
fn a_line_break_between_kept_values_becomes_a_space() {
    let text = "{\"lead\":\"L1\",\"type\":\"danced\",\n\"occurred_at\":\"2024-02-01T09:00:00Z\",\r\n\"data\":[1,\n2],\"x\":{\r\n}}";
    let new = EventLine::parse(text.as_bytes()).expect("JSON on several lines").identify(|_| 0);
    assert!(is_accepted(&new) && comes_out_again(&new));
    assert!(new.event.content().ends_with(r#""data":[1, 2],"x":{  }}"#), "{}", new.event.content());
    let broken = "{\"lead\":\"L1\",\"type\":\"danced\",\"occurred_at\":\"2024-02-01T09:00:00Z\",\"x\":\"\n\"}";
    assert!(EventLine::parse(broken.as_bytes()).is_err(), "a text holds no bare line break");
}
