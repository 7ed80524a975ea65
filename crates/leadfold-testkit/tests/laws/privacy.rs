//! Law 12: personal data is stored and given back, and shows nowhere else.

use leadfold_core::event::EventLine;
use leadfold_core::{Bounds, LeadIndex, Playbook};
use leadfold_store::Append;
use serde_json::{Value, json};

use super::draw::Lines;
use super::log::{Log, events};

const MARK: &str = "zq-7-ann-example";

fn pii() -> Value {
    json!({"name": MARK, "email": format!("{MARK}@example.org"), "more": {"deep": [MARK, 7]}})
}

/// One line of each type that may hold personal data, and of those that may hold anything.
fn lines() -> Lines {
    let data = [
        ("captured", json!({"pii": pii(), "later": MARK})),
        ("profile_updated", json!({"attributes": {"size": 1}, "pii": pii()})),
        (
            "snapshot_imported",
            json!({"state": "mql", "history_known_from": "2024-01-01", "pii": pii()}),
        ),
        ("attribution_resolved", json!({"source": "web", "evidence": {"mail": MARK}})),
        ("from_tomorrow", json!({"pii": pii()})),
        ("won", json!({})),
        (
            "corrected",
            json!({"target": id(0), "action": "replace", "reason": "typo", "data": {"pii": pii()}}),
        ),
        (
            "corrected",
            json!({"target": id(5), "action": "replace", "reason": "typo", "data": {"amount": MARK}}),
        ),
    ];
    let line = |(index, (kind, data)): (usize, &(&str, Value))| {
        json!({
            "id": id(index), "lead": "a", "type": kind, "data": data, "later": MARK,
            "occurred_at": "2024-01-01T00:00:00Z", "recorded_at": "2024-01-01T00:00:00Z",
        })
    };
    Lines(data.iter().enumerate().map(line).collect())
}

fn id(index: usize) -> String {
    format!("00000000-0000-7000-8000-{index:012}")
}

fn assert_silent(what: &str, text: &str) {
    assert!(!text.contains(MARK), "{what} shows personal data: {text}");
}

fn has_bytes(bytes: &[u8]) -> bool {
    bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes())
}

#[test]
fn law_12_events_facts_and_tables_show_no_personal_data() {
    for event in events(&lines()) {
        assert!(event.event.content().contains(MARK) || event.event.body.type_name() == "won");
        assert_silent("an event", &format!("{event:?} {event:#?}"));
    }
    let log = Log::of(&lines());
    let recorded = log.store.events(0, usize::MAX).expect("a memory has events");
    assert_silent("a recorded event", &format!("{recorded:?}"));
    assert_silent("a store", &format!("{:?}", log.store));
    assert_silent("facts", &format!("{:?}", log.facts));
    assert!(log.facts.iter().all(|page| !has_bytes(&page.encode())));
    let count = log.store.string_count().expect("a memory counts");
    let codes: Vec<_> = (1..=count).map(leadfold_core::Code).collect();
    let strings = log.store.strings(&codes).expect("a memory has strings");
    assert_silent("the dictionary", &strings.join("\n"));
    let tables = log.tables(&Playbook::default(), Bounds::default());
    assert_silent("tables", &format!("{tables:?}"));
    assert!(!has_bytes(&tables.encode()));
    let lead = tables.lead(LeadIndex(0)).expect("the lead has begun");
    assert_silent("a lead", &format!("{lead:?} {:?}", lead.findings()));
}

/// Lines that are wrong, with personal data in them.
fn bad_lines() -> Vec<String> {
    let head = r#""lead":"a","occurred_at":"2024-01-01T00:00:00Z","type":"captured""#;
    let pii = format!(r#""pii":{{"name":"{MARK}"}}"#);
    vec![
        format!(r#"{{{head},"data":{{"pii":"{MARK}"}}}}"#),
        format!(r#"{{{head},"data":{{"pii":["{MARK}"]}}}}"#),
        format!(r#"{{{head},"data":{{"pii":{{"name":"{MARK}","name":"{MARK}"}}}}}}"#),
        format!(r#"{{{head},"data":{{{pii},{pii}}}}}"#),
        format!(r#"{{{head},"data":{{{pii},"attributes":[]}}}}"#),
        format!(r#"{{{head},"data":{{{pii},"origin":"nowhere"}}}}"#),
        format!(r#"{{{head},"data":{{{pii}"#),
        format!(r#"{{{head},"data":{{{pii}}},"data":{{{pii}}}}}"#),
        format!(r#"{{{head},"data":{{{pii}}}}} "{MARK}""#),
        format!(r#"{{"occurred_at":"2024-01-01T00:00:00Z","type":"captured","data":{{{pii}}}}}"#),
        format!(
            r#"{{{head},"data":{{"pii":{{"name":{}"{MARK}"{}}}}}}}"#,
            "[".repeat(70),
            "]".repeat(70)
        ),
        format!(r#"{{{head},"data":{{"pii":{{"name":"{MARK}\u12"}}}}}}"#),
        format!(r#"{{{head},"data":{{"pii":{{"name":"{MARK}	"}}}}}}"#),
    ]
}

#[test]
fn law_12_errors_show_no_personal_data() {
    for line in bad_lines() {
        let error = EventLine::parse(line.as_bytes()).expect_err("the line is wrong");
        assert_silent("an error", &format!("{error} {error:?} {error:#?}"));
    }
    let log = Log::of(&lines());
    let mut other = lines();
    other.0.iter_mut().for_each(|line| line["lead"] = json!("b"));
    let again = Append::new(events(&other), leadfold_core::Timestamp::from_micros(0));
    let shown = format!("{again:?}");
    let error = log.store.append(again.clone()).expect_err("the ids are taken");
    let refused = log.store.append(again.refusing_singly()).expect("single events are refused");
    assert_silent("a conflict", &format!("{shown} {error} {error:?} {refused:?}"));
}
