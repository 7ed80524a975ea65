//! Laws over drawn parameters, and the naive way: the mean over customers who leave at their own
//! rate.

use leadfold_clv::ShiftedBetaGeometric;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::draw::{assert_caught, decades, ln_integral, same};

prop_compose! {
    fn models()(alpha in decades(-1.0, 2.0), beta in decades(-1.0, 2.0)) -> ShiftedBetaGeometric {
        ShiftedBetaGeometric { alpha, beta }
    }
}

/// The mean of exp(ln_value(ln of the chance to stay)) over customers, on the logit of the chance
/// to leave.
fn mean(model: &ShiftedBetaGeometric, ln_value: impl Fn(f64, f64) -> f64) -> f64 {
    let ShiftedBetaGeometric { alpha, beta } = *model;
    let (low, high) = (-45.0 / alpha - 40.0, 45.0 / beta + 40.0);
    let softplus = |u: f64| u.max(0.0) + (-u.abs()).exp().ln_1p();
    let log = |u: f64, ln_value: f64| -alpha * softplus(-u) - beta * softplus(u) + ln_value;
    let all = ln_integral(low, high, 20_000, |u| log(u, 0.0));
    let value = |u: f64| log(u, ln_value(-softplus(-u), -softplus(u)));
    (ln_integral(low, high, 20_000, value) - all).exp()
}

type Discounted = fn(&ShiftedBetaGeometric, u32, f64) -> f64;

/// One who stays with chance p stays p + p^2 z + ... = p / (1 - z p) longer; in period n there
/// are the p^(n-1) that stayed so far.
fn as_the_naive_way_says(
    residual: Discounted,
    model: &ShiftedBetaGeometric,
    period: u32,
    rate: f64,
) -> TestCaseResult {
    let stayed = f64::from(period) - 1.0;
    let here = mean(model, |_, stay| stayed * stay);
    let longer = mean(model, |leave, stay| {
        // 1 - z p = (rate + 1 - p) / (1 + rate)
        (stayed + 1.0) * stay - ((rate + leave.exp()) / (1.0 + rate)).ln()
    });
    same(residual(model, period, rate), longer / here, 1e-11)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn both_ways_agree(model in models(), period in 1_u32..60, rate in decades(-3.0, 1.0)) {
        as_the_naive_way_says(ShiftedBetaGeometric::discounted_residual, &model, period, rate)?;
        let first = mean(&model, |leave, _| -((rate + leave.exp()) / (1.0 + rate)).ln());
        same(model.discounted(rate), first, 1e-11)?;
    }

    #[test]
    fn retention_grows_and_survival_falls(model in models(), n in 1_u32..500) {
        prop_assert!(model.retention(n) < model.retention(n + 1));
        prop_assert!(model.survival(n + 1) < model.survival(n));
        same(model.survival(n), mean(&model, |_, stay| f64::from(n) * stay), 1e-11)?;
    }

    #[test]
    fn money_later_is_worth_less(model in models(), n in 1_u32..50, rate in decades(-3.0, 2.0)) {
        prop_assert!(model.discounted(rate * 1.1) < model.discounted(rate));
        prop_assert!(model.discounted_residual(n, rate * 1.1) < model.discounted_residual(n, rate));
        prop_assert!(model.discounted_residual(n, rate) < model.discounted_residual(n + 1, rate));
    }
}

/// The chance to be seen in period n, forgotten; and the renewal that is due.
#[test]
fn the_laws_catch_what_is_broken() {
    let as_new: Discounted = |model, _, rate| model.discounted(rate);
    let renewed: Discounted =
        |model, period, rate| model.discounted_residual(period, rate) / model.retention(period);
    for broken in [as_new, renewed] {
        assert_caught((models(), 1_u32..60, decades(-3.0, 1.0)), |(model, period, rate)| {
            as_the_naive_way_says(broken, &model, period, rate)
        });
    }
}

/// At rates next to nothing the sum goes over into an integral, and that into the sum without one.
#[test]
fn the_smallest_rates_are_exact() {
    let model = ShiftedBetaGeometric { alpha: 1.7, beta: 3.8 };
    let all = model.discounted(0.0);
    same(all, (1.7 + 3.8 - 1.0) / 0.7, 1e-15).expect("a closed form");
    same(model.discounted(1e-30), all, 1e-11).expect("the same but for rounding");
    let slow = ShiftedBetaGeometric { alpha: 0.7, beta: 3.8 };
    assert_eq!(slow.discounted(0.0), f64::INFINITY);
    for rate in [1e-4, 1e-5, 1e-6, 1e-8] {
        let longer = mean(&slow, |leave, _| -((rate + leave.exp()) / (1.0 + rate)).ln());
        same(slow.discounted(rate), longer, 1e-11).expect("both ways agree");
    }
}
