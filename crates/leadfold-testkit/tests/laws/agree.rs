//! The fold says what the oracle says.

use leadfold_core::{Bounds, Timestamp};
use leadfold_testkit::oracle;
use proptest::prelude::*;

use super::book::{config, playbook, rules};
use super::draw::{Lines, instant, lines};
use super::log::Log;
use super::plain::{expected, outcome};

/// Fails where the two readings differ, with the difference alone.
pub(crate) fn compare(
    lines: &Lines,
    rules: &oracle::Rules,
    bounds: oracle::Bounds,
) -> Result<(), TestCaseError> {
    let log = Log::of(lines);
    let core_bounds = Bounds {
        as_of: bounds.as_of.map(Timestamp::from_micros),
        known_at: bounds.known_at.map(Timestamp::from_micros),
    };
    let found = outcome(&log, &log.tables(&playbook(rules), core_bounds));
    let expected = expected(&log.exported(), rules, bounds);
    prop_assert_eq!(found.findings, expected.findings, "findings");
    prop_assert_eq!(found.costs, expected.costs, "costs");
    prop_assert!(found.leads.keys().eq(expected.leads.keys()), "which leads have begun");
    for (key, lead) in &found.leads {
        prop_assert_eq!(lead, &expected.leads[key], "lead {}", key);
    }
    Ok(())
}

pub(crate) fn any_bounds() -> impl Strategy<Value = oracle::Bounds> {
    (prop::option::of(instant()), prop::option::of(instant()))
        .prop_map(|(as_of, known_at)| oracle::Bounds { as_of, known_at })
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn the_fold_reads_a_log_as_the_oracle_does(lines in lines(), rules in rules()) {
        compare(&lines, &rules, oracle::Bounds::default())?;
    }

    #[test]
    fn the_fold_reads_a_part_of_a_log_as_the_oracle_does(
        lines in lines(), rules in rules(), bounds in any_bounds(),
    ) {
        compare(&lines, &rules, bounds)?;
    }
}
