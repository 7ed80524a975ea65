//! Exit statuses of every command, and what readers do with stores.

use crate::support::{Desk, SMALL};

const READERS: [&str; 8] =
    ["status", "funnel", "deals", "aging", "clv", "audit", "export", "verify"];

#[test]
fn readers_are_done_with_a_log_and_with_an_empty_one() {
    let desk = Desk::with_log(SMALL);
    let empty = Desk::with_log("");
    for command in READERS {
        desk.run(&[command]).ok();
        empty.run(&[command]).ok();
        let mut document = vec![command, "--json"];
        if command == "export" {
            // Its lines are documents of their own.
            document.extend(["--out", "out.ndjson"]);
        }
        desk.run(&document).ok();
        empty.run(&document).ok();
        // `memory:` is an empty log, whoever asks.
        desk.run(&[command, "--store", "memory:"]).ok();
    }
    assert_eq!(empty.json(&["status"])["as_of"], serde_json::Value::Null);
}

#[test]
fn readers_make_no_store() {
    let desk = Desk::new();
    for command in READERS {
        let ran = desk.run(&[command]);
        assert_eq!(ran.status, 4, "{command}");
        assert_eq!(
            ran.err,
            "error: no store to read: expected a file leads.db, found none; import a log into \
             it, or check the path\n"
        );
        assert!(!desk.path("leads.db").exists());
    }
}

#[test]
fn a_file_that_is_no_store_fails_the_store() {
    let desk = Desk::new();
    desk.write(
        "leads.db",
        "this is no database, and it is long enough to be sure of that".repeat(99),
    );
    desk.write("log.ndjson", SMALL);
    for args in [&["status"][..], &["import", "log.ndjson"]] {
        let ran = desk.run(args);
        assert_eq!(ran.status, 4, "{args:?}: {}", ran.err);
        assert!(ran.err.starts_with("error: "), "{}", ran.err);
    }
    // For `verify` the damage is the answer.
    assert_eq!(desk.run(&["verify"]).status, 1);
}

#[test]
fn a_denied_finding_is_a_no() {
    let desk = Desk::with_log(SMALL);
    for (deny, status) in [
        ("illegal", 0),
        ("accepted_without_handoff", 1),
        ("illegal,accepted_without_handoff", 1),
        ("history_gap", 0),
        ("error", 1),
        ("warning", 1),
        ("all", 1),
    ] {
        let ran = desk.run(&["audit", "--deny", deny]);
        assert_eq!(ran.status, status, "{deny}");
        assert_eq!(ran.err.contains("denied"), status == 1, "{}", ran.err);
    }
    let known = ["audit", "--deny", "accepted_without_handoff", "--known-at", "2024-02-19"];
    desk.run(&known).ok();
}

#[test]
fn a_damaged_event_is_a_no_and_is_named() {
    let desk = Desk::with_log(SMALL);
    let mut file = std::fs::read(desk.path("leads.db")).expect("the store is a file");
    let at = file
        .windows(12)
        .position(|window| window == b"ann@example.")
        .expect("the event is in the file");
    file[at] ^= 1;
    desk.write("leads.db", file);
    let ran = desk.run(&["verify", "--json"]);
    assert_eq!(ran.status, 1, "{}", ran.out);
    let damaged = &ran.json()["damaged"];
    assert!(damaged.as_array().is_some_and(|list| !list.is_empty()));
    assert!(!ran.out.contains("example.org"), "{}", ran.out);
}

/// Months are a course; what is no time goes by size.
#[test]
fn cohorts_stand_in_the_order_of_time() {
    let captured = |n: u32, day: &str| {
        format!(r#"{{"lead":"L{n}","type":"captured","occurred_at":"{day}T09:00:00Z"}}"#)
    };
    let days = ["2024-03-01", "2024-01-01", "2024-02-01", "2024-02-02"];
    let log: Vec<String> = (1..).zip(days).map(|(n, day)| captured(n, day)).collect();
    let out = Desk::with_log(&log.join("\n")).run(&["funnel", "--by", "cohort"]).ok().out;
    let months: Vec<&str> = out.lines().filter_map(|line| line.get(..7)).collect();
    let months: Vec<&str> = months.into_iter().filter(|month| month.starts_with("2024-")).collect();
    assert_eq!(months, ["2024-01", "2024-02", "2024-03"]);
}
