//! The tour.

use serde_json::Value;

use crate::support::{Desk, SMALL};

#[test]
fn the_tour_shows_everything_and_a_second_one_adds_nothing() {
    let desk = Desk::new();
    let args = ["demo", "--dir", "tour", "--leads", "300"];
    let first = desk.run_bare(&args).ok();
    for part in [
        "== status ==",
        "== funnel by source ==",
        "== hand-off audit ==",
        "== report ==",
        "== next ==",
    ] {
        assert!(first.out.contains(part), "{part}");
    }
    assert_eq!(first.err.matches("as of ").count(), 1, "{}", first.err);
    assert!(first.out.contains("written to tour/report.html"), "{}", first.out);
    let page = desk.read("tour/report.html");
    desk.write("tour/report.html", "an older one");
    let second = desk.run_bare(&args).ok();
    assert!(desk.read("tour/report.html") == page, "a second tour leaves the report as it was");
    assert!(second.out.contains("all of it was in the log already"), "{}", second.out);
    let json: Value = desk.run_bare(&[&args[..], &["--json"]].concat()).ok().json();
    assert_eq!(json["import"]["appended"], 0);
    let leads = json["status"]["leads"].as_u64().expect("a count");
    assert!((290..=300).contains(&leads));
    let findings = json["audit"]["findings"].as_array().expect("findings");
    assert!(!findings.is_empty());
    let rows = json["funnel"]["rows"].as_array().expect("rows");
    let captured: u64 = rows.iter().map(|row| row["captured"].as_u64().expect("a count")).sum();
    assert_eq!(captured, 2 * rows[0]["captured"].as_u64().expect("a count"));
    assert_eq!(json["report"]["bytes"], page.len());
    let again = ["report", "--store", "tour/leads.db", "--out", "-"];
    assert!(desk.run_bare(&again).ok().out == page, "it is the report of that log");
}

#[test]
fn a_directory_may_begin_with_two_slashes() {
    let desk = Desk::new();
    let dir = format!("/{}", desk.path("tour").display());
    desk.run_bare(&["demo", "--dir", &dir, "--leads", "30"]).ok();
    assert!(desk.path("tour/leads.db").exists());
}

#[test]
fn every_next_command_works() {
    let desk = Desk::new();
    let tour = desk.run_bare(&["demo", "--dir", "tour", "--leads", "300"]).ok().out;
    let next = tour.split_once("== next ==").expect("there is a next").1;
    let commands: Vec<&str> = next.lines().filter(|line| line.contains(" --store ")).collect();
    assert_eq!(commands.len(), 7);
    for command in commands {
        let command = command.split(" | ").next().expect("a command");
        let (program, args) = command.split_once(' ').expect("a program");
        assert_eq!(program, env!("CARGO_BIN_EXE_leadfold"), "it can be copied");
        let args: Vec<&str> = args.split(' ').collect();
        let ran = desk.run_bare(&args);
        let expected = i32::from(args.contains(&"--deny"));
        assert_eq!(ran.status, expected, "{command}: {}", ran.err);
    }
}

/// The names of the tour are those of the README, and so may be those of somebody's own files.
#[test]
fn the_tour_leaves_files_of_others_alone() {
    let args = ["demo", "--dir", ".", "--leads", "30"];
    let own = Desk::new();
    own.write("events.ndjson", "mine");
    let store = Desk::with_log(SMALL);
    let page = Desk::new();
    page.write("report.html", "mine");
    let other_year = Desk::new();
    other_year.run_bare(&["demo", "--dir", ".", "--leads", "30", "--seed", "2"]).ok();
    for desk in [own, store, page, other_year] {
        let content = |name: &str| std::fs::read(desk.path(name)).ok();
        let files = ["events.ndjson", "leads.db", "report.html"];
        let before = files.map(content);
        let ran = desk.run_bare(&args);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.contains("give another --dir"), "{}", ran.err);
        assert!(files.map(content) == before);
    }
}

#[test]
fn a_tour_whose_lines_are_refused_ends_as_an_import_does() {
    let args = ["demo", "--dir", ".", "--leads", "30"];
    let desk = Desk::new();
    desk.run_bare(&args).ok();
    let events = desk.read("events.ndjson");
    let first = events.lines().next().expect("a line");
    let mut other: Value = serde_json::from_str(first).expect("JSON");
    other["tenant"] = "another".into();
    std::fs::remove_file(desk.path("leads.db")).expect("it is there");
    desk.write("other.ndjson", other.to_string());
    desk.run(&["import", "other.ndjson"]).ok();
    let ran = desk.run_bare(&args);
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert!(ran.out.contains("1 refused") && ran.err.contains("refused: line 1: "), "{}", ran.err);
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let desk = Desk::new();
    desk.write("file", "");
    let ran = desk.run_bare(&["demo", "--dir", "file/tour", "--leads", "30"]);
    assert_eq!(ran.status, 4);
    assert!(ran.err.starts_with("error: cannot write file/tour: "), "{}", ran.err);
}

#[test]
fn next_commands_can_be_copied_into_a_shell() {
    let desk = Desk::new();
    let out = desk.run_bare(&["demo", "--dir", "de 'mo", "--leads", "30"]).ok().out;
    assert!(out.contains(r"aging --store 'de '\''mo/leads.db'"), "{out}");
}
