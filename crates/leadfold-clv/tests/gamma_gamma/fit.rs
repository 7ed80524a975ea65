//! What the data make of the parameters.

use leadfold_clv::{Convergence, Direction, FitError, GammaGamma, Spend, Spends};

use crate::cdnow::{histories, sample};
use crate::gold_fit::assert_gold;

fn spends(rows: impl IntoIterator<Item = (u32, f64, u64)>) -> Spends {
    let rows = rows.into_iter().map(|(x, total, customers)| Spend { x, total, customers });
    Spends::new(rows).expect("they are possible")
}

#[test]
fn cdnow_is_the_gold_one() {
    let Some(purchases) = sample() else { return };
    let repeaters = histories(&purchases).into_iter().filter(|history| history.x > 0);
    let rows = repeaters.map(|history| (history.x, history.spend as f64 / 100.0, 1));
    let fit = GammaGamma::fit(&spends(rows)).expect("it converges");
    assert_gold(&fit, "gamma_gamma");
}

/// What a customer spends varies, but all have one mean: no spread of means is the best one.
#[test]
fn where_all_have_one_mean_the_fit_says_so() {
    let rows = (1..=12).flat_map(|x| {
        (0..8).map(move |i| (x, 25.0 * f64::from(x) + (f64::from(i) - 3.5) * 4.0, 10))
    });
    let fit = GammaGamma::fit(&spends(rows)).expect("an answer");
    let Convergence::Boundary { parameter, direction, limit } = fit.convergence else {
        panic!("{fit:?}")
    };
    assert_eq!(direction, Direction::Infinity, "{parameter}");
    assert!(limit.is_some_and(f64::is_finite) && fit.covariance.is_none());
}

/// Everybody pays one price: the likelihood has no bound.
#[test]
fn where_all_pay_one_price_the_fit_says_so() {
    for price in [9.0, 9.9, 1e6] {
        let rows = [(1, 500), (2, 100), (3, 50), (7, 1)];
        let rows = rows.map(|(x, customers)| (x, price * f64::from(x), customers));
        let fit = GammaGamma::fit(&spends(rows)).expect("an answer");
        let Convergence::Boundary { limit: None, .. } = fit.convergence else { panic!("{fit:?}") };
        assert!(fit.log_likelihood == f64::INFINITY && fit.covariance.is_none(), "{fit:?}");
        // Everybody is expected to pay it, whatever they have paid so far.
        for (x, total) in [(0, 0.0), (3, 3.0 * price), (3, 0.0), (2, 40.0 * price)] {
            let found = fit.model.expected_spend(x, total).expect("there is a mean");
            assert!((found / price - 1.0).abs() < 1e-3, "{price} {x} {total}: {found}");
        }
    }
    // A cent more, of one customer, is a spread.
    let fit = GammaGamma::fit(&spends([(1, 900.0, 499), (2, 1_800.0, 100), (1, 901.0, 1)]));
    assert!(fit.expect("an answer").log_likelihood.is_finite());
}

#[test]
fn too_few_customers_are_refused() {
    let error = GammaGamma::fit(&spends([(2, 30.0, 4), (1, 12.0, 5)])).expect_err("too few");
    assert_eq!(error, FitError::TooFewRepeaters { expected: 10, found: 9, customers: 9 });
    GammaGamma::fit(&Spends::default()).expect_err("there are none");
}

#[test]
fn a_spend_that_cannot_be_is_refused() {
    for (x, total) in [(0, 10.0), (1, 0.0), (1, -3.0), (2, f64::NAN), (2, f64::INFINITY)] {
        let error = Spends::new([Spend { x, total, customers: 1 }]).expect_err("it cannot be");
        let text = error.to_string();
        assert!(text.contains("above 0, found x = ") && text.contains("leave"), "{text}");
        assert!(text.contains("net refunds against the days"), "{text}");
        assert_eq!(FitError::from(error).to_string(), text);
    }
}
