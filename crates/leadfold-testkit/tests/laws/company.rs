//! The laws over the simulated company's log, and over what the strategies can draw at all.

use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::{Bounds, FindingCode, Playbook, Reason};
use leadfold_testkit::oracle;
use leadfold_testkit::simulate::Simulation;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value;

use super::book::{playbook, rules};
use super::draw::{Lines, lines};
use super::log::Log;
use super::plain::{expected, outcome};

fn company(seed: u64, rule_breaks: f64) -> Lines {
    let simulation = Simulation {
        merges: 0.1,
        late: 0.05,
        corrections: 0.1,
        rule_breaks,
        ..Simulation::new(seed, 150)
    };
    let mut log = Vec::new();
    simulation.write_ndjson(&mut log).expect("a vector takes all");
    let log = String::from_utf8(log).expect("a log is UTF-8");
    let parse = |line: &str| serde_json::from_str::<Value>(line).expect("a line is JSON");
    Lines(log.lines().map(parse).collect())
}

#[test]
fn the_company_s_log_reads_as_the_oracle_reads_it() {
    for (seed, rule_breaks) in [(1, 0.0), (2, 0.3)] {
        let log = Log::of(&company(seed, rule_breaks));
        let rules = oracle::Rules::default();
        let found = outcome(&log, &log.tables(&playbook(&rules), Bounds::default()));
        let expected = expected(&log.exported(), &rules, oracle::Bounds::default());
        assert_eq!(found.findings, expected.findings, "seed {seed}");
        assert_eq!(found.costs, expected.costs);
        assert_eq!(found.leads.len(), expected.leads.len());
        for (key, lead) in &found.leads {
            assert_eq!(lead, &expected.leads[key], "seed {seed}, lead {key}");
        }
    }
}

#[test]
fn the_company_s_log_makes_the_same_tables_in_any_pages() {
    let log = Log::of(&company(3, 0.1));
    let whole = log.tables(&Playbook::default(), Bounds::default()).encode();
    for events_max in [1, 7, 100] {
        let tables = log.tables_to(&Playbook::default(), Bounds::default(), log.head(), events_max);
        assert_eq!(tables.encode(), whole, "pages of {events_max}");
    }
    let mut fold = leadfold_core::Fold::new(Playbook::default(), Bounds::default());
    while fold.position() < log.head() {
        let to = (fold.position() + 97).min(log.head());
        log.feed(&mut fold, to, 97);
        log.settle(&mut fold);
    }
    assert_eq!(fold.tables().encode(), whole, "settled after every page");
}

/// Refusals that only a command meets.
const OF_COMMANDS: [&str; 12] = [
    "consent_withdrawn",
    "gate_failed",
    "owner_gone",
    "touch_forbidden",
    "duplicate_external_id",
    "not_a_command",
    "back_dated",
    "breaks_history",
    "missing_reason",
    "not_captured",
    "unknown_stage",
    "unknown_target",
];

/// A property holds of nothing if nothing of interest is drawn.
#[test]
fn the_drawn_logs_show_every_state_and_every_finding() {
    let mut runner = TestRunner::deterministic();
    let (mut states, mut codes) = (BTreeSet::new(), BTreeSet::new());
    let (mut decisions, mut cycles) = (BTreeSet::new(), 0);
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for _ in 0..600 {
        let drawn = (lines(), rules()).new_tree(&mut runner).expect("a log can be drawn");
        let (lines, rules) = drawn.current();
        let log = Log::of(&lines);
        let found = outcome(&log, &log.tables(&playbook(&rules), Bounds::default()));
        for lead in found.leads.values() {
            states.insert(lead.state.clone());
            decisions.extend(lead.handoffs.iter().map(|handoff| handoff.decision.clone()));
            cycles = cycles.max(lead.cycle);
        }
        for finding in found.findings {
            codes.insert(finding.code);
            finding.reason.into_iter().for_each(|reason| *reasons.entry(reason).or_default() += 1);
        }
    }
    assert_eq!(states.len(), 12, "{states:?}");
    assert_eq!(codes.len(), FindingCode::ALL.len(), "{codes:?}");
    assert_eq!(decisions.len(), 6, "{decisions:?}");
    assert!(cycles > 2);
    let missing = Reason::ALL.iter().map(|reason| reason.name());
    let missing: Vec<&str> = missing.filter(|name| !reasons.contains_key(*name)).collect();
    assert!(missing.iter().all(|name| OF_COMMANDS.contains(name)), "{missing:?}");
}
