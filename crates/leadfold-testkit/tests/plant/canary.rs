//! The comparison has to notice a wrong expectation, and an audit that is wrong.

use leadfold_core::Playbook;
use leadfold_core::audit::AuditCode;
use leadfold_testkit::Log;
use leadfold_testkit::audit::Found;
use leadfold_testkit::plant::{Plant, Planted};

fn planted() -> Planted {
    Plant { seed: 7, leads: 400, each: 2 }.grow()
}

fn found(planted: &Planted) -> Vec<Found> {
    let log = Log::of(planted.events.clone()).expect("the events make a log");
    log.audit(&Plant::playbook()).as_of(Plant::as_of()).findings().to_vec()
}

/// Whether a change of the expectation shows.
fn is_noticed(change: impl Fn(&mut Planted)) -> bool {
    let mut planted = planted();
    let found = found(&planted);
    planted.check(&found).expect("nothing is changed yet");
    change(&mut planted);
    planted.check(&found).is_err()
}

#[test]
fn a_wrong_expectation_is_noticed() {
    assert!(is_noticed(|planted| drop(planted.faults.remove(9))), "a fault is dropped");
    assert!(is_noticed(|planted| planted.faults.push(planted.faults[9].clone())), "told twice");
    assert!(is_noticed(|planted| planted.faults[9].evidence.truncate(0)), "no evidence");
    let one_more = |planted: &mut Planted| {
        let other = planted.events[0].id;
        planted.faults[9].evidence.insert(0, other);
    };
    assert!(is_noticed(one_more), "an event too many");
    let of_another = |planted: &mut Planted| {
        planted.faults[9].lead = "P000399".parse().expect("it is a key");
    };
    assert!(is_noticed(of_another), "of another lead");
    assert!(is_noticed(|planted| planted.faults[9].code = AuditCode::Leaked), "another code");
}

#[test]
fn an_audit_that_is_wrong_is_noticed() {
    let planted = planted();
    let found = found(&planted);
    for index in 0..found.len() {
        let mut without = found.clone();
        without.remove(index);
        assert!(planted.check(&without).is_err(), "without {:?}", found[index]);
        let mut with_less = found.clone();
        with_less[index].ids.pop();
        assert!(planted.check(&with_less).is_err(), "less of {:?}", found[index]);
    }
}

/// A change of the rules.
type Change = fn(&mut Playbook);

/// Every check is on: whatever rule is given up, a planted fault is no longer found.
#[test]
fn a_rule_that_is_given_up_is_noticed() {
    let planted = planted();
    let log = Log::of(planted.events.clone()).expect("the events make a log");
    let rules: [(&str, Change); 11] = [
        ("reasons", |book| book.rules.require_reasons = false),
        ("decisions", |book| book.sla.decision_seconds = 1 << 40),
        ("attempts", |book| book.sla.first_attempt_seconds = 1 << 40),
        ("the working week", |book| book.calendar = None),
        ("pipelines", |book| book.pipelines.clear()),
        ("gates", |book| book.gates.clear()),
        ("customers", |book| book.conduct.marketing_touches_customers = true),
        ("opportunities", |book| book.conduct.marketing_touches_opportunities = true),
        ("early work", |book| book.conduct.sales_touches_before_handoff = true),
        ("back-dated records", |book| book.audit.back_dated_seconds = None),
        ("owners", |book| book.routing = None),
    ];
    for (name, give_up) in rules {
        let mut playbook = Plant::playbook();
        give_up(&mut playbook);
        let audit = log.audit(&playbook).as_of(Plant::as_of());
        assert!(planted.check(audit.findings()).is_err(), "{name}");
    }
}
