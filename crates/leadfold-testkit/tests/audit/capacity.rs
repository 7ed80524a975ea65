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
