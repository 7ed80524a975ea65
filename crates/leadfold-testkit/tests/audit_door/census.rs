//! The law means something only if many commands go through, and many are refused for every
//! reason that the playbook gives.

use std::collections::BTreeMap;

use leadfold_core::Reason;
use leadfold_testkit::Log;
use leadfold_testkit::laws::decided_commands_are_clean;
use leadfold_testkit::strategies::{commands_under, valid_log_under};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::book::playbook;

#[test]
fn the_commands_meet_every_rule() {
    let mut runner = TestRunner::deterministic();
    let (mut recorded, mut kinds) = (0, BTreeMap::<String, u32>::new());
    let mut reasons = BTreeMap::<&str, u32>::new();
    let mut leadless = 0;
    for switches in (0..1 << 11).step_by(19) {
        let playbook = playbook(switches);
        let commands = commands_under(&playbook, 240).new_tree(&mut runner).expect("commands");
        let decisions = decided_commands_are_clean(&playbook, commands.current());
        for event in decisions.log.events().expect("memory does not fail") {
            *kinds.entry(event.event.body.type_name().to_owned()).or_default() += 1;
            recorded += 1;
        }
        for refusal in decisions.refusals {
            leadless += u32::from(refusal.lead.is_none());
            *reasons.entry(refusal.reason.name()).or_default() += 1;
        }
    }
    assert!(recorded > 4_000, "{recorded}");
    assert!(kinds.len() > 25, "{kinds:?}");
    assert!(leadless > 4, "{leadless}");
    assert!(kinds.get("cost_recorded") > Some(&4), "{kinds:?}");
    for reason in [
        Reason::NotACommand,
        Reason::GateFailed,
        Reason::OwnerGone,
        Reason::MissingReason,
        Reason::ConsentWithdrawn,
        Reason::TouchForbidden,
        Reason::NotOwner,
        Reason::MergedInto,
        Reason::BreaksHistory,
    ] {
        assert!(reasons.get(reason.name()) > Some(&4), "{} in {reasons:?}", reason.name());
    }
}

#[test]
fn valid_logs_go_far_under_a_strict_playbook() {
    let mut runner = TestRunner::deterministic();
    let strict = playbook(0b001_0001_1110);
    let mut kinds = BTreeMap::<String, u32>::new();
    let mut people = BTreeMap::<String, u32>::new();
    for _ in 0..20 {
        let log = valid_log_under(&strict, 10..20, 0..10_000).new_tree(&mut runner).expect("a log");
        for event in Log::of(log.current()).expect("a log").events().expect("memory") {
            *kinds.entry(event.event.body.type_name().to_owned()).or_default() += 1;
            if let leadfold_core::event::Body::HandedOff(offer) = event.event.body {
                *people.entry(offer.to).or_default() += 1;
            }
        }
    }
    for kind in ["handed_off", "accepted", "rejected", "opportunity_opened", "won", "recycled"] {
        assert!(kinds.get(kind).is_some_and(|n| *n > 3), "{kind} in {kinds:?}");
    }
    assert!(
        people.keys().all(|name| ["ann", "ben", "desk"].contains(&name.as_str())),
        "{people:?}"
    );
}
