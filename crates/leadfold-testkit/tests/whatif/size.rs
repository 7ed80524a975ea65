//! Logs that are larger than those of the other tests.

use leadfold_core::Timestamp;
use leadfold_testkit::simulate::Simulation;
use serde_json::{Value, json};

use super::desk::{Desk, playbook, question};
use super::golden::scored;

#[test]
fn a_simulated_year_is_tried() {
    let desk = Desk::of_events(Simulation::new(1, 300).events().collect());
    let book = json!({"scoring": {
        "name": "m", "version": "1",
        "behaviour": [{"name": "b", "on": {"side": ["prospect"]}, "points": 10}],
        "definitions": [{"name": "d", "version": "1", "points_min": 20}],
    }});
    let trial = desk.try_out(&playbook(&book), &question("2024-12-31", 90)).trial;
    assert!(trial.leads.len() > 250);
    assert!((50..trial.leads.len() as u64).contains(&trial.handed_off()));
    assert!(trial.score_quality().is_some_and(|quality| quality.auc.is_ok()));
}

/// One lead may have as many touches as a robot makes: each is looked at, and none of them costs
/// all the others.
#[test]
fn a_robot_is_tried() {
    const TOUCHES: i64 = 10_000;
    const FIRST: i64 = 1_704_067_200_000_000;
    let touch = |number: i64| {
        let at = Timestamp::from_micros(FIRST + number * 600_000_000).to_string();
        json!({"lead": "L", "type": "touched", "occurred_at": at,
               "data": {"side": "prospect", "activity": "pricing"}})
    };
    let captured = json!({"lead": "L", "type": "captured", "occurred_at": "2024-01-01T00:00:00Z"});
    let log: Vec<Value> = std::iter::once(captured).chain((1..=TOUCHES).map(touch)).collect();
    let desk = Desk::of(&log);
    for (decay, points_min) in [
        (Value::Null, 15 * TOUCHES),
        (json!({"half_life": "3650d"}), 14 * TOUCHES),
        (json!({"linear_to_zero": "3650d"}), 14 * TOUCHES),
        (json!({"steps": [{"after": "100d", "keeps": 0}]}), 15 * TOUCHES),
    ] {
        let mut book = scored();
        book["scoring"]["definitions"][1]["points_min"] = json!(points_min);
        book["scoring"]["behaviour"][0]["decay"] = decay;
        let trial = desk.try_out(&playbook(&book), &question("2024-12-31", 90)).trial;
        assert_eq!(trial.handed_off(), 1, "{points_min}");
        book["scoring"]["definitions"][1]["points_min"] = json!(15 * TOUCHES + 1);
        let trial = desk.try_out(&playbook(&book), &question("2024-12-31", 90)).trial;
        assert_eq!(trial.handed_off(), 0, "{points_min}");
    }
}
