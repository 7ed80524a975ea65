//! The same comparisons over the strategies that the testkit offers to others.

use leadfold_core::event::NewEvent;
use leadfold_core::{Bounds, Playbook};
use leadfold_testkit::oracle;
use leadfold_testkit::strategies::{adversarial_log, valid_log};
use proptest::prelude::*;
use serde_json::json;

use super::agree::{any_bounds, compare};
use super::book::{config, rules};
use super::draw::Lines;
use super::log::Log;
use super::replay::follow;

/// The events as lines, each once.
fn lines(events: &[NewEvent]) -> Lines {
    let line = |event: &NewEvent| {
        let mut line = Vec::new();
        event.write_line(&mut line).expect("a vector takes all");
        serde_json::from_slice(&line).expect("a line is JSON")
    };
    Lines(events.iter().map(line).collect())
}

#[test]
fn an_empty_attribute_says_as_much_as_none() {
    let line = json!({
        "id": "00000000-0000-7000-8000-000000000001", "lead": "a", "type": "captured",
        "occurred_at": "2024-01-01T00:00:00Z", "data": {"attributes": {"region": ""}},
    });
    let lines = Lines(vec![line]);
    compare(&lines, &oracle::Rules::default(), oracle::Bounds::default()).expect("they agree");
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn strange_logs_read_as_the_oracle_reads_them(
        log in adversarial_log(40), rules in rules(), bounds in any_bounds(),
    ) {
        let lines = lines(&log);
        compare(&lines, &rules, oracle::Bounds::default())?;
        compare(&lines, &rules, bounds)?;
    }

    #[test]
    fn strange_logs_are_followed_page_by_page(log in adversarial_log(30), page in 1_usize..9) {
        follow(&Log::of(&lines(&log)), &Playbook::default(), Bounds::default(), page)?;
    }
}

proptest! {
    #![proptest_config(config(32))]

    #[test]
    fn legal_logs_read_as_the_oracle_reads_them(log in valid_log(1..30, 0..10_000)) {
        compare(&lines(&log), &oracle::Rules::default(), oracle::Bounds::default())?;
    }

    #[test]
    fn legal_logs_are_followed_page_by_page(log in valid_log(1..8, 0..10_000), page in 5_usize..40) {
        follow(&Log::of(&lines(&log)), &Playbook::default(), Bounds::default(), page)?;
    }
}
