//! What the data make of the parameters.

use leadfold_clv::{Convergence, ParetoNbd};

use crate::cdnow::{master, patterns, sample};
use crate::gold::{assert_close, json, number};

#[test]
fn cdnow_is_the_gold_one() {
    let Some(purchases) = sample() else { return };
    let Some(gold) = json("clv/gold_params_exact_weeks.json") else { return };
    let gold = &gold["pareto_nbd"];
    let fit = ParetoNbd::fit(&patterns(&purchases)).expect("it converges");

    assert!((fit.log_likelihood - number(&gold["ll"])).abs() <= 1e-8);
    for estimate in fit.estimates() {
        let name = estimate.name;
        assert_close(estimate.value, number(&gold["params"][name]), 1e-10, name);
        let error = estimate.standard_error.expect("it is at a maximum");
        assert_close(error, number(&gold["se"][name]), 1e-8, name);
    }
    let Convergence::Interior { gradient } = fit.convergence else { panic!("{fit:?}") };
    assert!(gradient <= 1e-10, "{gradient:e}");
}

#[test]
fn all_customers_of_cdnow() {
    let Some(purchases) = master() else { return };
    let fit = ParetoNbd::fit(&patterns(&purchases)).expect("it converges");
    let expected = [0.597_419_966_345, 11.585_657_781_603, 0.522_185_610_789, 8.827_759_150_368];
    for (estimate, expected) in fit.estimates().iter().zip(expected) {
        assert_close(estimate.value, expected, 1e-11, estimate.name);
    }
    assert!((fit.log_likelihood + 95_415.118_617_47).abs() < 1e-7);
}
