//! The hand-off audit as a process: figures, evidence, what is denied, files for a CI.

use serde_json::{Value, json};

use crate::golden::{AS_OF, golden};

const STRICT: &str = "[rules]\nillegal = \"skip\"\n";
const HAND_RAISER: &str = "[rules]\nillegal = \"skip\"\nhand_raiser = true\n";

/// The case of `expected.json` whose key has all of these marks.
fn case<'a>(expected: &'a Value, marks: &[&str]) -> &'a Value {
    let cases = expected["playbooks"].as_object().expect("an object");
    let found = cases.iter().find(|(key, _)| marks.iter().all(|mark| key.contains(mark)));
    found.expect("the case is there").1
}

fn assert_rate(found: &Value, expected: &Value, name: &str) {
    assert_eq!((&found["num"], &found["den"]), (&expected[0], &expected[1]), "{name}");
}

fn assert_hours(found: &Value, expected: &Value, name: &str) {
    let hours: Vec<f64> =
        expected.as_array().expect("hours").iter().filter_map(Value::as_f64).collect();
    assert_eq!(found["n"].as_u64(), Some(hours.len() as u64), "{name}");
    let mean = hours.iter().sum::<f64>() / hours.len() as f64;
    let found = found["mean_s"].as_f64().expect("there are some") / 3_600.0;
    assert!((found - mean).abs() < 1e-9, "{name}: expected {mean} h, found {found}");
}

#[test]
fn the_golden_story_has_its_figures_under_all_three_playbooks() {
    let Some((desk, expected)) = golden() else { return };
    std::fs::write(desk.path("strict.toml"), STRICT).expect("the file can be written");
    std::fs::write(desk.path("raiser.toml"), HAND_RAISER).expect("the file can be written");
    for (book, marks) in [
        (None, &["illegal = apply"][..]),
        (Some("raiser.toml"), &["illegal = skip", "hand_raiser = true"][..]),
        (Some("strict.toml"), &["illegal = skip", "hand_raiser = false"][..]),
    ] {
        let expected = case(&expected, marks);
        let mut args = vec!["audit", "--as-of", AS_OF];
        args.extend(book.iter().flat_map(|book| ["--playbook", book]));
        let audit = desk.json(&args);
        let found = &audit["handoffs"];
        assert_eq!(found["offered"], expected["handoffs"]);
        for count in ["accepted", "rejected", "pending", "ping_pong"] {
            assert_eq!(found[count], expected[count], "{count}");
        }
        for rate in ["acceptance_of_decided", "acceptance_of_offered", "decision_in_time", "leaked"]
        {
            assert_rate(&found[rate], &expected[rate], rate);
        }
        assert_hours(&found["time_to_decision"], &expected["hours_to_decision"], "decision");
        assert_hours(
            &found["time_to_first_attempt"],
            &expected["hours_to_first_attempt"],
            "attempt",
        );
        assert_hours(
            &found["time_to_first_contact"],
            &expected["hours_to_first_contact"],
            "contact",
        );
        let findings = audit["findings"].as_array().expect("findings");
        let leaked = findings.iter().filter(|found| found["code"] == "leaked");
        let mut leaked: Vec<&Value> = leaked.map(|found| &found["key"]).collect();
        leaked.sort_by_key(|key| key.as_str());
        assert_eq!(json!(leaked), expected["leaked_leads"]);
        let by_owner = audit["by_owner"].as_array().expect("owners");
        let offered: u64 =
            by_owner.iter().map(|row| row["offered"].as_u64().expect("a count")).sum();
        assert_eq!(json!(offered), expected["handoffs"]);
    }
}

#[test]
fn evidence_is_the_ids_of_the_events() {
    let Some((desk, _)) = golden() else { return };
    let export = desk.run(&["export"]).ok().out;
    let ids: Vec<Value> = export
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].clone())
        .collect();
    let audit = desk.json(&["audit", "--as-of", AS_OF]);
    let findings = audit["findings"].as_array().expect("findings");
    let ping_pong = findings.iter().find(|found| found["code"] == "ping_pong").expect("one");
    assert_eq!(ping_pong["evidence"], json!([ids[25], ids[26], ids[27]]));
    assert_eq!(ping_pong["message"], "Lead L4 came back to B, who had it before the last owner.");
}

#[test]
fn the_playbook_can_deny() {
    let Some((desk, _)) = golden() else { return };
    for (deny, status) in [("\"leaked\"", 1), ("\"gate_not_met\"", 0)] {
        let text = format!("[audit]\ndeny = [{deny}]\n");
        std::fs::write(desk.path("deny.toml"), text).expect("the file can be written");
        let ran = desk.run(&["audit", "--as-of", AS_OF, "--playbook", "deny.toml"]);
        assert_eq!(ran.status, status, "{}", ran.err);
    }
}

#[test]
fn a_ci_sees_what_is_denied_as_failed_cases() {
    let Some((desk, _)) = golden() else { return };
    let args = ["audit", "--as-of", AS_OF, "--junit", "audit.xml"];
    let count = |text: &str, what: &str| text.matches(what).count();
    assert_eq!(desk.run(&args).status, 0);
    let text = std::fs::read_to_string(desk.path("audit.xml")).expect("the file is there");
    assert_eq!((count(&text, "<testcase"), count(&text, "<failure")), (12, 12));
    assert_eq!(desk.run(&[&args[..], &["--deny", "leaked"]].concat()).status, 1);
    let text = std::fs::read_to_string(desk.path("audit.xml")).expect("the file is there");
    assert_eq!((count(&text, "<failure"), count(&text, "<skipped")), (3, 9));
    assert!(text.contains("failures=\"3\" skipped=\"9\""), "{text}");
    let ran = desk.run(&["audit", "--junit", "no/such/folder.xml"]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("give another --junit"), "{}", ran.err);
}

#[test]
fn a_lead_is_told_with_its_findings_in_their_places() {
    let Some((desk, _)) = golden() else { return };
    let text = desk.run(&["audit", "--lead", "L4", "--as-of", AS_OF]).ok().out;
    let marked: Vec<&str> = text.lines().filter(|line| line.starts_with(">>")).collect();
    assert_eq!(marked.len(), 4, "{text}");
    assert!(text.contains("[ping_pong, events 26 27 28]"), "{text}");
    let json = desk.json(&["audit", "--lead", "L4", "--as-of", AS_OF]);
    assert_eq!(json["key"], "L4");
    assert_eq!(json["counts"]["leaked"], 1);
    assert_eq!(json["handoffs"]["offered"], 1);
    let denied = desk.run(&["audit", "--lead", "L4", "--as-of", AS_OF, "--deny", "leaked"]);
    assert_eq!(denied.status, 1);
}

#[test]
fn hand_offs_are_split_by_what_was_asked_for() {
    let Some((desk, _)) = golden() else { return };
    let audit = desk.json(&["audit", "--as-of", AS_OF, "--by", "source"]);
    assert_eq!(audit["by"], "source");
    let rows = audit["rows"].as_array().expect("rows");
    let offered = |key: Value| {
        let row = rows.iter().find(|row| row["key"] == key).expect("the row is there");
        row["offered"].clone()
    };
    assert_eq!(offered(json!("paid_search")), 2);
    assert_eq!(offered(json!("email")), 2);
    assert_eq!(offered(Value::Null), 1);
}

#[test]
fn working_hours_are_those_of_the_playbook() {
    let Some((desk, _)) = golden() else { return };
    let hours = "[\"09:00-17:00\"]";
    let days = ["mon", "tue", "wed", "thu", "fri"].map(|day| format!("{day} = {hours}"));
    let text = format!("[calendar]\nzone = \"Europe/Berlin\"\n{}\n", days.join("\n"));
    std::fs::write(desk.path("hours.toml"), text).expect("the file can be written");
    let audit = desk.json(&["audit", "--as-of", AS_OF, "--playbook", "hours.toml"]);
    // L1: offered Friday 11:00 in Berlin, accepted at 12:00. L2: offered Saturday 01:00 and
    // rejected at 07:00; offered Saturday 01:00 a week later, accepted at 03:00. L4: offered
    // Monday 01:00, accepted on Wednesday at 13:00: 8 + 8 + 4 hours.
    let decision = &audit["handoffs"]["time_to_decision"];
    assert_eq!((decision["n"].clone(), decision["max_s"].clone()), (json!(4), json!(72_000.0)));
    assert_eq!(decision["mean_s"], json!((3_600.0 + 72_000.0) / 4.0));
}
