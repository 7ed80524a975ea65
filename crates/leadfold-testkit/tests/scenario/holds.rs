//! The scenarios of this crate hold, and would not if something else were found.

use leadfold_testkit::scenario::{self, Scenario};

#[test]
fn the_scenarios_hold() {
    scenario::check_all("tests/scenarios");
}

/// The canary: a scenario is not met by whatever is found.
#[test]
fn every_line_that_is_expected_matters() {
    let folder = std::path::Path::new("tests/scenarios");
    let files = std::fs::read_dir(folder).expect("the folder").map(|file| file.expect("a file"));
    let mut n = 0;
    for file in files.filter(|file| file.path().extension().is_some_and(|e| e == "scenario")) {
        let text = std::fs::read_to_string(file.path()).expect("a text");
        let (head, expected) = text.split_once("expect:\n").expect("an expected part");
        let lines: Vec<&str> = expected.lines().collect();
        for left_out in 0..lines.len() {
            let mut fewer = lines.clone();
            fewer.remove(left_out);
            let text = format!("{head}expect:\n{}\n", fewer.join("\n"));
            let scenario = Scenario::parse(&text, "x.scenario", Some(folder)).expect("sound");
            assert!(scenario.check().is_err(), "{text}");
            n += 1;
        }
    }
    assert!(n > 20, "{n} lines");
}

#[test]
fn the_difference_is_shown_with_the_life_of_the_lead() {
    let text = "\
scenario: Friday evening
playbook: b2b.toml
2024-03-08 17:55  L2 is captured from webinar with industry software
2024-03-08 17:58  L2 is qualified as mql
2024-03-08 18:00  L2 is handed off to ben
2024-03-12 09:30  ben accepts L2
expect:
  leaked L2: Lead L2 leaked.
";
    let folder = Some("tests/scenarios".as_ref());
    let scenario = Scenario::parse(text, "friday.scenario", folder).expect("sound");
    let message = scenario.check().expect_err("it is wrong").to_string();
    let expected = "\
friday.scenario: \"Friday evening\" is not as expected (- expected, + found; LEADFOLD_UPDATE=1 writes what is found into the file)

- leaked L2: Lead L2 leaked.
+ leaked L2: Lead L2 leaked: it was with ben, and 30 min 0 s of working time after an attempt was due, nobody in sales had tried to reach it.
+ decision_late L2: Lead L2 was decided by ben 4 h 30 min of working time after the decision was due.

expected nothing new, found 2 findings
(playbook \"b2b\", as of Tue 2024-03-12 09:30, times in Europe/Berlin)

1. error leaked";
    assert!(message.starts_with(expected), "{message}");
    assert!(message.contains("\n   >> 3  Fri 2024-03-08 18:00  handed_off  to ben"), "{message}");
}

#[test]
fn times_are_on_the_clocks_of_the_zone() {
    let text = "zone: +02:00\n2024-03-01 09:00  L1 is captured from web\nexpect:\n  no findings";
    let scenario = Scenario::parse(text, "x", None).expect("sound");
    let events = scenario.log().events().expect("memory does not fail");
    assert_eq!(events[0].event.occurred_at.to_string(), "2024-03-01T09:00:00+02:00");
    scenario.check().expect("nothing is found");
    assert_eq!(scenario.title(), "x");
}
