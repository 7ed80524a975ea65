//! The tour.

use serde_json::Value;

use crate::support::Desk;

#[test]
fn the_tour_shows_everything_and_a_second_one_adds_nothing() {
    let desk = Desk::new();
    let args = ["demo", "--dir", "tour", "--leads", "300"];
    let first = desk.run_bare(&args).ok();
    for part in ["== status ==", "== funnel by source ==", "== hand-off audit ==", "== next =="] {
        assert!(first.out.contains(part), "{part}");
    }
    let second = desk.run_bare(&args).ok();
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
}

#[test]
fn every_next_command_works() {
    let desk = Desk::new();
    let tour = desk.run_bare(&["demo", "--dir", "tour", "--leads", "300"]).ok().out;
    let next = tour.split_once("== next ==").expect("there is a next").1;
    let commands: Vec<&str> = next.lines().filter(|line| line.starts_with("leadfold ")).collect();
    assert_eq!(commands.len(), 7);
    for command in commands {
        let command = command.split(" | ").next().expect("a command");
        let args: Vec<&str> = command.split(' ').skip(1).collect();
        let ran = desk.run_bare(&args);
        let expected = i32::from(args.contains(&"--deny"));
        assert_eq!(ran.status, expected, "{command}: {}", ran.err);
    }
}
