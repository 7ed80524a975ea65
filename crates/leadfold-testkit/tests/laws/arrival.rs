//! Law 4, and the law of bounds: what a log says does not depend on how it came to say it.

use std::collections::BTreeSet;

use leadfold_core::{Bounds, Timestamp};
use leadfold_store::Append;
use leadfold_testkit::oracle;
use proptest::prelude::*;
use serde_json::Value;

use super::book::{config, playbook, rules};
use super::draw::{Lines, instant, lines, lines_of_distinct_times};
use super::log::{Log, events};
use super::plain::outcome;

/// What a log says, with the events by their ids instead of their positions.
fn said(log: &Log, playbook: &leadfold_core::Playbook, bounds: Bounds) -> oracle::Outcome {
    let mut outcome = outcome(log, &log.tables(playbook, bounds));
    for finding in &mut outcome.findings {
        let ids = log.store.event_ids(&[finding.position]).expect("findings name events");
        // Drawn ids count the events.
        finding.position = ids[0].0.as_u128() as u64;
    }
    outcome.findings.sort_by_key(|f| (f.position, f.code.clone(), f.reason.clone()));
    outcome
}

/// The ids of a log's events, as [`said`] gives them.
fn ids(log: &Log) -> BTreeSet<u64> {
    let events = log.store.events(0, usize::MAX).expect("a memory has events");
    events.iter().map(|event| event.id.0.as_u128() as u64).collect()
}

fn is_correction(line: &Value) -> bool {
    line["type"] == "corrected" && line.get("v").is_none()
}

/// The lines in the order of the ranks. Corrections keep the order among themselves, since the
/// last one counts; they may well come before what they correct.
fn shuffled(lines: &Lines, ranks: &[u32]) -> Lines {
    let mut order: Vec<usize> = (0..lines.0.len()).collect();
    order.sort_by_key(|index| ranks[index % ranks.len()].wrapping_mul(*index as u32 | 1));
    let mut corrections = (0..lines.0.len()).filter(|index| is_correction(&lines.0[*index]));
    let in_turn = |index: usize| match is_correction(&lines.0[index]) {
        true => corrections.next().expect("each slot of a correction has one"),
        false => index,
    };
    Lines(order.into_iter().map(in_turn).map(|index| lines.0[index].clone()).collect())
}

/// The log that holds only what the bounds let through: corrections are bounded by K alone, but
/// go with a target that had not happened by T.
fn restricted(lines: &Lines, as_of: Option<i64>, known_at: Option<i64>) -> Lines {
    let micros = |line: &Value, name: &str| {
        let text = line[name].as_str().expect("drawn lines have their times");
        text.parse::<Timestamp>().expect("drawn times are times").micros()
    };
    let is_due = |line: &Value| as_of.is_none_or(|as_of| micros(line, "occurred_at") <= as_of);
    let is_known = |line: &&Value| known_at.is_none_or(|k| micros(line, "recorded_at") <= k);
    let mut rest: Vec<Value> = lines.0.iter().filter(is_known).cloned().collect();
    let is_gone = |line: &Value| !is_correction(line) && !is_due(line);
    let mut gone: BTreeSet<(String, String)> = BTreeSet::new();
    let name = |line: &Value, id: &Value| (line["lead"].to_string(), id.to_string());
    gone.extend(rest.iter().filter(|line| is_gone(line)).map(|line| name(line, &line["id"])));
    loop {
        let n = gone.len();
        for line in rest.iter().filter(|line| is_correction(line)) {
            if gone.contains(&name(line, &line["data"]["target"])) {
                gone.insert(name(line, &line["id"]));
            }
        }
        if gone.len() == n {
            break;
        }
    }
    rest.retain(|line| !gone.contains(&name(line, &line["id"])));
    Lines(rest)
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn law_4_the_order_of_arrival_is_no_matter(
        lines in lines_of_distinct_times(), rules in rules(),
        ranks in prop::collection::vec(any::<u32>(), 1..20),
    ) {
        let (first, playbook) = (Log::of(&lines), playbook(&rules));
        let second = Log::of(&shuffled(&lines, &ranks));
        prop_assert_eq!(
            said(&second, &playbook, Bounds::default()),
            said(&first, &playbook, Bounds::default())
        );
    }

    #[test]
    fn law_4_an_event_that_comes_again_changes_nothing(
        lines in lines(), again in prop::collection::vec(any::<prop::sample::Index>(), 0..9),
    ) {
        prop_assume!(!lines.0.is_empty());
        let log = Log::of(&lines);
        let twice: Vec<Value> = again.iter().map(|i| lines.0[i.index(lines.0.len())].clone()).collect();
        let before = log.tables(&playbook(&oracle::Rules::default()), Bounds::default()).encode();
        let again = Append::new(events(&Lines(twice)), Timestamp::from_micros(9));
        let appended = log.store.append(again).expect("what is known is no conflict");
        prop_assert_eq!(appended.head, log.head());
        let after = log.tables(&playbook(&oracle::Rules::default()), Bounds::default());
        prop_assert_eq!(after.encode(), before);
    }

    #[test]
    fn a_bounded_reading_equals_the_reading_of_a_log_of_only_that(
        lines in lines(), rules in rules(),
        as_of in prop::option::of(instant()), known_at in prop::option::of(instant()),
    ) {
        let (log, playbook) = (Log::of(&lines), playbook(&rules));
        let bounds = Bounds {
            as_of: as_of.map(Timestamp::from_micros),
            known_at: known_at.map(Timestamp::from_micros),
        };
        let part = Log::of(&restricted(&lines, as_of, known_at));
        let mut expected = said(&part, &playbook, Bounds::default());
        // The finding of a correction that corrects nothing belongs to when it was made.
        let is_due = |at: i64| as_of.is_none_or(|as_of| at <= as_of);
        expected.findings.retain(|finding| is_due(finding.at));
        // So does that of one that went with its target.
        let rest: BTreeSet<u64> = ids(&part);
        let mut found = said(&log, &playbook, bounds);
        found.findings.retain(|f| f.code != "unknown_target" || rest.contains(&f.position));
        prop_assert_eq!(found, expected);
    }
}
