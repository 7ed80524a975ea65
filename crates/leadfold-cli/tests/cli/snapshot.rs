//! Readings that begin with a snapshot say what they say without it.

use rusqlite::Connection;

use crate::support::Desk;

/// What the commands answer that read nothing but tables, with what they say on standard error.
fn answers(desk: &Desk) -> Vec<(String, String)> {
    let commands = ["status", "funnel --by source", "aging", "clv", "cost"];
    let run = |command: &&str| {
        let ran = desk.run(&command.split(' ').chain(["--json"]).collect::<Vec<_>>()).ok();
        (ran.out, ran.err)
    };
    commands.iter().map(run).collect()
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.run_bare(&["demo", "--dir", "demo", "--leads", "120", "--seed", "4"]).ok();
    std::fs::copy(desk.path("demo/leads.db"), desk.path("leads.db")).expect("the demo has a store");
    desk
}

#[test]
fn readings_from_a_snapshot_say_the_same() {
    let desk = desk();
    let expected = answers(&desk);
    let taken = desk.json(&["snapshot", "take"]);
    assert!(taken["events"].as_u64() > Some(500), "{taken}");
    assert_eq!(answers(&desk), expected);
    let more = r#"{"lead":"another","type":"captured","occurred_at":"2031-02-01T09:00:00Z"}"#;
    desk.write("more.ndjson", more);
    desk.run(&["import", "more.ndjson"]).ok();
    let gone_on = answers(&desk);
    assert_ne!(gone_on, expected);
    assert_eq!(desk.json(&["snapshot", "drop"])["dropped"], true);
    assert_eq!(answers(&desk), gone_on);
}

/// It is told, and the answer is the same.
#[test]
fn damaged_snapshot_is_left_out_and_told_of() {
    let desk = desk();
    let expected = answers(&desk);
    desk.run(&["snapshot", "take"]).ok();
    let file = Connection::open(desk.path("leads.db")).expect("it is SQLite");
    file.execute("UPDATE snapshot_part SET bytes = zeroblob(9) WHERE part = 1", []).expect("runs");
    for ((out, err), (expected, before)) in answers(&desk).into_iter().zip(expected) {
        assert_eq!(out, expected);
        let is_told = |line: &&str| line.starts_with("the snapshot in the store is left out: ");
        let (told, rest): (Vec<&str>, Vec<&str>) = err.lines().partition(is_told);
        assert!(told.len() == 1 && told[0].contains("take it anew"), "{err}");
        assert_eq!(rest, before.lines().collect::<Vec<_>>());
    }
    let verified = desk.run(&["verify", "--json"]);
    assert_eq!(
        (verified.status, &verified.json()["damaged"][0]["what"]),
        (1, &"damaged snapshot".into())
    );
    desk.run(&["snapshot", "take"]).ok();
    desk.run(&["verify"]).ok();
}

#[test]
fn snapshot_of_another_playbook_is_left_out_and_told_of() {
    let desk = desk();
    desk.write("own.toml", "name = \"own\"\nversion = \"1\"\n[rules]\nhand_raiser = true\n");
    desk.run(&["snapshot", "take", "--playbook", "own.toml"]).ok();
    let with = desk.run(&["status", "--playbook", "own.toml"]).ok();
    assert!(!with.err.contains("snapshot"), "{}", with.err);
    let without = desk.run(&["status"]).ok();
    assert!(
        without.err.contains("left out: the snapshot was taken under another"),
        "{}",
        without.err
    );
}

#[test]
fn store_that_keeps_none_says_so() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["snapshot", "take", "--store", "nowhere.db"]).status, 4);
    assert_eq!(desk.run(&["snapshot"]).status, 2);
}
