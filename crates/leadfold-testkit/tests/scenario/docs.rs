//! docs/SCENARIOS.md lists the sentences that there are, and its examples hold.
//! `LEADFOLD_UPDATE=1` redraws the list.

use std::collections::BTreeSet;

use leadfold_core::event::Body;
use leadfold_testkit::scenario::{Scenario, draw, examples};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/SCENARIOS.md");
const BEGIN: &str = "<!-- sentences -->\n";
const END: &str = "<!-- end of sentences -->";

fn page() -> String {
    std::fs::read_to_string(FILE).expect("the page is there")
}

#[test]
fn the_page_lists_the_sentences() {
    let page = page();
    let (before, rest) = page.split_once(BEGIN).expect("a mark where the list begins");
    let (listed, after) = rest.split_once(END).expect("a mark where it ends");
    if std::env::var_os("LEADFOLD_UPDATE").is_some() {
        let drawn = format!("{before}{BEGIN}{}{END}{after}", draw());
        return std::fs::write(FILE, drawn).expect("the page can be written");
    }
    assert_eq!(listed, draw(), "LEADFOLD_UPDATE=1 redraws docs/SCENARIOS.md");
}

/// The types that only the generic form tells.
const WITHOUT_SENTENCE: [&str; 2] = ["cost_recorded", "playbook_published"];

#[test]
fn every_example_is_a_sentence_and_every_type_has_one() {
    let mut told: BTreeSet<&str> = WITHOUT_SENTENCE.into();
    for (example, kind) in examples() {
        let first = "2024-03-01 18:00  L1 is handed off to ann";
        let text = format!("{first}\n2024-03-02 09:00  {example}\n");
        let scenario = Scenario::parse(&text, "x", None).expect(example);
        let events = scenario.log().events().expect("memory does not fail");
        assert_eq!(events[1].event.body.type_name(), kind, "{example}");
        assert!(events[1].event.unknown_data.is_empty(), "{example}");
        told.insert(kind);
    }
    assert_eq!(told, Body::TYPES.iter().copied().collect());
}

/// All that the sentences can say is read back from the events.
#[test]
fn values_come_where_they_belong() {
    let data = |line: &str| {
        let scenario = Scenario::parse(&format!("2024-03-02 09:00  {line}"), "x", None);
        let events = scenario.expect(line).log().events().expect("memory does not fail");
        let content: serde_json::Value =
            serde_json::from_str(&events[0].event.content()).expect("JSON");
        content["data"].to_string()
    };
    assert_eq!(
        data(
            "L1 is captured from \"paid search\" by medium cpc in campaign spring on channel web as partner with size 50, zip \"01234\""
        ),
        r#"{"attributes":{"size":50,"zip":"01234"},"campaign":"spring","channel":"web","medium":"cpc","origin":"partner","source":"paid search"}"#
    );
    assert_eq!(
        data(
            "L1 is handed off to ann as H1, decision due 2024-03-04 12:00, attempt due 2024-03-05: wants a call, today"
        ),
        r#"{"decision_due":"2024-03-04T12:00:00Z","handoff":"H1","reason":"wants a call, today","to":"ann","touch_due":"2024-03-05T00:00:00Z"}"#
    );
    assert_eq!(
        data(
            "opportunity D1 of L1 is opened in pipeline new at demo over 1200.50 EUR for team as new, closing 2024-06-30"
        ),
        r#"{"amount":120050,"currency":"EUR","expected_close":"2024-06-30T00:00:00Z","kind":"new","opportunity":"D1","pipeline":"new","product":"team","stage":"demo"}"#
    );
    assert_eq!(data("L1 is disqualified"), r#"{"reason":""}"#);
    assert_eq!(data("ann rejects L1: \"x\""), r#"{"by":"ann","reason":"x"}"#);
}

#[test]
fn the_first_example_of_the_page_holds() {
    let page = page();
    let (_, rest) = page.split_once("```text\n").expect("a first block");
    let (example, _) = rest.split_once("```").expect("it ends");
    let folder = Some("tests/scenarios".as_ref());
    Scenario::parse(example, "docs/SCENARIOS.md", folder)
        .expect("sound")
        .check()
        .expect("it holds");
}
