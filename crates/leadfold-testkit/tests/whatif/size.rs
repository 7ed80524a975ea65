//! The cost of a trial.

use leadfold_testkit::simulate::Simulation;
use serde_json::{Value, json};

use super::desk::{Desk, playbook, question};
use super::golden::scored;

#[test]
fn zz_time() {
    for n in [2_000, 20_000] {
        let desk = Desk::of_events(Simulation::new(1, n).events().collect());
        let t = std::time::Instant::now();
        let trial = desk.try_out(&playbook(&scored()), &question("2024-12-31", 90)).trial;
        println!("{n} leads {:?} {}", t.elapsed(), trial.handed_off());
    }
    for n in [500, 2_000, 8_000] {
        let mut log =
            vec![json!({"lead":"L","type":"captured","occurred_at":"2024-01-01T00:00:00Z"})];
        for k in 0..n {
            let at = leadfold_core::Timestamp::from_micros(1_704_067_200_000_000 + k * 600_000_000)
                .to_string();
            log.push(json!({"lead":"L","type":"touched","occurred_at":at,"data":{"side":"prospect","activity":"pricing"}}));
        }
        let desk = Desk::of(&log);
        for decay in [
            Value::Null,
            json!({"steps":[{"after":"30d","keeps":0.0}]}),
            json!({"half_life":"14d"}),
        ] {
            let mut book = scored();
            book["scoring"]["definitions"][1]["points_min"] = json!(1_000_000);
            book["scoring"]["behaviour"][0]["decay"] = decay.clone();
            let t = std::time::Instant::now();
            let trial = desk.try_out(&playbook(&book), &question("2024-12-31", 90)).trial;
            println!("hot {n} {decay} {:?} {}", t.elapsed(), trial.handed_off());
        }
    }
}
