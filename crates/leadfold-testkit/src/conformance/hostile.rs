//! Texts that break stores which compare, quote or cut them.

use std::collections::BTreeSet;

use leadfold_core::LeadKey;
use leadfold_core::event::{EventLine, NewEvent};
use leadfold_store::{Blocking, EventStore};
use serde_json::{Value, json};

use super::support::{append, event, event_id, events};

/// Texts, each unlike every other by little.
fn texts() -> Vec<String> {
    let short = [
        "\0",
        "a\0b",
        "a",
        "A",
        "a ",
        " a",
        "a\u{200b}",
        "é",
        "e\u{301}",
        "É",
        "\u{202e}evil",
        "\u{5d0}\u{5d1}",
        "\u{feff}a",
        "\u{2028}",
        "\t\r\n",
        "\u{7f}",
        "\u{ffff}",
        "\u{10ffff}",
        "😀",
        "null",
        "0",
        "00",
        "{}",
        "\\",
        "\"",
        "'",
        "''",
        "'; DROP TABLE event; --",
        "%",
        "_",
        "a%",
        "?1",
        "$1",
        "\\u0000",
        "\\ud83d",
    ];
    let long = ["x".repeat(65_536), "x".repeat(65_535), "é".repeat(32_768)];
    short.into_iter().map(str::to_owned).chain(long).collect()
}

/// An event from its line, without its time and id.
fn from_line(id: u64, mut line: Value) -> NewEvent {
    line["occurred_at"] = json!("2024-02-01T09:00:00Z");
    let line = EventLine::parse(line.to_string().as_bytes()).expect("a clause writes sound lines");
    NewEvent { id: event_id(id), recorded_at: None, event: line.event }
}

fn captured_from(id: u64, text: &str) -> NewEvent {
    let data = json!({
        "source": text, "medium": "", "campaign": text,
        "attributes": {text: text, "empty": ""},
    });
    from_line(id, json!({"lead": "A", "type": "captured", "data": data}))
}

pub(super) fn texts_come_back_to_the_byte(store: &dyn EventStore) {
    let mut all: Vec<_> = (1..).zip(texts()).map(|(id, text)| captured_from(id, &text)).collect();
    for (id, text) in (1_000..).zip(texts()) {
        all.push(from_line(id, json!({"lead": "B", "type": "lost", "data": {"reason": text}})));
        let actor = json!({"kind": "user", "id": text});
        let line = json!({"lead": text.len().to_string(), "type": text, "actor": actor});
        all.push(from_line(id + 1_000, line));
    }
    append(store, all.clone());
    let found: Vec<_> = events(store).into_iter().map(|event| (event.id, event.event)).collect();
    for (found, given) in found.iter().zip(&all) {
        assert_eq!(found, &(given.id, given.event.clone()));
    }
    assert_eq!(found.len(), all.len());
    assert_eq!(Blocking(store).verify(&mut |_, _| {}).expect("reads"), []);
}

pub(super) fn strings_are_compared_to_the_byte(store: &dyn EventStore) {
    let (known, unknown): (Vec<_>, Vec<_>) =
        (0..).zip(texts()).partition(|(n, _): &(u64, String)| n % 2 == 0);
    append(store, known.iter().map(|(id, text)| captured_from(*id, text)).collect());
    let store = Blocking(store);
    let mut codes = BTreeSet::new();
    for (_, text) in &known {
        let code = store.code(text).expect("reads").expect("the log has it");
        assert_eq!(store.strings(&[code]).expect("reads"), [text.as_str()]);
        assert!(codes.insert(code), "expected a code of its own, found {code:?} twice");
    }
    for (_, text) in &unknown {
        let found = store.code(text).expect("reads");
        assert_eq!(found, None, "{:?} was never appended", text.chars().take(30));
    }
}

/// Texts that may be keys: short, and without control characters.
fn keys() -> Vec<LeadKey> {
    let longest = ["x".repeat(200), "x".repeat(199), "é".repeat(100)];
    texts().into_iter().chain(longest).filter_map(|text| text.parse().ok()).collect()
}

pub(super) fn keys_are_compared_to_the_byte(store: &dyn EventStore) {
    let (known, unknown): (Vec<_>, Vec<_>) =
        (1..).zip(keys()).partition(|(id, _): &(u64, LeadKey)| id % 2 == 0);
    let reopened = |(id, key): &(u64, LeadKey)| {
        from_line(*id, json!({"lead": key.as_str(), "type": "reopened", "data": {}}))
    };
    let given: Vec<_> = known.iter().map(reopened).collect();
    append(store, given.clone());
    let store = Blocking(store);
    for ((_, key), given) in known.iter().zip(given) {
        let found = store.leads_by_key(key).expect("reads");
        let [entry] = found.as_slice() else { panic!("{key}: expected one lead, found {found:?}") };
        assert_eq!((Some(entry.id), &entry.key), (given.event.lead_id(), key));
        assert_eq!(store.lead(entry.id).expect("reads").as_ref(), Some(entry));
        let events = store.lead_events(entry.index).expect("reads");
        assert_eq!(events.iter().map(|event| event.id).collect::<Vec<_>>(), [given.id], "{key}");
    }
    for (_, key) in &unknown {
        assert_eq!(store.leads_by_key(key).expect("reads"), [], "{key} was never appended");
    }
}

pub(super) fn tenants_and_systems_keep_leads_apart(store: &dyn EventStore) {
    let names: Vec<_> = texts().into_iter().step_by(3).chain([String::new()]).collect();
    let pairs = names.iter().flat_map(|tenant| names.iter().map(move |system| (tenant, system)));
    let line = |(id, (tenant, system)): (u64, (&String, &String))| {
        let origin = json!({"system": system, "id": "1"});
        let head = json!({"lead": "17", "type": "reopened", "data": {}});
        let mut line = head;
        line["tenant"] = json!(tenant);
        line["origin"] = origin;
        from_line(id, line)
    };
    let given: Vec<_> = (1..).zip(pairs).map(line).collect();
    append(store, given.clone());
    let mut expected: Vec<_> = given.iter().filter_map(|event| event.event.lead_id()).collect();
    let mut seen = BTreeSet::new();
    expected.retain(|id| seen.insert(*id));
    let key = "17".parse().expect("a sound key");
    let found = Blocking(store).leads_by_key(&key).expect("reads");
    assert_eq!(found.iter().map(|entry| entry.id).collect::<Vec<_>>(), expected);
    assert!(found.iter().zip(0..).all(|(entry, index)| entry.index.0 == index));
    assert!(
        events(store).into_iter().map(|event| event.event).eq(given.into_iter().map(|e| e.event))
    );
}

pub(super) fn raw_json_is_kept_to_the_letter(store: &dyn EventStore) {
    let raw = [
        r#""\ud83d\ude00""#,
        r#""\ud800""#,
        r#""\u0000""#,
        "[1,  2]",
        "1e400",
        "0.10",
        "-0",
        "18446744073709551616",
        "{ }",
        r#"{"a":1,"b":{"a":1}}"#,
        "null",
        r#""'; --""#,
    ];
    let given: Vec<_> = (1..)
        .zip(raw)
        .map(|(id, raw)| {
            event(id, "A", &format!("\"type\":\"danced\",\"data\":{{\"x\":{raw}}},\"mood\":{raw}"))
        })
        .collect();
    append(store, given.clone());
    for (found, given) in events(store).iter().zip(&given) {
        assert_eq!(found.event.content(), given.event.content());
    }
    let appended = Blocking(store).append(leadfold_store::Append::new(given, super::support::NOW));
    let duplicates = appended.expect("a retry succeeds").outcomes;
    assert!(duplicates.iter().zip(1..).all(|(outcome, at)| outcome.position() == Some(at)));
    assert_eq!(events(store).len(), raw.len());
}
