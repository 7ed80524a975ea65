//! What the model says of one customer.

use leadfold_clv::{ParetoNbd, Pattern, Patterns};
use serde_json::Value;

use crate::gold::{assert_close, json, number};

fn model(params: &Value) -> ParetoNbd {
    let of = |name: &str| number(&params[name]);
    ParetoNbd { r: of("r"), alpha: of("alpha"), s: of("s"), beta: of("beta") }
}

fn likelihood(model: &ParetoNbd, x: u32, t_x: f64, t: f64) -> f64 {
    let one = Patterns::new([Pattern { x, t_x, t, customers: 1 }]).expect("it is possible");
    model.log_likelihood(&one)
}

#[test]
fn the_edges_are_exact() {
    let Some(cases) = json("clv/edge_pareto_sample.json") else { return };
    for case in cases.as_array().expect("a list") {
        let name = case["name"].as_str().expect("a name");
        let of = |field: &str| number(&case[field]);
        let (model, x, t_x, t) = (model(&case["params"]), of("x") as u32, of("tx"), of("T"));
        assert_close(model.p_alive(x, t_x, t), of("p_alive"), 1e-12, name);
        assert_close(model.expected(x, t_x, t, of("t")), of("cet"), 1e-12, name);
        assert_close(likelihood(&model, x, t_x, t), of("ll"), 1e-12, name);
        let odds = of("log_dead_over_alive");
        let expected = -odds.max(0.0) - (-odds.abs()).exp().ln_1p();
        assert_close(model.ln_p_alive(x, t_x, t), expected, 1e-12, name);
    }
}

#[test]
fn twenty_customers_are_exact() {
    let Some(customers) = json("clv/customers20.json") else { return };
    let Some(fits) = json("clv/gold_params_exact_weeks.json") else { return };
    let model = model(&fits["pareto_nbd"]["params"]);
    let interest = 1.15_f64.ln() / 52.0;
    for customer in customers["customers"].as_array().expect("a list") {
        let of = |field: &str| number(&customer[field]);
        let name = format!("customer {}", of("id"));
        let (x, t_x, t) = (of("x") as u32, of("tx_days") / 7.0, of("T_days") / 7.0);
        let gold = |field: &str| number(&customer["pareto"][field]);
        assert_close(model.p_alive(x, t_x, t), gold("p_alive"), 1e-12, &name);
        assert_close(model.expected(x, t_x, t, 39.0), gold("cet39"), 1e-12, &name);
        assert_close(model.expected(x, t_x, t, 52.0), gold("cet52"), 1e-12, &name);
        assert_close(model.discounted(x, t_x, t, interest), gold("dert_15pct"), 1e-12, &name);
        assert_close(likelihood(&model, x, t_x, t), gold("ll"), 1e-12, &name);
    }
}

/// BTYD's manual; the value by Tricomi's function, to 40 digits.
#[test]
fn the_discounted_purchases_of_the_manual_are_exact() {
    let model = ParetoNbd { r: 0.562_996_6, alpha: 12.559_037, s: 0.408_109_5, beta: 10.514_804_8 };
    assert_close(model.discounted(7, 35.0, 77.86, 0.0027), 1.864_183_328_07, 1e-11, "DERT");
}

#[test]
fn a_new_customer_buys_as_often_as_published() {
    let Some(fits) = json("clv/gold_params_exact_weeks.json") else { return };
    let model = model(&fits["pareto_nbd"]["params"]);
    assert_close(model.expected_of_new(52.0), 1.473_434_288_25, 1e-11, "52 weeks");
}
