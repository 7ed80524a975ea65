//! Who gets a lead before it is handed off to them has got it all the same.

use leadfold_core::Playbook;
use leadfold_core::audit::AuditCode::OverCapacity;
use leadfold_core::routing::{OwnerSpec, RoutingSpec};
use serde_json::{Value, json};

use super::life::log;

/// Ann takes one lead in 24 hours.
fn playbook() -> Playbook {
    let ann = OwnerSpec { capacity: Some(30), ..OwnerSpec::new("ann") };
    let routing = RoutingSpec { version: "1".into(), owners: vec![ann], ..RoutingSpec::default() };
    Playbook { routing: Some(routing), ..Playbook::default() }
}

fn given<'a>(lead: &'a str, at: [&'a str; 3]) -> Vec<(&'a str, &'a str, &'a str, Value)> {
    vec![
        (lead, at[0], "captured", json!({})),
        (lead, at[0], "qualified", json!({"level": "mql"})),
        (lead, at[1], "assigned", json!({"to": "ann", "cause": "rule"})),
        (lead, at[2], "handed_off", json!({"to": "ann"})),
    ]
}

/// The leads that were too many, and the evidence of each.
fn found(events: &[(&str, &str, &str, Value)]) -> Vec<(String, Vec<u64>)> {
    let log = log(events);
    let playbook = playbook();
    let audit = log.audit(&playbook);
    let found = audit.findings().iter().filter(|found| found.code == OverCapacity);
    found.map(|found| (found.lead().to_owned(), found.evidence.to_vec())).collect()
}

#[test]
fn a_lead_that_was_assigned_before_its_hand_off_takes_of_the_days_quota() {
    let events = [
        given("L1", ["04T09:00", "04T09:01", "04T09:02"]),
        given("L2", ["04T10:00", "04T10:01", "04T10:02"]),
        given("L3", ["04T11:00", "04T11:01", "04T11:02"]),
    ];
    // With two before it there is none without which the third would have been in time.
    assert_eq!(found(&events.concat()), [("L2".into(), vec![3, 8]), ("L3".into(), vec![12])]);
}

#[test]
fn a_lead_takes_none_of_its_own_place() {
    let again = |at| ("L1", at, "assigned", json!({"to": "ann"}));
    let mut events = given("L1", ["04T09:00", "04T09:01", "04T12:00"]);
    events.insert(3, ("L1", "04T10:00", "unassigned", json!({})));
    events.insert(4, again("04T11:00"));
    assert_eq!(found(&events), []);
    // A day after the one, the other.
    let next = given("L2", ["05T09:00", "05T11:00", "05T11:00"]);
    assert_eq!(found(&[events, next].concat()), []);
}

#[test]
fn a_lead_that_sales_never_got_takes_of_the_quota_too() {
    let mut events = given("L1", ["04T09:00", "04T09:01", "04T09:02"]);
    events.pop();
    events.extend(given("L2", ["04T10:00", "04T10:01", "04T10:02"]));
    assert_eq!(found(&events), [("L2".into(), vec![3, 7])]);
}

/// It counts from when it was given, and the day of that is over.
#[test]
fn a_lead_that_was_theirs_for_days_takes_nothing_of_the_day_of_its_hand_off() {
    let events = [
        given("L1", ["01T09:00", "01T09:01", "04T10:00"]),
        given("L2", ["04T08:00", "04T09:00", "04T09:00"]),
    ];
    assert_eq!(found(&events.concat()), []);
}

/// Its place is that of its own coming, not of its hand-off.
#[test]
fn what_came_after_a_lead_does_not_make_it_too_many() {
    let mut events = given("L1", ["04T09:00", "04T09:01", "04T11:00"]);
    events.extend(given("L2", ["04T10:00", "04T10:01", "04T12:00"]));
    assert_eq!(found(&events), [("L2".into(), vec![3, 8])]);
}

/// By the hand-off alone it would have come when the other was a day old.
#[test]
fn what_gave_a_lead_is_evidence_where_it_makes_others_count() {
    let mut events = given("L1", ["03T10:00", "03T10:01", "03T10:02"]);
    events.extend(given("L2", ["04T09:00", "04T09:01", "04T12:00"]));
    assert_eq!(found(&events), [("L2".into(), vec![3, 7, 8])]);
    events.remove(6);
    assert_eq!(found(&events), []);
}

#[test]
fn a_lead_that_came_back_is_one_lead() {
    let mut events = given("L1", ["04T09:00", "04T09:01", "04T13:00"]);
    events.truncate(3);
    events.push(("L1", "04T09:30", "unassigned", json!({})));
    events.push(("L1", "04T10:00", "assigned", json!({"to": "ann"})));
    events.extend(given("L2", ["04T11:00", "04T11:01", "04T12:00"]));
    assert_eq!(found(&events), [("L2".into(), vec![3, 9])]);
    // It has its place since it came first, though another one came between.
    events.insert(5, ("L1", "04T11:30", "unassigned", json!({})));
    events.insert(6, ("L1", "04T11:40", "assigned", json!({"to": "ann"})));
    events.push(("L1", "04T13:00", "handed_off", json!({"to": "ann"})));
    let log = log(&events);
    let playbook = playbook();
    let audit = log.audit(&playbook);
    let found = audit.findings().iter().filter(|found| found.code == OverCapacity);
    let sentences: Vec<&str> = found.map(|found| found.sentence.as_str()).collect();
    let one = "Lead L2 was handed off to ann, who had got 1 lead in 24 hours, of at most 1.";
    assert_eq!(sentences, [one]);
}
