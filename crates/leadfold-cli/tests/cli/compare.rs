//! Two playbooks over one log.

use std::path::Path;

use serde_json::{Value, json};

use crate::docs;
use crate::support::{Desk, SMALL};

const BY_HAND: &str = "name = \"by hand\"\n";

const SCORED: &str = r#"
name = "scored"
version = "2"
handoff_definition = "hot"

[sla]
decision_seconds = 60

[[routing.owners]]
name = "rep-a"
capacity = 30

[routing]
version = "1"

[scoring]
name = "visits"
version = "1"
definitions = [
    { name = "warm", version = "1", points_min = 5 },
    { name = "hot", version = "1", points_min = 20 },
]

[[scoring.behaviour]]
name = "visit"
on = { side = ["prospect"] }
points = 10
"#;

/// Two leads beside those of the small log: one that visits twice and is won, with a probability
/// that was stated for its deal, and one that visits once.
fn log() -> String {
    let event = |lead: &str, at: &str, kind: &str, data: Value| json!({"lead": lead, "type": kind, "occurred_at": at, "recorded_at": at, "data": data});
    let visit = |lead: &str, at: &str| event(lead, at, "touched", json!({"side": "prospect"}));
    let opened = json!({"opportunity": "O3", "probability": 0.75});
    let lines = [
        event("L3", "2024-02-01T00:00:00Z", "captured", json!({"origin": "sales_generated"})),
        visit("L3", "2024-02-03T00:00:00Z"),
        visit("L3", "2024-02-05T00:00:00Z"),
        event("L3", "2024-02-06T00:00:00Z", "qualified", json!({"level": "sql"})),
        event("L3", "2024-02-07T00:00:00Z", "opportunity_opened", opened),
        event("L3", "2024-02-08T00:00:00Z", "won", json!({"opportunity": "O3"})),
        event("L4", "2024-02-01T00:00:00Z", "captured", json!({})),
        visit("L4", "2024-02-02T00:00:00Z"),
    ];
    lines.iter().fold(SMALL.to_owned(), |log, line| format!("{log}{line}\n"))
}

fn desk() -> Desk {
    let desk = Desk::with_log(&log());
    desk.write("by-hand.toml", BY_HAND);
    desk.write("scored.toml", SCORED);
    desk
}

const BOTH: [&str; 7] =
    ["compare", "--playbook", "by-hand.toml", "--playbook", "scored.toml", "--within", "10"];

#[test]
fn json_names_the_leads_and_keeps_what_rates_are_made_of() {
    let found = desk().json(&BOTH);
    assert_eq!((&found["leads"], &found["matured"]), (&json!(4), &json!(4)));
    assert_eq!(found["both"], json!([]));
    assert_eq!(found["only_first"][0]["key"], "L1");
    assert_eq!(found["only_first"][0]["at"], json!(["2024-02-02T10:00:00Z", null]));
    assert_eq!(found["only_second"][0]["key"], "L3");
    assert_eq!(found["only_second"][0]["at"], json!([null, "2024-02-05T00:00:00Z"]));
    let [by_hand, scored] = [0, 1].map(|side: usize| &found["playbooks"][side]);
    assert_eq!(by_hand["definition"], Value::Null);
    assert_eq!(scored["definition"], json!({"name": "hot", "version": "1"}));
    // Within ten days of the capture only L3 was won.
    let rate = |num: u64, den: u64, ratio: f64| json!({"num": num, "den": den, "ratio": ratio});
    assert_eq!(by_hand["effect"]["base"], rate(1, 4, 0.25));
    assert_eq!(by_hand["effect"]["precision"], rate(0, 1, 0.0));
    assert_eq!(scored["effect"]["precision"], rate(1, 1, 1.0));
    assert_eq!(scored["effect"]["recall"], rate(1, 1, 1.0));
    assert_eq!(scored["effect"]["lift"], rate(4, 1, 4.0));
    assert_eq!(by_hand["score"], Value::Null);
    assert_eq!(scored["score"]["auc"], rate(6, 6, 1.0));
    assert_eq!(scored["load"]["per_week"], rate(1, 3, 1.0 / 3.0));
    assert_eq!(scored["load"]["busiest"], json!({"monday": "2024-02-05", "handed_off": 1}));
    assert_eq!(scored["load"]["capacity"]["used"], rate(30, 630, 30.0 / 630.0));
    assert_eq!(by_hand["load"]["capacity"], Value::Null);
    assert_eq!(scored["stated_probability"]["brier"], 0.0625);
    assert_eq!(scored["stated_probability"]["calibration"][7]["won"], rate(1, 1, 1.0));
    assert_eq!(by_hand["handoffs"]["offered"], scored["handoffs"]["offered"]);
}

#[test]
fn people_see_a_column_for_each_playbook() {
    let shown = desk().run(&BOTH).ok();
    assert_eq!(shown.err.lines().count(), 1, "{}", shown.err);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let found: Vec<String> = shown.out.lines().map(words).collect();
    for line in [
        "4 leads as of 2024-02-14T10:00:00Z, 4 captured 10 days before or earlier",
        "A by hand 1 (by-hand.toml): hands off as it was done",
        "B scored 2 (scored.toml): hands off by its definition hot 1",
        "leads under this playbook only 1 1",
        "won of those handed off (precision) 0.0% (0 of 1) 100.0% (1 of 1)",
        "weeks above the capacity - 0 of 3",
        "log loss 0.288 0.288",
        "0 leads under both; B is earlier with 0 and later with 0",
        "A only: L1",
        "B only: L3",
    ] {
        assert!(found.iter().any(|found| found == line), "{line}\n{}", shown.out);
    }
}

#[test]
fn equal_playbooks_make_no_difference() {
    let desk = desk();
    desk.write("again.toml", SCORED);
    let found = desk.json(&["compare", "--playbook", "scored.toml", "--playbook", "again.toml"]);
    assert_eq!((&found["only_first"], &found["only_second"]), (&json!([]), &json!([])));
    assert_eq!(found["order"], json!({"second_earlier": 0, "same": 1, "second_later": 0}));
    let mut sides = found["playbooks"].as_array().expect("two").clone();
    sides.iter_mut().for_each(|side| side["file"] = Value::Null);
    assert_eq!(sides[0], sides[1]);
}

#[test]
fn nothing_after_the_as_of_counts() {
    let args = [&BOTH[..], &["--as-of", "2024-02-04"]].concat();
    let found = desk().json(&args);
    assert_eq!((&found["only_second"], &found["matured"]), (&json!([]), &json!(0)));
    let precision = &found["playbooks"][1]["effect"]["precision"];
    assert_eq!(precision, &json!({"num": 0, "den": 0, "ratio": null}));
    let unmeasured = &found["playbooks"][1]["score"]["unmeasured"]["auc"];
    assert_eq!(unmeasured, "expected at least one lead, found none; widen the period");
}

#[test]
fn wrong_usage_says_what_is_right() {
    let desk = desk();
    desk.write("wrong.toml", "handoff_definition = \"hot\"\n");
    for (args, status, expected) in [
        (
            &["compare", "--playbook", "scored.toml"][..],
            2,
            "error: expected two playbooks to compare, found 1; give --playbook twice, or publish \
             the version that holds\n",
        ),
        (
            &["compare", "--playbook", "wrong.toml", "--playbook", "scored.toml"],
            3,
            "error: playbook wrong.toml, line 1, column 22, key `handoff_definition`: expected the \
             name of a definition, of which the scoring has none, found \"hot\"; add it to \
             `scoring.definitions`, or leave the key out\n",
        ),
    ] {
        let ran = desk.run(args);
        assert_eq!((ran.status, ran.err.as_str()), (status, expected), "{args:?}");
    }
    assert_eq!(desk.run(&["compare"]).status, 2);
    let none = [&BOTH[..6], &["0"]].concat();
    assert_eq!(desk.run(&none).status, 2);
}

#[test]
fn an_empty_log_has_nothing_to_compare() {
    let desk = desk();
    let mut args = vec!["--store", "memory:"];
    args.splice(0..0, BOTH);
    let found = desk.json(&args);
    assert_eq!((&found["as_of"], &found["leads"]), (&Value::Null, &json!(0)));
}

/// The page's playbooks are those of the examples, and its log is the one of the tour.
#[test]
fn the_worked_case_is_true() {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/playbooks");
    let desk = Desk::new();
    std::fs::create_dir_all(desk.path("examples/playbooks")).expect("a directory");
    for name in ["eager.toml", "picky.toml"] {
        let text = std::fs::read(Path::new(examples).join(name)).expect("the example is there");
        desk.write(&format!("examples/playbooks/{name}"), text);
    }
    desk.run_bare(&["demo", "--dir", "demo"]).ok();
    docs::check(&desk, "WHATIF.md");
}

#[test]
fn an_empty_log_is_said_to_be_empty_once() {
    let desk = Desk::with_log("");
    desk.write("by-hand.toml", BY_HAND);
    let ran = desk.run(&["compare", "--playbook", "by-hand.toml", "--playbook", "by-hand.toml"]);
    assert_eq!(ran.ok().err, "the log is empty\n");
}
