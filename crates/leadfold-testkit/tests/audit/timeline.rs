//! A timeline tells what the log says: against the naive oracle, and by hand.

use std::collections::BTreeSet;

use leadfold_core::event::{NewEvent, TouchResult};
use leadfold_core::{Playbook, SECOND, Timestamp};
use leadfold_testkit::oracle::{self, Bounds, Rules};
use leadfold_testkit::story::Story;
use leadfold_testkit::strategies::adversarial_log;
use leadfold_testkit::{Log, Timeline};
use proptest::prelude::*;

fn timeline(story: Story, lead: &str) -> Timeline {
    let log = Log::of(story).expect("a log");
    log.timelines(lead, &Playbook::default()).expect("memory does not fail").remove(0)
}

#[test]
fn what_was_taken_back_does_not_count() {
    let story = Story::new().at("2024-03-01T09:00:00Z").lead("L1").captured("web");
    let story = story.qualified_mql();
    let qualified = story.id();
    let told = timeline(story.hours(1).retract(qualified).visited("pricing"), "L1").to_string();
    let expected = format!(
        "1 Fri 2024-03-01 09:00 captured source web -> new\n\
         2 Fri 2024-03-01 09:00 qualified level mql does not count\n\
         3 Fri 2024-03-01 10:00 corrected action retract, reason mistake, target {qualified}\n\
         4 Fri 2024-03-01 10:00 touched activity pricing, side prospect new\n"
    );
    assert_eq!(squeezed(&told), expected);
}

/// The widths of the columns are no matter here.
fn squeezed(text: &str) -> String {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n";
    text.lines().map(words).collect()
}

#[test]
fn a_survivor_has_the_events_of_what_it_absorbed() {
    let story = Story::new().at("2024-03-01T09:00:00Z").lead("L2").captured("fair").qualified_mql();
    let story = story.hours(1).lead("L1").captured("web").lead("L2").hours(1).merged("L1");
    let told = squeezed(&timeline(story.clone(), "L1").to_string());
    assert!(told.contains("1 Fri 2024-03-01 09:00 L2 captured source fair -> new\n"), "{told}");
    assert!(told.contains("3 Fri 2024-03-01 10:00 captured source web mql\n"), "{told}");
    let told = squeezed(&timeline(story, "L2").to_string());
    assert!(told.ends_with("11:00 merged into L1\n-- merged: part of L1 from then on\n"), "{told}");
    assert!(!told.contains("source web"), "{told}");
}

#[test]
fn a_long_life_is_shown_around_what_matters() {
    let story = Story::new().at("2024-03-01T09:00:00Z").lead("L1").captured("web");
    let story = (0..200).fold(story, |story, _| story.hours(1).visited("pricing"));
    let story = story.accepted("ann");
    let story = (0..200).fold(story, |story, _| story.hours(1).called("ann", TouchResult::Attempt));
    let log = Log::of(story).expect("a log");
    let audit = log.audit(&Playbook::default());
    let message = audit.check_clean().expect_err("it is wrong").to_string();
    assert!(message.contains(">>202  Sat 2024-03-09 17:00  accepted"), "{message}");
    assert_eq!(message.lines().filter(|line| line.trim() == "...").count(), 2, "{message}");
    assert_eq!(message.lines().filter(|line| line.contains("touched ")).count(), 7 + 16 + 8);
}

/// Law 9: whoever searches a life of this length for each of its events does not come back in time.
#[test]
fn a_life_of_60_000_events_is_told() {
    let line = |lead: usize, kind: &str, second: usize, data: &str| {
        let at = Timestamp::from_micros((1_700_000_000 + second as i64) * SECOND);
        format!(r#"{{"lead":"L{lead}","type":"{kind}","occurred_at":"{at}","data":{data}}}"#)
    };
    let lives = (1..=20_000).flat_map(|n| {
        let captured = line(n, "captured", n, "{}");
        let handed_off = line(0, "handed_off", n, &format!(r#"{{"to":"p{}"}}"#, n % 3));
        [captured, handed_off, line(n, "merged", 20_000 + n, r#"{"into":"L0"}"#)]
    });
    let text = lives.collect::<Vec<_>>().join("\n");
    let log = Log::read(text.as_bytes(), "merged.ndjson").expect("a log");
    let life = log.timelines("L0", &Playbook::default()).expect("memory does not fail").remove(0);
    assert_eq!(life.to_string().matches(" ...").count(), 1);
    let message = log.audit(&Playbook::default()).check_clean().expect_err("it is wrong");
    assert!(message.to_string().ends_with("\nand 19961 more\n"), "{message}");
}

/// Every event once, as a store exports it.
fn exported(events: &[NewEvent]) -> Vec<serde_json::Value> {
    let mut seen = BTreeSet::new();
    let once = events.iter().filter(|event| seen.insert(event.id));
    once.map(|event| {
        let mut line = Vec::new();
        event.write_line(&mut line).expect("a vector takes all");
        serde_json::from_slice(&line).expect("JSON")
    })
    .collect()
}

/// The state at the end of the last event that moved the lead, or left it where it was.
fn last_state(told: &str) -> Option<&str> {
    if told.contains("\n --   merged: part of ") {
        return Some("merged");
    }
    let mut ends = told.lines().filter_map(|line| line.split_whitespace().next_back());
    ends.rfind(|end| leadfold_core::State::ALL.iter().any(|state| state.name() == *end))
}

proptest! {
    #![proptest_config(super::property::config(96))]

    #[test]
    fn a_timeline_ends_in_the_state_that_the_oracle_finds(events in adversarial_log(40)) {
        let outcome = oracle::read(&exported(&events), &Rules::default(), Bounds::default());
        let log = Log::of(events).expect("a log");
        for (key, lead) in &outcome.leads {
            let lives = log.timelines(key, &Playbook::default()).expect("memory does not fail");
            prop_assert_eq!(lives.len(), 1);
            let told = lives[0].to_string();
            prop_assert_eq!(last_state(&told), Some(lead.state.as_str()), "{}\n{}", key, told);
        }
    }
}
