//! Scenarios.

use leadfold_testkit::scenario;

#[test]
fn the_scenarios_hold() {
    scenario::check_all("tests/scenarios");
}
