//! Published playbooks: publish, list, show, and which version the other commands read under.

use serde_json::{Value, json};

use crate::support::Desk;

/// A hand-off that was accepted after two hours.
const LOG: &str = r#"{"lead":"L1","type":"captured","occurred_at":"2024-03-01T09:00:00Z","recorded_at":"2024-03-01T09:00:00Z"}
{"lead":"L1","type":"qualified","occurred_at":"2024-03-01T10:00:00Z","recorded_at":"2024-03-01T10:00:00Z","data":{"level":"mql"}}
{"lead":"L1","type":"handed_off","occurred_at":"2024-03-01T11:00:00Z","recorded_at":"2024-03-01T11:00:00Z","data":{"to":"ann"}}
{"lead":"L1","type":"accepted","occurred_at":"2024-03-01T13:00:00Z","recorded_at":"2024-03-01T13:00:00Z","data":{"by":"ann"}}
{"lead":"L1","type":"touched","occurred_at":"2024-03-01T13:30:00Z","recorded_at":"2024-03-01T13:30:00Z","data":{"side":"sales","result":"contact","by":"ann"}}
"#;

const SLOW: &str = "name = \"b2b\"\nversion = \"1\"\n[sla]\ndecision_seconds = 14_400\n";
const FAST: &str = "name = \"b2b\"\nversion = \"2\"\n[sla]\ndecision_seconds = 3_600\n";

fn desk() -> Desk {
    let desk = Desk::with_log(LOG);
    desk.write("slow.toml", SLOW);
    desk.write("fast.toml", FAST);
    desk
}

fn publish(desk: &Desk, file: &str, at: &str) -> Value {
    desk.json(&["playbook", "publish", file, "--at", at])
}

fn both(desk: &Desk) {
    publish(desk, "slow.toml", "2024-03-01");
    publish(desk, "fast.toml", "2024-03-15");
}

fn in_time(audit: &Value) -> &Value {
    &audit["handoffs"]["decision_in_time"]["num"]
}

#[test]
fn two_versions_give_two_audits_at_two_instants() {
    let desk = desk();
    both(&desk);
    let early = desk.json(&["audit", "--as-of", "2024-03-14"]);
    let late = desk.json(&["audit", "--as-of", "2024-03-16"]);
    assert_eq!((in_time(&early), in_time(&late)), (&json!(1), &json!(0)));
    assert_eq!(early["counts"]["decision_late"], Value::Null);
    assert_eq!(late["counts"]["decision_late"], 1);
    // What a file says wins over what the log says.
    let given = desk.json(&["audit", "--as-of", "2024-03-16", "--playbook", "slow.toml"]);
    assert_eq!(in_time(&given), &json!(1));
    let lead = desk.json(&["audit", "--lead", "L1", "--as-of", "2024-03-16"]);
    assert_eq!(lead["counts"]["decision_late"], 1);
}

#[test]
fn commands_say_which_version_they_read_under() {
    let desk = desk();
    both(&desk);
    let said = "playbook b2b 2, in force since 2024-03-15T00:00:00Z, from the log\n";
    for command in [
        &["audit"][..],
        &["status"],
        &["status", "--lead", "L1"],
        &["funnel"],
        &["deals"],
        &["aging"],
        &["clv"],
        &["playbook", "show"],
    ] {
        let args = [command, &["--as-of", "2024-03-20", "--json"]].concat();
        let ran = desk.run(&args).ok();
        assert_eq!(ran.err, said, "{command:?}");
        let args = [command, &["--as-of", "2024-02-01"]].concat();
        assert!(!desk.run(&args).err.contains("from the log"), "{command:?}");
    }
    let ran = desk.run(&["funnel", "--as-of", "2024-03-20", "--playbook", "slow.toml"]).ok();
    assert_eq!(ran.err, "");
}

#[test]
fn one_playbook_is_compared_with_the_one_in_force() {
    let desk = desk();
    let compare = ["compare", "--playbook", "fast.toml", "--as-of", "2024-03-02"];
    assert_eq!(desk.run(&compare).status, 2, "there is none to compare with");
    publish(&desk, "slow.toml", "2024-03-01");
    let found = desk.json(&compare);
    let side = |at: usize, field: &str| found["playbooks"][at][field].clone();
    assert_eq!((side(0, "file"), side(1, "file")), (json!("event 6"), json!("fast.toml")));
    assert_eq!((side(0, "version"), side(1, "version")), (json!("1"), json!("2")));
}

#[test]
fn publishing_again_adds_nothing() {
    let desk = desk();
    let first = publish(&desk, "slow.toml", "2024-03-01");
    let expected = json!({"name": "b2b", "version": "1", "from": "2024-03-01T00:00:00Z",
        "position": 6, "appended": true});
    assert_eq!(first, expected);
    // The same playbook, written otherwise.
    desk.write("again.toml", "sla = { decision_seconds = 14400 }\nversion = '1'\nname = 'b2b'");
    let again = publish(&desk, "again.toml", "2024-03-01T01:00:00+01:00");
    assert_eq!((&again["appended"], &again["position"]), (&json!(false), &json!(6)));
    assert_eq!(publish(&desk, "slow.toml", "2024-03-02")["appended"], json!(true));
    assert_eq!(publish(&desk, "fast.toml", "2024-03-01")["appended"], json!(true));
}

#[test]
fn versions_are_listed_with_their_spans_as_they_were_known() {
    let desk = desk();
    both(&desk);
    publish(&desk, "slow.toml", "2024-03-15");
    let listed = desk.json(&["playbook", "list"]);
    let rows: Vec<Value> = listed["versions"]
        .as_array()
        .expect("versions")
        .iter()
        .map(|row| json!([row["version"], row["from"], row["until"], row["position"]]))
        .collect();
    let (first, second) = ("2024-03-01T00:00:00Z", "2024-03-15T00:00:00Z");
    let expected = [
        json!(["1", first, second, 6]),
        json!(["2", second, second, 7]),
        json!(["1", second, null, 8]),
    ];
    assert_eq!(rows, expected);
    let before = desk.json(&["playbook", "list", "--known-at", "2024-03-01"]);
    assert_eq!(before["versions"], json!([]), "they became known when they were published");
    let ran = desk.run(&["playbook", "list", "--known-at", "2024-03-01"]).ok();
    assert_eq!(ran.out, "no published playbook was known by 2024-03-01T00:00:00Z\n");
}

#[test]
fn the_version_in_force_is_shown_as_json() {
    let desk = desk();
    both(&desk);
    let shown = desk.json(&["playbook", "show", "--as-of", "2024-03-10"]);
    assert_eq!(shown["version"], "1");
    assert_eq!(shown["sla"]["decision_seconds"], 14_400);
    let people = desk.run(&["playbook", "show", "--as-of", "2024-03-10"]).ok().out;
    assert_eq!(serde_json::from_str::<Value>(&people).expect("JSON"), shown);
    let none = desk.run(&["playbook", "show", "--as-of", "2024-02-01"]);
    assert_eq!(none.status, 1);
    assert_eq!(
        none.err,
        "error: no published playbook was in force within these bounds: the default one holds; \
         `playbook list` shows the published ones\n"
    );
}

/// A version for next year is no event of next year.
#[test]
fn a_version_ahead_of_its_time_moves_no_answer() {
    let desk = desk();
    let before = desk.run(&["audit", "--json"]).ok();
    let lead_before = desk.run(&["audit", "--lead", "L1", "--json"]).ok();
    publish(&desk, "fast.toml", "2025-01-01");
    assert_eq!(desk.run(&["audit", "--json"]).out, before.out);
    assert_eq!(desk.run(&["audit", "--json"]).err, before.err);
    assert_eq!(desk.run(&["audit", "--lead", "L1", "--json"]).out, lead_before.out);
    publish(&desk, "slow.toml", "2024-03-01");
    let found = desk.run(&["audit", "--json"]).ok();
    assert!(found.err.starts_with("playbook b2b 1, in force since 2024-03-01"), "{}", found.err);
    assert_eq!(found.out, before.out, "its promises are the default ones");
}

#[test]
fn corrections_take_versions_back_and_exchange_them() {
    let desk = desk();
    both(&desk);
    let export = desk.run(&["export"]).ok().out;
    let line = export.lines().last().expect("a line");
    let published: Value = serde_json::from_str(line).expect("JSON");
    let correct = |at: &str, data: Value| {
        let line = json!({"type": "corrected", "occurred_at": at, "recorded_at": at, "data": data});
        desk.write("correction.ndjson", line.to_string());
        desk.run(&["import", "correction.ndjson"]).ok();
    };
    let target = &published["id"];
    correct(
        "2024-04-01T00:00:00Z",
        json!({"target": target, "action": "replace", "reason": "typing error",
            "data": {"playbook": {"name": "b2b", "version": "2.1"}}}),
    );
    let version = || desk.json(&["playbook", "show", "--as-of", "2024-03-20"])["version"].clone();
    assert_eq!(version(), "2.1");
    let retracted = json!({"target": target, "action": "retract", "reason": "not agreed"});
    correct("2024-04-02T00:00:00Z", retracted);
    assert_eq!(version(), "1");
    assert_eq!(desk.json(&["verify"])["damaged"], json!([]));
}

#[test]
fn publishing_again_what_was_taken_back_says_so() {
    let desk = desk();
    both(&desk);
    let export = desk.run(&["export"]).ok().out;
    let ids: Vec<Value> = export
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .filter(|event| event["type"] == "playbook_published")
        .map(|event| event["id"].clone())
        .collect();
    let correct = |data: Value| {
        let line =
            json!({"type": "corrected", "occurred_at": "2024-04-01T00:00:00Z", "data": data});
        desk.write("correction.ndjson", line.to_string());
        desk.run(&["import", "correction.ndjson"]).ok();
    };
    correct(json!({"target": ids[0], "action": "retract", "reason": "not agreed"}));
    correct(json!({"target": ids[1], "action": "replace", "reason": "typing error",
        "data": {"playbook": {"name": "b2b", "version": "2.1"}}}));
    for (file, at, position, word) in
        [("slow.toml", "2024-03-01", 6, "taken back"), ("fast.toml", "2024-03-15", 7, "exchanged")]
    {
        let args = ["playbook", "publish", file, "--at", at];
        let ran = desk.run(&args);
        assert_eq!(ran.status, 1, "{}", ran.err);
        let said = format!("in the log already, but {word} by a correction");
        assert!(ran.out.contains(&said) && !ran.out.contains("in force"), "{}", ran.out);
        let ran = desk.run(&[&args[..], &["--json"]].concat());
        assert_eq!(ran.status, 1);
        let found = ran.json();
        assert_eq!((&found["appended"], &found["position"]), (&json!(false), &json!(position)));
        assert_eq!(found["corrected"], word.replace(' ', "_"));
    }
    correct(json!({"target": ids[1], "action": "retract", "reason": "not agreed"}));
    let ran = desk.run(&["playbook", "list"]).ok();
    assert_eq!(ran.out, "no published playbook: none ever was, or all were taken back\n");
}

#[test]
fn a_log_of_a_playbook_alone_is_not_called_empty() {
    let desk = Desk::with_log("");
    desk.write("slow.toml", SLOW);
    publish(&desk, "slow.toml", "2024-03-01");
    let ran = desk.run(&["status"]).ok();
    assert!(ran.err.contains("the log has published playbooks alone"), "{}", ran.err);
    assert!(!ran.err.contains("empty"), "{}", ran.err);
    assert_eq!(Desk::with_log("").run(&["status"]).ok().err, "the log is empty\n");
}

#[test]
fn a_published_log_goes_out_and_comes_in_to_the_byte() {
    let desk = desk();
    both(&desk);
    let export = desk.run(&["export"]).ok().out;
    desk.write("export.ndjson", &export);
    let elsewhere = ["--store", "elsewhere.db"];
    desk.run(&[&["import", "export.ndjson"][..], &elsewhere].concat()).ok();
    assert_eq!(desk.run(&[&["export"][..], &elsewhere].concat()).ok().out, export);
    let listed = |store: &[&str]| desk.run(&[&["playbook", "list"][..], store].concat()).ok().out;
    assert_eq!(listed(&elsewhere), listed(&[]));
}

#[test]
fn what_is_no_playbook_is_refused_with_its_key() {
    let desk = desk();
    let at = r#""type":"playbook_published","occurred_at":"2024-03-01T00:00:00Z""#;
    let lines = format!(
        "{{{at},\"data\":{{\"playbook\":{{\"sla\":{{\"decision_second\":1}}}}}}}}\n\
         {{{at},\"lead\":\"L1\",\"data\":{{\"playbook\":{{}}}}}}\n"
    );
    desk.write("wrong.ndjson", lines);
    let ran = desk.run(&["import", "wrong.ndjson", "--json"]);
    assert_eq!(ran.status, 3);
    let refused = ran.json()["refused"].clone();
    assert_eq!((&refused[0]["line"], &refused[0]["code"]), (&json!(1), &json!("unknown_value")));
    let message = refused[0]["message"].as_str().expect("a message");
    assert!(message.contains("in `data.playbook.sla` of `playbook_published`"), "{message}");
    assert!(message.contains("found `decision_second`"), "{message}");
    assert_eq!((&refused[1]["line"], &refused[1]["code"]), (&json!(2), &json!("bad_lead")));
    let ran = desk.run(&["playbook", "publish", "missing.toml", "--at", "2024-03-01"]);
    assert_eq!(ran.status, 3);
    desk.write("wrong.toml", "[calendar]\nzone = \"Europe/Berlim\"\n");
    let ran = desk.run(&["playbook", "publish", "wrong.toml", "--at", "2024-03-01"]);
    assert!(ran.status == 3 && ran.err.contains("calendar.zone"), "{}", ran.err);
}

#[test]
fn a_playbook_is_published_to_a_log_that_is_there() {
    let desk = Desk::new();
    desk.write("slow.toml", SLOW);
    let ran = desk.run(&["playbook", "publish", "slow.toml", "--at", "2024-03-01"]);
    assert_eq!(ran.status, 4);
    assert!(ran.err.contains("no store to read: expected a file leads.db"), "{}", ran.err);
    assert!(!desk.path("leads.db").exists());
}

/// An import cannot know the zones; whoever would read by it is told.
#[test]
fn a_version_that_reads_but_makes_no_sense_is_not_used() {
    let desk = desk();
    let line = json!({"type": "playbook_published", "occurred_at": "2024-03-01T00:00:00Z",
        "data": {"playbook": {"calendar": {"zone": "Europe/Berlim"}}}});
    desk.write("zone.ndjson", line.to_string());
    desk.run(&["import", "zone.ndjson"]).ok();
    let ran = desk.run(&["audit", "--as-of", "2024-03-02"]);
    assert_eq!(ran.status, 3);
    assert!(
        ran.err.starts_with("error: playbook default 1 of event 6, key `calendar.zone`: expected")
    );
    assert!(ran.err.ends_with("; correct the event, or give --playbook\n"), "{}", ran.err);
    desk.run(&["audit", "--as-of", "2024-03-02", "--playbook", "slow.toml"]).ok();
}

/// A zone may lead out of the years that an event can be in: that is no fault of the store.
#[test]
fn a_time_that_no_event_can_have_is_wrong_usage() {
    let desk = desk();
    for (at, tz) in [("0000-01-01", "+14:00"), ("9999-12-31", "-14:00")] {
        let ran = desk.run(&["playbook", "publish", "slow.toml", "--at", at, "--tz", tz]);
        let is_sound = at.starts_with('9');
        assert_eq!(ran.status, if is_sound { 0 } else { 2 }, "{at} {tz}: {ran:?}");
        assert_eq!(ran.err.contains("expected an instant in the years 0 to 9999"), !is_sound);
    }
}
