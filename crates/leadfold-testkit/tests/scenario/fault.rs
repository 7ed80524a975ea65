//! Faults have file, line and column, what was expected, what was found, and what to do.

use leadfold_testkit::scenario::{Scenario, ScenarioError};
use proptest::prelude::*;

fn fault(text: &str) -> String {
    let error = Scenario::parse(text, "x.scenario", Some("tests/scenarios".as_ref()));
    error.expect_err("it is wrong").to_string()
}

const ADVICE: &str = "write it as docs/SCENARIOS.md says";

#[test]
fn sentences_that_are_none_say_how_far_they_were_understood() {
    for (sentence, column, expected, found) in [
        ("ann acepts L1", 23, "`visits`", "`acepts`"),
        ("L1 is handed of to ann", 32, "`off`", "`of`"),
        ("L1 is handed off to", 38, "a word for to", "the end of the line"),
        ("L1 is handed off to ann,", 43, "`decision` or `attempt`", "the end of the line"),
        ("L1 is handed off to ann soon", 43, "`as` or `,` or `:` or the end of the line", "`soon`"),
        ("ann calls L1, maybe", 33, "`no` or `reached`", "`maybe`"),
        ("L1 pays 9.999 EUR", 27, "an amount such as 900.00 EUR", "`9.999`"),
        ("L1 pays 9 euros", 27, "an amount such as 900.00 EUR", "`9`"),
        ("L1 is scored much by m 1", 32, "a number", "`much`"),
        (
            "L1 is updated with size",
            38,
            "names and values such as `industry software, size 50`",
            "`size`",
        ),
        (
            "L1 is recycled until autumn",
            40,
            "a time that the clocks show, such as 2024-03-01 18:00",
            "`autumn`",
        ),
        ("\"L1 is captured", 19, "a quote that ends the text", "the end of the line"),
        ("", 17, "", "the end of the line"),
    ] {
        let message = fault(&format!("scenario: x\n2024-03-01 09:00  {sentence}\nexpect:"));
        let place = format!("x.scenario, line 2, column {column}: expected ");
        assert!(message.starts_with(&place), "{message}");
        assert!(message.contains(expected), "{message}");
        assert!(message.ends_with(&format!(", found {found}; {ADVICE}")), "{message}");
    }
}

#[test]
fn lines_that_are_none_have_their_place_too() {
    for (text, expected) in [
        (
            "soon L1 is captured",
            "x.scenario, line 1, column 1: expected a time that the clocks show, such as \
             2024-03-01 18:00, or a header, found `soon`; write it as docs/SCENARIOS.md says",
        ),
        (
            "zone: Europe/Berlin\n2024-03-31 02:30 L1 is captured",
            "x.scenario, line 2, column 1: expected a time that the clocks show, such as \
             2024-03-01 18:00, or a header, found `2024-03-31`; write it as docs/SCENARIOS.md says",
        ),
        (
            "2024-03-01 L1 is captured (known late)",
            "x.scenario, line 1, column 34: expected a time such as 2024-03-01 18:00, found \
             `late`; write it as docs/SCENARIOS.md says",
        ),
        (
            "as of noon",
            "x.scenario, line 1, column 7: expected a time that the clocks show, such as \
             2024-03-05 or 2024-03-05 18:00, found `noon`; write it as docs/SCENARIOS.md says",
        ),
        (
            "\n\nzone: Europe/Berln",
            "x.scenario, line 3, column 7: expected a time zone, found `Europe/Berln`; expected \
             an IANA name such as Europe/Berlin or an offset such as +01:00, found \
             \"Europe/Berln\"; did you mean Europe/Berlin?",
        ),
        (
            "scenario: a\nscenario: b",
            "x.scenario, line 2, column 1: expected this once in a scenario, found it a second \
             time; leave one of them out",
        ),
        (
            "2024-03-01 L1 {\"type\":\"captured\",\"lead\":\"L1\"}",
            "x.scenario, line 1, column 12: expected an event as JSON, with `type` and `data`, \
             found `lead` in it; the line says it already: leave it out",
        ),
        (
            "2024-03-01 L1 is qualified as good",
            "x.scenario, line 1, column 12: expected an event, found one that is none: expected \
             `mql` or `sql` in `data.level` of `qualified`, found \"good\": write one of these \
             words; docs/EVENTS.md says what its fields may be",
        ),
        (
            "2024-03-01 the won of L1 at 2024-02-01 did not happen",
            "x.scenario, line 1, column 12: expected an event that an earlier line tells, by its \
             type, lead and time, found none such; see docs/EVENTS.md for types",
        ),
    ] {
        assert_eq!(fault(text), expected);
    }
    let figures = fault("figures: leaked, speed");
    let place = "x.scenario, line 1, column 18: expected figures out of offered, accepted";
    assert!(figures.starts_with(place) && figures.contains("found `speed`"), "{figures}");
}

#[test]
fn faults_of_an_inline_playbook_are_at_their_line_of_the_scenario() {
    let message = fault("scenario: x\nplaybook:\n  [rules]\n\n  hand_riser = true\nexpect:");
    assert!(
        message.starts_with("x.scenario, line 5, column 3, key `rules.hand_riser`"),
        "{message}"
    );
    let message = fault("playbook: no.toml");
    assert!(
        message.starts_with("cannot open tests/scenarios/no.toml: expected a file"),
        "{message}"
    );
}

#[test]
fn a_folder_without_scenarios_is_a_mistake() {
    let error = leadfold_testkit::scenario::try_check_all("src").expect_err("it is wrong");
    assert!(matches!(error, ScenarioError::Unmet(_)));
    assert!(error.to_string().contains("expected files NAME.scenario in src, found none"));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Texts of all kinds: the answer is a scenario or a fault, and a fault has a place in it.
    #[test]
    fn any_text_is_a_scenario_or_a_fault(
        lines in prop::collection::vec(
            prop_oneof![
                "(scenario|playbook|zone|figures|as of|expect)[: ]{0,2}[a-zA-Z0-9 ./:-]{0,12}",
                "2024-03-01( 09:00)? [a-zA-Z0-9 ,:\"{}()\u{e9}]{0,40}",
                "\\PC{0,40}",
            ],
            0..8,
        ),
    ) {
        let text = lines.join("\n");
        match Scenario::parse(&text, "x", None) {
            Ok(scenario) => prop_assert!(scenario.updated().is_ok()),
            Err(ScenarioError::Line(fault)) => {
                let line = text.split('\n').nth(fault.line - 1);
                let length = line.map(|line| line.chars().count());
                prop_assert!(length.is_some_and(|length| fault.column <= length + 1), "{}", fault);
            }
            Err(_) => {}
        }
    }
}
