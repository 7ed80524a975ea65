//! Sentences are true whenever they are read.

use leadfold_core::Playbook;
use leadfold_core::audit::AuditCode::{self, AcceptedWithoutHandoff, DecisionMissing, Leaked};
use serde_json::{Value, json};

use super::life::log;

fn sentence(code: AuditCode, events: &[(&str, &str, &str, Value)], as_of: &str) -> String {
    let (log, playbook) = (log(events), Playbook::default());
    let audit = log.audit(&playbook).as_of(as_of);
    audit.findings().iter().find(|found| found.code == code).expect("it is").sentence.clone()
}

fn offered() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    vec![
        ("L1", "01T09:00", "captured", json!({})),
        ("L1", "01T09:00", "qualified", json!({"level": "mql"})),
        ("L1", "01T09:00", "handed_off", json!({"to": "ann", "handoff": "H1"})),
    ]
}

#[test]
fn what_was_never_done_is_told_alike_while_it_lasts_and_after_it() {
    let open = offered();
    let mut ended = offered();
    ended.push(("L1", "02T11:00", "recycled", json!({})));
    let leaked = "Lead L1 leaked: it was with ann, and 2 h 0 min after an attempt was due, nobody \
                  in sales had tried to reach it.";
    assert_eq!(sentence(Leaked, &open, "2024-03-02T11:00:00Z"), leaked);
    assert_eq!(sentence(Leaked, &ended, "2025-01-01"), leaked);
    let missing = "Lead L1 was with ann, and 22 h 0 min after a decision was due, none had come.";
    assert_eq!(sentence(DecisionMissing, &open, "2024-03-02T11:00:00Z"), missing);
    assert_eq!(sentence(DecisionMissing, &ended, "2025-01-01"), missing);
}

#[test]
fn an_acceptance_under_another_key_is_told_as_that() {
    let mut events = offered();
    events.push(("L1", "01T10:00", "accepted", json!({"by": "ann", "handoff": "H2"})));
    assert_eq!(
        sentence(AcceptedWithoutHandoff, &events, "2024-03-01T11:00:00Z"),
        "Lead L1 was accepted under a key that is not that of the hand-off that waited.",
    );
}
