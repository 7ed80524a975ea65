//! All purchases to come, discounted, against another way to compute them.

use leadfold_clv::{BgNbd, MbgNbd};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::draw::{assert_caught, decades, ln_integral, same};

prop_compose! {
    fn models()(
        r in decades(-1.0, 1.2),
        alpha in decades(-1.0, 2.0),
        a in prop_oneof![9 => decades(-1.0, 1.2), 1 => Just(1.0)],
        b in decades(-1.0, 1.5),
    ) -> BgNbd {
        BgNbd { r, alpha, a, b }
    }
}

/// x, t and the interest.
fn cases() -> impl Strategy<Value = (u32, f64, f64)> {
    (prop_oneof![Just(0), 0_u32..100], decades(-1.0, 2.5), decades(-5.0, 0.0))
}

/// By parts: the mean over an exponential horizon of what is expected within it.
fn naive(expected: impl Fn(f64) -> f64, interest: f64) -> f64 {
    let log = ln_integral(-4.3, 2.1, 200, |tau| {
        let u = tau.sinh().exp();
        expected(u / interest).ln() - u + u.ln() + tau.cosh().ln()
    });
    log.exp()
}

type Discounted = fn(&BgNbd, u32, f64, f64) -> f64;

fn as_the_naive_way_says(
    found: Discounted,
    model: &BgNbd,
    (x, t, interest): (u32, f64, f64),
) -> TestCaseResult {
    let expected = naive(|horizon| model.expected_if_alive(x, t, horizon), interest);
    same(found(model, x, t, interest), expected, 1e-11)
}

fn mbg(&BgNbd { r, alpha, a, b }: &BgNbd) -> MbgNbd {
    MbgNbd { r, alpha, a, b }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn both_ways_agree(model in models(), case in cases()) {
        as_the_naive_way_says(BgNbd::discounted_if_alive, &model, case)?;
        let (mbg, (x, t, interest)) = (mbg(&model), case);
        let expected = naive(|horizon| mbg.expected_if_alive(x, t, horizon), interest);
        same(mbg.discounted_if_alive(x, t, interest), expected, 1e-11)?;
    }

    #[test]
    fn what_is_said_is_possible(model in models(), (x, t, interest) in cases()) {
        let rate = (model.r + f64::from(x)) / (model.alpha + t);
        let bg = |interest: f64| model.discounted_if_alive(x, t, interest);
        let mbg = |interest: f64| mbg(&model).discounted_if_alive(x, t, interest);
        for of in [&bg as &dyn Fn(f64) -> f64, &mbg] {
            let (less, more) = (of(interest), of(1.5 * interest));
            prop_assert!(0.0 < more && more < less, "{more:e} at a higher rate than {less:e}");
            prop_assert!(less <= rate / interest * (1.0 + 1e-12), "more than who never leaves");
            prop_assert!(less <= of(0.0) * (1.0 + 1e-12), "more than without interest");
        }
    }
}

#[test]
fn without_interest_all_purchases_count() {
    let model = BgNbd { r: 0.5, alpha: 10.0, a: 2.5, b: 3.0 };
    let all = model.discounted(3, 20.0, 40.0, 0.0);
    same(all, model.expected(3, 20.0, 40.0, 1e14), 1e-12).expect("they are the same");
    same(all, model.discounted(3, 20.0, 40.0, 1e-13), 1e-9).expect("nearly the same");
    let stays = BgNbd { a: 1.0, ..model };
    assert_eq!(stays.discounted(3, 20.0, 40.0, 0.0), f64::INFINITY);
    assert!(stays.discounted(3, 20.0, 40.0, 1e-300).is_finite());
}

#[test]
fn the_strangest_stays_a_number() {
    for (r, alpha) in [(1e-9, 1e-9), (1e6, 1e9), (1e-9, 1e9), (1e6, 1e-9)] {
        for (a, b) in [(1e-3, 1e-3), (1e4, 1e4), (1e-3, 1e4), (1e4, 1e-3)] {
            let model = BgNbd { r, alpha, a, b };
            for (x, t_x, t) in [(0, 0.0, 1e12), (u32::MAX, 1.0, 1e12), (u32::MAX, 0.0, 1e-12)] {
                let found = model.discounted(x, t_x, t, 1e-6);
                assert!(found.is_finite() && found >= 0.0, "{model:?} {x} {t_x} {t}: {found}");
            }
        }
    }
    let none = BgNbd { r: f64::NAN, alpha: 1.0, a: 1.0, b: 1.0 };
    assert!(none.discounted_if_alive(1, 2.0, 0.1).is_nan());
}

/// A customer who never leaves, and one who may leave once more.
#[test]
fn the_law_catches_what_is_broken() {
    let stays: Discounted =
        |model, x, t, interest| (model.r + f64::from(x)) / (model.alpha + t) / interest;
    let once_more: Discounted =
        |model, x, t, interest| mbg(model).discounted_if_alive(x, t, interest);
    for broken in [stays, once_more] {
        assert_caught((models(), cases()), |(model, case)| {
            as_the_naive_way_says(broken, &model, case)
        });
    }
}
