//! What the models say of one customer.

use leadfold_clv::{BgNbd, MbgNbd, Pattern, Patterns};
use serde_json::Value;

use crate::gold::{assert_close, json, number};

fn bg(params: &Value) -> BgNbd {
    let of = |name: &str| number(&params[name]);
    BgNbd { r: of("r"), alpha: of("alpha"), a: of("a"), b: of("b") }
}

fn mbg(params: &Value) -> MbgNbd {
    let BgNbd { r, alpha, a, b } = bg(params);
    MbgNbd { r, alpha, a, b }
}

#[test]
fn the_edges_are_exact() {
    let Some(cases) = json("clv/edge_bgnbd_sample.json") else { return };
    for case in cases.as_array().expect("a list") {
        let name = case["name"].as_str().expect("a name");
        let of = |field: &str| number(&case[field]);
        let (model, x) = (bg(&case["params"]), of("x") as u32);
        let alive = model.p_alive(x, of("tx"), of("T"));
        assert_close(alive, of("p_alive"), 1e-12, name);
        let expected = model.expected_if_alive(x, of("T"), of("t"));
        assert_close(expected, of("cet_given_alive"), 1e-12, name);
        assert_close(model.expected(x, of("tx"), of("T"), of("t")), of("cet"), 1e-12, name);
    }
}

#[test]
fn twenty_customers_are_exact() {
    let Some(customers) = json("clv/customers20.json") else { return };
    let Some(fits) = json("clv/gold_params_exact_weeks.json") else { return };
    let (bg, mbg) = (bg(&fits["bg_nbd"]["params"]), mbg(&fits["mbg_nbd"]["params"]));
    let interest = 1.15_f64.ln() / 52.0;
    for customer in customers["customers"].as_array().expect("a list") {
        let of = |field: &str| number(&customer[field]);
        let name = format!("customer {}", of("id"));
        let (x, t_x, t) = (of("x") as u32, of("tx_days") / 7.0, of("T_days") / 7.0);
        let gold = |model: &str, field: &str| number(&customer[model][field]);
        assert_close(bg.p_alive(x, t_x, t), gold("bg", "p_alive"), 1e-12, &name);
        assert_close(bg.expected(x, t_x, t, 39.0), gold("bg", "cet39"), 1e-12, &name);
        assert_close(bg.expected(x, t_x, t, 52.0), gold("bg", "cet52"), 1e-12, &name);
        assert_close(bg.discounted(x, t_x, t, interest), gold("bg", "dert_15pct"), 1e-12, &name);
        assert_close(mbg.p_alive(x, t_x, t), gold("mbg", "p_alive"), 1e-12, &name);
        assert_close(mbg.expected(x, t_x, t, 39.0), gold("mbg", "cet39"), 1e-12, &name);
    }
}

#[test]
fn the_probabilities_of_counts_are_exact() {
    let Some(file) = json("clv/pmf_and_frequency.json") else { return };
    let Some(fits) = json("clv/gold_params_exact_weeks.json") else { return };
    let (bg, mbg) = (bg(&fits["bg_nbd"]["params"]), mbg(&fits["mbg_nbd"]["params"]));
    for (key, found) in
        [("bg_pmf_t39", bg.probabilities(20, 39.0)), ("mbg_pmf_t39", mbg.probabilities(20, 39.0))]
    {
        let expected = file[key].as_array().expect("a list");
        assert_eq!(expected.len(), found.len(), "{key}");
        for (n, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert_close(*found, number(expected), 1e-12, &format!("{key} {n}"));
        }
    }
}

#[test]
fn counts_far_out_stay_numbers() {
    let model = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
    let found = model.probabilities(400, 39.0);
    assert!(found.iter().all(|p| (0.0..=1.0).contains(p)), "lifetimes has no number from 172 on");
    // Published in the manual of BTYD.
    assert_close(model.probabilities(10, 2.0)[10], 1.078_689_6e-7, 1e-7, "10 in 2 weeks");
    assert_close(model.probabilities(0, 39.0)[0], 0.573_786_35, 1e-7, "0 in 39 weeks");
    assert_close(model.probabilities(11, 30.0)[11], 0.001_999_521_4, 1e-7, "11 in 30 weeks");
}

/// A customer with more purchases than anybody ever made costs no more than others, and a model
/// that is none answers with no number.
#[test]
fn the_largest_count_and_no_number_have_an_end() {
    let rows = [(u32::MAX, 40.0), (0, 0.0)];
    let rows = rows.map(|(x, t_x)| Pattern { x, t_x, t: 52.0, customers: 1 });
    let patterns = Patterns::new(rows).expect("they are possible");
    let model = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
    assert!(model.log_likelihood(&patterns).is_finite());
    for none in [BgNbd { a: f64::NAN, ..model }, BgNbd { r: f64::NAN, ..model }] {
        assert!(none.expected_if_alive(2, 38.86, 39.0).is_nan());
        assert!(none.expected_if_alive(2, 38.86, 39e6).is_nan());
    }
}
