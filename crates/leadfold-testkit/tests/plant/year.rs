//! A year of a company, with faults of every code.

use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::audit::AuditCode;
use leadfold_testkit::Log;
use leadfold_testkit::plant::{Plant, Planted};

/// Faults of every code.
const EACH: u32 = 30;

fn check(planted: &Planted) {
    let log = Log::of(planted.events.clone()).expect("the events make a log");
    let audit = log.audit(&Plant::playbook()).as_of(Plant::as_of());
    planted.check(audit.findings()).expect("the audit finds what was planted");
}

#[test]
fn every_fault_of_a_year_is_found_and_nothing_else() {
    let planted = Plant { seed: 1, leads: 100_000, each: EACH }.grow();
    let counts = planted.faults.iter().filter(|fault| !fault.is_implied);
    let counts = counts.fold(BTreeMap::new(), |mut counts, fault| {
        *counts.entry(fault.code).or_insert(0) += 1;
        counts
    });
    let all = AuditCode::ALL.iter().map(|code| (*code, EACH));
    assert_eq!(counts, all.collect::<BTreeMap<_, _>>());
    let leads = planted.events.iter().filter_map(|event| event.event.lead.as_ref());
    let leads: BTreeSet<_> = leads.collect();
    assert_eq!(leads.len(), 100_000);
    check(&planted);
}

#[test]
fn exemplary_leads_have_no_findings() {
    for seed in 0..20 {
        let planted = Plant { seed, leads: 500, each: 0 }.grow();
        assert!(planted.faults.is_empty());
        check(&planted);
    }
}

#[test]
fn one_seed_is_one_log() {
    let plant = Plant { seed: 6, leads: 300, each: 3 };
    let (one, other) = (plant.grow(), plant.grow());
    assert_eq!((&one.events, &one.faults), (&other.events, &other.faults));
    assert_ne!(one.events, Plant { seed: 7, ..plant }.grow().events);
}

#[test]
fn any_number_of_faults_is_found() {
    for (seed, each) in [(2, 1), (3, 5), (4, Plant::EACH_MAX)] {
        check(&Plant { seed, leads: 1_000, each }.grow());
    }
}

/// The default playbook has other rules: what they do not ask for is not found.
#[test]
fn without_the_rules_the_check_fails() {
    let planted = Plant { seed: 5, leads: 200, each: 1 }.grow();
    let log = Log::of(planted.events.clone()).expect("the events make a log");
    let audit = log.audit(&leadfold_core::Playbook::default()).as_of(Plant::as_of());
    let message = planted.check(audit.findings()).expect_err("gates are missing").to_string();
    assert!(message.contains("planted and not found"), "{message}");
    assert!(message.contains("\n  gate_not_met of lead P"), "{message}");
}
