//! The hand-off audit as a process: figures, evidence, what is denied, files for a CI.

mod lead;

use serde_json::{Value, json};

use crate::golden::{AS_OF, golden};
use crate::support::Desk;

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
    assert_eq!(ran.status, 4);
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
    // No working day has 24 hours: they are told as hours.
    let told = desk.run(&["audit", "--as-of", AS_OF, "--playbook", "hours.toml"]).out;
    assert!(told.lines().next().is_some_and(|line| line.ends_with(", times in working time")));
    let days = told.split_whitespace().any(|word| {
        word.strip_suffix('d').is_some_and(|n| n.bytes().all(|byte| byte.is_ascii_digit()))
    });
    assert!(!days, "{told}");
}

pub(crate) fn line(lead: &str, kind: &str, at: &str, data: &str) -> String {
    let times = format!(r#""occurred_at":"{at}","recorded_at":"{at}""#);
    format!(r#"{{"lead":"{lead}","type":"{kind}",{times},"data":{data}}}"#)
}

/// Nobody was to be reached: that is no share of 0.
#[test]
fn without_hand_offs_there_is_no_share_in_time() {
    let desk = Desk::with_log(&line("L1", "captured", "2024-03-01T09:00:00Z", "{}"));
    let survival = desk.json(&["audit"])["handoffs"]["survival"].clone();
    let rows = survival.as_array().expect("a list");
    assert_eq!(rows.len(), 8);
    for row in rows {
        let found = (&row["attempted"], &row["contacted"], &row["at_risk"]);
        assert_eq!(found, (&Value::Null, &Value::Null, &json!(0)));
    }
}

/// What is due is due by the last event that was known, not by one that nobody knew of.
#[test]
fn the_as_of_of_one_lead_is_of_what_was_known() {
    let log = [
        line("L1", "captured", "2024-03-01T09:00:00Z", "{}"),
        line("L1", "qualified", "2024-03-01T09:00:00Z", r#"{"level":"mql"}"#),
        line("L1", "handed_off", "2024-03-01T09:00:00Z", r#"{"to":"ann"}"#),
        line("L2", "captured", "2024-06-01T09:00:00Z", "{}"),
    ];
    let desk = Desk::with_log(&log.join("\n"));
    let counts = |args: &[&str]| desk.json(&[&["audit"], args].concat())["counts"].clone();
    let both = json!({"decision_missing": 1, "leaked": 1});
    assert_eq!(counts(&["--lead", "L1"]), both);
    assert_eq!(counts(&["--lead", "L1", "--known-at", "2024-03-02"]), json!({}));
    assert_eq!(counts(&["--known-at", "2024-03-02"]), json!({}));
    let before = desk.run(&["audit", "--known-at", "2024-01-01"]).ok();
    assert_eq!(before.err, "nothing of the log was known by 2024-01-01T00:00:00Z\n");
    assert_eq!(
        counts(&["--lead", "L1", "--known-at", "2024-03-02", "--as-of", "2024-06-01"]),
        both
    );
}

/// A correction changes what is told of the time before it: so it is told, too.
#[test]
fn a_correction_is_told_whenever_it_came() {
    let id = "00000000-0000-0000-0000-00000000000a";
    let qualified = line("L1", "qualified", "2024-03-01T09:00:00Z", r#"{"level":"mql"}"#);
    let log = [
        line("L1", "captured", "2024-03-01T09:00:00Z", "{}"),
        qualified.replacen('{', &format!(r#"{{"id":"{id}","#), 1),
        line(
            "L1",
            "corrected",
            "2024-06-01T09:00:00Z",
            &format!(r#"{{"target":"{id}","action":"retract","reason":"typo"}}"#),
        ),
    ];
    let desk = Desk::with_log(&log.join("\n"));
    for command in ["audit", "status"] {
        let shown = desk.run(&[command, "--lead", "L1", "--as-of", "2024-03-02"]).ok().out;
        assert!(shown.contains("corrected"), "{shown}");
    }
}

/// The events of a family are told together: it is said whose they are.
#[test]
fn an_event_of_another_lead_of_the_family_names_it() {
    let log = [
        line("L1", "captured", "2024-03-01T09:00:00Z", "{}"),
        line("L2", "captured", "2024-03-02T09:00:00Z", "{}"),
        line("L1", "merged", "2024-03-03T09:00:00Z", r#"{"into":"L2"}"#),
    ];
    let desk = Desk::with_log(&log.join("\n"));
    let shown = desk.run(&["audit", "--lead", "L2"]).ok().out;
    let lines: Vec<&str> = shown.lines().skip(2).collect();
    let of_other: Vec<bool> = lines.iter().map(|line| line.ends_with("  of lead L1")).collect();
    assert_eq!(of_other, [true, false, true], "{shown}");
}

/// Whoever lists a lead's hand-offs for each of its findings does not come back in time.
#[test]
fn one_lead_with_20_000_hand_offs_does_not_hold_the_audit_up() {
    let offer = |n: usize| {
        let at = format!("2024-03-{:02}T{:02}:{:02}:00Z", 1 + n / 1440, n / 60 % 24, n % 60);
        line("L1", "handed_off", &at, &format!(r#"{{"to":"p{n}"}}"#))
    };
    let log: Vec<String> = (0..20_000).map(offer).collect();
    let desk = Desk::with_log(&log.join("\n"));
    let told = |args: &[&str]| desk.run(args).ok().out.lines().count();
    assert!(told(&["audit", "--as-of", "2024-04-01"]) > 20_000);
    assert!(told(&["audit", "--as-of", "2024-04-01", "--lead", "L1"]) > 40_000);
}
