//! The audit of one lead, and of those that merges have put together with it.

use serde_json::{Value, json};

use super::line;
use crate::golden::golden;
use crate::support::Desk;

fn audit(desk: &Desk, key: &str, args: &[&str]) -> Value {
    desk.json(&[&["audit", "--lead", key], args].concat())
}

/// The types of the events that are told.
fn told(desk: &Desk, key: &str, args: &[&str]) -> Vec<String> {
    let shown = desk.run(&[&["audit", "--lead", key], args].concat()).ok().out;
    let events = shown.lines().skip(2).filter(|line| !line.starts_with("      "));
    let kind = |line: &str| line[2..].split_whitespace().nth(1).expect("a type").to_owned();
    events.map(kind).collect()
}

/// A is captured on 1 February and is with sales from 5 February on; B is captured before it.
fn two_leads(merges: &[String]) -> Desk {
    let log = [
        line("B", "captured", "2024-02-01T08:00:00Z", "{}"),
        line("A", "captured", "2024-02-01T09:00:00Z", "{}"),
        line("A", "qualified", "2024-02-04T09:00:00Z", r#"{"level":"mql"}"#),
        line("A", "handed_off", "2024-02-05T09:00:00Z", r#"{"to":"ann"}"#),
        line("A", "touched", "2024-02-06T09:00:00Z", r#"{"side":"sales","by":"ann"}"#),
    ];
    Desk::with_log(&[&log, merges].concat().join("\n"))
}

#[test]
fn a_merge_that_was_undone_puts_no_leads_together() {
    let desk = two_leads(&[
        line("A", "merged", "2024-02-02T09:00:00Z", r#"{"into":"B"}"#),
        line("A", "unmerged", "2024-02-03T09:00:00Z", r#"{"from":"B"}"#),
    ]);
    assert_eq!(told(&desk, "B", &[]), ["captured"]);
    for (key, n) in [("A", 1), ("B", 0)] {
        let found = audit(&desk, key, &[]);
        assert_eq!(found["handoffs"]["offered"], n, "{key}");
        assert_eq!(found["speed_to_lead"]["total"]["n"], n, "{key}");
    }
    // While it was merged, its events were those of the other one.
    let together = told(&desk, "B", &["--as-of", "2024-02-02T12:00:00Z"]);
    assert_eq!(together, ["captured", "captured", "merged"]);
}

#[test]
fn an_unmerge_that_was_none_puts_no_leads_together() {
    let desk = two_leads(&[line("A", "unmerged", "2024-02-03T09:00:00Z", r#"{"from":"B"}"#)]);
    assert_eq!(told(&desk, "B", &[]), ["captured"]);
    let b = audit(&desk, "B", &[]);
    assert_eq!((&b["handoffs"]["offered"], &b["counts"]), (&json!(0), &json!({})));
    assert_eq!(audit(&desk, "A", &[])["counts"]["illegal"], 1);
}

/// A reading as of then is the reading of a log that ends there.
#[test]
fn a_merge_is_not_seen_before_it_happens() {
    let Some((desk, _)) = golden() else { return };
    assert_eq!(told(&desk, "L6", &["--as-of", "2024-02-07"]), ["captured"]);
    let before = audit(&desk, "L6", &["--as-of", "2024-02-07"]);
    assert_eq!(before["handoffs"]["offered"], 0);
    let after = audit(&desk, "L6", &["--as-of", "2024-02-09"]);
    assert_eq!(after["handoffs"]["offered"], 1);
}

/// What is shown is what is denied, whichever of them is asked for.
#[test]
fn leads_that_are_merged_are_audited_together() {
    let desk = two_leads(&[line("B", "merged", "2024-02-07T09:00:00Z", r#"{"into":"A"}"#)]);
    let late = ["--as-of", "2024-02-20"];
    let [a, b] = ["A", "B"].map(|key| audit(&desk, key, &late));
    for found in [&a, &b] {
        assert_eq!(found["handoffs"]["offered"], 1);
        assert_eq!(found["counts"], json!({"decision_missing": 1}));
        assert_eq!(found["findings"][0]["key"], "A");
        assert_eq!(found["findings"][0]["lead"], a["lead"]);
    }
    assert_eq!((&a["key"], &b["key"]), (&json!("A"), &json!("B")));
    let deny = [&["audit", "--lead", "B", "--deny", "decision_missing"], &late[..]].concat();
    assert_eq!(desk.run(&deny).status, 1);
}

#[test]
fn the_owners_of_one_lead_are_told_and_their_load_is_not() {
    let desk = two_leads(&[]);
    let found = audit(&desk, "A", &[]);
    assert_eq!(found["by_owner"][0]["owner"], "ann");
    assert_eq!(found["by_owner"][0]["offered"], 1);
    assert_eq!((found.get("workload"), found.get("fairness")), (None, None));
    let whole = desk.json(&["audit"]);
    assert_eq!(whole["by_owner"], found["by_owner"]);
    assert!(whole["workload"].is_array() && whole["fairness"].is_number());
}

/// How much an owner has to do only the whole log knows.
#[test]
fn a_hand_off_too_many_is_found_of_one_lead_too() {
    let mut log = Vec::new();
    for (lead, day) in [("L1", 1), ("L2", 2), ("L3", 3)] {
        let at = |hour: u32| format!("2024-03-0{day}T{hour:02}:00:00Z");
        log.push(line(lead, "captured", &at(8), "{}"));
        log.push(line(lead, "qualified", &at(9), r#"{"level":"mql"}"#));
        log.push(line(lead, "handed_off", &at(10), r#"{"to":"ann"}"#));
    }
    let desk = Desk::with_log(&log.join("\n"));
    let owner = "[[routing.owners]]\nname = \"ann\"\nopen_max = 1\n";
    desk.write("cap.toml", format!("[routing]\nversion = \"1\"\n\n{owner}"));
    let book = ["--playbook", "cap.toml"];
    let whole = desk.json(&[&["audit"], &book[..]].concat());
    let findings = whole["findings"].as_array().expect("findings");
    for key in ["L1", "L2", "L3"] {
        let own: Vec<&Value> = findings.iter().filter(|found| found["key"] == key).collect();
        assert_eq!(audit(&desk, key, &book)["findings"], json!(own), "{key}");
    }
    let deny = ["audit", "--deny", "over_capacity", "--lead", "L2", "--playbook", "cap.toml"];
    let ran = desk.run(&deny);
    assert_eq!(ran.status, 1, "{}", ran.out);
    assert!(ran.out.contains("who had 1 open lead of at most 1."), "{}", ran.out);
    assert_eq!(ran.err.matches("as of ").count(), 1, "{}", ran.err);
}

/// A lead that has events and has not begun: what is found of it can be looked at.
#[test]
fn a_lead_that_has_not_begun_is_told_all_the_same() {
    let log = [
        line("B", "captured", "2024-02-01T08:00:00Z", "{}"),
        line("E", "dreamt_of", "2024-02-01T09:00:00Z", "{}"),
        line("C", "merged", "2024-02-01T10:00:00Z", r#"{"into":"C"}"#),
        line("B", "unmerged", "2024-02-01T11:00:00Z", r#"{"from":"N"}"#),
    ];
    let desk = Desk::with_log(&log.join("\n"));
    for (key, kind, code) in [("E", "dreamt_of", "unknown_type"), ("C", "merged", "illegal")] {
        assert_eq!(told(&desk, key, &[]), [kind]);
        let found = audit(&desk, key, &[]);
        assert_eq!((&found["counts"][code], &found["key"]), (&json!(1), &json!(key)));
        let deny = desk.run(&["audit", "--lead", key, "--deny", "all"]);
        assert_eq!(deny.status, 1, "{}", deny.err);
        let status = desk.run(&["status", "--lead", key]);
        let expected = format!(
            "error: lead `{key}` has not begun: none of its events makes it a lead; `audit --lead` \
             shows them\n"
        );
        assert_eq!((status.status, status.err), (1, expected));
    }
}

#[test]
fn a_lead_without_events_is_not_there_now_or_later() {
    let log = [
        line("B", "captured", "2024-02-01T08:00:00Z", "{}"),
        line("B", "unmerged", "2024-02-01T11:00:00Z", r#"{"from":"N"}"#),
    ];
    let desk = Desk::with_log(&log.join("\n"));
    for command in ["audit", "status"] {
        let none = desk.run(&[command, "--lead", "N"]);
        let expected =
            "error: lead `N` has no events of its own; look at what other leads say of it\n";
        assert_eq!((none.status, none.err.as_str()), (1, expected));
        let early = desk.run(&[command, "--lead", "B", "--as-of", "2024-01-01"]);
        assert!(early.err.contains("ask of a later --as-of"), "{}", early.err);
    }
}
