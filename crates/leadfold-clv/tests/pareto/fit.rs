//! What the data make of the parameters.

use leadfold_clv::ParetoNbd;

use crate::cdnow::{master, patterns, sample};
use crate::gold::assert_close;
use crate::gold_fit::assert_gold;

#[test]
fn cdnow_is_the_gold_one() {
    let Some(purchases) = sample() else { return };
    assert_gold(&ParetoNbd::fit(&patterns(&purchases)).expect("it converges"), "pareto_nbd");
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
