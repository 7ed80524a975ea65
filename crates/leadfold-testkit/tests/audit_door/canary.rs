//! Doors that leave a rule out do not keep the law.

use leadfold_core::event::Event;
use leadfold_core::{Case, Playbook, Reason, Refusal, decide};
use leadfold_testkit::laws::check_decided_commands;
use leadfold_testkit::strategies::commands_under;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::book::playbook;

/// A door that does not look at one kind of rule.
fn careless(skipped: Reason) -> impl Fn(&Case, Event) -> Result<Option<Event>, Refusal> {
    move |case, event| match decide(case, event.clone()) {
        Err(refusal) if refusal.reason == skipped => Ok(Some(event)),
        decision => decision,
    }
}

/// The message of the first histories that break the law.
fn caught(playbook: &Playbook, skipped: Reason) -> Option<String> {
    let mut runner = TestRunner::deterministic();
    let strategy = commands_under(playbook, 200);
    let mut tries = (0..60).map(|_| strategy.new_tree(&mut runner).expect("commands").current());
    tries.find_map(|commands| {
        let decisions = check_decided_commands(playbook, careless(skipped), commands);
        decisions.err().map(|error| error.to_string())
    })
}

#[test]
fn a_door_without_a_rule_is_caught() {
    // Nothing is allowed to marketing, reasons are required, and there are gates and leavers.
    let strict = playbook(0b000_0001_1110);
    for (skipped, code) in [
        (Reason::GateFailed, "gate_not_met"),
        (Reason::OwnerGone, "owner_gone"),
        (Reason::MissingReason, "_reason"),
        (Reason::ConsentWithdrawn, "touched_after_withdrawal"),
        (Reason::TouchForbidden, "marketing_touch_to_"),
        (Reason::NotQualified, "qualif"),
        (Reason::NotOwner, "accepted_by_other"),
        (Reason::AlreadyCaptured, "illegal"),
        (Reason::NotACommand, "unknown_t"),
    ] {
        let message = caught(&strict, skipped).unwrap_or_else(|| panic!("{skipped} is not missed"));
        assert!(message.contains(code), "{skipped}: {message}");
        assert!(
            message.starts_with("expected nothing for which a command is refused"),
            "{message}"
        );
    }
}
