//! The cost of a trial grows with the log, not with its square.

use leadfold_testkit::simulate::Simulation;

use super::desk::{Desk, playbook, question};
use super::golden::scored;

#[test]
fn a_simulated_year_is_tried() {
    let desk = Desk::of_events(Simulation::new(1, 300).events().collect());
    let trial = desk.try_out(&playbook(&scored()), &question("2024-12-31", 90)).trial;
    assert!(trial.leads.len() > 250);
}
