//! Imports are idempotent, and an export is a log.

mod faults;

use serde_json::{Value, json};

use crate::support::{Desk, SMALL};

#[test]
fn a_second_import_adds_nothing() {
    let desk = Desk::with_log(SMALL);
    let again = desk.json(&["import", "log.ndjson"]);
    assert_eq!(again, json!({"read": 8, "appended": 0, "duplicates": 8, "refused": []}));
    let twice = desk.json(&["import", "log.ndjson", "log.ndjson"]);
    assert_eq!(twice, json!({"read": 16, "appended": 0, "duplicates": 16, "refused": []}));
}

#[test]
fn identical_lines_of_one_file_are_as_many_events() {
    let touch = r#"{"lead":"L1","type":"touched","occurred_at":"2024-02-01T09:00:00Z","data":{"side":"sales"}}"#;
    let desk = Desk::new();
    desk.write("two.ndjson", format!("{touch}\n{touch}\n"));
    desk.write("three.ndjson", format!("{touch}\n{touch}\n{touch}\n"));
    assert_eq!(desk.json(&["import", "two.ndjson"])["appended"], 2);
    assert_eq!(desk.json(&["import", "two.ndjson"])["appended"], 0);
    let more = desk.json(&["import", "three.ndjson"]);
    assert_eq!((&more["appended"], &more["duplicates"]), (&json!(1), &json!(2)));
}

#[test]
fn an_export_imports_into_the_same_log() {
    let desk = Desk::with_log(SMALL);
    let export = desk.run(&["export"]).ok().out;
    assert_eq!(export.lines().count(), 8);
    let other = Desk::new();
    let ran = other.run_with(&["import", "-", "--json"], export.as_bytes()).ok();
    assert_eq!(ran.json()["appended"], 8);
    assert_eq!(other.run(&["export"]).ok().out, export);
    for question in [
        &["funnel", "--by", "source,industry", "--within", "30", "--survival"][..],
        &["status"],
        &["audit"],
        &["clv"],
        &["deals"],
        &["aging"],
        &["status", "--lead", "L1"],
    ] {
        assert_eq!(desk.json(question), other.json(question), "{question:?}");
    }
}

#[test]
fn an_export_may_end_early_and_go_to_a_file() {
    let desk = Desk::with_log(SMALL);
    let known = desk.run(&["export", "--known-at", "2024-02-14T10:00:00Z"]).ok().out;
    assert_eq!(known.lines().count(), 7);
    let ran = desk.run(&["export", "--out", "out.ndjson"]).ok();
    assert_eq!(ran.out, "");
    assert_eq!(desk.read("out.ndjson"), desk.run(&["export"]).ok().out);
}

#[test]
fn several_files_are_told_apart() {
    let desk = Desk::new();
    desk.write("a.ndjson", "x\n");
    desk.write("b.ndjson", format!("\n{}", SMALL.replace("\"type\":\"won\"", "\"type\":7")));
    let summary = desk.json(&["import", "a.ndjson", "b.ndjson"]);
    let places: Vec<(&Value, &Value)> = summary["refused"]
        .as_array()
        .expect("refusals")
        .iter()
        .map(|refused| (&refused["file"], &refused["line"]))
        .collect();
    assert_eq!(places, [(&json!("a.ndjson"), &json!(1)), (&json!("b.ndjson"), &json!(5))]);
    assert_eq!(summary["appended"], 7);
}

#[test]
fn an_import_into_memory_checks_a_file_and_keeps_nothing() {
    let desk = Desk::new();
    desk.write("log.ndjson", SMALL);
    let ran = desk.run(&["import", "--store", "memory:", "log.ndjson"]).ok();
    assert_eq!(ran.out, "8 events read: 8 appended, 0 duplicates, 0 refused\n");
    assert!(!desk.path("leads.db").exists());
}

#[test]
fn recorded_at_is_the_clock_only_where_a_line_has_none() {
    let desk = Desk::with_log(
        r#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}
{"lead":"L2","type":"captured","occurred_at":"2024-02-01T09:00:00Z","recorded_at":"2024-02-05T00:00:00Z"}"#,
    );
    let export = desk.run(&["export"]).ok().out;
    let recorded: Vec<String> = export
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["recorded_at"].to_string())
        .collect();
    assert!(recorded[0].as_str() > "\"2024-02-02", "{recorded:?}");
    assert_eq!(recorded[1], "\"2024-02-05T00:00:00Z\"");
}

#[test]
fn many_lines_keep_their_order_and_their_numbers() {
    let line = |n: u32| match n % 1_000 {
        999 => "x".to_owned(),
        _ => format!(
            r#"{{"lead":"L{}","type":"touched","occurred_at":"2024-02-01T09:00:00Z","data":{{"side":"sales","activity":"{n}"}}}}"#,
            n % 7
        ),
    };
    let log: Vec<String> = (1..=20_000).map(line).collect();
    let desk = Desk::new();
    desk.write("log.ndjson", log.join("\n"));
    let summary = desk.json(&["import", "log.ndjson"]);
    assert_eq!((&summary["appended"], &summary["read"]), (&json!(19_980), &json!(20_000)));
    let lines: Vec<u64> = summary["refused"]
        .as_array()
        .expect("refusals")
        .iter()
        .map(|refused| refused["line"].as_u64().expect("a line"))
        .collect();
    assert_eq!(lines, (0..20).map(|n| n * 1_000 + 999).collect::<Vec<u64>>());
    let export = desk.run(&["export"]).ok().out;
    let exported: Vec<u32> = export
        .lines()
        .map(|line| {
            let event: Value = serde_json::from_str(line).expect("JSON");
            event["data"]["activity"].as_str().expect("a text").parse().expect("a number")
        })
        .collect();
    let expected: Vec<u32> = (1..=20_000).filter(|n| n % 1_000 != 999).collect();
    assert_eq!(exported, expected);
}

#[test]
fn unknown_types_are_kept_and_told() {
    let event = |kind: &str, n: u32| {
        format!(r#"{{"lead":"L{n}","type":"{kind}","occurred_at":"2024-02-01T09:00:00Z"}}"#)
    };
    let desk = Desk::new();
    let types = ["captred", "won", "a", "captred", "b", "c"];
    let lines = types.iter().zip(1..).map(|(kind, n)| event(kind, n));
    desk.write("log.ndjson", lines.collect::<Vec<_>>().join("\n"));
    let ran = desk.run(&["import", "log.ndjson"]).ok();
    assert_eq!(
        ran.err,
        "unknown type: 5 events have types that leadfold does not know, such as `captred`, `a`, \
         `b`; the log keeps them and nothing counts them: correct the type if it is a slip\n"
    );
    assert_eq!(Desk::with_log(SMALL).run(&["import", "log.ndjson"]).ok().err, "");
}
