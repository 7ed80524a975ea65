//! Who has a lead that was taken away and given back, and since when.

use leadfold_core::audit::AuditCode::{AttemptLate, DecisionMissing, Leaked};
use leadfold_core::{Clock, Playbook, Sla};
use serde_json::{Value, json};

use super::life::log;

fn playbook(on_reassignment: Clock) -> Playbook {
    let sla = Sla { first_attempt_seconds: 86_400, on_reassignment, ..Sla::default() };
    Playbook { sla, ..Playbook::default() }
}

/// Ann has it, nobody has it for three days, and Ann has it again.
fn given_back() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    vec![
        ("L1", "01T09:00", "captured", json!({})),
        ("L1", "01T09:00", "qualified", json!({"level": "mql"})),
        ("L1", "01T09:00", "handed_off", json!({"to": "ann"})),
        ("L1", "01T10:00", "accepted", json!({"by": "ann"})),
        ("L1", "01T11:00", "unassigned", json!({})),
        ("L1", "04T11:00", "assigned", json!({"to": "ann"})),
    ]
}

#[test]
fn the_clock_starts_anew_for_whoever_gets_the_lead_back() {
    let (restart, keep) = (playbook(Clock::Restart), playbook(Clock::Keep));
    let called = |at| {
        let touch = json!({"side": "sales", "result": "attempt", "by": "ann"});
        let mut events = given_back();
        events.push(("L1", at, "touched", touch));
        log(&events)
    };
    called("05T10:00").audit(&restart).expect_none(AttemptLate);
    let late = called("05T12:00");
    let audit = late.audit(&restart);
    let found = audit.findings().iter().find(|found| found.code == AttemptLate).expect("late");
    assert_eq!((found.owner.as_deref(), &found.evidence[..]), (Some("ann"), &[3, 6, 7][..]));
    // Where the clock runs on, it is Ann's from the offer.
    let audit = late.audit(&keep);
    let found = audit.findings().iter().find(|found| found.code == AttemptLate).expect("late");
    assert_eq!((found.owner.as_deref(), &found.evidence[..]), (Some("ann"), &[3, 7][..]));
    let times = audit.figures().own_time_to_first_attempt;
    assert_eq!(times.max_s, Some(25.0 * 3_600.0));
}

#[test]
fn what_was_never_tried_is_due_from_then_on() {
    let (restart, log) = (playbook(Clock::Restart), log(&given_back()));
    log.audit(&restart).as_of("2024-03-05").expect_none(Leaked);
    let audit = log.audit(&restart).as_of("2024-03-06");
    let found = audit.findings().iter().find(|found| found.code == Leaked).expect("leaked");
    assert_eq!((found.owner.as_deref(), &found.evidence[..]), (Some("ann"), &[3, 6][..]));
}

/// The decision's clock never starts anew, so what gave the lead back proves nothing.
#[test]
fn a_decision_is_missing_from_the_first_of_its_owners_turns() {
    let mut events = given_back();
    events.remove(3);
    events.insert(4, ("L1", "02T09:00", "assigned", json!({"to": "ben"})));
    events.insert(5, ("L1", "03T09:00", "unassigned", json!({})));
    events.push(("L1", "05T09:00", "unassigned", json!({})));
    events.push(("L1", "06T09:00", "assigned", json!({"to": "ann"})));
    let log = log(&events);
    let (restart, keep) = (playbook(Clock::Restart), playbook(Clock::Keep));
    for playbook in [&restart, &keep] {
        let audit = log.audit(playbook).as_of("2024-03-20");
        let found = audit.findings().iter().find(|f| f.code == DecisionMissing).expect("missing");
        assert_eq!((found.owner.as_deref(), &found.evidence[..]), (Some("ann"), &[3, 7][..]));
    }
}
