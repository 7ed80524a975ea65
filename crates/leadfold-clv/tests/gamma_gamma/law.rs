//! Laws over drawn parameters and spends, and the naive way: the integral over a customer's rate.

use leadfold_clv::{GammaGamma, Spend, Spends};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::draw::{assert_caught, decades, ln_integral, same};

prop_compose! {
    fn models()(
        p in decades(-1.0, 2.0),
        q in decades(-1.0, 2.0),
        v in decades(-2.0, 3.0),
    ) -> GammaGamma {
        GammaGamma { p, q, v }
    }
}

fn spends() -> impl Strategy<Value = (u32, f64)> {
    (prop_oneof![1_u32..10, 1_u32..300], decades(-2.0, 5.0))
}

/// The logarithm of the integral over the rate of the likelihood of a mean spend, times the rate
/// to some power. Given the rate n, the mean of x purchases has shape px and rate nx.
fn naive(model: &GammaGamma, x: u32, total: f64, power: f64) -> f64 {
    let GammaGamma { p, q, v } = *model;
    let (count, mean) = (f64::from(x), total / f64::from(x));
    let shape = p * count;
    let (fall, spread) = (shape + q + power, (shape + q).sqrt());
    let centre = ((shape + q) / (total + v)).ln();
    ln_integral(centre - 45.0 / fall - 12.0 / spread, centre + 5.0 + 12.0 / spread, 4_000, |log| {
        let n = log.exp();
        let spent = shape * (log + count.ln()) + (shape - 1.0) * mean.ln() - n * count * mean;
        let rate = q * (v.ln() + log) - n * v;
        spent - libm::lgamma(shape) + rate - libm::lgamma(q) + power * log
    })
}

type LogLikelihood = fn(&GammaGamma, u32, f64) -> f64;

fn likelihood(model: &GammaGamma, x: u32, total: f64) -> f64 {
    let one = Spends::new([Spend { x, total, customers: 1 }]).expect("it is possible");
    model.log_likelihood(&one)
}

fn as_the_naive_way_says(
    found: LogLikelihood,
    model: &GammaGamma,
    (x, total): (u32, f64),
) -> TestCaseResult {
    let expected = naive(model, x, total, 0.0);
    let sizes = 1.0 + model.p * f64::from(x) + model.q;
    let error = (found(model, x, total) - expected).abs();
    prop_assert!(error <= 1e-12 * sizes * 10.0 + 1e-11, "off by {error:e} of {expected}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn both_ways_agree(model in models(), spend in spends()) {
        as_the_naive_way_says(likelihood, &model, spend)?;
    }

    /// Given the rate n, a purchase is p/n.
    #[test]
    fn the_expected_spend_is_the_mean_over_the_rates(
        model in models(),
        above in decades(-1.0, 1.5),
        (x, total) in spends(),
    ) {
        let model = GammaGamma { q: 1.0 + above, ..model };
        let mean = (naive(&model, x, total, -1.0) - naive(&model, x, total, 0.0)).exp();
        let found = model.expected_spend(x, total).expect("there is a mean");
        same(found, model.p * mean, 1e-9)?;
    }

    #[test]
    fn a_spend_is_drawn_towards_the_mean_of_all(
        model in models(),
        above in decades(-3.0, 1.5),
        (x, total) in spends(),
    ) {
        let model = GammaGamma { q: 1.0 + above, ..model };
        let all = model.expected_spend(0, 0.0).expect("there is a mean");
        let own = total / f64::from(x);
        let found = model.expected_spend(x, total).expect("there is a mean");
        let (low, high) = (own.min(all), own.max(all));
        prop_assert!(low * (1.0 - 1e-12) <= found && found <= high * (1.0 + 1e-12));
        prop_assert!(model.expected_spend(x, 2.0 * total).expect("there is a mean") > found);
    }
}

/// The density of the total instead of the mean, and a count forgotten.
#[test]
fn the_laws_catch_what_is_broken() {
    let of_the_total: LogLikelihood =
        |model, x, total| likelihood(model, x, total) - f64::from(x).ln();
    let one_purchase: LogLikelihood = |model, _, total| likelihood(model, 1, total);
    for broken in [of_the_total, one_purchase] {
        assert_caught((models(), spends()), |(model, spend)| {
            as_the_naive_way_says(broken, &model, spend)
        });
    }
}
