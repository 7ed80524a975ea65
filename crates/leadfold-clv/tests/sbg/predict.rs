//! What the model says of retention.

use leadfold_clv::ShiftedBetaGeometric;
use serde_json::Value;

use crate::gold::{assert_close, json, number};

fn assert_gold(name: &str, gold: &Value) {
    let of = |parameter: &str| number(&gold["params"][parameter]);
    let model = ShiftedBetaGeometric { alpha: of("alpha"), beta: of("beta") };
    let list = |field: &str| gold[field].as_array().expect("a list").iter().map(number);
    for (renewals, expected) in (0..).zip(list("survival")) {
        assert_close(model.survival(renewals), expected, 1e-13, name);
    }
    for (renewal, expected) in (1..).zip(list("retention")) {
        assert_close(model.retention(renewal), expected, 1e-13, name);
    }
    assert_close(model.discounted(0.1), number(&gold["DEL_d10"]), 1e-13, name);
    for (period, expected) in gold["DERL_d10"].as_object().expect("by period") {
        let found = model.discounted_residual(period.parse().expect("a number"), 0.1);
        assert_close(found, number(expected), 1e-13, name);
    }
}

#[test]
fn all_published_cohorts_are_exact() {
    let Some(file) = json("clv/sbg_reference.json") else { return };
    for (name, gold) in file.as_object().expect("named fits") {
        if name.contains("_fit_") {
            assert_gold(name, gold);
        }
    }
}
