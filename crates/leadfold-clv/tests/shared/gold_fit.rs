//! A fit against the reference's.

use leadfold_clv::{Convergence, Fit, Model};

use crate::gold::{assert_close, json, number};

/// Parameters, standard errors and log-likelihood of the tenth of CDNOW's customers.
pub(crate) fn assert_gold<M: Model<N>, const N: usize>(fit: &Fit<M, N>, model: &str) {
    let Some(gold) = json("clv/gold_params_exact_weeks.json") else { return };
    let gold = &gold[model];
    assert!((fit.log_likelihood - number(&gold["ll"])).abs() <= 1e-8, "{model}");
    for estimate in fit.estimates() {
        let name = estimate.name;
        assert_close(estimate.value, number(&gold["params"][name]), 1e-10, name);
        let error = estimate.standard_error.expect("it is at a maximum");
        assert_close(error, number(&gold["se"][name]), 1e-8, name);
    }
    let Convergence::Interior { gradient } = fit.convergence else {
        panic!("{model}: {:?}", fit.convergence)
    };
    assert!(gradient <= 1e-10, "{gradient:e}");
}
