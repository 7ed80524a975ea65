//! Sections of any serde type: what a playbook has not yet must be told as well.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::Document;
use crate::error::PlaybookFault;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sections {
    hours: Option<Hours>,
    weights: BTreeMap<String, u32>,
    share: f64,
    small: u8,
    step: Option<Step>,
    rule: Vec<Rule>,
    either: Option<Either>,
    pair: (i32, i32),
}

/// A type with a text form and errors of its own.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Hours;

struct BadHours(String);

impl fmt::Display for BadHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bad hours: expected a span such as 09:00-17:00, found {:?}; write two", self.0)
    }
}

impl FromStr for Hours {
    type Err = BadHours;

    fn from_str(text: &str) -> Result<Self, BadHours> {
        Err(BadHours(text.to_owned()))
    }
}

impl TryFrom<String> for Hours {
    type Error = BadHours;

    fn try_from(text: String) -> Result<Self, BadHours> {
        text.parse()
    }
}

/// A tagged choice: serde loses the places inside.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[expect(dead_code, reason = "only the errors are looked at")]
enum Rule {
    Fixed { points: i32 },
    Decay { half_life_days: u32 },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only the errors are looked at")]
enum Step {
    None,
    Wait { days: u32 },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the errors are looked at")]
enum Either {
    Number(u32),
    Text(String),
}

const SEE: &str = "; correct it as docs/PLAYBOOK.md says";

#[track_caller]
fn check(text: &str, expected: &str) {
    let error = Document::new(text, "f").read::<Sections>(&[]).expect_err(expected);
    assert_eq!(error.to_string(), format!("f, {}", expected.replace("SEE", SEE)));
}

#[test]
fn words_of_our_own_types_are_kept() {
    check(
        "hours = \"9-17\"",
        "line 1, column 9, key `hours`: expected a span such as 09:00-17:00, found \"9-17\"; write \
         two",
    );
}

#[test]
fn types_have_the_names_of_toml() {
    check("share = \"x\"", "line 1, column 9, key `share`: expected a number, found \"x\"SEE");
    check(
        "small = 256",
        "line 1, column 9, key `small`: expected a whole number from 0 to 255, found `256`SEE",
    );
    check("rule = 1", "line 1, column 8, key `rule`: expected a list, found `1`SEE");
    check("weights = []", "line 1, column 11, key `weights`: expected a table, found a listSEE");
    check(
        "[weights]\n\"a b\" = -2",
        "line 2, column 9, key `weights.\"a b\"`: expected a whole number from 0 to 4294967295, \
         found `-2`SEE",
    );
    check("pair = [1]", "line 1, column 8, key `pair`: expected a tuple of size 2, found 1SEE");
}

#[test]
fn tagged_choices_are_told_in_their_table() {
    check(
        "[[rule]]\nkind = \"fixed\"\npoints = 1\n[[rule]]\nkind = \"decay\"\nhalf_life = 1",
        "line 6, column 1, key `rule[1].half_life`: expected `half_life_days`, found `half_life`SEE",
    );
    check(
        "[[rule]]\nkind = \"decoy\"",
        "line 2, column 8, key `rule[0].kind`: expected `fixed` or `decay`, found \"decoy\"; did \
         you mean `decay`?",
    );
    check(
        "[[rule]]\nkind = \"fixed\"\npoints = true",
        "line 1, column 1, key `rule[0]`: expected a whole number, found `true`SEE",
    );
    check(
        "rule = [{ kind = \"fixed\", points = 1 }, { kind = \"decay\", points = 1 }]",
        "line 1, column 1, key `rule`: expected `half_life_days`, found `points`SEE",
    );
    check(
        "[[rule]]\nkind = \"fixed\"\npoints = 1\n[[rule]]\nkind = \"decay\"\npoints = 1",
        "line 1, column 3, key `rule`: expected `half_life_days`, found `points`SEE",
    );
    check(
        "rule = [{ points = 1 }]",
        "line 1, column 9, key `rule[0]`: expected the key `kind`, found none; add it",
    );
}

#[test]
fn other_choices_are_told_as_well_as_can_be() {
    check("step = 3", "line 1, column 8, key `step`: expected a word in quotes, found `3`SEE");
    check(
        "step = { wait = { days = \"2\" } }",
        "line 1, column 26, key `step.wait.days`: expected a whole number from 0 to 4294967295, \
         found \"2\"SEE",
    );
    check(
        "either = true",
        "line 1, column 10, key `either`: expected a sound value (data did not match any variant \
         of untagged enum Either), found `true`SEE",
    );
}

#[test]
fn a_fault_of_a_key_that_is_not_written_is_told_where_its_section_is() {
    let document = Document::new("name = \"a\"\n\n[sla]\n", "f");
    let place = |key: &str| {
        let (key, empty) = (key.to_owned(), String::new);
        let error = document.at_key(PlaybookFault {
            key,
            expected: empty(),
            found: empty(),
            advice: empty(),
        });
        (error.line, error.column)
    };
    assert_eq!(place("name"), (1, 8));
    assert_eq!(place("sla"), (3, 1));
    assert_eq!(place("sla.decision_seconds"), (3, 1));
    assert_eq!(place("sla.tiers[3].seconds"), (3, 1));
    assert_eq!(place("pipelines[0].name"), (1, 1));
}
