//! What the model says of one customer.

use leadfold_clv::{GammaGamma, NoMeanSpend};

use crate::gold::{assert_close, json, number};

#[test]
fn twenty_customers_are_exact() {
    let Some(customers) = json("clv/customers20.json") else { return };
    let Some(fits) = json("clv/gold_params_exact_weeks.json") else { return };
    let of = |name: &str| number(&fits["gamma_gamma"]["params"][name]);
    let model = GammaGamma { p: of("p"), q: of("q"), v: of("v") };
    for customer in customers["customers"].as_array().expect("a list") {
        let of = |field: &str| number(&customer[field]);
        let found = model.expected_spend(of("x") as u32, of("repeat_spend_cents") / 100.0);
        let found = found.expect("there is a mean");
        assert_close(found, of("gg_expected_spend"), 1e-12, &format!("customer {}", of("id")));
    }
}

#[test]
fn no_mean_is_made_up_where_there_is_none() {
    let model = GammaGamma { p: 6.25, q: 1.0, v: 15.0 };
    let error = model.expected_spend(3, 60.0).expect_err("the mean is infinite");
    assert_eq!(error, NoMeanSpend { q: 1.0 });
    assert!(error.to_string().contains("expected q above 1, found 1"), "{error}");
    let least = GammaGamma { q: 1.0 + 1e-9, ..model };
    assert!(least.expected_spend(0, 0.0).is_ok_and(|spend| spend > 1e9));
}
